// The basket beside the shelf. A boundary: it draws itself anew out of the store, which lives on.
import { lineOf } from "./line.js"
import { money } from "./money.js"
import { productOf } from "./shelf.js"
import { contents, subscribe } from "./store.js"

const list = document.querySelector("#lines")
const total = document.querySelector("#total")
const button = document.querySelector("#check-out")

function draw() {
  const basket = contents()
  list.replaceChildren(...basket.map(([slug, count]) => lineOf(productOf(slug), count)))
  total.value = money(basket.reduce((sum, [slug, count]) => sum + productOf(slug).cents * count, 0))
  button.disabled = !basket.length
}

const unsubscribe = subscribe(draw)
draw()

import.meta.hot?.accept()
import.meta.hot?.dispose(unsubscribe)
