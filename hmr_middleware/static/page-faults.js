// What keeps the page from following: told over the page or in the corner, and taken away once it is over.
import { faultIn } from "./page-fault-text.js"

/** @import { Answer } from "./page-fetch.js" */
/** @import { Fault } from "./overlay-faults.js" */

const PAGE = "hmr:page"
const SERVER = "hmr:server"

/**
 * @param {{ document: Document, reporter: import("./pages-here.js").Effects["reporter"], info(...what: any[]): void }} effects
 */
export function createFaultTeller({ document, reporter, info }) {
  /** What is shown of the page, as text, and whether the server is said to be away. */
  let shown = ""
  let isWaiting = false

  /** What tells it from others: Flask's tracebacks of a failed import grow from answer to answer. @param {Fault} fault */
  function textOf({ title, message }) {
    return `${title}\n${message}`
  }

  /** @param {Fault} fault */
  function notice(fault) {
    if (shown === textOf(fault)) return
    shown = textOf(fault)
    info(`${fault.title}: ${fault.message}`)
    reporter.tell(fault, false)
  }

  return {
    /** The server answers with an error: *isNews* where that is the answer to a change. @param {Answer} answer @param {boolean} isNews */
    failed(answer, isNews) {
      const fault = faultIn(answer, PAGE)
      if (shown === textOf(fault) && !isNews) return
      shown = textOf(fault)
      reporter.tell(fault, true)
      if (fault.html) withoutFrame(document, () => reporter.tell({ ...fault, html: undefined }, true))
    },
    /** The server answers with something else than this page. @param {Answer} answer */
    elsewhere({ url, isMoved }) {
      const { pathname } = new URL(url)
      const message = isMoved ? `The server leads to ${pathname} now. Reload to go there.` : "The server answers with something that is no page. Reload to see it."
      notice({ id: PAGE, kind: "server", title: "This page has changed", message })
    },
    /** The page came from a form: it is not fetched again. @param {string[]} names */
    form(names) {
      const what = names.length ? ` (${names.join(", ")})` : ""
      notice({ id: PAGE, kind: "server", title: "This page came from a form", message: `Reload to see the change${what}.` })
    },
    /** The server is there and the page cannot be had. */
    unreached: () => notice({ id: PAGE, kind: "server", title: "This page could not be fetched", message: "Reload to see the change." }),
    /** Nobody has answered for a while. */
    waiting() {
      if (isWaiting) return
      isWaiting = true
      reporter.tell({ id: SERVER, kind: "server", title: "Waiting for the server", message: "It does not answer. This goes away once it does." }, false)
    },
    /** Somebody answers again. */
    arrived() {
      if (isWaiting) reporter.untell([SERVER])
      isWaiting = false
    },
    /** The page is as it should be. */
    healed() {
      if (shown) reporter.untell([PAGE])
      shown = ""
    },
    /** Whether there is anything to be healed. */
    get areShown() { return shown !== "" },
  }
}

/** Call *act* where the page's policy forbids the frame that shows the error page. @param {Document} document @param {() => void} act */
function withoutFrame(document, act) {
  /** @param {SecurityPolicyViolationEvent} event */
  function violated({ effectiveDirective, blockedURI }) {
    if (!/^(frame|child|default)-src/.test(effectiveDirective) || !/^about/.test(blockedURI)) return
    stop()
    act()
  }
  const stop = () => document.removeEventListener("securitypolicyviolation", violated)
  document.addEventListener("securitypolicyviolation", violated)
  setTimeout(stop, 2_000)
}
