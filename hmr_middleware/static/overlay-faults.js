// What is wrong at the moment, and which of it is looked at. Nothing here touches the page.

/**
 * What went wrong. `id` is what it is about (a module's key, a page); `line` and `column` count from 1; `html` is the
 * whole error page of a framework.
 * @typedef {{
 *   id: string, title: string, message: string, file?: string, line?: number, column?: number, frame?: string,
 *   stack?: string, html?: string, kind?: "build" | "runtime" | "server",
 * }} Fault
 * A loud fault opens the overlay, a quiet one a notice; `count` is how often it was told.
 * @typedef {Fault & { loud: boolean, count: number }} Entry
 */

const MOST = 50 // entries that are kept: an error in a loop must not fill the memory

export function createFaults() {
  /** @type {Entry[]} */
  let entries = []
  /** @type {Entry | undefined} */
  let current
  let open = false
  // Whether the user opened it: what the user opened stays open for as long as there is something to see.
  let asked = false

  /** Add *fault* in the place of the same one, if there. @param {Fault} fault @param {boolean} loud */
  function add(fault, loud) {
    const before = entries.find(({ id, message }) => id === fault.id && message === fault.message)
    const entry = { ...fault, loud: loud || (before?.loud ?? false), count: (before?.count ?? 0) + 1 }
    if (before) entries[entries.indexOf(before)] = entry
    else entries = [...room(entries), entry]
    if (!current || current === before || !entries.includes(current) || (loud && !(open && current.loud))) current = entry
    open ||= loud
  }

  /** Keep what *keeps* says. @param {(entry: Entry) => boolean} keeps */
  function retain(keeps) {
    const at = current ? entries.indexOf(current) : 0
    entries = entries.filter(keeps)
    if (!current || !entries.includes(current)) current = next(entries, at)
    if (!entries.some((entry) => entry.loud || asked)) close()
  }

  function close() {
    open = asked = false
  }

  return {
    add,
    /** @param {readonly string[]} ids */
    clear: (ids) => retain((entry) => !ids.includes(entry.id)),
    clearLoud: () => retain((entry) => !entry.loud),
    clearAll: () => retain(() => false),
    /** @param {number} step */
    turn(step) {
      const at = current ? entries.indexOf(current) : 0
      current = entries.at((at + step) % entries.length)
    },
    openAsked() {
      open = asked = entries.length > 0
      current = latest(entries)
    },
    close,
    get open() { return open },
    get entries() { return entries },
    get current() { return current },
    get latest() { return latest(entries) },
  }
}

/** All but the one that is missed least, where there are too many. @param {Entry[]} entries */
function room(entries) {
  if (entries.length < MOST) return entries
  const oldest = entries.find((entry) => !entry.loud) ?? entries[0]
  return entries.filter((entry) => entry !== oldest)
}

/** What to look at when the one at *at* is gone: a loud one before a quiet one. @param {Entry[]} entries @param {number} at */
function next(entries, at) {
  const near = entries[Math.min(at, entries.length - 1)]
  return near?.loud ? near : entries.find((entry) => entry.loud) ?? near
}

/** @param {Entry[]} entries */
function latest(entries) {
  return entries.filter((entry) => entry.loud).at(-1) ?? entries.at(-1)
}
