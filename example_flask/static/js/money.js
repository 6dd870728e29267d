// Cents as a customer reads them: the leaf below main.js, basket.js and line.js.

const format = new Intl.NumberFormat("en-IE", {
  style: "currency",
  currency: "EUR",
  currencyDisplay: "symbol",
})

export function money(cents) {
  return format.format(cents / 100)
}
