// What the tests of patches call in the page.

// Everything of a tree that can be seen from outside, also what outerHTML leaves out.
globalThis.shapeOf = (node) => {
  if (node.nodeType !== 1) return [node.nodeName, node.data]
  const attributes = [...node.attributes].filter(({ name }) => name !== "nonce")
  const inner = [node instanceof HTMLTemplateElement ? node.content : null, node.shadowRoot]
  const shapes = (parent) => [...parent.childNodes].map(shapeOf)
  const named = attributes.map(({ namespaceURI, name, value }) => `${namespaceURI ?? ""} ${name}=${value}`)
  return [node.namespaceURI.slice(-6), node.nodeName, named.sort(), inner.map((root) => root && shapes(root)), shapes(node)]
}
globalThis.differenceOf = (one, other, path = "") => {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other ? "" : `${path}: ${JSON.stringify(one)} | ${JSON.stringify(other)}`
  if (one.length !== other.length) return `${path}: ${JSON.stringify(one)} | ${JSON.stringify(other)}`
  for (let at = 0; at < one.length; at++) {
    const found = differenceOf(one[at], other[at], `${path}/${typeof one[1] === "string" ? one[1] : at}`)
    if (found) return found
  }
  return ""
}
globalThis.startPatcher = async (html, options) => {
  const patch = await import("/__hmr/patch.js")
  globalThis.parseDocument = patch.parseDocument
  globalThis.told = []
  const log = (...what) => told.push(what.map(String).join(" "))
  globalThis.patcher = patch.createPatcher({ live: document, base: parseDocument(html), log, ...options })
}
globalThis.patchTo = (html) => {
  const plan = patcher.plan(parseDocument(html))
  const { patched, added, removed } = plan.apply()
  const names = (elements) => elements.map((element) => element.id || element.localName)
  return { changed: plan.changed, reload: plan.reload, patched: names(patched), added: names(added), removed: names(removed) }
}
globalThis.freshDifference = async (html) => {
  const { prepare } = await import("/__hmr/patch-parse.js")
  const fresh = parseDocument(html)
  prepare(fresh)
  return differenceOf(shapeOf(document.documentElement), shapeOf(fresh.documentElement))
}
globalThis.get = (id) => document.getElementById(id)
