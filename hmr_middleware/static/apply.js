// One update, atomically: everything is loaded and linked first; only then does anything of the page change.

/**
 * @param {{
 *   registry: HmrRegistry,
 *   importModule(url: string): Promise<any>,
 *   link(urls: string[]): Promise<void>,
 *   styles(items: HmrUpdateItem[]): Promise<{ commit(): void, drop(): void }>,
 *   log(...what: any[]): void,
 *   report(...what: any[]): void,
 * }} effects
 */
export function createApplier({ registry, importModule, link, styles, log, report }) {
  const { contexts, live, urlOf } = registry

  /** Apply *update*; false where it has to be tried again. @param {HmrUpdate} update */
  async function apply(update) {
    const items = update.updates.filter(isNew)
    if (!items.length) return true
    registry.emit("beforeUpdate", update)
    const sheets = await prepare(items, update)
    if (!sheets) return false
    await dispose(Object.keys(update.versions))
    renew(Object.keys(update.versions), items)
    for (const [key, version] of Object.entries(update.versions)) live.set(key, version)
    const failed = await run(items)
    sheets.commit()
    await call(items.filter((item) => item.kind === "js" && !failed.has(item.accepted)))
    await prune(update.prunes)
    registry.emit("afterUpdate", update)
    tell(items)
    return true
  }

  /** Whether this page does not have it yet. @param {HmrUpdateItem} item */
  function isNew(item) {
    return item.version > (live.get(item.accepted) ?? 0) || item.url !== item.accepted || !item.version
  }

  /** @param {HmrUpdateItem[]} items @param {HmrUpdate} update */
  async function prepare(items, update) {
    for (const key of Object.keys(update.versions)) registry.pending.add(key)
    try {
      const [sheets] = await Promise.all([styles(items.filter((item) => item.kind === "css")), link(urlsOf(items))])
      registry.pending.clear()
      return sheets
    } catch (error) {
      const { message, at } = /** @type {any} */ (error)
      report(`update of ${names(items)} not applied:`, at ? `${message} (${at})` : message)
      registry.emit("error", { type: "error", err: error })
      return null
    }
  }

  /** @param {HmrUpdateItem[]} items */
  function urlsOf(items) {
    return [...new Set(items.filter((item) => item.kind === "js").map((item) => urlOf(item.accepted, item.version)))]
  }

  /** Outermost first. @param {string[]} keys */
  async function dispose(keys) {
    for (const key of keys) {
      const context = contexts.get(key)
      if (context) await runAll(context.disposers.splice(0), [context.data], key)
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
    await Promise.all([...accepted].map((key) => runOne(key, failed)))
    return failed
  }

  /** @param {string} key @param {Set<string>} failed */
  async function runOne(key, failed) {
    const before = [...contexts.values()].map((context) => ({ context, accepts: context.accepts.slice() }))
    try {
      await importModule(urlOf(key))
    } catch (error) {
      failed.add(key)
      // The last good registrations stay in force.
      for (const { context, accepts } of before) if (context.key === key || !context.accepts.length) context.accepts = accepts
      fault(contexts.get(key)?.accepts.find((acceptance) => acceptance.itself)?.onError, error, key)
    }
  }

  /** @param {HmrUpdateItem[]} items */
  async function call(items) {
    const called = new Set()
    for (const item of items) {
      for (const acceptance of contexts.get(item.url)?.accepts ?? []) {
        const meant = item.url === item.accepted ? acceptance.itself : acceptance.deps?.includes(item.accepted)
        if (!meant || called.has(acceptance)) continue
        called.add(acceptance)
        await callOne(acceptance, item)
      }
    }
  }

  /** @param {HmrAcceptance} acceptance @param {HmrUpdateItem} item */
  async function callOne(acceptance, item) {
    if (!acceptance.callback) return
    try {
      await acceptance.callback(await argument(acceptance, item))
    } catch (error) {
      fault(acceptance.onError, error, item.url)
    }
  }

  /** @param {HmrAcceptance} acceptance @param {HmrUpdateItem} item */
  async function argument(acceptance, item) {
    const [module, ...deps] = await Promise.all([item.url, ...(acceptance.deps ?? [])].map((key) => importModule(urlOf(key))))
    const extras = { module, deps, bubbled: item.bubbled }
    if (acceptance.list) return Object.assign([...deps], extras)
    return bothDialects(acceptance.deps ? deps[0] : module, extras)
  }

  /** @param {string[]} keys */
  async function prune(keys) {
    if (!keys.length) return
    registry.emit("beforePrune", { paths: keys })
    await dispose(keys)
    for (const key of keys) {
      const context = contexts.get(key)
      if (context) await runAll(context.pruners.splice(0), [context.data], key)
      contexts.delete(key)
      live.delete(key)
    }
  }

  /** @param {Function[]} callbacks @param {any[]} args @param {string} key */
  async function runAll(callbacks, args, key) {
    for (const callback of callbacks) {
      try {
        await callback(...args)
      } catch (error) {
        fault(undefined, error, key)
      }
    }
  }

  /** @param {Function | undefined} onError @param {unknown} error @param {string} id */
  function fault(onError, error, id) {
    if (!onError) return void report(`in ${id}:`, error)
    try {
      onError(error, { id })
    } catch (another) {
      report(`in ${id}:`, another)
    }
  }

  /** @param {HmrUpdateItem[]} items */
  function tell(items) {
    for (const { url, accepted } of items) log("update", url === accepted ? url : `${accepted} -> ${url}`)
  }

  return { apply }
}

/** @param {HmrUpdateItem[]} items */
function names(items) {
  return items.map((item) => item.accepted).join(", ")
}

/**
 * What a callback gets: `({ module }) =>` as in ESM-HMR, and everything else from the namespace itself, as in Vite.
 * @param {any} namespace @param {Record<string, any>} extras
 */
export function bothDialects(namespace, extras) {
  return new Proxy(extras, {
    get: (_, name) => (Object.hasOwn(extras, name) ? extras[/** @type {string} */ (name)] : namespace[name]),
    has: (_, name) => Object.hasOwn(extras, name) || name in namespace,
  })
}
