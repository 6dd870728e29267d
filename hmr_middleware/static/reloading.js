// The page is loaded again, unless that would go on for ever.

const MOST = 5
const WITHIN = 10_000 // milliseconds
const NAME = "hmr-reloads"

/**
 * @param {{
 *   registry: HmrRegistry, link(urls: string[]): Promise<void>, rehearse(): Promise<void>, storage: Pick<Storage, "getItem" | "setItem">, now(): number, load(): void,
 *   info(...what: any[]): void, report(id: string, error: unknown): void,
 * }} effects
 */
export function createReloader({ registry, link, rehearse, storage, now, load, info, report }) {
  /** @returns {number[]} */
  function recent() {
    const times = JSON.parse(storage.getItem(NAME) ?? "[]")
    return times.filter((/** @type {number} */ time) => now() - time < WITHIN)
  }

  /**
   * Whether the modules that changed can be loaded at all: if not, the page is better off as it is. Where others are
   * broken besides, only the whole page tells whether it needs them. What is tried *again* has nothing besides.
   * @param {string[]} changed @param {boolean} again
   */
  async function works(changed, again) {
    const urls = changed.map((url) => registry.home.origin + registry.root + url)
    try {
      await (registry.refused.size && !again ? rehearse() : link(urls))
      return true
    } catch (error) {
      report(registry.keyOf(urls[0]), error)
      return false
    }
  }

  /** @param {{ reason: string, urls?: string[], again?: boolean }} message @returns {Promise<"left" | "refused" | "prevented">} */
  async function attempt({ reason, urls = [], again = false }) {
    if (!(await works(urls, again))) return "refused"
    info(`reload: ${reason}${hint(reason)}`)
    const event = { type: "full-reload", path: "*", reason, defaultPrevented: false, preventDefault() { event.defaultPrevented = true } }
    await registry.emit("beforeFullReload", event)
    if (event.defaultPrevented) return "prevented"
    const times = recent()
    if (times.length >= MOST) {
      report("reload", new Error(`${MOST} reloads within ${WITHIN / 1000} seconds: this page stays as it is. The last reason: ${reason}`))
      return "prevented"
    }
    storage.setItem(NAME, JSON.stringify([...times, now()]))
    load()
    return "left"
  }

  /**
   * Reload because of *reason*, unless that would not help ("refused") or somebody prevents it ("prevented").
   * @param {{ reason: string, urls?: string[], again?: boolean }} message @returns {Promise<"left" | "refused" | "prevented">}
   */
  return async function reload(message) {
    await registry.setStatus("check")
    const result = await attempt(message)
    if (result !== "left") await registry.setStatus("idle")
    return result
  }
}

/** Where an accept() would have kept the page. @param {string} reason */
export function hint(reason) {
  const chain = /^(.+): nobody accepts$/.exec(reason)?.[1].split(" <- ")
  return chain ? ` (import.meta.hot.accept() in ${chain.join(" or ")} would have kept the page)` : ""
}
