// What the user has chosen or typed, kept where changing the children or attributes of a field would lose it.
import { allOf, attributeOf, isElement, nameOf, parentOf } from "./patch-dom.js"
import { keepingSelection } from "./patch-attributes.js"

/** @import { Edit } from "./patch-diff.js" */

/**
 * Look at the fields that *edits* are about. What comes back is called when live and base are patched.
 * @param {Edit[]} edits @param {Node[]} gained @param {(node: any) => any} twinOf @returns {() => void}
 */
export function keepChoices(edits, gained, twinOf) {
  /** @type {Set<any>} */
  const fields = new Set(edits.flatMap(({ before }) => fieldOf(before) ?? []))
  const restores = [...fields].map((field) => KEEPERS[nameOf(field)](field, twinOf))
  restores.push(...radiosIn(edits, gained).map(([radio, root]) => keepRadio(radio, root, twinOf)))
  return () => restores.forEach((restore) => restore())
}

/** The select or textarea that *node* is a part of. @param {any} node */
function fieldOf(node) {
  for (let at = node; at; at = parentOf(at)) if (isElement(at) && nameOf(at) in KEEPERS) return at
  return null
}

/** @typedef {(field: any, twinOf: (node: any) => any) => () => void} Keeper */

/** @type {Keeper} */
function keepSelected(field, twinOf) {
  const live = twinOf(field)
  if (!live) return () => {}
  const chosen = chosenIn(live)
  const expected = chosenIn(field).map(twinOf)
  const isUntouched = chosen.length === expected.length && chosen.every((option) => expected.includes(option))
  return () => {
    const kept = chosen.filter((option) => live.contains(option))
    const wanted = new Set(isUntouched || !kept.length ? chosenIn(field).map(twinOf) : kept)
    const wrong = [...live.options].filter((option) => option.selected !== wanted.has(option))
    wrong.sort((one, other) => Number(other.selected) - Number(one.selected))
    wrong.forEach((option) => (option.selected = wanted.has(option)))
  }
}

/** @param {any} select @returns {any[]} */
const chosenIn = (select) => [...select.options].filter((option) => option.selected)

/** @type {Keeper} */
function keepTyped(field, twinOf) {
  const live = twinOf(field)
  const isUntouched = live?.value === field.value
  if (!isUntouched) return () => {}
  const isActive = live.getRootNode().activeElement === live
  const [start, end] = [live.selectionStart, live.selectionEnd]
  return () => {
    if (live.value !== field.value) keepingSelection(live, () => (live.value = field.value))
    if (isActive && live.selectionStart !== start) live.setSelectionRange(start, end)
  }
}

/** @type {Record<string, Keeper>} */
const KEEPERS = { SELECT: keepSelected, TEXTAREA: keepTyped }

const RADIO = "input[type=radio i]"

/** Radio buttons whose default changes, one of each group, with where the old document's group is to be looked for. @param {Edit[]} edits @param {Node[]} gained */
function radiosIn(edits, gained) {
  const changed = edits.filter(({ before, attributes }) => nameOf(before) === "INPUT" && before.type === "radio" && attributes.some(({ name }) => name === "checked"))
  const come = gained.flatMap((root) => (isElement(root) ? allOf(root, `${RADIO}[checked]`) : []))
  const root = edits[0]?.before.ownerDocument.documentElement
  return [...new Map([...changed.map(({ before }) => before), ...come].map((radio) => [attributeOf(radio, "name"), radio])).values()].map((radio) => [radio, root])
}

/** @param {any} radio @param {any} root @param {(node: any) => any} twinOf */
function keepRadio(radio, root, twinOf) {
  const name = attributeOf(radio, "name")
  const named = (/** @type {any} */ at) => allOf(at, RADIO).filter((one) => attributeOf(one, "name") === name && one.checked)
  const picked = named(twinOf(root))
  const expected = named(root).map(twinOf)
  const touched = picked.filter((one) => !expected.includes(one))
  return () => touched.filter((one) => one.isConnected).forEach((one) => (one.checked = true))
}
