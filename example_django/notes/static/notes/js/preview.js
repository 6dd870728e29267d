// The preview below the form.
import { toNodes } from "./markup.js"

export function preview(place, text) {
  const nodes = toNodes(text)
  place.replaceChildren(...nodes)
  place.classList.toggle("empty", !text.trim())
}
