// The callbacks of an update: who is meant, what each gets, and what happens where one throws.

/**
 * @param {{
 *   registry: HmrRegistry,
 *   importModule(url: string): Promise<any>,
 *   report(id: string, error: unknown): void,
 * }} effects
 */
export function createCallbacks({ registry, importModule, report }) {
  const { contexts, live, gone, urlOf } = registry

  /** Call each callback that *items* mean, once, in order. @param {HmrUpdateItem[]} items */
  async function call(items) {
    const called = new Set()
    for (const item of items) {
      for (const acceptance of meantBy(item)) {
        if (called.has(acceptance)) continue
        called.add(acceptance)
        await callOne(acceptance, item)
      }
    }
  }

  /** @param {HmrUpdateItem} item */
  function meantBy(item) {
    return (contexts.get(item.url)?.accepts ?? []).filter((acceptance) => isMeant(acceptance, item))
  }

  /** @param {HmrAcceptance} acceptance @param {HmrUpdateItem} item */
  async function callOne(acceptance, item) {
    if (!acceptance.callback) return
    try {
      await acceptance.callback(await argument(acceptance, item))
    } catch (error) {
      fault(acceptance.onError, error, item)
    }
  }

  /** @param {HmrAcceptance} acceptance @param {HmrUpdateItem} item */
  async function argument(acceptance, item) {
    const { deps: listed, instance, latest = instance } = acceptance
    const isOld = latest !== contexts.get(item.url)?.instance
    const [module, ...deps] = await Promise.all([item.url, ...(listed ?? [])].map((key) => namespaceOf(key, isOld)))
    const extras = { module, deps, bubbled: item.bubbled }
    if (acceptance.list) return Object.assign([...deps], extras)
    return bothDialects(acceptance.deps ? deps[0] : module, extras)
  }

  /**
   * A page's inline modules have none. What was pruned does not come back for a callback that lists it, nor does what
   * only an *old* instance lists come to a page that has not imported it.
   * @param {string} key @param {boolean} isOld
   */
  function namespaceOf(key, isOld) {
    if (key === registry.page) return {}
    const version = live.get(key) ?? gone.get(key)
    const isAway = isOld && version === undefined && key.startsWith("/") && !contexts.has(key)
    return isAway ? undefined : importModule(urlOf(key, version))
  }

  /** @param {Function[]} callbacks @param {any} data @param {string} key */
  async function runAll(callbacks, data, key) {
    for (const callback of callbacks) {
      try {
        await callback(data)
      } catch (error) {
        report(key, error)
      }
    }
  }

  /** @param {Function | undefined} onError @param {unknown} error @param {HmrUpdateItem} item */
  function fault(onError, error, { url, accepted }) {
    if (!onError) return void report(url, error)
    try {
      onError(error, { id: url, moduleId: url, ...(accepted === url ? {} : { dependencyId: accepted }) })
    } catch (another) {
      report(url, another)
    }
  }

  /** *key* threw while it ran: who accepted it with an error handler is told, else everybody. @param {unknown} error @param {string} key @param {HmrUpdateItem[]} items */
  function threw(error, key, items) {
    const meant = items.filter((item) => item.accepted === key).flatMap((item) => meantBy(item).map(({ onError }) => ({ onError, item })))
    const handled = meant.filter(({ onError }) => onError)
    if (!handled.length) return void report(key, error)
    for (const { onError, item } of handled) fault(onError, error, item)
  }

  return { call, runAll, threw }
}

/** @param {HmrAcceptance} acceptance @param {HmrUpdateItem} item */
function isMeant(acceptance, item) {
  return item.url === item.accepted ? acceptance.itself : acceptance.deps?.includes(item.accepted)
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
