// The element itself: where it hangs in the document, what is on top, and who has the focus.
import { focused } from "./overlay-dom.js"
import { createInput } from "./overlay-input.js"
import { addStyle } from "./overlay-style.js"

const NAME = "hmr-error-overlay"
const MOST_RETURNS = 20 // a page that removes the element again and again has its way

/** @typedef {HTMLElement & { onRemoved?: () => void }} Host */

/** Let the browser know the element, once for all clients in the page. @param {Window & typeof globalThis} window */
function define({ customElements, HTMLElement }) {
  if (customElements.get(NAME)) return
  customElements.define(NAME, class extends HTMLElement {
    /** @type {(() => void) | undefined} */
    onRemoved
    disconnectedCallback() { this.onRemoved?.() }
  })
}

/**
 * @param {{
 *   document: Document, nonce: string, panel: HTMLDialogElement, card: HTMLElement, notice: HTMLElement, act(action: string): void,
 * }} options
 */
export function createShell({ document, nonce, panel, card, notice, act }) {
  const window = /** @type {Window & typeof globalThis} */ (document.defaultView)
  define(window)
  const host = /** @type {Host} */ (document.createElement(NAME))
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" })
  addStyle(root, nonce)
  root.append(panel, notice)
  const input = createInput(window, { host, panel, card, notice }, { isOpen: () => !panel.hidden, act })
  /** @type {HTMLElement | null} */
  let before = null
  let returns = 0
  let wanted = { panel: false, notice: false }

  // What replaces the whole document takes the element with it.
  host.onRemoved = () => {
    panel.hidden = notice.hidden = true
    if ((wanted.panel || wanted.notice) && returns++ < MOST_RETURNS) queueMicrotask(place)
  }
  panel.addEventListener("close", () => wanted.panel && act("dismiss"))

  /** Put in place what is *wanted*. */
  function place() {
    const needed = wanted.panel || wanted.notice
    if (needed && !host.isConnected) {
      document.documentElement.append(host)
      input.listen()
    }
    // The focus may come from the notice, and go back to it.
    if (wanted.notice) raise(notice, true)
    if (wanted.panel !== !panel.hidden) wanted.panel ? open() : close()
    if (!wanted.notice) raise(notice, false)
    if (!needed && host.isConnected) {
      input.stop()
      host.remove()
    }
  }

  function open() {
    before = focused(document)
    raise(panel, true)
    card.focus({ preventScroll: true })
    // A modal dialog of the page makes all the rest inert, except for what is modal itself.
    if (root.activeElement !== card) raiseAsModal()
  }

  function raiseAsModal() {
    if (!panel.showModal) return
    raise(panel, false)
    panel.hidden = false
    panel.removeAttribute("popover")
    panel.showModal()
    card.focus({ preventScroll: true })
  }

  function close() {
    const had = root.activeElement !== null
    if (panel.open) panel.close()
    raise(panel, false)
    panel.setAttribute("popover", "manual")
    if (had && before?.isConnected) before.focus({ preventScroll: true })
    before = null
  }

  return {
    /** Show what is to be shown. @param {{ panel: boolean, notice: boolean }} now */
    show(now) {
      wanted = now
      returns = 0
      place()
      if (!panel.hidden && root.activeElement === null && focused(document) === document.body) card.focus({ preventScroll: true })
    },
  }
}

/** Show or hide *element*, in the top layer where the browser has one for it. @param {HTMLElement} element @param {boolean} visible */
function raise(element, visible) {
  element.hidden = !visible
  if (!element.showPopover || !element.hasAttribute("popover") || element.matches(":popover-open") === visible) return
  if (visible) element.showPopover()
  else element.hidePopover()
}
