// The difference between two documents of the server, brought into the live page.
import { applyAttribute } from "./patch-attributes.js"
import { createBuilder } from "./patch-build.js"
import { arrange, takeAway } from "./patch-children.js"
import { keepChoices } from "./patch-choices.js"
import { deepCopy, elementsIn, isText, parentOf, removeNode } from "./patch-dom.js"
import { follow } from "./patch-follow.js"
import { attempt, unseen } from "./patch-frameworks.js"
import { move } from "./patch-move.js"
import { createRecord } from "./patch-record.js"
import { isSheetChange } from "./patch-sheets.js"
import { setText } from "./patch-texts.js"

/** @import { Edit, difference } from "./patch-diff.js" */

/**
 * @param {ReturnType<typeof difference>} found
 * @param {{ live: Document, nonce: string, log(...what: any[]): void, swapSheet(old: any, fresh: any): void,
 *           twins: { get(node: Node): any, peek(node: Node): any, set(node: Node, twin: Node): void, hostOf(root: any): any } }} options
 */
export function applyDifference(found, { live, nonce, log, swapSheet, twins }) {
  const { edits, lost, gained, origins, kept } = found
  const record = createRecord(twins.hostOf)
  const builder = createBuilder({ live, nonce, origins, set: twins.set })
  const restore = attempt(() => keepChoices(edits, gained, twins.get), log)

  edits.forEach((edit) => attempt(() => applyLeaf(edit), log, edit.before))
  unseen(() => {
    edits.forEach((edit) => attempt(() => applyChildren(edit), log, edit.before))
    lost.forEach((node) => attempt(() => applyLost(node), log, node))
  })
  follow(found, log)
  attempt(() => restore?.(), log)
  return { ...record, scripts: inOrder(builder.scripts) }

  /** @param {Edit} edit */
  function applyLeaf({ before, after, attributes, text }) {
    const twin = twins.get(before)
    if (!twin) return
    if (text && setText(before, after, twin)) record.besides(isText(after) && /\S/.test(after.data) ? after : before, parentOf(twin))
    if (isSheetChange(twin, attributes)) return applySheet(before, twin, attributes)
    for (const change of attributes) {
      if (attempt(() => applyAttribute(twin, change, before), log, twin)) record.changed(twin)
    }
  }

  /** @param {any} before @param {any} twin @param {Edit["attributes"]} attributes */
  function applySheet(before, twin, attributes) {
    const fresh = deepCopy(twin)
    attributes.forEach((change) => applyAttribute(fresh, change, before))
    if (nonce) fresh.nonce = nonce
    swapSheet(twin, fresh)
    twins.set(before, fresh)
    record.changed(fresh)
  }

  /** @param {Edit} edit */
  function applyChildren({ before, children }) {
    const parent = children && twins.get(before)
    if (!parent) return
    arrange(parent, children, { ...found, twinOf: twins.get, build: builder.build, placed: (node, isNew) => placed(parent, node, isNew) })
    fillHoles()
  }

  /** @param {any} parent @param {any} node @param {boolean} isNew */
  function placed(parent, node, isNew) {
    const script = builder.scripts.find(([place]) => place === node)?.[1]
    if (isNew) record.came(script ?? node, parent)
    else record.besides(node, parent)
  }

  /** What stays and is in something new now. */
  function fillHoles() {
    for (const [place, origin] of builder.holes.splice(0)) {
      const twin = twins.get(origin)
      attempt(() => twin && !twin.contains(place) && move(parentOf(place), twin, place), log, twin)
      removeNode(place)
    }
  }

  /** @param {any} node */
  function applyLost(node) {
    const twin = twins.get(node)
    const parent = twin && parentOf(twin)
    if (parent && takeAway(node, twin)) record.went(twin, parent)
    // What scripts have carried out of it goes, too.
    elementsIn([node], (inside) => kept.has(inside)).map(twins.peek).filter((inside) => inside?.isConnected).forEach(removeNode)
  }
}

/** @param {[place: any, script: any][]} scripts */
function inOrder(scripts) {
  const isAfter = (/** @type {any} */ one, /** @type {any} */ other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING
  return scripts.filter(([place]) => place.isConnected).sort(([one], [other]) => (isAfter(one, other) ? 1 : -1))
}
