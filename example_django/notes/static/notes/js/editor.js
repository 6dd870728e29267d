// The form for a new note. A boundary: a new version listens in place of the old one and draws at once.
import { preview } from "./preview.js"

const form = document.querySelector("#editor")
const text = form.elements.text
const listening = new AbortController()

function draw() {
  const words = text.value.split(/\s+/).filter(Boolean).length
  document.querySelector("#count").value = `${words} words`
  preview(document.querySelector("#preview"), text.value)
}

form.addEventListener("input", draw, { signal: listening.signal })
draw()

import.meta.hot?.accept()
import.meta.hot?.dispose(() => listening.abort())
