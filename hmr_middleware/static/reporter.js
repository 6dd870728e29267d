// What went wrong, told: in the console, and in the overlay, which is loaded when it is first needed.

/** @import { Fault } from "./overlay-faults.js" */

/**
 * @param {{
 *   registry: HmrRegistry,
 *   openOverlay(): Promise<{ show(fault: Fault): void, notice(fault: Fault): void, clear(ids?: string[]): void }>,
 *   describe(thrown: unknown, id: string | undefined): Promise<Fault>,
 *   ignore(): Promise<(message: string, file?: string) => boolean>,
 *   error(...what: any[]): void,
 * }} effects
 */
export function createReporter({ registry, openOverlay, describe, ignore, error }) {
  /** Faults that are shown, and those below whose modules they may heal. @type {Map<string, Set<string>>} */
  const shown = new Map()
  /** Problems of the running page, and the module that each is in, "" where it does not say. @type {Map<string, string>} */
  const noticed = new Map()
  // One after another: what heals a fault must not overtake it.
  let turn = Promise.resolve()

  /** @param {() => Promise<void>} step */
  function inTurn(step) {
    turn = turn.then(step).catch((problem) => error("the overlay failed:", problem))
    return turn
  }

  /** A fault that kept an update, or the page, from working. @param {string} id @param {unknown} thrown */
  function report(id, thrown) {
    return inTurn(async () => {
      const fault = await describe(thrown, id)
      error(`in ${id}: ${fault.title}: ${fault.message}${placeOf(fault)}`, fault.stack ?? "")
      registry.emit("error", forListeners(id, fault))
      if (!registry.overlay) return
      shown.set(id, new Set([id, registry.keyOf(fault.file ?? id)]))
      const overlay = await openOverlay()
      overlay.clear([id]) // what was wrong with it before is no longer so
      overlay.show({ ...fault, kind: "build" })
    })
  }

  /** An error of the running page: told in a corner, in nobody's way. @param {ErrorEvent | PromiseRejectionEvent} event */
  function notice(event) {
    if (!registry.overlay) return turn
    return inTurn(async () => {
      const fault = await describe(event, undefined)
      const isIgnored = await ignore()
      if (isIgnored(fault.message, fault.file)) return
      noticed.set(fault.id, fault.file ? registry.keyOf(fault.file) : "")
      ;(await openOverlay()).notice(fault)
    })
  }

  /** Take away the problems of modules that are about to run anew. @param {string[]} keys */
  function outdated(keys) {
    return inTurn(async () => {
      const gone = [...noticed].filter(([, key]) => keys.includes(key)).map(([id]) => id)
      if (!gone.length) return
      gone.forEach((id) => noticed.delete(id))
      ;(await openOverlay()).clear(gone)
    })
  }

  /** Take away the faults that modules had which run now. @param {string[]} keys */
  function healed(keys) {
    return inTurn(async () => {
      const gone = [...shown].filter(([, about]) => keys.some((key) => about.has(key))).map(([id]) => id)
      if (!gone.length) return
      gone.forEach((id) => shown.delete(id))
      ;(await openOverlay()).clear(gone)
    })
  }

  /** What is described already, over the page or in the corner, in the place of what was told of it before. @param {Fault} fault @param {boolean} loud */
  function tell(fault, loud) {
    return inTurn(async () => {
      if (loud) registry.emit("error", forListeners(fault.id, fault))
      if (loud) error(`${fault.title}: ${fault.message}`, fault.stack ?? "")
      if (!registry.overlay) return
      const overlay = await openOverlay()
      overlay.clear([fault.id])
      loud ? overlay.show(fault) : overlay.notice(fault)
    })
  }

  /** Take away what was told of *ids*. @param {string[]} ids */
  function untell(ids) {
    return inTurn(async () => {
      if (registry.overlay) (await openOverlay()).clear(ids)
    })
  }

  return { report, notice, outdated, healed, tell, untell }
}

/** A fault in Vite's words. @param {string} id @param {Fault} fault */
function forListeners(id, { message, stack, frame, file, line, column }) {
  return { type: "error", err: { id, message, stack, frame, loc: file ? { file, line, column } : undefined } }
}

/** @param {Fault} fault */
function placeOf({ file, line, column }) {
  return file ? ` (${[file, line, column].filter(Boolean).join(":")})` : ""
}
