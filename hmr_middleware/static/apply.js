// One update, atomically: everything is loaded and linked first; only then does anything of the page change.
import { createCallbacks } from "./callbacks.js"

const SCRIPT = /^[^?]*\.m?js(\?|$)/

/**
 * @param {{
 *   registry: HmrRegistry,
 *   importModule(url: string): Promise<any>,
 *   link(urls: string[]): Promise<void>,
 *   styles(items: HmrUpdateItem[], alone: boolean): Promise<{ commit(): void, drop(): void }>,
 *   log(...what: any[]): void,
 *   report(id: string, error: unknown): void,
 *   healed(ids: string[]): void,
 *   outdated(ids: string[]): void,
 *   nextUpdate(): Promise<boolean>,
 * }} effects what it does to the page
 */
export function createApplier({ registry, importModule, link, styles, log, report, healed, outdated, nextUpdate }) {
  const { contexts, live, urlOf, setStatus } = registry
  const { call, runAll, threw } = createCallbacks({ registry, importModule, report })

  /** The version of a dependency that a boundary was last handed. @type {Map<string, number>} */
  const handed = new Map()

  /**
   * Apply *update*. What does not link is "failed" and has to be tried again; what is "overtaken" belongs to the next one.
   * @param {HmrUpdate} update @returns {Promise<"applied" | "failed" | "overtaken">}
   */
  async function apply(update) {
    const items = update.updates.filter(isNew)
    if (!items.length) return prune(update.prunes).then(() => "applied")
    const told = forListeners(update, items)
    // All is asked for at once: who listens and what is loaded are waited for together.
    const [, sheets] = await Promise.all([registry.emit("beforeUpdate", told), prepare(items, update.versions)])
    if (!sheets) return setStatus("abort").then(() => setStatus("idle")).then(() => "failed")
    if (await isOvertaken(update, sheets)) return "overtaken"
    const failed = await commit(items, update, sheets)
    for (const item of items) handed.set(pairOf(item), item.version)
    await call(items.filter((item) => item.kind === "js" && !failed.has(item.accepted)))
    await prune(update.prunes)
    healed(Object.keys(update.versions).filter((key) => !failed.has(key)))
    await registry.emit("afterUpdate", told)
    tell(items)
    if (failed.size) await setStatus("fail")
    await setStatus("idle")
    return "applied"
  }

  /**
   * Whether a module has come that stands for a newer one of which we have not been told yet: in a circle of imports that
   * would run before the older one. Both updates are one, then.
   * @param {HmrUpdate} update @param {{ drop(): void }} sheets
   */
  async function isOvertaken({ versions }, sheets) {
    const isLate = registry.isOvertaken(versions)
    registry.pending.clear()
    if (!isLate || !(await nextUpdate())) return false
    sheets.drop()
    return true
  }

  /** Whether this page does not have it yet. @param {HmrUpdateItem} item */
  function isNew(item) {
    if (item.kind === "js" && item.url !== item.accepted) return (handed.get(pairOf(item)) ?? 0) < item.version || !item.version
    if (item.kind === "js") return !isThere(item.accepted, item.version)
    return item.version > (live.get(item.accepted) ?? 0) || !item.version
  }

  /** Load and link everything, and change nothing. @param {HmrUpdateItem[]} items @param {Record<string, number>} versions */
  async function prepare(items, versions) {
    const said = setStatus("prepare")
    for (const key of Object.keys(versions)) registry.pending.set(key, versions[key])
    const shown = items.filter((item) => item.kind !== "js")
    const loading = styles(shown, shown.length === items.length)
    try {
      const [sheets] = await Promise.all([loading, link(urlsOf(items, versions)), said])
      await setStatus("ready")
      return sheets
    } catch (error) {
      loading.then((sheets) => sheets.drop(), () => {})
      report(items[0].accepted, error)
      return null
    }
  }

  /** @param {HmrUpdateItem[]} items @param {HmrUpdate} update @param {{ commit(): void }} sheets */
  async function commit(items, update, sheets) {
    const keys = Object.keys(update.versions)
    await setStatus("dispose")
    const replaced = keys.filter((key) => !isThere(key, update.versions[key]))
    await dispose(replaced)
    renew(replaced, items)
    outdated(replaced)
    for (const key of keys) live.set(key, update.versions[key])
    await setStatus("apply")
    const failed = await run(items)
    sheets.commit()
    return failed
  }

  /**
   * What is to be linked. All that runs again is named, not only what is imported by us: else each would be asked for
   * only when its importer has come.
   * @param {HmrUpdateItem[]} items @param {Record<string, number>} versions
   */
  function urlsOf(items, versions) {
    const accepted = items.filter((item) => item.kind === "js").map((item) => urlOf(item.accepted, item.version))
    if (!accepted.length) return []
    const below = Object.keys(versions).filter((key) => SCRIPT.test(key)).map((key) => urlOf(key, versions[key]))
    return [...new Set([...accepted, ...below])]
  }

  /**
   * Whether this version has run already: it may have come with a new importer, ahead of its update.
   * @param {string} key @param {number} version
   */
  function isThere(key, version) {
    return version > 0 && (contexts.get(key)?.version ?? 0) >= version
  }

  /** Outermost first. @param {string[]} keys */
  async function dispose(keys) {
    for (const key of keys) {
      const context = contexts.get(key)
      if (context) await runAll(context.disposers.splice(0), context.data, key)
    }
  }

  /**
   * What runs again below a boundary is wired into the new instance above it: its registrations are, too. A boundary
   * stays wired where its first instance is.
   * @param {string[]} keys @param {HmrUpdateItem[]} items
   */
  function renew(keys, items) {
    for (const key of keys) {
      const context = contexts.get(key)
      if (context) context.renewed = !items.some((item) => item.url === key && item.accepted === key)
    }
  }

  /** Import what is new; return what failed while it ran. @param {HmrUpdateItem[]} items */
  async function run(items) {
    const failed = new Set()
    const accepted = new Set(items.filter((item) => item.kind === "js").map((item) => item.accepted))
    await Promise.all([...accepted].map((key) => runOne(key, items, failed)))
    return failed
  }

  /** @param {string} key @param {HmrUpdateItem[]} items @param {Set<string>} failed */
  async function runOne(key, items, failed) {
    const before = [...contexts.values()].map((context) => ({ context, accepts: context.accepts.slice() }))
    try {
      await importModule(urlOf(key))
    } catch (error) {
      failed.add(key)
      // The last good registrations stay in force.
      for (const { context, accepts } of before) if (context.key === key || !context.accepts.length) context.accepts = accepts
      threw(error, key, items)
    }
  }

  /** @param {string[]} keys */
  async function prune(keys) {
    if (!keys.length) return
    registry.noteLoaded() // or it would seem to come anew a little later
    await registry.emit("beforePrune", { type: "prune", paths: keys })
    await dispose(keys)
    for (const key of keys) {
      const context = contexts.get(key)
      if (context) await runAll(context.pruners.splice(0), context.data, key)
    }
    for (const key of keys) {
      contexts.delete(key)
      registry.gone.set(key, live.get(key) ?? 0)
      live.delete(key)
    }
  }

  /** @param {HmrUpdateItem[]} items */
  function tell(items) {
    for (const { url, accepted } of items) log("update", url === accepted ? url : `${accepted} -> ${url}`)
  }

  return { apply }
}

/** @param {HmrUpdateItem} item */
function pairOf({ url, accepted }) {
  return `${url} ${accepted}`
}

/** An update in Vite's words besides ours. @param {HmrUpdate} update @param {HmrUpdateItem[]} items */
function forListeners(update, items) {
  const updates = items.map((item) => ({
    ...item, type: `${item.kind}-update`, path: item.url, acceptedPath: item.accepted, timestamp: item.version,
  }))
  return { ...update, type: "update", updates }
}
