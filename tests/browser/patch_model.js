// Random documents, random edits of them and random scripts, and what each patch must make of them. Run in a page.

/** A generator of numbers from 0 to 1 (mulberry32). */
const randomFrom = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const WORDS = ["one", "two", "three", "four", "five", "six", "&amp;", "<i>in</i>", "a &lt; b", "\n  ", " "]
const BLOCKS = ["div", "section", "ul", "table", "form", "svg", "details", "select", "x-thing", "template", "article", "pre", "noscript"]
const INSIDE = { ul: "li", table: "tr", tr: "td", select: "option", svg: "g", g: "path", dl: "dd" }
const ATTRIBUTES = ["class", "style", "title", "data-x", "data-id", "href", "name", "value", "hidden", "@click", ":key", "xlink:href"]

/** Trees of plain values; `text` writes them as HTML. */
function maker(random) {
  const below = (count) => Math.floor(random() * count)
  const pick = (list) => list[below(list.length)]
  let ids = 0

  function attributes(keyed) {
    const found = keyed ? { id: `e${ids++}` } : random() < 0.2 ? { id: `d${below(8)}` } : {}
    for (let count = below(3); count > 0; count--) {
      const name = pick(ATTRIBUTES)
      found[name] = name === "style" ? pick(["color: red", "color: blue; margin: 1px", "--x: 2"]) : [pick(WORDS.slice(0, 6)), pick(WORDS.slice(0, 6))].join(" ")
    }
    return found
  }

  function element(depth, keyed, parent = "div") {
    const tag = INSIDE[parent] ?? (depth && random() < 0.6 ? pick(BLOCKS) : pick(["p", "b", "input", "textarea", "span", "img", "a"]))
    const isBare = ["input", "img", "path"].includes(tag)
    const isText = ["p", "b", "a", "textarea", "option", "span", "td"].includes(tag) || !depth
    const children = isBare ? [] : isText ? [word()] : list(depth - 1, keyed, tag)
    return { tag, attributes: attributes(keyed), children }
  }

  const word = () => pick(WORDS.slice(0, 6)) + " " + pick(WORDS)

  function list(depth, keyed, parent) {
    const children = []
    for (let count = below(5); count > 0; count--) {
      if (!keyed && random() < 0.3) children.push(pick(["\n  ", word(), "<!-- note -->"]))
      children.push(element(Math.max(depth, 0), keyed, parent))
    }
    return children
  }

  const all = (node) => (typeof node === "string" ? [] : [node, ...node.children.flatMap(all)])

  /** Another document that has much in common with *tree*. */
  function edited(tree, keyed) {
    const copy = structuredClone(tree)
    for (let count = 1 + below(4); count > 0; count--) editOnce(copy, keyed)
    return copy
  }

  function editOnce(tree, keyed) {
    const places = all(tree).filter(({ children, tag }) => children.length || tag === "div" || tag === "ul")
    const target = pick(places)
    const at = below(target.children.length + 1)
    const isLeaf = target.children.length === 1 && typeof target.children[0] === "string"
    const edits = [
      () => void (target.attributes = { ...attributes(false), ...(target.attributes.id ? { id: target.attributes.id } : {}) }),
      () => isLeaf ? void (target.children[0] = word()) : void target.children.splice(at, 0, element(2, keyed, target.tag)),
      () => isLeaf || target.children.splice(at, 1),
      () => isLeaf || target.children.sort(() => random() - 0.5),
      () => isLeaf || target.children.splice(at, 0, ...target.children.splice(below(target.children.length), 1)),
      () => isLeaf || carry(tree, target),
      () => isLeaf || wrap(target, at, keyed),
    ]
    pick(edits)()
  }

  /** Take a node out and put it into another place. */
  function carry(tree, target) {
    const [moved] = target.children.splice(below(target.children.length), 1)
    if (moved === undefined) return
    const home = pick(all(tree).filter(({ tag }) => ["div", "section", "article"].includes(tag)))
    home.children.push(moved)
  }

  function wrap(target, at, keyed) {
    const moved = target.children.splice(at, 2)
    target.children.splice(at, 0, { tag: "div", attributes: attributes(keyed), children: moved })
  }

  const tree = (keyed) => ({ tag: "div", attributes: { id: "root" }, children: list(4, keyed, "div") })
  return { tree, edited, below, pick, random, word }
}

