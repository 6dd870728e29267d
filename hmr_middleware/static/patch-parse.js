// HTML of the server as an inert document, in the same shape as a browser with scripting makes of it.
import { trusted } from "./link.js"
import { withoutVersions } from "./patch-lists.js"
import { allOf, aroundOf, innerOf, removeNode, shadowOf } from "./patch-dom.js"

// In a page with scripts noscript has plain text; a parser without scripting makes elements of it, and even ends the
// head there. So its content is hidden in a style, which may stand wherever noscript may.
const RAW = /<!--[\s\S]*?-->|<(script|style|textarea|title)\b[^>]*>[\s\S]*?<\/\1\s*>|(<noscript\b[^>]*>)([\s\S]*?)<\/noscript\s*>/gi
const HIDDEN = "data-hmr-noscript"

/**
 * Read *html* as the server sent it. Only `createPatcher` and its plans know what to make of the result.
 * @param {string} html @returns {Document}
 */
export function parseDocument(html) {
  const hidden = trusted("createHTML", /<noscript/i.test(html) ? html.replace(RAW, hide) : html)
  const { parseHTMLUnsafe } = /** @type {any} */ (Document)
  if (!parseHTMLUnsafe || !/shadowrootmode/i.test(html)) return new DOMParser().parseFromString(hidden, "text/html")
  return parseHTMLUnsafe.call(Document, hidden, { sanitizer: { comments: true } }) // by default Chromium leaves them out
}

/** @param {string} all @param {string} _name @param {string} tag @param {string} content */
function hide(all, _name, tag, content) {
  return tag ? `${tag}<style ${HIDDEN}>${encodeURIComponent(/** @type {any} */ (content).toWellFormed?.() ?? content)}</style></noscript>` : all
}

/** @param {any} noscript */
function unhide(noscript) {
  const style = noscript.firstElementChild
  if (!style) return
  noscript.textContent = style.hasAttribute(HIDDEN) ? decodeURIComponent(style.textContent) : noscript.innerHTML
}

/** What a document's URLs were before their versions were taken away. @type {WeakMap<Element, Attr>} */
const versioned = new WeakMap()
/** @param {Element} element */
export const versionedOf = (element) => versioned.get(element)

/**
 * Take from *document* what is no difference: nonces, our tag, our versions, texts in several pieces.
 * @param {Document} document
 * @returns {Set<Node>} templates, shadow hosts and everything around them: what isEqualNode() does not see into
 */
export function prepare(document) {
  /** @type {Set<Node>} */
  const deep = new Set()
  prepareTree(document.documentElement, deep)
  return deep
}

/** @param {any} root @param {Set<Node>} deep */
function prepareTree(root, deep) {
  allOf(root, "script[data-hmr][src*='/__hmr/']").forEach(removeNode)
  allOf(root, "[nonce]").forEach((element) => element.removeAttribute("nonce"))
  allOf(root, "noscript").forEach(unhide)
  allOf(root, "[src*='t='], link[href*='t=']").forEach(takeVersion)
  root.normalize()
  for (const host of hostsIn(root)) {
    innerOf(host).forEach((inner) => inner && prepareTree(inner, deep))
    for (let at = host; at; at = aroundOf(at)) deep.add(at)
  }
}

/** Templates and shadow hosts. @param {any} root */
function* hostsIn(root) {
  yield* root.querySelectorAll("template")
  for (const element of root.querySelectorAll("*")) if (shadowOf(element)) yield element
}

/** @param {any} element */
function takeVersion(element) {
  const name = element.localName === "link" ? "href" : "src"
  const attribute = element.getAttributeNode(name)
  const plain = withoutVersions(attribute.value)
  if (plain === attribute.value) return
  versioned.set(element, attribute.cloneNode())
  attribute.value = plain
}
