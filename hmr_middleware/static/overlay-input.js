// Keys, clicks and focus in the overlay. All is handled on the window, before the page sees it: a menu that closes on a
// click elsewhere stays open, and a focus trap of the page neither pulls the focus back nor swallows the click.

const KEPT_FROM_THE_PAGE = [
  "auxclick", "click", "contextmenu", "copy", "dblclick", "focus", "focusin", "keydown", "keypress", "keyup", "mousedown",
  "mouseup", "pointerdown", "pointerup", "touchend", "touchmove", "touchstart", "wheel",
]

/** @type {Record<string, string>} */
const KEYS = { Escape: "dismiss", ArrowLeft: "previous", ArrowRight: "next" }

/**
 * @typedef {{ host: HTMLElement, panel: HTMLElement, card: HTMLElement, notice: HTMLElement }} Parts
 * @param {Window} window @param {Parts} parts @param {{ isOpen(): boolean, act(action: string): void }} effects
 */
export function createInput(window, { host, panel, card, notice }, { isOpen, act }) {
  /** @type {EventTarget | undefined} */
  let pressed

  /** @type {Record<string, (event: any, inside: boolean, target: HTMLElement) => void>} */
  const HANDLERS = {
    pointerdown: (_event, _inside, target) => void (pressed = target),
    // A click on the notice leaves the focus where the user types.
    mousedown: (event, _inside, target) => notice.contains(target) && event.preventDefault(),
    click: clicked,
    keydown: pressedKey,
    focusin: (_event, _inside, target) => goRound(target),
  }

  /** @param {Event} event */
  function handle(event) {
    const path = event.composedPath()
    const inside = path.includes(host)
    if (inside) event.stopImmediatePropagation()
    if (inside || event.type === "keydown") HANDLERS[event.type]?.(event, inside, /** @type {HTMLElement} */ (path[0]))
  }

  /** @param {MouseEvent} _event @param {boolean} _inside @param {HTMLElement} target */
  function clicked(_event, _inside, target) {
    const action = /** @type {HTMLElement | null} */ (target.closest("[data-action]"))?.dataset.action
    // Pressed there, too: a selection that is dragged out of the card ends there as well.
    if (action) act(action)
    else if (target === panel && pressed === panel) act("dismiss")
  }

  /** @param {KeyboardEvent} event @param {boolean} inside @param {HTMLElement} target */
  function pressedKey(event, inside, target) {
    if (!isOpen() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const action = KEYS[event.key]
    // Arrows scroll a wide source.
    const meant = action && (event.key === "Escape" || (inside && !target.closest("pre")))
    const lost = event.key === "Tab" && !inside
    if (!meant && !lost) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (meant) act(action)
    else card.focus()
  }

  /** Beyond the last comes the first. @param {HTMLElement} target */
  function goRound({ dataset: { edge } }) {
    if (!edge) return
    const all = /** @type {HTMLElement[]} */ ([...card.querySelectorAll("button, summary, pre, iframe")])
    const places = all.filter((element) => element.checkVisibility?.() ?? element.offsetParent)
    places.at(edge === "start" ? -1 : 0)?.focus()
  }

  // What goes from one to the other of our own elements never reaches the window.
  panel.addEventListener("focusin", ({ target }) => goRound(/** @type {HTMLElement} */ (target)))

  return {
    listen() {
      for (const type of KEPT_FROM_THE_PAGE) window.addEventListener(type, handle, true)
    },
    stop() {
      for (const type of KEPT_FROM_THE_PAGE) window.removeEventListener(type, handle, true)
    },
  }
}
