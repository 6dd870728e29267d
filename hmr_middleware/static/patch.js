// A page follows the server: what changed between two documents of the server, and nothing else, changes in the live one.
import { applyDifference } from "./patch-apply.js"
import { difference } from "./patch-diff.js"
import { closest, hasAttribute, isElement } from "./patch-dom.js"
import { tellFrameworks } from "./patch-frameworks.js"
import { createTwins } from "./patch-match.js"
import { prepare } from "./patch-parse.js"
import { isOtherType, reasonToReload } from "./patch-reasons.js"
import { isUnseen, summaryOf } from "./patch-record.js"
import { runScripts } from "./patch-scripts.js"
import { swapSheet as swapSheetHere } from "./patch-sheets.js"

export { parseDocument } from "./patch-parse.js"

const IGNORE = "data-hmr-ignore"
const NOTHING = { patched: [], added: [], removed: [] }

/**
 * @typedef {{ patched: Element[], added: Element[], removed: Element[] }} Patched
 * @typedef {{ changed: boolean, reload: string, apply(): Patched }} Plan
 */

/**
 * Call it soon after the page was loaded: it remembers then which live node came from where in *base*, the HTML that the
 * server sent, read by `parseDocument`. *base* becomes what is applied; a planned document is used up by that.
 * @param {{ live: Document, base: Document, nonce?: string, log?: (...what: any[]) => void,
 *           swapSheet?: (old: HTMLLinkElement, fresh: HTMLLinkElement) => void }} options
 */
export function createPatcher({ live, base, nonce = "", log = () => {}, swapSheet = swapSheetHere }) {
  let deep = prepare(base)
  const twins = createTwins(live, base)

  /** @param {Document} next @returns {Plan} */
  function plan(next) {
    try {
      return planFor(next)
    } catch (error) {
      log("could not compare the documents:", error)
      return { changed: true, reload: "the new document could not be compared", apply: () => NOTHING }
    }
  }

  /** @param {Document} next @returns {Plan} */
  function planFor(next) {
    const nextDeep = prepare(next)
    twins.lookAgain()
    const found = difference(base.documentElement, next.documentElement, { deep: new Set([...deep, ...nextDeep]), isIgnored })
    const reload = isOtherType(base, next) ? "the doctype changed" : reasonToReload({ ...found, twinOf: twins.get })
    return { changed: Boolean(reload) || found.edits.length > 0, reload, apply: () => (reload ? NOTHING : applyOnce()) }

    function applyOnce() {
      if (!found.edits.length || !announce("hmr:before-patch", { next }, true)) return NOTHING
      twins.lookAgain()
      const { scripts, templates, ...sets } = applyDifference(found, { live, nonce, log, swapSheet, twins })
      deep = new Set([...deep, ...nextDeep])
      const changes = { patched: [...sets.patched], added: [...sets.added], removed: [...sets.removed] }
      void runScripts(scripts, log)
      tellFrameworks({ ...changes, templates: [...templates] }, log)
      if (!isUnseen(changes)) log(summaryOf(changes))
      announce("hmr:patched", changes, false)
      return changes
    }
  }

  /** @param {any} before @param {any} after */
  function isIgnored(before, after) {
    if (!isElement(before)) return false
    const twin = twins.get(before)
    return hasAttribute(before, IGNORE) || hasAttribute(after, IGNORE) || Boolean(twin && closest(twin, `[${IGNORE}]`))
  }

  /** @param {string} type @param {any} detail @param {boolean} cancelable */
  function announce(type, detail, cancelable) {
    return live.dispatchEvent(new CustomEvent(type, { detail, cancelable, bubbles: true }))
  }

  return { plan, get base() { return base } }
}
