// htmx and Alpine initialise what came in and let go of what went, without a line of the user's code.
import { attributesOf, isElement, pathOf } from "./patch-dom.js"

/** @param {any} element */
const hasHtmx = (element) => [...attributesOf(element)].some(({ name }) => /^(data-)?hx-/.test(name))

/**
 * Change the tree unseen by Alpine, which would otherwise initialise on its own what it is given afterwards.
 * Attributes are changed outside of this: those it has to see.
 * @param {() => void} change
 */
export function unseen(change) {
  const { Alpine } = /** @type {any} */ (globalThis)
  if (typeof Alpine?.mutateDom === "function") Alpine.mutateDom(change)
  else change()
}

/**
 * @param {{ patched: Iterable<Element>, added: Element[], removed: Element[], templates: Element[] }} changes
 * @param {(...what: any[]) => void} log
 */
export function tellFrameworks({ patched, added, removed, templates }, log) {
  const { htmx, Alpine } = /** @type {any} */ (globalThis)
  const each = (/** @type {Iterable<Element>} */ elements, /** @type {(element: Element) => void} */ call) => {
    for (const element of elements) attempt(() => call(element), log)
  }
  if (typeof Alpine?.destroyTree === "function" && typeof Alpine.initTree === "function") {
    each([...removed, ...templates], Alpine.destroyTree)
    each([...templates, ...added], (element) => element.isConnected && Alpine.initTree(element))
  }
  if (typeof htmx?.process === "function") each([...added, ...[...patched].filter(hasHtmx)], (element) => htmx.process(element))
}

/** @template T @param {() => T} work @param {(...what: any[]) => void} log @param {any} [about] @returns {T | undefined} */
export function attempt(work, log, about) {
  try {
    return work()
  } catch (error) {
    log(`could not patch ${about && isElement(about) ? pathOf(about) : "all of the page"}:`, error)
    return undefined
  }
}
