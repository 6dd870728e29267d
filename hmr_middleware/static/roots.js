// Where a page shows things: the document, and every open shadow root in it.

/** @param {Document} document @returns {(Document | ShadowRoot)[]} */
export function rootsOf(document) {
  /** @type {(Document | ShadowRoot)[]} */
  const roots = [document]
  for (const root of roots) {
    for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) roots.push(shadowRoot)
  }
  return roots
}
