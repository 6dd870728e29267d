// The texts of the notes. A boundary whose callback gets the new version and lets it draw.
import { toNodes } from "./markup.js"
import { noteOf } from "./note.js"

export function draw() {
  for (const card of document.querySelectorAll(".note")) {
    card.querySelector(".text").replaceChildren(...toNodes(noteOf(card).text))
  }
}

import.meta.hot?.accept((fresh) => fresh.draw())
