// Texts, three ways: what the server changed comes in where the live text is still the server's.
import { isText, nameOf, parentOf, removeNode } from "./patch-dom.js"
import { textChange, withoutVersions } from "./patch-lists.js"
import { piecesOf } from "./patch-match.js"

/** Set a text or comment; carets and selections around the change stay. Returns whether it was still the server's. @param {any} before @param {any} after @param {any} twin */
export function setText(before, after, twin) {
  const pieces = isText(twin) ? piecesOf(twin, before.data) : [twin]
  if (!pieces && !isSameStyle(before, twin)) return false
  const [first, ...rest] = pieces ?? [twin]
  rest.forEach(removeNode)
  const whole = rest.length ? after.data : null
  if (whole !== null) first.data = whole
  else replaceIn(first, after.data)
  return true
}

/** @param {any} node @param {string} data */
function replaceIn(node, data) {
  const { at, count, text } = textChange(node.data, data)
  node.replaceData(at, count, text)
}

/** Our own client puts new versions into the URLs of a style. @param {any} before @param {any} twin */
function isSameStyle(before, twin) {
  const parent = parentOf(twin)
  return parent !== null && nameOf(parent) === "STYLE" && withoutVersions(before.data) === withoutVersions(twin.data)
}
