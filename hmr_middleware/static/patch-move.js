// To move an element without a trace: with moveBefore(), or keeping what insertBefore() would lose as well as one can.
import { allOf, contains, insertBefore, isElement } from "./patch-dom.js"

/** @param {any} parent @param {any} child @param {Node | null} before */
export function move(parent, child, before) {
  const select = rememberSelection(child)
  keepAnimations(parent, child)
  if (!moveWhole(parent, child, before)) {
    const restore = remember(child)
    insertBefore(parent, child, before)
    restore()
  }
  select()
}

/** Returns whether the browser could do it. @param {any} parent @param {any} child @param {Node | null} before */
function moveWhole(parent, child, before) {
  if (!parent.moveBefore || !parent.isConnected || !child.isConnected) return false
  try {
    parent.moveBefore(child, before)
    return true
  } catch {
    return false // not every node may be moved so; every node may be inserted
  }
}

/** An animation starts anew in a place that has never been styled. @param {any} parent @param {any} child */
function keepAnimations(parent, child) {
  if (isElement(parent) && isElement(child) && child.getAnimations?.({ subtree: true }).length) void getComputedStyle(parent).display
}

/** What is selected in *root*, carets included, is lost also with moveBefore(). @param {any} root */
function rememberSelection(root) {
  const selection = root.ownerDocument.getSelection()
  if (!selection?.rangeCount) return () => {}
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection
  if (!contains(root, anchorNode) && !contains(root, focusNode)) return () => {}
  return () => selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset)
}

/** Focus, the selection of a field, and scroll within *root*. @param {any} root */
function remember(root) {
  if (!isElement(root)) return () => {}
  const active = /** @type {any} */ (root.ownerDocument.activeElement)
  const focused = active && contains(root, active) ? active : null
  const [start, end] = focused ? [focused.selectionStart, focused.selectionEnd] : []
  const scrolled = allOf(root, "*").filter((element) => element.scrollTop || element.scrollLeft)
  const offsets = scrolled.map((element) => [element, element.scrollLeft, element.scrollTop])
  return () => {
    offsets.forEach(([element, left, top]) => Object.assign(element, { scrollLeft: left, scrollTop: top }))
    focused?.focus({ preventScroll: true })
    if (typeof start === "number") focused.setSelectionRange(start, end)
  }
}
