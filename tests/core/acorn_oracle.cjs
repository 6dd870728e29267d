// Standard input: one JSON string, a module's text, a line. Standard output: what acorn reads in it, or null where it is
// no valid module, in the terms of hmr_middleware.core.scan_js. The only argument is the folder that holds acorn.
const { createRequire } = require("node:module")
const { createInterface } = require("node:readline")
const load = createRequire(`${process.argv[2]}/`)
const acorn = load("acorn")
const walk = load("acorn-walk")

const OPTIONS = { ecmaVersion: "latest", sourceType: "module", allowHashBang: true, preserveParens: true }

function parse(text) {
  try {
    return acorn.parse(text, OPTIONS)
  } catch {
    return null
  }
}

const isAscii = (text) => /^[\x00-\x7f]*$/.test(text)
const byteOffsets = (text) => (isAscii(text) ? (at) => at : (at) => Buffer.byteLength(text.slice(0, at)))
const nameOf = (node) => (node.type === "Literal" ? node.value : node.name)
const typeIn = (attributes) => attributes?.find(({ key }) => nameOf(key) === "type")?.value.value ?? null

function textOf(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value
  if (node?.type === "TemplateLiteral" && !node.expressions.length) return node.quasis[0].value.cooked
  return null
}

const importedName = (specifier) => {
  if (specifier.type === "ImportNamespaceSpecifier") return "*"
  return specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported)
}

const reference = (kind, names, { source, attributes }) => ({
  kind, start: source.start + 1, end: source.end - 1, specifier: source.value, names, type: typeIn(attributes),
})

function callType({ options }) {
  const attributes = options?.properties?.find(({ key }) => ["with", "assert"].includes(nameOf(key)))
  return typeIn(attributes?.value.properties)
}

const PATTERNS = {
  Identifier: ({ name }) => [name],
  ObjectPattern: ({ properties }) => properties.flatMap((property) => bound(property.value ?? property)),
  ArrayPattern: ({ elements }) => elements.filter(Boolean).flatMap(bound),
  AssignmentPattern: ({ left }) => bound(left),
  RestElement: ({ argument }) => bound(argument),
}
const bound = (node) => PATTERNS[node.type](node)
const declared = (node) => (node.declarations ? node.declarations.flatMap(({ id }) => bound(id)) : [node.id.name])

const readers = (out) => ({
  ImportDeclaration: (node) => out.imports.push(reference("static", node.specifiers.map(importedName), node)),
  ImportExpression: (node) => {
    const { start, end } = node.source
    out.imports.push({ kind: "dynamic", start, end, specifier: textOf(node.source), names: ["*"], type: callType(node) })
  },
  ExportAllDeclaration: (node) => {
    out.imports.push(reference("reexport", ["*"], node))
    out.exports.push(node.exported ? nameOf(node.exported) : "*")
  },
  ExportDefaultDeclaration: () => out.exports.push("default"),
  ExportNamedDeclaration: (node) => {
    out.exports.push(...(node.declaration ? declared(node.declaration) : node.specifiers.map((s) => nameOf(s.exported))))
    if (node.source) out.imports.push(reference("reexport", node.specifiers.map((s) => nameOf(s.local)), node))
  },
  MetaProperty: (node, ancestors) => {
    if (node.meta.name === "import") readMeta(out, [...ancestors].reverse().slice(1), node)
  },
})

function readMeta(out, [holder, user, caller], node) {
  out.metas += 1
  const name = memberName(holder, node)
  out.usesHot ||= name === null || name === "hot"
  const method = name === "hot" ? memberName(user, holder) : null
  if (method !== null) out.hot.push(hotCall(method, user, caller))
}

function memberName(node, object) {
  if (node?.type !== "MemberExpression" || node.object !== object) return null
  return node.computed ? textOf(node.property) : node.property.name
}

function hotCall(method, callee, caller) {
  const called = caller?.type === "CallExpression" && caller.callee === callee
  const first = called ? caller.arguments[0] : undefined
  const isList = first?.type === "ArrayExpression"
  return { method, called, isList, strings: isList ? leadingTexts(first.elements) : [textOf(first)].filter((t) => t !== null) }
}

function leadingTexts(elements) {
  const texts = elements.map(textOf)
  return texts.includes(null) ? texts.slice(0, texts.indexOf(null)) : texts
}

function read(text) {
  const tree = parse(text)
  if (!tree) return null
  const out = { imports: [], exports: [], hot: [], usesHot: false, metas: 0 }
  const visit = readers(out)
  walk.fullAncestor(tree, (node, _state, ancestors) => visit[node.type]?.(node, ancestors))
  const bytes = byteOffsets(text)
  out.imports = out.imports.map((found) => ({ ...found, start: bytes(found.start), end: bytes(found.end) }))
  return out
}

createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(read(JSON.parse(line)))}\n`)
})
