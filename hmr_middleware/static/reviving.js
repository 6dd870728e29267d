// A page whose modules did not even link at first never ran: there is nothing to put an update into. It is loaded again
// once that would help, and not with every save.

/**
 * @param {{
 *   registry: HmrRegistry, document: Document, reload(message: { reason: string }): Promise<unknown>,
 *   report(id: string, error: unknown): void, healed(ids: string[]): void,
 * }} effects
 */
export function createReviver({ registry, document, reload, report, healed }) {
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
    const scripts = /** @type {NodeListOf<HTMLScriptElement>} */ (document.querySelectorAll("script[type=module][src]"))
    const urls = [...scripts].map(({ src }) => src).filter((src) => registry.keyOf(src).startsWith("/"))
    try {
      const { rehearse } = await import("./rehearsal.js")
      await rehearse(registry, document, urls)
    } catch (fault) {
      fell(idOf(fault) || ailing || registry.page, fault)
      return true
    }
    await reload({ reason: "the page did not load at first" })
    return true
  }

  /** @param {any} fault an ErrorEvent, or what a failed load is told by */
  function idOf({ filename, fileName }) {
    const file = filename || fileName
    return file ? registry.keyOf(file) : ""
  }

  return { fell, revive }
}
