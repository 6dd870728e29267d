// What went wrong, shown over the page: faults in a dialog, errors of the running page in a notice that blocks nothing.
import { createFaults } from "./overlay-faults.js"
import { createScreen } from "./overlay-screen.js"

/** @import { Fault } from "./overlay-faults.js" */

/**
 * The overlay of *document*; the page is left alone until there is something to show. Nothing of it throws.
 * @param {{ document: Document, nonce?: string }} options the nonce is that of the page's policy
 */
export function createOverlay({ document, nonce = "" }) {
  const faults = createFaults()
  /** @type {ReturnType<typeof createScreen> | undefined} */
  let screen

  /** @type {Record<string, () => void>} */
  const ACTIONS = {
    dismiss: faults.close,
    previous: () => faults.turn(-1),
    next: () => faults.turn(1),
    details: faults.openAsked,
    forget: faults.clearAll,
  }

  /** The function that makes a change and shows it. @template {any[]} T @param {(...args: T) => void} change */
  function changing(change) {
    return (/** @type {T} */ ...args) => {
      try {
        change(...args)
        if (!screen && !faults.entries.length) return
        screen ??= createScreen({ document, nonce, act })
        screen.render(faults)
      } catch (error) {
        console.warn("[hmr] the overlay failed:", error)
      }
    }
  }

  const act = changing((/** @type {string} */ action) => ACTIONS[action]())

  return {
    /** Show *fault* over the page. */
    show: changing((/** @type {Fault} */ fault) => faults.add(fault, true)),
    /** Tell of *problem* in the corner, its details a click away. */
    notice: changing((/** @type {Fault} */ problem) => faults.add(problem, false)),
    /** Remove what is about *ids*; without them every fault, while the notices stay. @type {(ids?: Iterable<string>) => void} */
    clear: changing((ids) => (ids === undefined ? faults.clearLoud() : faults.clear(listOf(ids)))),
    /** Remove everything. */
    clearAll: changing(faults.clearAll),
    /** Whether it covers the page. */
    get isOpen() { return faults.open },
  }
}

/** @param {string | Iterable<string>} ids */
function listOf(ids) {
  return typeof ids === "string" ? [ids] : [...ids]
}
