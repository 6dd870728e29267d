// Which node of the live page came from which node of the server's document.
import { align } from "./patch-align.js"
import { attributeOf, childrenOf, firstOf, innerOf, isElement, isEqual, isText, nameOf, nextOf, parentOf } from "./patch-dom.js"
import { hintOf, resemblance } from "./patch-keys.js"

/** A sheet or script at another version. @param {any} a @param {any} b */
const isRenewed = (a, b) => (attributeOf(a, "href") ?? attributeOf(a, "src")) !== null && hintOf(a) === hintOf(b) ? 1 : 0

/** @param {Document} live @param {Document} base */
export function createTwins(live, base) {
  /** @type {WeakMap<Node, Node>} */
  const twins = new WeakMap()
  /** Live nodes that are twins: asked for seldom, so gathered then. @type {Set<Node> | null} */
  let owned = null
  /** Templates by their content. @type {WeakMap<Node, Element>} */
  const hosts = new WeakMap()
  /** Parents whose children were looked for again. @type {Set<Node>} */
  const tried = new Set()

  /** @param {Node} node of the server's document @param {Node} twin */
  function set(node, twin) {
    twins.set(node, twin)
    owned?.add(twin)
    if (twin instanceof HTMLTemplateElement) hosts.set(twin.content, twin)
  }

  /** Two trees of one shape. @param {Node} node @param {Node} twin */
  function setAll(node, twin) {
    set(node, twin)
    for (let [one, other] = [firstOf(node), firstOf(twin)]; one && other; [one, other] = [nextOf(one), nextOf(other)]) setAll(one, other)
    if (isElement(node)) innerPairs(node, twin).forEach(([one, other]) => pair(one, other, resemblance, []))
  }

  /** @param {Node} node @param {Node} twin @param {(a: any, b: any) => number} score @param {Node[]} lost gathers what has no twin */
  function pair(node, twin, score, lost) {
    /** @type {[Node, Node][]} */
    const stack = [[node, twin]]
    for (let next = stack.pop(); next; next = stack.pop()) {
      set(...next)
      if (isEqual(...next)) setAll(...next)
      else {
        pairChildren(childrenOf(next[0]), childrenOf(next[1]), score, stack, lost)
        if (isElement(next[0])) stack.push(...innerPairs(...next))
      }
    }
  }

  /** @param {Node[]} ones @param {Node[]} others @param {(a: any, b: any) => number} score @param {[Node, Node][]} stack @param {Node[]} lost */
  function pairChildren(ones, others, score, stack, lost) {
    const whole = others.filter((other, at) => !(isText(other) && at && isText(others[at - 1])))
    const { origin } = align(ones, whole, score)
    const found = new Set(origin)
    whole.forEach((other, at) => origin[at] >= 0 && stack.push([ones[origin[at]], other]))
    lost.push(...ones.filter((_, at) => !found.has(at)))
  }

  /** @param {Node} twin */
  function isOwned(twin) {
    owned ??= new Set(nodesIn(base.documentElement).map((node) => /** @type {Node} */ (twins.get(node))))
    return owned.has(twin)
  }

  /** What scripts carried elsewhere is known by its id. @param {Node[]} lost */
  function findMoved(lost) {
    for (const node of lost) {
      const id = isElement(node) && attributeOf(node, "id")
      const twin = id && live.getElementById(id)
      if (twin && !isOwned(twin) && nameOf(twin) === nameOf(node)) pair(node, twin, resemblance, [])
    }
  }

  /** Where nodes have left the page, equal ones may have come in their place. @param {Node} parent @param {Node} twin */
  function pairAnew(parent, twin) {
    if (tried.has(parent)) return
    tried.add(parent)
    const gone = childrenOf(parent).filter((node) => !twins.get(node)?.isConnected)
    const free = childrenOf(twin).filter((node) => !isOwned(node))
    /** @type {[Node, Node][]} */
    const stack = []
    if (gone.length && free.length) pairChildren(gone, free, isRenewed, stack, [])
    stack.forEach(([node, found]) => pair(node, found, resemblance, []))
  }

  /** The live node of *node*, undefined where there never was one. @param {Node} node @returns {any} */
  function get(node) {
    const twin = twins.get(node)
    if (twin?.isConnected || !node.isConnected) return twin
    const parent = parentOf(node)
    const home = parent && parent !== base && get(parent)
    if (home) pairAnew(parent, home)
    return twins.get(node)
  }

  /** The page and the old document have changed since. */
  function lookAgain() {
    tried.clear()
    owned = null
  }

  /** @type {Node[]} */
  const lost = []
  pair(base.documentElement, live.documentElement, resemblance, lost)
  findMoved(lost)
  /** The element that a template's content or a shadow root belongs to. @param {any} root @returns {any} */
  const hostOf = (root) => (root instanceof ShadowRoot ? root.host : hosts.get(root))
  return { get, peek: (/** @type {Node} */ node) => twins.get(node), set, hostOf, lookAgain }
}

/** @param {Node} root @returns {Node[]} */
function nodesIn(root) {
  const found = []
  const walker = document.createTreeWalker(root)
  for (let node = /** @type {Node | null} */ (root); node; node = walker.nextNode()) found.push(node)
  return found
}

/** Template contents and shadow roots that belong together. @param {any} one @param {any} other @returns {[Node, Node][]} */
export function innerPairs(one, other) {
  const others = innerOf(other)
  /** @type {[any, any][]} */
  const pairs = innerOf(one).map((root, at) => [root, others[at]])
  return pairs.filter(([root, twin]) => root && twin)
}

/** The live texts that *twin* begins and that together still say *data*; null where a script has rewritten them. @param {any} twin @param {string} data @returns {Text[] | null} */
export function piecesOf(twin, data) {
  const pieces = []
  let said = ""
  for (let at = twin; at && isText(at) && said.length < data.length; at = nextOf(at)) {
    said += /** @type {any} */ (at).data
    pieces.push(at)
  }
  if (!pieces.length) pieces.push(twin)
  return said === data ? pieces : null
}
