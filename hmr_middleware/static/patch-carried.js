// What went in one place of a document and came in another: wrapped, unwrapped or carried over.
import { allOf, childrenOf, elementsIn, isElement, parentOf } from "./patch-dom.js"
import { contentOf, isSpoken, keyOf, similarity } from "./patch-keys.js"

/** Beyond this many elements nobody looks for it. */
const MANY = 2_000

/**
 * Call *carry* with each element of *lost* that is one of *gained*. Returns whether there was any.
 * @param {{ lost: Node[], gained: Node[], origins: Map<Node, Node>, kept: Set<Node>, torn: Set<Node> }} found *torn*: what is no longer whole
 * @param {(was: any, node: any) => void} carry
 */
export function findCarried({ lost, gained, origins, kept, torn }, carry) {
  const gone = elementsIn(lost, (node) => kept.has(node))
  if (!gone.length || gone.length > MANY || !gained.some(isElement)) return false
  const before = origins.size
  const taken = new Set()
  for (const name of [keyOf, contentOf]) {
    const come = only(elementsIn(gained, (node) => origins.has(node)), name)
    const whole = name === contentOf ? gone.filter((node) => !torn.has(node)) : gone
    find(only(whole, name), come, name)
  }
  return origins.size > before

  /** The largest first. @param {Map<string, any>} named @param {Map<string, any>} come @param {(node: any) => string} name */
  function find(named, come, name) {
    const stack = gained.filter(isElement).reverse()
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (origins.has(node)) continue
      const was = come.get(name(node)) === node ? named.get(name(node)) : null
      const isWhole = name === keyOf || !torn.has(was)
      if (was && isWhole && !taken.has(was) && isCarried(was, node)) take(was, node)
      else stack.push(...childrenOf(node).filter(isElement).reverse())
    }
  }

  /** @param {any} was @param {any} node */
  function take(was, node) {
    for (let at = parentOf(was); at; at = parentOf(at)) torn.add(at)
    allOf(was, "*").forEach((inside) => taken.add(inside))
    carry(was, node)
  }

  /** Whether *node* may be *was*. What one item of a list held is not what another holds. @param {any} was @param {any} node */
  function isCarried(was, node) {
    if (keyOf(was) !== keyOf(node) || !similarity(was, node)) return false
    return isSpoken(was) || !(isWithinSpoken(was, kept) && isWithinSpoken(node, origins))
  }
}

/** @param {any} node @param {{ has(node: any): boolean }} staying */
function isWithinSpoken(node, staying) {
  for (let at = parentOf(node); at && !staying.has(at); at = parentOf(at)) if (isElement(at) && isSpoken(at)) return true
  return false
}

/** Nodes by what they are called, where only one is called so. @param {any[]} nodes @param {(node: any) => string} name @returns {Map<string, any>} */
function only(nodes, name) {
  const found = new Map()
  for (const node of nodes) {
    const called = name(node)
    if (called) found.set(called, found.has(called) ? null : node)
  }
  return found
}
