// Which file could not be loaded, where the browser says no more than that one could not.
import { sourceFrame } from "./overlay-frame.js"
import { faultOf } from "./stacks.js"

/** @import { Fault } from "./overlay-faults.js" */

/** What failed to load since *began*, as told by the browser's resource timing. @param {number} began @param {Performance} [timing] */
export function failedSince(began, timing = performance) {
  const entries = /** @type {PerformanceResourceTiming[]} */ (timing.getEntriesByType("resource"))
  const failed = entries.filter((entry) => entry.startTime >= began && (entry.responseStatus ?? 0) >= 400)
  return failed.map(({ name, responseStatus }) => ({ url: name, status: responseStatus }))
}

/** @param {string[]} urls what was asked for @param {number} began @param {Performance} [timing] */
export function loadError(urls, began, timing) {
  const [first] = failedSince(began, timing)
  const message = first ? `${first.url} answers with ${first.status}` : `could not load ${urls.join(", ")}, or what it imports`
  return Object.assign(new Error(message), first ? { fileName: first.url } : {})
}

/** A fault with the source around it. @param {unknown} thrown @param {string} [id] @returns {Promise<Fault>} */
export async function describe(thrown, id) {
  const fault = faultOf(thrown, id)
  if (!fault.file || !fault.line || fault.frame) return fault
  try {
    const response = await fetch(fault.file)
    return response.ok ? { ...fault, frame: sourceFrame(await response.text(), fault.line, fault.column) } : fault
  } catch {
    return fault
  }
}
