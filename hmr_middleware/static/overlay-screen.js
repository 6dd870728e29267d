// The dialog and the notice: made once, filled with what is wrong at the moment.
import { builder, icon } from "./overlay-dom.js"
import { createShell } from "./overlay-shell.js"
import { createView, KINDS, shown } from "./overlay-view.js"

/** @import { createFaults, Entry } from "./overlay-faults.js" */

const ICONS = { close: "M4 4l8 8M12 4l-8 8", previous: "M10 3.5L5.5 8l4.5 4.5", next: "M6 3.5L10.5 8 6 12.5" }
const PANEL = {
  popover: "manual", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "title", "aria-describedby": "message", hidden: "",
}
const NOTICE = { popover: "manual", role: "status", hidden: "" }

/** @param {{ document: Document, nonce: string, act(action: string): void }} options */
export function createScreen({ document, nonce, act }) {
  const build = builder(document)
  const view = createView(document)
  const [kind, title, body, hint] = [build("p.kind"), build("h2", { id: "title" }), build("div.body"), build("footer")]
  const position = build("span", { "aria-live": "polite" })
  const pager = build("div.pager", {}, button("previous", "Previous"), position, button("next", "Next"))
  const tools = build("div.tools", {}, pager, button("close", "Close", "dismiss"))
  const card = build("div.card", { tabindex: "-1" }, build("header", {}, build("div.heading", {}, kind, title), tools), body, hint)
  const panel = /** @type {HTMLDialogElement} */ (build("dialog.panel", PANEL, edge("start"), card, edge("end")))
  const [name, count, says] = [build("span.name"), build("span.count"), build("span.says")]
  const details = build("button.details", { type: "button", "data-action": "details" }, build("span.top", {}, name, count), says)
  const notice = build("div.notice", NOTICE, details, button("close", "Dismiss", "forget"))
  const shell = createShell({ document, nonce, panel, card, notice, act })
  /** @type {Entry | undefined} */
  let drawn

  /** @param {keyof typeof ICONS} look @param {string} label @param {string} [action] */
  function button(look, label, action = look) {
    const attributes = { type: "button", "aria-label": label, title: label, "data-action": action }
    return build(`button.${look}`, attributes, icon(document, ICONS[look]))
  }

  /** From where the focus is sent round. @param {string} which */
  function edge(which) {
    return build("div", { tabindex: "0", "data-edge": which })
  }

  /** @param {Entry} entry */
  function draw(entry) {
    if (drawn === entry) return
    drawn = entry
    const { name, hint: text } = KINDS[entry.kind ?? "build"] ?? KINDS.build
    kind.textContent = name
    title.textContent = shown(entry.title) || "Error"
    hint.textContent = text
    hint.hidden = !text
    card.classList.toggle("page", Boolean(entry.html))
    body.replaceChildren(...view(entry))
    body.scrollTop = 0
  }

  /** @param {Entry[]} entries @param {Entry} latest */
  function drawNotice(entries, latest) {
    const times = entries.reduce((sum, entry) => sum + entry.count, 0)
    name.textContent = shown(latest.title) || "Error"
    says.textContent = shown(latest.message)
    count.textContent = entries.length > 1 ? `1 of ${entries.length} problems` : times > 1 ? `${times} times` : ""
  }

  /** Show *faults* as they are now. @param {ReturnType<typeof createFaults>} faults */
  function render({ open, entries, current, latest }) {
    const index = current ? entries.indexOf(current) : -1
    position.textContent = `${index + 1} of ${entries.length}`
    pager.hidden = entries.length < 2
    if (open && current) draw(current)
    if (latest) drawNotice(entries, latest)
    shell.show({ panel: open, notice: !open && entries.length > 0 })
  }

  return { render }
}
