// What the page says of a product: the template wrote it into the card.

export function productOf(slug) {
  const { name, cents } = document.querySelector(`.product[data-slug="${slug}"]`).dataset
  return { slug, name, cents: Number(cents) }
}
