// The note that is being written outlives a reload of its tab: it is kept in the tab's session storage.

const NOTICE = "Picked up where you left off."
const KEY = "field-notes-draft"

const form = document.querySelector("#editor")
const notice = document.querySelector("#notice")

function keep() {
  const { title, text } = form.elements
  sessionStorage.setItem(KEY, JSON.stringify({ title: title.value, text: text.value }))
}

function restore() {
  const { title = "", text = "" } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}")
  if (!title && !text) return
  form.elements.title.value = title
  form.elements.text.value = text
  notice.textContent = NOTICE
  notice.hidden = false
}

form.addEventListener("input", keep)
form.addEventListener("submit", () => sessionStorage.removeItem(KEY))
restore()

// Two versions of this file at once might write two kinds of drafts. A change here loads the page again.
import.meta.hot?.decline()
