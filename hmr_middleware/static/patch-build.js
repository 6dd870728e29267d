// New nodes for the live page. The server's own node stays with the server's document, to be compared with later.
import { attributesOf, childrenOf, deepCopy, firstOf, innerOf, isElement, nextOf, setAttribute, shadowOf } from "./patch-dom.js"
import { parseDocument, versionedOf } from "./patch-parse.js"
import { createScript, scriptKind } from "./patch-scripts.js"

/**
 * @param {{ live: Document, nonce: string, origins: Map<Node, Node>, set(node: Node, twin: Node): void }} options
 */
export function createBuilder({ live, nonce, origins, set }) {
  /** Scripts that run when all is in place. @type {[place: Node, script: any][]} */
  const scripts = []
  /** Places that wait for nodes of the page. @type {[place: Node, origin: Node][]} */
  const holes = []

  /** @param {any} node @returns {Node} */
  function build(node) {
    return live.adoptNode(finish(node, deepCopy(node), !node.isConnected))
  }

  /** @param {any} node @param {any} copy of the same shape @param {boolean} isInert @returns {Node} */
  function finish(node, copy, isInert) {
    const origin = origins.get(node)
    if (origin) return hole(origin, copy)
    if (isElement(node) && scriptKind(node)) return script(node, copy, isInert)
    const own = isElement(node) && shadowOf(node) ? withShadow(node, copy) : copy
    set(node, own)
    if (isElement(node)) finishElement(node, own)
    finishChildren(node, own, isInert)
    return own
  }

  /** @param {any} node @param {any} copy @param {boolean} isInert */
  function finishChildren(node, copy, isInert) {
    for (let [one, other] = [firstOf(node), firstOf(copy)]; one && other; ) {
      const [following, next] = [nextOf(one), nextOf(other)]
      const finished = finish(one, other, isInert)
      if (finished !== other && finished.parentNode !== copy) copy.replaceChild(finished, other)
      ;[one, other] = [following, next]
    }
  }

  /** @param {any} node @param {any} copy */
  function finishElement(node, copy) {
    const versioned = versionedOf(node)
    if (versioned) setAttribute(copy, versioned)
    if (nonce && /^(style|link)$/i.test(copy.localName)) copy.nonce = nonce
    const inner = innerOf(copy)
    innerOf(node).forEach((root, at) => {
      if (!root || !inner[at]) return
      set(root, inner[at])
      finishChildren(root, inner[at], root === node.content)
    })
  }

  /** @param {Node} origin @param {any} copy */
  function hole(origin, copy) {
    const place = copy.ownerDocument.createComment("")
    holes.push([place, origin])
    return place
  }

  /** @param {any} node @param {any} copy @param {boolean} isInert within a template, where it runs when somebody uses that */
  function script(node, copy, isInert) {
    const fresh = createScript(live, node, nonce)
    const versioned = versionedOf(node)
    if (versioned) setAttribute(fresh, versioned)
    set(node, fresh)
    for (let [one, other] = [firstOf(node), firstOf(fresh)]; one && other; [one, other] = [nextOf(one), nextOf(other)]) set(one, other)
    if (isInert) return fresh
    const place = copy.ownerDocument.createComment("")
    scripts.push([place, fresh])
    return place
  }

  return { build, scripts, holes }
}

/** A copy whose shadow root is declared, as the parser makes it: a component's constructor takes that over. @param {any} node @param {any} copy */
function withShadow(node, copy) {
  if (shadowOf(copy)) return copy
  const { mode, delegatesFocus, serializable, clonable } = /** @type {any} */ (shadowOf(node))
  const flags = [delegatesFocus && "shadowrootdelegatesfocus", serializable && "shadowrootserializable", clonable && "shadowrootclonable"]
  const name = node.localName
  const markup = `<${name}><template shadowrootmode="${mode}" ${flags.filter(Boolean).join(" ")}></template></${name}>`
  const host = /** @type {any} */ (parseDocument(markup).body.firstChild)
  if (!host || !shadowOf(host)) return copy
  for (const attribute of attributesOf(node)) setAttribute(host, attribute)
  host.append(...childrenOf(copy))
  for (const child of childrenOf(shadowOf(node))) /** @type {any} */ (shadowOf(host)).append(deepCopy(child))
  copy.parentNode?.replaceChild(host, copy)
  return host
}
