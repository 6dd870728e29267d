// Children of a live element: what came is put beside its neighbours, what changed places is moved, nothing else is touched.
import { contains, firstOf, insertBefore, isText, nextOf, parentOf, removeNode } from "./patch-dom.js"
import { increasing } from "./patch-lists.js"
import { piecesOf } from "./patch-match.js"
import { move } from "./patch-move.js"

/** @import { Layout } from "./patch-diff.js" */

/**
 * @param {any} parent the live one @param {Layout} layout
 * @param {{ origins: Map<Node, Node>, kept: Set<Node>, twinOf(node: Node): any, build(node: Node): Node, placed(node: Node, isNew: boolean): void }} options
 */
export function arrange(parent, { old, fresh }, { origins, kept, twinOf, build, placed }) {
  const places = new Map(old.map((node, at) => [node, at]))
  const origin = fresh.map((node) => places.get(/** @type {any} */ (origins.get(node))) ?? -1)
  const steady = new Set(increasing(origin))
  /** The live node of an old child, where it still is one of this parent. @param {Node | undefined} node */
  const here = (node) => {
    const twin = node && twinOf(node)
    return twin && parentOf(twin) === parent ? twin : null
  }
  /** @type {any} the live node that what comes next stands behind */
  let previous = null
  let passed = -1 // the place among the old children up to which we are
  let isInGap = false
  fresh.forEach((node, at) => {
    if (steady.has(at)) {
      passed = origin[at]
      isInGap = false
      const twin = here(old[passed])
      if (twin) previous = lastOf(twin, old[passed])
      return
    }
    const was = origins.get(node)
    const child = was ? twinOf(was) : build(node)
    if (!child || contains(child, parent)) return
    if (origin[at] >= 0 && parentOf(child) !== parent) return // it only changed places here, and a script has carried it elsewhere
    const reference = (isInGap ? null : leaving()) ?? behind(at)
    put(child, reference, !was)
    previous = child
    isInGap = true
  })

  /** The first of the children that leave from here: what comes takes its place. */
  function leaving() {
    for (let at = passed + 1; at < old.length; at++) {
      if (kept.has(old[at])) return null
      const twin = here(old[at])
      if (twin) return { before: twin }
    }
    return null
  }

  /** @param {number} at @returns {{ before: any }} */
  function behind(at) {
    if (previous) return { before: nextOf(previous) }
    for (let later = at + 1; later < fresh.length; later++) {
      const twin = steady.has(later) && here(old[origin[later]])
      if (twin) return { before: twin }
    }
    return { before: firstOf(parent) }
  }

  /** @param {any} child @param {{ before: any }} reference @param {boolean} isNew */
  function put(child, { before }, isNew) {
    if (isNew) insertBefore(parent, child, before)
    else if (parentOf(child) === parent && (child === before || nextOf(child) === before)) return
    else move(parent, child, before)
    placed(child, isNew)
  }
}

/** A text may have come to pieces; what comes behind it, comes behind them all. @param {any} twin @param {any} node */
const lastOf = (twin, node) => (isText(twin) && piecesOf(twin, node.data)?.at(-1)) || twin

/** Take a child away that the server no longer sends; a text that a script has rewritten is the script's. @param {any} node @param {any} twin */
export function takeAway(node, twin) {
  const pieces = isText(twin) ? piecesOf(twin, node.data) : [twin]
  pieces?.forEach(removeNode)
  return pieces !== null
}
