// Scripts: which elements are scripts, which changes of them only a reload can follow, and how new ones run.
import { attributeOf, attributesOf, hasAttribute, nameOf, setAttribute, wordsOf } from "./patch-dom.js"
import { withoutVersions } from "./patch-lists.js"
import { trusted } from "./link.js"

const JAVASCRIPT = /^((text|application)\/(x-)?(java|ecma)script|text\/(javascript1\.[0-5]|jscript|livescript))$/
const PREAMBLE = /^import\.meta\.hot=globalThis\.__hmr__\?\.hot\(import\.meta\);/
/** Of no use once the page is there: it would wipe the page out, or wait for ever. */
const LATE = /\bdocument\s*\.\s*write(ln)?\b/
const WAITS = /^(?![\s\S]*readyState)[\s\S]*["']DOMContentLoaded["']/

/** classic, module, importmap; "" for anything else, data blocks included. @param {any} element */
export function scriptKind(element) {
  if (nameOf(element).toUpperCase() !== "SCRIPT") return ""
  const type = attributeOf(element, "type")?.trim().toLowerCase() ?? ""
  if (type === "module" || type === "importmap") return type
  const isClassic = !type || JAVASCRIPT.test(type)
  return isClassic && !hasAttribute(element, "nomodule") ? "classic" : ""
}

/** What a script is known by, null for what is none. @param {any} element @returns {string | null} */
export function scriptKey(element) {
  const kind = scriptKind(element)
  if (!kind) return null
  const source = attributeOf(element, "src")
  const body = source === null ? wordsOf(element).replace(PREAMBLE, "") : source
  return `${kind} ${source === null ? "" : "src="}${withoutVersions(body)}`
}

/** @param {any} script */
const describe = (script) => {
  const source = attributeOf(script, "src")
  const words = source === null ? wordsOf(script).trim().slice(0, 40) : ""
  return source === null ? `<script>${words}` : `<script src="${source}">`
}

/** Why *script*, which the new document lacks, asks for a reload. @param {any} script @param {any[]} added scripts that came */
export function reasonOfLost(script, added) {
  const kind = scriptKind(script)
  if (kind === "importmap") return "the import map changed"
  const inline = !hasAttribute(script, "src")
  const word = kind === "module" ? "a module script" : inline ? "an inline script" : "a classic script"
  const isChanged = added.some((other) => scriptKind(other) === kind && hasAttribute(other, "src") !== inline)
  return `${word} ${isChanged ? "changed" : "was removed"}: ${describe(script)}`
}

/** Why *script*, which is new, cannot run in a page that is there; "" where it can. @param {any} script */
export function reasonOfNew(script) {
  if (scriptKind(script) === "importmap") return "the import map changed"
  if (LATE.test(wordsOf(script))) return `a new script writes into the document: ${describe(script)}`
  if (WAITS.test(wordsOf(script))) return `a new script waits for the document: ${describe(script)}`
  return mayAdd() ? "" : "the page's Trusted Types let nobody add a script"
}

function mayAdd() {
  try {
    return Boolean(trusted("createScript", " ")) && Boolean(trusted("createScriptURL", " "))
  } catch {
    return false
  }
}

/** A script that runs as soon as it stands in *live*. @param {Document} live @param {any} script @param {string} nonce */
export function createScript(live, script, nonce) {
  const fresh = /** @type {any} */ (live.createElementNS(script.namespaceURI, script.localName))
  for (const attribute of attributesOf(script)) {
    if (attribute.name === "src") fresh.src = trusted("createScriptURL", attribute.value)
    else setAttribute(fresh, attribute)
  }
  const text = wordsOf(script)
  if (text) fresh.text === undefined ? (fresh.textContent = text) : (fresh.text = trusted("createScript", text))
  if (nonce) fresh.nonce = nonce
  if (!hasAttribute(script, "async")) fresh.async = false
  return fresh
}

/** @param {any} script */
const blocks = (script) => scriptKind(script) === "classic" && (!hasAttribute(script, "src") || !["async", "defer"].some((name) => hasAttribute(script, name)))

/**
 * Put the scripts into their places, each run once and in order: what is deferred comes after what is not.
 * @param {[place: any, script: any][]} waiting @param {(...what: any[]) => void} log
 */
export async function runScripts(waiting, log) {
  const [first, later] = [waiting.filter(([, script]) => blocks(script)), waiting.filter(([, script]) => !blocks(script))]
  for (const [place, script] of [...first, ...later]) {
    try {
      const loaded = new Promise((resolve) => ["load", "error"].forEach((type) => script.addEventListener(type, resolve)))
      place.replaceWith(script)
      if (blocks(script) && hasAttribute(script, "src")) await loaded
    } catch (error) {
      log("a new script could not be added:", error)
    }
  }
}
