// Elements, built from text and never from markup: what a fault says is foreign, and Trusted Types may be enforced.

const SVG = "http://www.w3.org/2000/svg"

/** @typedef {(Node | string | null | undefined | false)[]} Children */

/**
 * Return what builds elements of *document*: a name with classes ("p.place"), attributes, children.
 * @param {Document} document
 */
export function builder(document) {
  /** @param {string} name @param {Record<string, string>} [attributes] @param {Children} children @returns {HTMLElement} */
  return function build(name, attributes = {}, ...children) {
    const [tag, ...classes] = name.split(".")
    const element = document.createElement(tag)
    if (classes.length) element.className = classes.join(" ")
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child || child === "")))
    return element
  }
}

/** A line drawing, 16 by 16. @param {Document} document @param {string} path */
export function icon(document, path) {
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("aria-hidden", "true")
  const line = document.createElementNS(SVG, "path")
  line.setAttribute("d", path)
  svg.append(line)
  return svg
}

/** The element that has the focus, however deep in shadow trees. @param {Document} document */
export function focused(document) {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return /** @type {HTMLElement | null} */ (element)
}
