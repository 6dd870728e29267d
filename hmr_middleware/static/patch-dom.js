// The DOM by its prototypes: a form's own fields hide its properties (<input name="children"> hides form.children).
import { trusted } from "./link.js"

/** @template [T=any] @param {any} prototype @param {string} name @returns {(node: any) => T} */
function getter(prototype, name) {
  const { get } = /** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, name))
  return (node) => get.call(node)
}

/** @param {any} prototype @param {string} name @returns {(node: any, ...given: any[]) => any} */
function method(prototype, name) {
  const found = prototype[name]
  return (node, ...given) => found.apply(node, given)
}

/** @type {(node: any) => Node | null} */
export const parentOf = getter(Node.prototype, "parentNode")
/** @type {(node: any) => Node | null} */
export const firstOf = getter(Node.prototype, "firstChild")
/** @type {(node: any) => Node | null} */
export const nextOf = getter(Node.prototype, "nextSibling")
/** @type {(node: any) => Node | null} */
/** @type {(node: any) => NamedNodeMap} */
export const attributesOf = getter(Element.prototype, "attributes")
/** @type {(node: any) => ShadowRoot | null} */
export const shadowOf = getter(Element.prototype, "shadowRoot")
/** @type {(node: any) => string} */
export const nameOf = getter(Node.prototype, "nodeName")
/** @type {(node: any) => string} */
export const markupOf = getter(Element.prototype, "outerHTML")
/** @type {(node: any) => string} */
export const wordsOf = getter(Node.prototype, "textContent")

/** @type {(node: any, name: string) => string | null} */
export const attributeOf = method(Element.prototype, "getAttribute")
/** @type {(node: any, name: string) => boolean} */
export const hasAttribute = method(Element.prototype, "hasAttribute")
/** @type {(node: any, selector: string) => boolean} */
export const matches = method(Element.prototype, "matches")
/** @type {(node: any, selector: string) => Element | null} */
export const closest = method(Element.prototype, "closest")
/** @type {(node: any, name: string) => void} */
export const removeAttribute = method(Element.prototype, "removeAttribute")
/** @type {(node: any, other: any) => boolean} */
export const contains = method(Node.prototype, "contains")
export const insertBefore = method(Node.prototype, "insertBefore")
/** @type {(node: any, other: any) => boolean} */
export const isEqual = method(Node.prototype, "isEqualNode")
/** @type {(node: any) => any} */
export const deepCopy = (node) => Node.prototype.cloneNode.call(node, true)

/** @param {any} node */
export const removeNode = (node) => void (parentOf(node) && Node.prototype.removeChild.call(parentOf(node), node))

/** What stands around *node*, a shadow root's host included. A link has a host of its own, which is no node. @param {any} node @returns {any} */
export const aroundOf = (node) => parentOf(node) ?? (node instanceof ShadowRoot ? node.host : null)

/** @param {any} node @returns {node is Element} */
export const isElement = (node) => node.nodeType === Node.ELEMENT_NODE
/** @param {any} node @returns {node is Text} */
export const isText = (node) => node.nodeType === Node.TEXT_NODE

/** A list of its own: what childNodes gives changes below one's hands. @param {any} parent @returns {Node[]} */
export function childrenOf(parent) {
  const found = []
  for (let child = firstOf(parent); child; child = nextOf(child)) found.push(child)
  return found
}

/** Elements of *root* that match, itself included. @param {any} root @param {string} selector @returns {any[]} */
export function allOf(root, selector) {
  if (!("querySelectorAll" in root)) return []
  const inside = (isElement(root) ? Element : DocumentFragment).prototype.querySelectorAll.call(root, selector)
  return isElement(root) && matches(root, selector) ? [root, ...inside] : [...inside]
}

/** The elements of the trees at *roots*, in order. @param {Node[]} roots @param {(node: Node) => boolean} stays what is not entered */
export function elementsIn(roots, stays) {
  /** @type {Element[]} */
  const found = []
  const stack = roots.slice().reverse()
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (!isElement(node) || stays(node)) continue
    found.push(node)
    stack.push(...childrenOf(node).reverse())
  }
  return found
}

/** What *element* holds beside its children. @param {any} element @returns {(DocumentFragment | null)[]} */
export function innerOf(element) {
  return [element instanceof HTMLTemplateElement ? element.content : null, shadowOf(element)]
}

/** Set an attribute of any name and namespace, also one that a parser takes and setAttribute() does not. @param {any} element @param {Attr} attribute */
export function setAttribute(element, attribute) {
  const { namespaceURI, localName, name, value } = attribute
  const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1]
  const present = Element.prototype.getAttributeNodeNS.call(element, namespaceURI, localName)
  if (kind && "trustedTypes" in globalThis) Element.prototype.setAttributeNS.call(element, namespaceURI, name, trusted(kind, value))
  else if (present) present.value = value
  else Element.prototype.setAttributeNodeNS.call(element, element.ownerDocument.importNode(attribute))
}

/** Attributes that a page with Trusted Types takes only from whom it trusts. @type {[RegExp, "createScript" | "createHTML"][]} */
const KINDS = [[/^on[a-z]+$/, "createScript"], [/^srcdoc$/, "createHTML"]]

/** A short path to *element*: "main > ul#todo > li". @param {any} element */
export function pathOf(element) {
  const path = []
  for (let at = element; at && isElement(at) && path.length < 3; at = parentOf(at)) {
    if (["HTML", "BODY", "HEAD"].includes(nameOf(at)) && path.length) break
    const id = attributeOf(at, "id")
    path.unshift(nameOf(at).toLowerCase() + (id ? `#${id}` : ""))
  }
  return path.join(" > ")
}
