// Attributes, three ways: what the server changed comes in; what scripts and the user made of the rest stays.
import { attributeOf, attributesOf, hasAttribute, nameOf, removeAttribute, setAttribute } from "./patch-dom.js"
import { tokenChanges } from "./patch-lists.js"

/**
 * @typedef {{ name: string, from: string | null, to: string | null, fresh: Attr | null, space: string | null, local: string }} AttributeChange
 */

/** @param {any} before @param {any} after @returns {AttributeChange[]} */
export function attributeChanges(before, after) {
  const old = new Map([...attributesOf(before)].map((attribute) => [nameIn(attribute), attribute]))
  const changes = []
  for (const fresh of attributesOf(after)) {
    const was = old.get(nameIn(fresh))
    old.delete(nameIn(fresh))
    if (was?.value !== fresh.value) changes.push(change(fresh, was?.value ?? null, fresh.value, fresh))
  }
  return [...changes, ...[...old.values()].map((gone) => change(gone, gone.value, null, null))]
}

/** @param {Attr} attribute */
const nameIn = ({ namespaceURI, localName }) => `${namespaceURI ?? ""} ${localName}`

/** @param {Attr} about @param {string | null} from @param {string | null} to @param {Attr | null} fresh */
const change = ({ name, namespaceURI, localName }, from, to, fresh) => ({ name, from, to, fresh, space: namespaceURI, local: localName })

/**
 * Bring one change of the server's into the live element. Returns whether it did anything.
 * @param {any} live @param {AttributeChange} change @param {any} before the element of the server's old document
 */
export function applyAttribute(live, change, before) {
  const rule = RULES[`${nameOf(live)} ${change.name}`] ?? RULES[change.name] ?? setPlain
  return rule(live, change, before) !== false
}

/** @param {any} live @param {AttributeChange} change */
function setPlain(live, { fresh, space, local }) {
  if (fresh) setAttribute(live, fresh)
  else Element.prototype.removeAttributeNS.call(live, space, local)
}

/** @typedef {(live: any, change: AttributeChange, before: any) => boolean | void} Rule */

/** @type {Rule} */
function setTokens(live, change) {
  if (attributeOf(live, change.name) === change.from) return setPlain(live, change)
  const { added, removed } = tokenChanges(change.from ?? "", change.to ?? "")
  const list = live.classList
  list.remove(...removed)
  list.add(...added)
}

/** @type {Rule} */
function setStyle(live, change, before) {
  if (attributeOf(live, "style") === change.from) return setPlain(live, change)
  const [old, fresh] = [declarations(before, change.from), declarations(before, change.to)]
  for (const name of old.keys()) if (!fresh.has(name)) live.style.removeProperty(name)
  for (const [name, [value, priority]] of fresh) {
    if (old.get(name)?.join() !== `${value},${priority}`) live.style.setProperty(name, value, priority)
  }
}

/** @param {any} near an element whose document is inert @param {string | null} text */
function declarations(near, text) {
  const { style } = near.ownerDocument.createElement("i")
  style.cssText = text ?? ""
  return new Map([...style].map((name) => [name, [style.getPropertyValue(name), style.getPropertyPriority(name)]]))
}

/** A field follows as long as nobody has typed into it. @type {Rule} */
function setValue(live, change, before) {
  if (attributeOf(live, "value") !== change.from) return false
  const isUntouched = live.value === before.value
  setPlain(live, change)
  if (change.to === null || !isUntouched || live.value === change.to || live.type === "file") return
  keepingSelection(live, () => (live.value = change.to))
}

/** Set the value of *field* without moving its caret. @param {any} field @param {() => void} set */
export function keepingSelection(field, set) {
  const isActive = field.getRootNode().activeElement === field
  const [start, end, direction] = isActive ? [field.selectionStart, field.selectionEnd, field.selectionDirection] : [null, null, null]
  set()
  if (start !== null) field.setSelectionRange(start, end, direction)
}

/** @type {Rule} */
function setChecked(live, change) {
  const shown = live.checked
  setPlain(live, change)
  live.checked = shown === (change.from !== null) ? change.to !== null : shown
}

/** What the user has opened or closed stays so; a dialog is closed as a dialog. @type {Rule} */
function setOpen(live, change) {
  if (hasAttribute(live, "open") !== (change.from !== null)) return false
  if (change.to === null && nameOf(live) === "DIALOG") live.close()
  if (change.to === null) removeAttribute(live, "open")
  else setPlain(live, change)
}

/** @type {Record<string, Rule>} */
const RULES = {
  class: setTokens,
  style: setStyle,
  "INPUT value": setValue,
  "INPUT checked": setChecked,
  "DETAILS open": setOpen,
  "DIALOG open": setOpen,
}
