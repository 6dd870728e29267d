// A page whose modules did not even link at first never ran: there is nothing to put an update into. It is loaded again
// once that would help, and not with every save.

/**
 * A function that resolves once the page would load now, and rejects with the fault.
 * @param {HmrRegistry} registry @param {Document} document @returns {() => Promise<void>}
 */
export function createRehearsal(registry, document) {
  return async () => {
    const scripts = /** @type {NodeListOf<HTMLScriptElement>} */ (document.querySelectorAll("script[type=module][src]"))
    const urls = [...scripts].map(({ src }) => src).filter((src) => registry.keyOf(src).startsWith("/"))
    const { rehearse } = await import("./rehearsal.js")
    await rehearse(registry, document, urls)
  }
}

/**
 * @param {{
 *   registry: HmrRegistry, rehearse(): Promise<void>, reload(message: { reason: string }): Promise<unknown>,
 *   report(id: string, error: unknown): void, healed(ids: string[]): void,
 * }} effects
 */
export function createReviver({ registry, rehearse, reload, report, healed }) {
  let ailing = ""

  /** @param {string} id @param {unknown} fault */
  function fell(id, fault) {
    registry.broken = true
    if (ailing && ailing !== id) healed([ailing])
    ailing = id
    report(id, fault)
  }

  /** Load the page again if that would help. */
  async function revive() {
    await registry.setStatus("check")
    const fault = await rehearse().catch((thrown) => thrown)
    if (fault) fell(idOf(fault) || ailing || registry.page, fault)
    else await reload({ reason: "the page did not load at first" })
    await registry.setStatus("idle")
    return true
  }

  /** @param {any} fault an ErrorEvent, or what a failed load is told by */
  function idOf({ filename, fileName }) {
    const file = filename || fileName
    return file ? registry.keyOf(file) : ""
  }

  return { fell, revive }
}
