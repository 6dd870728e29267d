// What went wrong, shown over the page: faults in a dialog, errors of the running page in a notice that blocks nothing.
import { builder, icon } from "./overlay-dom.js"
import { createFaults } from "./overlay-faults.js"
import { createShell } from "./overlay-shell.js"
import { createView, KINDS, shown } from "./overlay-view.js"

/** @import { Entry, Fault } from "./overlay-faults.js" */

const ICONS = { close: "M4 4l8 8M12 4l-8 8", previous: "M10 3.5L5.5 8l4.5 4.5", next: "M6 3.5L10.5 8 6 12.5" }

/**
 * The overlay of *document*; it adds nothing to the page before there is something to show. None of it throws.
 * @param {{ document: Document, nonce?: string }} options the nonce is that of the page's policy
 */
export function createOverlay({ document, nonce = "" }) {
  const faults = createFaults()
  /** @type {ReturnType<typeof createScreen> | undefined} */
  let screen

  /** @type {Record<string, () => void>} */
  const ACTIONS = {
    dismiss: faults.close,
    previous: () => faults.turn(-1),
    next: () => faults.turn(1),
    details: faults.openAsked,
    forget: faults.clearAll,
  }

  /** What changes the faults and then shows them. @template {any[]} T @param {(...args: T) => void} change */
  function changing(change) {
    return (/** @type {T} */ ...args) => {
      try {
        change(...args)
        if (!screen && !faults.entries.length) return
        screen ??= createScreen({ document, nonce, act: changing((/** @type {string} */ action) => ACTIONS[action]?.()) })
        screen.render(faults)
      } catch (error) {
        console.warn("[hmr] the overlay failed:", error)
      }
    }
  }

  return {
    /** Show *fault* over the page. */
    show: changing((/** @type {Fault} */ fault) => faults.add(fault, true)),
    /** Tell of *problem* in the corner; its details are a click away. */
    notice: changing((/** @type {Fault} */ problem) => faults.add(problem, false)),
    /** Remove all that is about *ids*; without them, all faults, while the notices stay. */
    clear: changing((/** @type {string | Iterable<string>} */ ...[ids]) => (ids === undefined ? faults.clearLoud() : faults.clear(typeof ids === "string" ? [ids] : [...ids]))),
    /** Remove everything. */
    clearAll: changing(faults.clearAll),
    /** Whether it covers the page. */
    get isOpen() { return faults.open },
  }
}

/** @param {{ document: Document, nonce: string, act(action: string): void }} options */
function createScreen({ document, nonce, act }) {
  const build = builder(document)
  const view = createView(document)
  const kind = build("p.kind")
  const title = build("h2", { id: "title" })
  const position = build("span", { "aria-live": "polite" })
  const pager = build("div.pager", {}, button("previous", "Previous"), position, button("next", "Next"))
  const body = build("div.body")
  const hint = build("footer")
  const header = build("header", {}, build("div.heading", {}, kind, title), build("div.tools", {}, pager, button("close", "Close", "dismiss")))
  const card = build("div.card", { tabindex: "-1" }, header, body, hint)
  const panel = /** @type {HTMLDialogElement} */ (build("dialog.panel", PANEL, edge("start"), card, edge("end")))
  const [name, count, says] = ["span.name", "span.count", "span.says"].map((part) => build(part))
  const details = build("button.details", { type: "button", "data-action": "details" }, build("span.top", {}, name, count), says)
  const notice = build("div.notice", { popover: "manual", role: "status", hidden: "" }, details, button("close", "Dismiss", "forget"))
  const shell = createShell({ document, nonce, panel, card, notice, act })
  /** @type {Entry | undefined} */
  let drawn

  /** @param {keyof typeof ICONS} look @param {string} label @param {string} [action] */
  function button(look, label, action = look) {
    return build(`button.${look}`, { type: "button", "aria-label": label, title: label, "data-action": action }, icon(document, ICONS[look]))
  }

  /** Where the focus is sent round. @param {string} which */
  function edge(which) {
    return build("div", { tabindex: "0", "data-edge": which })
  }
  ...
}
