// The difference between two documents of the server: which nodes stay, what changes in them, what comes and what goes.
import { align } from "./patch-align.js"
import { attributeChanges } from "./patch-attributes.js"
import { childrenOf, isElement, isEqual } from "./patch-dom.js"
import { findCarried } from "./patch-carried.js"
import { similarity } from "./patch-keys.js"
import { scriptKind } from "./patch-scripts.js"
import { innerPairs } from "./patch-match.js"

/** @import { AttributeChange } from "./patch-attributes.js" */

/**
 * One node that stays, as it was and as it is to be; *children* where its list of them is another one.
 * @typedef {{ before: any, after: any, attributes: AttributeChange[], text: boolean, children: Layout | null }} Edit
 * @typedef {{ old: Node[], fresh: Node[] }} Layout
 */

/**
 * @param {Element} before @param {Element} after
 * @param {{ deep: Set<Node>, isIgnored(one: any, other: any): boolean }} options *deep*: what isEqualNode() does not see into
 */
export function difference(before, after, { deep, isIgnored }) {
  /** Nodes of the new document that are nodes of the old. @type {Map<Node, Node>} */
  const origins = new Map()
  /** Nodes of the old that stay. @type {Set<Node>} */
  const kept = new Set()
  /** @type {Edit[]} */
  const edits = []
  /** What the lists of children have lost and gained so far; some of it is only elsewhere. */
  let [lost, gained] = [/** @type {Node[]} */ ([]), /** @type {Node[]} */ ([])]

  /** The pair that differed last: from before, from behind and for itself it is asked about three times. */
  let differed = [/** @type {any} */ (null), /** @type {any} */ (null)]

  /** @param {any} one @param {any} other */
  function isSame(one, other) {
    if (deep.has(one) || deep.has(other) || (differed[0] === one && differed[1] === other)) return false
    if (isEqual(one, other)) return true
    differed = [one, other]
    return false
  }

  /** @param {any} one @param {any} other */
  function pair(one, other) {
    origins.set(other, one)
    kept.add(one)
  }

  /** @param {Node} first @param {Node} second that differ */
  function visit(first, second) {
    /** @type {[any, any][]} */
    const stack = [[first, second]]
    for (let next = stack.pop(); next; next = stack.pop()) {
      const [one, other] = next
      pair(one, other)
      if (isIgnored(one, other)) continue
      if (!isElement(one)) note(one, other)
      else for (const pairs of familiesIn(one, other)) stack.push(...pairs.reverse())
    }
  }

  /** The pairs of children to visit, of an element, its template's content and its shadow root. @param {any} one @param {any} other */
  function familiesIn(one, other) {
    const inner = innerPairs(one, other).map(([inside, twin]) => visitChildren(inside, twin))
    return [...inner, visitChildren(one, other, attributeChanges(one, other))]
  }

  /** @param {any} one @param {any} other @param {AttributeChange[]} [attributes] @returns {[Node, Node][]} */
  function visitChildren(one, other, attributes = []) {
    if (!isElement(one)) pair(one, other)
    const isScript = isElement(one) && scriptKind(one)
    const [old, fresh] = isScript ? [[], []] : [childrenOf(one), childrenOf(other)]
    // What was carried elsewhere, or here from elsewhere, has its partner already.
    const [free, open] = [old.filter((node) => !kept.has(node)), fresh.filter((node) => !origins.has(node))]
    const { origin, start, end } = align(free, open, similarity, isSame)
    const isOrdered = old.length === fresh.length && open.length === fresh.length && origin.every((place, at) => place === at)
    if (!isOrdered) noteChildren(free, open, origin)
    if (attributes.length || !isOrdered) edits.push({ before: one, after: other, attributes, text: false, children: isOrdered ? null : { old, fresh } })
    /** @type {[Node, Node][]} */
    const differing = []
    for (let at = start; at < open.length - end; at++) {
      const was = free[origin[at]]
      if (was && !isSame(was, open[at])) differing.push([was, open[at]])
    }
    return differing
  }

  /** @param {Node[]} old @param {Node[]} fresh @param {Int32Array} origin */
  function noteChildren(old, fresh, origin) {
    fresh.forEach((child, at) => (origin[at] < 0 ? gained.push(child) : pair(old[origin[at]], child)))
    for (const child of old) if (!kept.has(child)) lost.push(child)
  }

  /** @param {any} one @param {any} other */
  function note(one, other) {
    if (one.data !== other.data) edits.push({ before: one, after: other, attributes: [], text: true, children: null })
  }

  /** @param {any} was @param {any} node */
  function carry(was, node) {
    if (!torn.has(was) && isSame(was, node)) pair(was, node)
    else visit(was, node)
  }

  /** Nodes around what was carried away: they are no longer whole. @type {Set<Node>} */
  const torn = new Set()
  if (!isSame(before, after)) visit(before, after)
  while (findCarried({ lost, gained, origins, kept, torn }, carry)) {
    lost = lost.filter((node) => !kept.has(node))
    gained = gained.filter((node) => !origins.has(node))
  }
  lost = lost.filter((node) => !kept.has(node))
  gained = gained.filter((node) => !origins.has(node))
  return { edits, lost, gained, origins, kept }
}