const quoted = (value) => String(value).replaceAll('"', "&quot;")
const text = (node) => {
  if (typeof node === "string") return node
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}="${quoted(value)}"`).join("")
  const inside = node.children.map(text).join("")
  return ["input", "img"].includes(node.tag) ? `<${node.tag}${attributes}>` : `<${node.tag}${attributes}>${inside}</${node.tag}>`
}
const html = (tree, random) => `<!DOCTYPE html><html lang="${random() < 0.9 ? "en" : "de"}"><head><title>${random() < 0.8 ? "T" : "U"}</title></head><body>${text(tree)}\n</body></html>`

const patcherOf = (patch, page, faults) => {
  const live = patch.parseDocument(page)
  patch.prepare(live) // as a page with scripts is read
  const log = (...what) => what.join(" ").includes("could not") && faults.push(what.map(String).join(" "))
  return { live, patcher: patch.createPatcher({ live, base: patch.parseDocument(page), log }) }
}

/** Without scripts: after each of several patches the page is what a fresh load makes of the new document. */
export async function untouched(seed, patch) {
  const random = randomFrom(seed)
  const make = maker(random)
  const faults = []
  let tree = make.tree(random() < 0.3)
  const pages = [html(tree, random)]
  const { live, patcher } = patcherOf(patch, pages[0], faults)
  for (let step = 0; step < 4; step++) {
    tree = random() < 0.15 ? make.tree(false) : make.edited(tree, false)
    pages.push(html(tree, random))
    const plan = patcher.plan(patch.parseDocument(pages.at(-1)))
    plan.apply()
    const fresh = patch.parseDocument(pages.at(-1))
    patch.prepare(fresh)
    patch.prepare(live)
    const fault = differenceOf(shapeOf(live.documentElement), shapeOf(fresh.documentElement))
    const mirror = differenceOf(shapeOf(patcher.base.documentElement), shapeOf(fresh.documentElement))
    const again = patcher.plan(patch.parseDocument(pages.at(-1)))
    if (plan.reload || fault || mirror || again.changed || faults.length) return { seed, step, fault, mirror, again: again.changed, reload: plan.reload, faults, pages }
  }
  return null
}

const byId = (root) => new Map([...root.querySelectorAll("[id]")].map((element) => [element.id, element]))
const parentId = (element) => element.parentElement?.id ?? ""
const isLeaf = (element) => element.childNodes.length === 1 && element.firstChild.nodeType === 3
const values = (element) => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]))

/** What scripts do to a page; they tell whose children they have put into another order. */
function meddle(make, live) {
  const disturbed = new Set()
  const elements = () => [...live.body.querySelectorAll("*")].filter((element) => element.id !== "root" && element.namespaceURI.endsWith("xhtml"))
  const own = () => Object.assign(live.createElement("x-own"), { textContent: "own" })
  const deeds = [
    (element) => element.classList.add("scripted"),
    (element) => element.setAttribute("data-script", make.word()),
    (element) => element.setAttribute("title", "by a script"),
    (element) => isLeaf(element) && (element.firstChild.data = "by a script"),
    (element) => isLeaf(element) && element.firstChild.splitText(1),
    (element) => element.before(own()),
    (element) => element.after(own()),
    (element) => isLeaf(element) || element.prepend(own()),
    (element) => element.remove(),
    (element) => {
      const home = make.pick(elements().filter((other) => !element.contains(other) && ["DIV", "SECTION"].includes(other.nodeName)))
      if (!home) return
      disturbed.add(parentId(element)).add(home.id)
      home.append(element)
    },
  ]
  for (let count = make.below(6); count > 0 && elements().length; count--) make.pick(deeds)(make.pick(elements()))
  return disturbed
}

/** With scripts: what the server changed is as the server says, everything else as the scripts left it. */
export async function meddled(seed, patch) {
  const random = randomFrom(seed)
  const make = maker(random)
  const faults = []
  const tree = make.tree(true)
  const pages = [html(tree, random), html(make.edited(tree, true), random)]
  const { live, patcher } = patcherOf(patch, pages[0], faults)
  const disturbed = meddle(make, live)
  const [base, next] = pages.map((page) => {
    const inert = patch.parseDocument(page)
    patch.prepare(inert)
    return byId(inert)
  })
  const before = snapshot(live)
  const scripted = live.body.outerHTML
  patcher.plan(patch.parseDocument(pages[1])).apply()
  faults.push(...judge({ base, next, before, after: byId(live), disturbed }))
  return faults.length ? { seed, faults, pages, scripted, result: live.body.outerHTML } : null
}

/** Each element as it was: the page itself goes on. */
function snapshot(live) {
  const ids = (element) => [...element.children].map(({ id }) => id).filter(Boolean)
  const seen = (element) => ({ parent: parentId(element), values: values(element), words: element.textContent, isLeaf: !element.children.length, children: ids(element), own: element.querySelectorAll(":scope > x-own").length })
  return new Map([...byId(live)].map(([id, element]) => [id, seen(element)]))
}

function* judge({ base, next, before, after, disturbed }) {
  const isGone = (id) => {
    for (let at = id; at && at !== "root"; at = before.get(at)?.parent) if (base.has(at) && !next.has(at)) return true
    return false
  }
  const moves = (id) => parentId(base.get(id)) !== parentId(next.get(id))
  for (const id of next.keys()) {
    if (!base.has(id)) {
      if (!after.has(id) && after.has(parentId(next.get(id)))) yield `${id} is new and missing`
    } else if (before.has(id) && !after.has(id) && !isGone(id)) {
      if (!lostHome(id)) yield `${id} is lost`
    } else if (after.has(id) && before.has(id)) {
      yield* judgeOne(id, base.get(id), next.get(id), before.get(id), after.get(id), moves(id))
    }
  }
  for (const id of base.keys()) if (!next.has(id) && after.has(id)) yield `${id} should have gone`
  for (const [id, element] of after) if (!disturbed.has(id) && next.has(id)) yield* judgeOrder(id, element)

  /** Where it stands now, or is to stand, is no longer in the page. */
  function lostHome(id) {
    for (let at = parentId(next.get(id)); at; at = next.get(at) && parentId(next.get(at))) if (!after.has(at)) return true
    return false
  }

  function* judgeOrder(id, element) {
    const now = [...element.children].map((child) => child.id).filter((child) => next.has(child) && parentId(next.get(child)) === id)
    const wanted = [...next.get(id).children].map((child) => child.id).filter((child) => now.includes(child))
    if (now.join() !== wanted.join()) yield `${id}: order ${now} instead of ${wanted}`
    const own = element.querySelectorAll(":scope > x-own").length
    if (before.has(id) && own !== before.get(id).own) yield `${id}: ${own} nodes of scripts instead of ${before.get(id).own}`
  }
}

function* judgeOne(id, base, next, before, after, isMoved) {
  const [old, fresh, now] = [values(base), values(next), values(after)]
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh), ...Object.keys(before.values)])) {
    const expected = old[name] === fresh[name] ? before.values[name] : fresh[name]
    if (name === "class" || name === "style") {
      if (old[name] !== fresh[name]) continue // judged by their own tests
    }
    if (["value", "open", "checked"].includes(name) && old[name] !== before.values[name]) continue
    if (now[name] !== expected) yield `${id}: ${name} is ${now[name]} instead of ${expected}`
  }
  if (isMoved ? parentId(after) !== parentId(next) : parentId(after) !== before.parent) yield `${id}: stands in ${parentId(after)}`
  const areLeaves = [base, next].every((one) => !one.children.length) && before.isLeaf && !after.children.length
  const wasTouched = before.words !== base.textContent
  const expected = base.textContent === next.textContent || wasTouched ? before.words : next.textContent
  if (areLeaves && base.textContent && next.textContent && after.textContent !== expected) yield `${id}: says ${after.textContent} instead of ${expected}`
}
