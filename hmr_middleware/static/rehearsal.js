// Whether the page would load now. Its own module map keeps for good what failed, so that is tried in a frame of its own.
import { createProbe, isAllLinked, trusted } from "./link.js"
import { loadError } from "./loading.js"

const PATIENCE = 10_000 // milliseconds

/**
 * Resolve once the modules at *urls* link in a fresh document; reject with the fault. Nothing of them runs.
 * @param {HmrRegistry} registry @param {Document} document @param {string[]} urls @returns {Promise<void>}
 */
export async function rehearse(registry, document, urls) {
  const frame = await emptyFrame(document)
  const inner = /** @type {Window & typeof globalThis} */ (frame.contentWindow)
  const script = createProbe(registry)(urls)
  try {
    await /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
      const fail = () => reject(loadError(urls, 0, inner.performance))
      setTimeout(fail, PATIENCE)
      script.onerror = fail
      inner.addEventListener("error", (event) => {
        if (!(event instanceof inner.ErrorEvent)) return
        event.preventDefault()
        if (isAllLinked(event)) resolve()
        else reject(event)
      })
      inner.document.head.append(...doublesOfMaps(registry, document), script)
    }))
  } finally {
    frame.remove()
  }
}

/** @param {Document} document @returns {Promise<HTMLIFrameElement>} */
function emptyFrame(document) {
  const frame = document.createElement("iframe")
  frame.hidden = true
  return new Promise((resolve) => {
    frame.onload = () => resolve(frame)
    document.documentElement.append(frame)
  })
}

/** @param {HmrRegistry} registry @param {Document} document */
function doublesOfMaps(registry, document) {
  return [...document.querySelectorAll("script[type=importmap]")].map((map) => {
    const double = document.createElement("script")
    double.type = "importmap"
    double.nonce = registry.nonce
    double.textContent = trusted("createScript", map.textContent ?? "")
    return double
  })
}
