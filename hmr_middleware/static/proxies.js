// What the modules that stand for stylesheets and other files do: see the server's core/proxies.py.
import { scopeClasses } from "./classes.js"
import { renewText } from "./css-urls.js"
import { sheetText } from "./sheets.js"

/** @type {HmrRegistry | undefined} */
const registry = globalThis.__hmr__
/** @type {Map<string, CSSStyleSheet>} */
const adopted = new Map()

/** The file that a module stands for. @param {ImportMeta} meta */
function fileOf(meta) {
  return new URL(meta.url.replace(/\.proxy\.js(?=$|[?#])/, ""))
}

/** @param {ImportMeta} meta */
function keyOf(meta) {
  const { href, pathname } = fileOf(meta)
  return registry ? registry.keyOf(href) : pathname
}

/** Its address below the origin. @param {ImportMeta} meta */
export function addressOf(meta) {
  const { pathname, search } = fileOf(meta)
  return pathname + search
}

/** @param {ImportMeta} meta @returns {HTMLLinkElement[]} */
function linksOf(meta) {
  const links = /** @type {NodeListOf<HTMLLinkElement>} */ (document.querySelectorAll("link[data-hmr-proxy]"))
  return [...links].filter((link) => link.dataset.hmrProxy === keyOf(meta))
}

/** Put a stylesheet into the page, once; resolves when it is in force. @param {ImportMeta} meta */
export async function addLink(meta) {
  const address = addressOf(meta)
  if (!linksOf(meta).length) await load(Object.assign(document.createElement("link"), { rel: "stylesheet", href: address }), keyOf(meta))
  return address
}

/** @param {HTMLLinkElement} link @param {string} key @returns {Promise<void>} */
function load(link, key) {
  link.dataset.hmrProxy = key
  link.nonce = registry?.nonce ?? ""
  return new Promise((resolve, reject) => {
    link.onload = () => resolve()
    link.onerror = () => reject(new Error(`could not load ${link.href}`))
    document.head.append(link)
  })
}

/** @param {ImportMeta} meta */
export function removeLink(meta) {
  for (const link of linksOf(meta)) link.remove()
}

/**
 * Put a stylesheet into the page with classes of its own, in the place of its earlier version.
 * @param {ImportMeta} meta @returns {Promise<Record<string, string>>} the names that its classes have in the page
 */
export async function adoptClasses(meta) {
  const { href } = fileOf(meta)
  const sheet = new CSSStyleSheet({ baseURL: href })
  // Chromium resolves what is relative against the document, whatever the sheet's base is.
  sheet.replaceSync(renewText(await sheetText(href), (url) => (/^(#|data:)/.test(url) ? url : new URL(url, href).href)))
  const names = scopeClasses(sheet.cssRules, keyOf(meta))
  replace(adopted.get(keyOf(meta)), sheet)
  adopted.set(keyOf(meta), sheet)
  return names
}

/** The cascade keeps its order. @param {CSSStyleSheet | undefined} old @param {CSSStyleSheet} fresh */
function replace(old, fresh) {
  const sheets = [...document.adoptedStyleSheets]
  if (old && sheets.includes(old)) sheets.splice(sheets.indexOf(old), 1, fresh)
  else sheets.push(fresh)
  document.adoptedStyleSheets = sheets
}

/** @param {ImportMeta} meta */
export function dropClasses(meta) {
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== adopted.get(keyOf(meta)))
  adopted.delete(keyOf(meta))
}
