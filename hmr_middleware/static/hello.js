// What a page says of itself: what it has loaded, and at which version.

const PART = 2_000 // modules in one message: a message is bounded
const page = Math.random().toString(36).slice(2)

/**
 * The hello for *modules*, in as many messages as it takes.
 * @param {HmrRegistry} registry @param {Document} document @param {Map<string, number>} modules
 * @param {{ doubled?: Iterable<string>, gone?: Map<string, number> }} [more] what came at two versions; what was pruned
 */
export function hellos(registry, document, modules, { doubled = [], gone = new Map() } = {}) {
  const all = [...new Map([...icons(registry, document), ...modules])]
  const said = { type: "hello", page, url: document.location.pathname, since: registry.since, visible: !document.hidden, doubled: [...doubled], gone: Object.fromEntries([...gone].slice(-PART)), ...imports(registry) }
  const messages = []
  do {
    const part = all.splice(0, PART)
    messages.push({ ...said, modules: Object.fromEntries(part), entries: entries(registry, document), more: all.length > 0 })
  } while (all.length)
  return messages
}

/** What could not be imported. @param {HmrRegistry} registry */
function imports({ failed, live, anew }) {
  const keys = [...failed.keys()].slice(-PART)
  const known = keys.map((key) => [key, Math.max(live.get(key) ?? 0, anew.get(key) ?? 0)])
  return { failed: Object.fromEntries(known), repeatable: keys.filter((key) => failed.get(key)) }
}

/** The modules that the page itself loads. @param {HmrRegistry} registry @param {Document} document */
function entries(registry, document) {
  const scripts = /** @type {NodeListOf<HTMLScriptElement>} */ (document.querySelectorAll("script[type=module][src]"))
  return [...scripts].map((script) => registry.keyOf(script.src))
}

/**
 * The page's icons: browsers fetch them without a word, or have them from another day.
 * @param {HmrRegistry} registry @param {Document} document @returns {[string, number][]}
 */
function icons(registry, document) {
  const links = /** @type {NodeListOf<HTMLLinkElement>} */ (document.querySelectorAll("link[rel~=icon][href]"))
  const urls = [...links].map(({ href }) => href).filter((href) => href.startsWith(registry.home.origin))
  return urls.map((url) => [registry.keyOf(url), registry.versionOf(url)])
}
