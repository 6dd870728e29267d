// One line of the basket: a name, a count with its buttons, an amount.
import { money } from "./money.js"
import { add } from "./store.js"

export function lineOf({ slug, name, cents }, count) {
  const item = document.createElement("li")
  item.append(
    part("span", "name", name),
    stepper("−", `one ${name} less`, () => add(slug, -1)),
    part("b", "count", `${count} ×`),
    stepper("+", `one ${name} more`, () => add(slug)),
    part("span", "amount", money(cents * count)),
  )
  return item
}

function part(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text })
}

function stepper(sign, title, onclick) {
  return Object.assign(part("button", "step", sign), { type: "button", title, onclick })
}
