// To move an element without a trace: with moveBefore(), or keeping what insertBefore() would lose as well as one can.
import { allOf, insertBefore, isElement } from "./patch-dom.js"

/** @param {any} parent @param {any} child @param {Node | null} before */
export function move(parent, child, before) {
  if (parent.moveBefore && parent.isConnected && child.isConnected) {
    try {
      return void parent.moveBefore(child, before)
    } catch {
      // Not every node may be moved so; every node may be inserted.
    }
  }
  const restore = remember(child)
  insertBefore(parent, child, before)
  restore()
}

/** Focus, selection and scroll within *root*. @param {any} root */
function remember(root) {
  if (!isElement(root)) return () => {}
  const active = /** @type {any} */ (root.ownerDocument.activeElement)
  const focused = active && root.contains(active) ? active : null
  const [start, end] = focused ? [focused.selectionStart, focused.selectionEnd] : []
  const scrolled = allOf(root, "*").filter((element) => element.scrollTop || element.scrollLeft)
  const offsets = scrolled.map((element) => [element, element.scrollLeft, element.scrollTop])
  return () => {
    offsets.forEach(([element, left, top]) => Object.assign(element, { scrollLeft: left, scrollTop: top }))
    focused?.focus({ preventScroll: true })
    if (typeof start === "number") focused.setSelectionRange(start, end)
  }
}
