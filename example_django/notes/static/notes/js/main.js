// The entry: what belongs to the whole wall. Search and order are functions of their own, and their changes end here.
import "./drafts.js"
import "./editor.js"
import { noteOf } from "./note.js"
import { orders } from "./order.js"
import { finds } from "./search.js"
import "./stopwatch.js"
import { draw } from "./wall.js"

const wall = document.querySelector("#wall")
const search = document.querySelector("#search")
const order = document.querySelector("#order")
const cards = [...wall.children]
const current = { finds, orders }

function arrange() {
  const compare = current.orders[order.value]
  const sorted = [...cards]
  if (compare) sorted.sort((one, other) => compare(noteOf(one), noteOf(other)))
  for (const card of sorted) card.hidden = !current.finds(noteOf(card), search.value)
  wall.append(...sorted)
}

async function showStatistics() {
  const { open } = await import("./statistics.js")
  open(cards.map(noteOf))
}

search.addEventListener("input", arrange)
order.addEventListener("change", arrange)
document.querySelector("#show-statistics").addEventListener("click", showStatistics)
draw()
arrange()

import.meta.hot?.accept(["./search.js", "./order.js"], ({ deps: [newSearch, newOrder] }) => {
  current.finds = newSearch.finds
  current.orders = newOrder.orders
  arrange()
})
