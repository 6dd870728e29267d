// The receipt, loaded when somebody checks out. A boundary: an open receipt is written anew, with the same number.
import { money } from "./money.js"
import { productOf } from "./shelf.js"
import { contents, empty } from "./store.js"

const dialog = document.querySelector("#receipt")

/** Order what is in the basket, and show it. */
export async function openReceipt() {
  const basket = contents()
  const { number } = await send(Object.fromEntries(basket))
  show({ number, basket })
  dialog.showModal()
  empty()
}

/** Write *receipt* into the dialog. */
export function show(receipt) {
  const { number, basket } = receipt
  dialog.receipt = receipt
  dialog.querySelector("h2").textContent = "Thank you!"
  dialog.querySelector(".number").textContent = `Order ${number}`
  dialog.querySelector("ul").replaceChildren(...basket.map(lineOf))
}

function lineOf([slug, count]) {
  const { name, cents } = productOf(slug)
  const item = document.createElement("li")
  item.textContent = `${count} × ${name}, ${money(cents * count)}`
  return item
}

async function send(basket) {
  const response = await fetch(dialog.dataset.orders, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(basket),
  })
  if (!response.ok) throw new Error(`the shop did not take the order (${response.status})`)
  return response.json()
}

import.meta.hot?.accept(({ module }) => {
  if (dialog.receipt) module.show(dialog.receipt)
})
