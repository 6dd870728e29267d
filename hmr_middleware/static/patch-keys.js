// What tells nodes apart: which one of a new document is which one of the old.
import { attributeOf, attributesOf, isElement, markupOf, nameOf, parentOf, shadowOf, wordsOf } from "./patch-dom.js"
import { likeness, tokensOf, withoutVersions } from "./patch-lists.js"
import { scriptKey } from "./patch-scripts.js"

const SPOKEN = ["id", "data-key", "data-id", "key"]
const ALONE = new Set(["HTML", "HEAD", "BODY"])
const CHECKS = new Set(["radio", "checkbox", "submit", "button"])
/** Attributes that mean the same element where they are equal, and perhaps the same where they are not. */
const HINTS = ["href", "src", "for", "name", "value", "action", "rel"]
const WORDS = 400 // characters that are compared
/** The least that a changed element has to have in common with what a script may have made of it. */
const ENOUGH = 1

/** @type {Record<string, (element: any) => string | null>} */
const BY_TAG = {
  INPUT: (element) => named(element, CHECKS.has(attributeOf(element, "type") ?? "") ? attributeOf(element, "value") : ""),
  SELECT: (element) => named(element, ""),
  TEXTAREA: (element) => named(element, ""),
  BUTTON: (element) => named(element, attributeOf(element, "value")),
  OPTION: (element) => attributeOf(element, "value") ?? wordsOf(element),
  META: (element) => firstAttribute(element, ["name", "property", "http-equiv", "itemprop"]),
  TITLE: (element) => (nameOf(/** @type {Node} */ (parentOf(element))) === "HEAD" ? "" : null),
}

/** @param {any} element @param {string | null} more */
function named(element, more) {
  const name = attributeOf(element, "name")
  return name && `${name}=${more ?? ""}`
}

/** Whether the page itself says which element it is. @param {any} element */
export const isSpoken = (element) => firstAttribute(element, SPOKEN) !== null

/** @param {any} element @param {string[]} names */
function firstAttribute(element, names) {
  const name = names.find((one) => attributeOf(element, one))
  return name ? `${name}=${attributeOf(element, name)}` : null
}

/** The name by which *element* is known: an element with another one is another element. "" where it has none. @param {any} element */
export function keyOf(element) {
  const tag = nameOf(element)
  if (ALONE.has(tag)) return tag
  const own = scriptKey(element) ?? firstAttribute(element, SPOKEN) ?? BY_TAG[tag]?.(element) ?? null
  return own === null ? "" : `${tag} ${own}`
}

/** @param {any} element */
export const hintOf = (element) => `${nameOf(element)} ${HINTS.map((name) => withoutVersions(attributeOf(element, name) ?? "")).join(" ")}`

/** Equal where two elements have equal markup. @param {any} element */
export const contentOf = (element) => (shadowOf(element) ? "" : markupOf(element))

/**
 * How well *a* would do as the older form of *b*; 0 where they are different elements.
 * @param {any} a @param {any} b
 */
export function similarity(a, b) {
  if (nameOf(a) !== nameOf(b) || !shadowOf(a) !== !shadowOf(b)) return 0
  const [one, other] = [keyOf(a), keyOf(b)]
  if (scriptKey(a) !== null || scriptKey(b) !== null || ALONE.has(nameOf(a))) return one === other ? 1 : 0
  if (one !== other && ((one && other) || leadsAway(a, b) || leadsAway(b, a))) return 0
  return 0.1 + likeness(attributeWords(a), attributeWords(b)) + 2 * likeness(words(a), words(b))
}

/** Whether the id of *element* stands elsewhere in the document of *other*. @param {any} element @param {any} other */
function leadsAway(element, other) {
  const id = attributeOf(element, "id")
  return Boolean(id && other.ownerDocument.getElementById(id))
}

/** As `similarity`, between what the server sent and what scripts made of it. @param {any} a @param {any} b */
export function resemblance(a, b) {
  const found = similarity(a, b)
  return found > ENOUGH ? found : 0
}

/** @param {any} element */
const attributeWords = (element) => [...attributesOf(element)].flatMap(({ name, value }) => (name === "class" ? tokensOf(value) : `${name}=${value}`))
/** @param {any} element */
const words = (element) => tokensOf(wordsOf(element).slice(0, WORDS))

/** @param {any} node */
export const isBlank = (node) => !isElement(node) && !/[^\t\n\f\r ]/.test(/** @type {any} */ (node).data)
