// What the page says of a note: the template wrote it.

/** The title and the text, as they were typed, of a card on the wall. */
export function noteOf(card) {
  const text = card.querySelector(".text")
  text.dataset.typed ??= text.textContent
  return { title: card.querySelector("h2").textContent, text: text.dataset.typed }
}
