// The page follows its template. What that takes is loaded once the page is idle: no page is slower for it. Only what
// the server has sent is asked for at once, for no other process knows it.
import { importPart } from "./importing.js"

/** @import { Effects } from "./pages-here.js" */

/** @param {Effects} effects */
export function createFollower(effects) {
  const { document, error, registry } = effects
  registry.base = import("./page-fetch.js").then(({ fetchBase }) => fetchBase(registry)).catch(() => null)
  /** @type {ReturnType<typeof load> | undefined} */
  let loaded
  let isGreeted = false

  async function load() {
    const { startPages } = await importPart(() => import("./pages-here.js"), "pages-here.js")
    return startPages(effects)
  }

  /** @param {(pages: Awaited<ReturnType<typeof load>>) => unknown} act */
  async function having(act) {
    try {
      await act(await (loaded ??= load()))
    } catch (problem) {
      if (isUnavailable(problem)) loaded = undefined // the server is away: there will be another occasion
      else error("could not follow the page:", problem)
    }
  }

  function begin() {
    if (isGreeted) having((pages) => pages.begin())
  }

  return {
    /** The server has told what it is: from now on there is something to follow. */
    greeted() {
      if (isGreeted) having((pages) => pages.back())
      else whenIdle(document, begin)
      isGreeted = true
    },
    /** The socket is gone. */
    lost() {
      if (isGreeted) having((pages) => pages.away())
    },
    /** Templates have changed: those called *names*. @param {string[]} names */
    refresh: (names) => having((pages) => pages.refresh(names)),
    /** What was on hold may come. @returns {Promise<void>} */
    resume: () => (loaded ? having((pages) => pages.resume()) : Promise.resolve()),
  }
}

/** @param {unknown} problem of an import */
function isUnavailable(problem) {
  return problem instanceof TypeError && /import/i.test(problem.message)
}

/** Call *act* once the page is loaded and has nothing else to do. @param {Document} document @param {() => void} act */
export function whenIdle(document, act) {
  const window = /** @type {Window & typeof globalThis} */ (document.defaultView)
  const soon = () => void (window.requestIdleCallback ? window.requestIdleCallback(act, { timeout: 2_000 }) : setTimeout(act, 200))
  if (document.readyState === "complete") soon()
  else window.addEventListener("load", soon, { once: true })
}
