// The link probe: a module script that imports every new URL and then a name that does not exist from an empty module.
// The browser fetches, parses and links the whole graph and runs nothing (HTML Standard, "fetch a module script graph").
import { statement } from "./kinds.js"

const MISSING = "hmr_all_is_linked"
const UNRESOLVED = /resolv\w* (a )?module specifier|bare specifier/i
const FRAME = /\n\s+at |@/

/** Whether *event* is of a module that does not link; the page's own code may throw meanwhile. @param {ErrorEvent} event */
export function isLinkFault({ message, error }) {
  if (message.includes(MISSING)) return true
  if (error instanceof SyntaxError) return !FRAME.test(error.stack ?? "") // with a frame it was thrown by running code
  return error instanceof TypeError && UNRESOLVED.test(message)
}

/**
 * Text that a page with Trusted Types takes from us; our name is added to its policy where that lists names.
 * @param {"createScript" | "createScriptURL" | "createHTML"} kind @param {string} text @returns {any}
 */
export function trusted(kind, text) {
  const types = /** @type {any} */ (globalThis).trustedTypes
  policy ??= types?.createPolicy("hmr", { createScript: String, createScriptURL: String, createHTML: String })
  return policy ? policy[kind](text) : text
}
/** @type {any} */
let policy

/** Whether a probe has come to its end: all else is linked. @param {ErrorEvent} event */
export function isAllLinked({ message }) {
  return message.includes(MISSING)
}

/** @param {HmrRegistry} registry */
export function createProbe(registry) {
  const empty = new URL("empty.js", registry.home).href

  /** The probe's script: inline, so that it costs no request, where the page's policy allows it. @param {string[]} urls */
  return function probe(urls) {
    const script = document.createElement("script")
    script.type = "module"
    script.nonce = registry.nonce
    if (registry.csp && !registry.nonce) {
      const query = new URLSearchParams([["missing", MISSING], ...urls.map((url) => ["url", url.slice(location.origin.length)])])
      script.src = trusted("createScriptURL", new URL(`probe.js?${query}`, registry.home).href)
    } else {
      const lines = [...urls.map(statement), `import { ${MISSING} } from ${JSON.stringify(empty)};`]
      script.textContent = trusted("createScript", lines.join("\n"))
    }
    return script
  }
}

/** @param {HmrRegistry} registry */
export function createLinker(registry) {
  const probe = createProbe(registry)
  // One probe after another: an error event does not say whose it is.
  let turn = Promise.resolve()

  /** Resolve once all *urls* link; reject with the genuine fault. @param {string[]} urls @returns {Promise<void>} */
  return function link(urls) {
    if (!urls.length) return Promise.resolve()
    const linked = turn.then(() => probeOnce(urls))
    turn = linked.catch(() => {})
    return linked
  }

  /** @param {string[]} urls @returns {Promise<void>} */
  function probeOnce(urls) {
    const script = probe(urls)
    const began = performance.now()
    return /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
      script.onerror = () => void import("./loading.js").then(({ loadError }) => reject(loadError(urls, began)), reject)
      registry.onFault = (event) => {
        if (!isLinkFault(event)) return false
        event.preventDefault()
        event.stopImmediatePropagation()
        if (isAllLinked(event)) resolve()
        else reject(event)
        return true
      }
      document.head.append(script)
    })).finally(() => {
      registry.onFault = null
      script.remove()
    })
  }
}
