// The parts that let the page follow its template, put together for this window.
import { createAway } from "./page-away.js"
import { createFaultTeller } from "./page-faults.js"
import { fetchBase, fetchPage } from "./page-fetch.js"
import { createPatching } from "./page-patch.js"
import { createPages } from "./pages.js"
import { whenIdle } from "./follow.js"

/**
 * @typedef {{
 *   registry: HmrRegistry, document: Document, openOverlay(): Promise<unknown>,
 *   reporter: Pick<ReturnType<typeof import("./reporter.js").createReporter>, "tell" | "untell">,
 *   between(task: () => void | Promise<void>): Promise<void>, reload(message: { reason: string }): Promise<boolean>,
 *   info(...what: any[]): void, error(...what: any[]): void,
 * }} Effects `between` runs a task while no update is applied
 */

const SETTLED = 300 // milliseconds after a script has led the page elsewhere

/** @param {Effects} effects */
export function startPages({ registry, document, openOverlay, reporter, between, reload, info, error }) {
  const window = /** @type {Window & typeof globalThis} */ (document.defaultView)
  const here = () => window.location.href.split("#")[0]
  const faults = createFaultTeller({ document, reporter, info })
  const patching = createPatching({ registry, document, between, reload, info, error })
  const pages = createPages({
    served: registry.served,
    here,
    isHeld: () => document.hidden || registry.held,
    fetchPage,
    fetchBase: async () => (await registry.base) ?? fetchBase(registry),
    patch: patching.patch,
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    reload,
    faults,
  })
  const away = createAway({ attempt: () => pages.refresh(), tell: faults.waiting, untell: faults.arrived, document })

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let moving
  function moved() {
    clearTimeout(moving)
    moving = setTimeout(() => whenIdle(document, () => void pages.rebase()), SETTLED)
  }

  document.addEventListener("visibilitychange", () => void pages.flush())
  const { navigation } = /** @type {any} */ (window)
  if (navigation) navigation.addEventListener("currententrychange", moved)
  else window.addEventListener("popstate", moved)

  return {
    /** Load what the first change and the first fault need: then the server may be away. */
    async begin() {
      await Promise.all([pages.begin(), openOverlay()])
      if (pages.base) patching.prepare(pages.base)
    },
    refresh: pages.refresh,
    resume: pages.force,
    away() {
      pages.setAway(true)
      away.leave()
    },
    back() {
      pages.setAway(false)
      away.comeBack()
      if (faults.areShown) pages.refresh() // whether they are over, only the page itself tells
    },
  }
}
