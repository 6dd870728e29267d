// What only a reload can follow.
import { aroundOf, elementsIn, hasAttribute, isElement, matches, pathOf } from "./patch-dom.js"
import { reasonOfLost, reasonOfNew, scriptKind } from "./patch-scripts.js"

/** @import { Edit } from "./patch-diff.js" */

const FOR_GOOD = 'base[href], meta[http-equiv="content-security-policy" i]'
const ASKS = "[data-hmr-reload]"

/**
 * Why the page must be loaded again, "" where it need not.
 * @param {{ edits: Edit[], lost: Node[], gained: Node[], origins: Map<Node, Node>, kept: Set<Node>, twinOf(node: Node): any }} found
 */
export function reasonToReload({ edits, lost, gained, origins, kept, twinOf }) {
  for (const { before, after } of edits) {
    const asking = [before, after, twinOf(before)].map(askingOf).find(Boolean)
    if (asking) return `<${pathOf(asking)}> asks for it by data-hmr-reload`
    if (isElement(before) && matches(before, FOR_GOOD)) return `<${pathOf(before)}> changed`
  }
  const gone = elementsIn(lost, (node) => kept.has(node))
  const come = elementsIn(gained, (node) => origins.has(node))
  const decisive = [...gone, ...come].find((element) => matches(element, `${FOR_GOOD}, ${ASKS}`))
  if (decisive) return `<${pathOf(decisive)}> came or went`
  return reasonInScripts(gone.filter(runs), come.filter(runs))
}

/** Whether it is a script that is no part of a template. @param {any} element */
const runs = (element) => scriptKind(element) && element.isConnected

/** @param {any[]} lost @param {any[]} added */
function reasonInScripts(lost, added) {
  const [gone] = lost
  if (gone) return reasonOfLost(gone, added)
  return added.map(reasonOfNew).find(Boolean) ?? ""
}

/** @param {any} node @returns {Element | null} */
function askingOf(node) {
  for (let at = node; at; at = aroundOf(at)) if (isElement(at) && hasAttribute(at, "data-hmr-reload")) return at
  return null
}

/** Whether two documents are of different kinds: a browser lays them out by different rules. @param {Document} base @param {Document} next */
export function isOtherType(base, next) {
  const said = [base, next].map(({ doctype }) => doctype && [doctype.name, doctype.publicId, doctype.systemId].join(" "))
  return said[0] !== said[1]
}
