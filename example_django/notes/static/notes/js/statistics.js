// Figures about the wall, loaded when somebody asks for them. A boundary: open figures are counted anew.

const HEADING = "On the wall"

const dialog = document.querySelector("#statistics")

export function open(notes) {
  show(notes)
  dialog.showModal()
}

export function show(notes) {
  dialog.notes = notes
  const words = notes.flatMap((note) => note.text.split(/\s+/)).length
  dialog.querySelector("h2").textContent = HEADING
  dialog.querySelector("ul").replaceChildren(item(`${notes.length} notes`), item(`${words} words`))
}

function item(text) {
  return Object.assign(document.createElement("li"), { textContent: text })
}

import.meta.hot?.accept(({ module }) => {
  if (dialog.notes) module.show(dialog.notes)
})
