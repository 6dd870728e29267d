// Updates one after another. Those that arrive meanwhile become one; one that failed is tried again with the next, and
// does not keep that from the page if it fails again.

/** Two updates as one: of the same thing, the later one. @param {HmrUpdate} earlier @param {HmrUpdate} later @returns {HmrUpdate} */
export function merge(earlier, later) {
  /** @type {Map<string, HmrUpdateItem>} */
  const items = new Map()
  for (const item of [...earlier.updates, ...later.updates]) items.set(`${item.url} ${item.accepted}`, item)
  return {
    ...later,
    updates: [...items.values()].map((item) => ({ ...item, version: newest(item, earlier, later) })),
    versions: { ...earlier.versions, ...later.versions },
    prunes: [...new Set([...earlier.prunes, ...later.prunes])],
    alone: earlier.alone || later.alone ? merge(alone(earlier), alone(later)) : undefined,
  }
}

/** The part of *update* that what failed before has nothing to do with. @param {HmrUpdate} update */
function alone(update) {
  return update.alone ?? update
}

/** @param {HmrUpdateItem} item @param {HmrUpdate} earlier @param {HmrUpdate} later */
function newest(item, earlier, later) {
  return Math.max(item.version, later.versions[item.accepted] ?? 0, earlier.versions[item.accepted] ?? 0)
}

/** What is left of *update* once a *part* of it has been applied. @param {HmrUpdate} update @param {HmrUpdate} part @returns {HmrUpdate} */
function without(update, part) {
  const isLeft = (/** @type {string} */ key) => !(key in part.versions || part.prunes.includes(key))
  return {
    ...update,
    updates: update.updates.filter((item) => isLeft(item.accepted) && !part.prunes.includes(item.url)),
    versions: Object.fromEntries(Object.entries(update.versions).filter(([key]) => isLeft(key))),
    prunes: update.prunes.filter((key) => !part.prunes.includes(key)),
  }
}

/**
 * @param {(update: HmrUpdate) => Promise<boolean>} apply true where it was applied
 * @param {() => boolean} isHeld whether updates only gather for now
 */
export function createQueue(apply, isHeld = () => false) {
  /** @type {HmrUpdate[]} */
  const waiting = []
  /** @type {HmrUpdate | null} */
  let failed = null
  /** @type {Promise<void> | null} */
  let running = null
  /** @type {Promise<void> | null} */
  let task = null
  let stopped = false
  /** Called with what comes next. */
  let arrived = () => {}

  async function run() {
    while (waiting.length && !stopped) {
      const next = /** @type {HmrUpdate} */ (waiting.shift())
      const whole = failed ? merge(failed, next) : next
      failed = null
      if (await apply(whole)) continue
      failed = whole
      if (whole !== alone(next) && (await apply(alone(next)))) failed = without(whole, alone(next))
    }
  }

  /** Apply what waits, held or not; resolves when that is done. @returns {Promise<void>} */
  function flush() {
    if (task) return task.then(flush)
    return (running ??= run().finally(() => {
      running = null
      if (waiting.length && !isHeld() && !stopped) flush() // it came between the last look and now
    }))
  }

  /**
   * Do *act* while no update is applied; updates that come meanwhile wait for it. It must not throw.
   * @param {() => void | Promise<void>} act @returns {Promise<void>}
   */
  async function between(act) {
    while (running || task) await (running ?? task)
    if (stopped) return
    task = Promise.resolve(act()).finally(() => {
      task = null
      if (waiting.length && !isHeld()) flush()
    })
    return task
  }

  return {
    flush,
    between,
    /** @param {HmrUpdate} update */
    add(update) {
      const last = waiting.at(-1)
      // What is pruned is gone before it can be imported again.
      if (last && !last.prunes.length) waiting[waiting.length - 1] = merge(last, update)
      else waiting.push(update)
      arrived()
      if (!isHeld()) flush()
    },
    /** Whether another update waits, or comes within so many *milliseconds*. @param {number} milliseconds @returns {Promise<boolean>} */
    next(milliseconds) {
      return new Promise((resolve) => {
        if (waiting.length) return resolve(true)
        const timer = setTimeout(resolve, milliseconds, false)
        arrived = () => (clearTimeout(timer), resolve(true))
      })
    },
    /** What waits: the modules that it would run. */
    get pending() {
      return waiting.length ? [...new Set(waiting.flatMap(({ versions }) => Object.keys(versions)))] : null
    },
    stop() {
      stopped = true
    },
  }
}
