// The old document becomes the new one, in place: what did not change keeps its nodes, and with them its live ones.
import { childrenOf, insertBefore, nextOf, parentOf, removeNode, setAttribute } from "./patch-dom.js"
import { attempt } from "./patch-frameworks.js"

/** @import { Edit, difference } from "./patch-diff.js" */

/** @param {ReturnType<typeof difference>} found @param {(...what: any[]) => void} log */
export function follow({ edits, lost, origins }, log) {
  const inside = [...origins].filter(([node]) => !origins.has(/** @type {any} */ (parentOf(node))))
  edits.forEach((edit) => attempt(() => followEdit(edit, origins), log, edit.before))
  inside.forEach(([node, origin]) => attempt(() => takePlace(node, origin), log, origin))
  lost.forEach(removeNode)
}

/** @param {Edit} edit @param {Map<Node, Node>} origins */
function followEdit({ before, after, attributes, text, children }, origins) {
  if (text) before.data = after.data
  for (const { fresh, space, local } of attributes) {
    if (fresh) setAttribute(before, fresh)
    else before.removeAttributeNS(space, local)
  }
  if (children) followChildren(before, children.fresh.map((node) => origins.get(node) ?? node))
}

/** From the last to the first: what stands right stays. @param {any} parent @param {Node[]} wanted */
function followChildren(parent, wanted) {
  const stays = new Set(wanted)
  childrenOf(parent).filter((node) => !stays.has(node)).forEach(removeNode)
  let before = null
  for (const node of wanted.reverse()) {
    if (parentOf(node) !== parent || nextOf(node) !== before) insertBefore(parent, node, before)
    before = node
  }
}

/** @param {any} node of the new document, inside of what is new @param {any} origin */
function takePlace(node, origin) {
  const parent = parentOf(node)
  if (parent && parent !== node.ownerDocument && !origin.contains(node)) parent.replaceChild(origin, node)
}
