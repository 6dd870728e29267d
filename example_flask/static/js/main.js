// The entry: the page loads it by itself, so nobody above it could take a change, and a change loads the page again.
import "./basket.js"
import { matches } from "./filter.js"
import { add } from "./store.js"
import "./timer.js"

const box = document.querySelector("#filter")
const shelf = document.querySelector("#shelf")
const cards = [...shelf.querySelectorAll(".product")]
let isMatch = matches

function filterShelf() {
  for (const card of cards) card.hidden = !isMatch(card.dataset.name, box.value)
  document.querySelector("#nothing").hidden = cards.some((card) => !card.hidden)
}

function takeFromShelf({ target }) {
  const card = target.closest(".add")?.closest(".product")
  if (card) add(card.dataset.slug)
}

async function checkOut() {
  const { openReceipt } = await import("./receipt.js")
  await openReceipt()
}

box.addEventListener("input", filterShelf)
shelf.addEventListener("click", takeFromShelf)
document.querySelector("#check-out").addEventListener("click", checkOut)
filterShelf()

// A dependency's boundary: only filter.js runs again, and this module takes its new function.
import.meta.hot?.accept("./filter.js", (fresh) => {
  isMatch = fresh.matches
  filterShelf()
})
