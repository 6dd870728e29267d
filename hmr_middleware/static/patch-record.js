// What a patch did: the elements it changed, brought and took, for whoever listens and for the console.
import { isElement, isText, parentOf, pathOf } from "./patch-dom.js"

const TOLD = 5

/** @param {(root: any) => any} hostOf the element that a template's content or a shadow root belongs to */
export function createRecord(hostOf) {
  const [patched, added, removed, templates] = [new Set(), new Set(), new Set(), new Set()]

  /** Something in *parent* is another now. @param {any} parent */
  function changed(parent) {
    const element = parent && (isElement(parent) ? parent : hostOf(parent))
    if (!element) return
    patched.add(element)
    for (let host = hostOf(parent.getRootNode()); host; host = hostOf(host.getRootNode())) {
      if (host instanceof HTMLTemplateElement) templates.add(host)
    }
  }

  /** @param {any} node @param {any} parent */
  function came(node, parent) {
    if (isElement(node)) added.add(node)
    if (!isElement(node) || !parent.isConnected) besides(node, parent)
  }

  /** @param {any} node @param {any} parent */
  function went(node, parent) {
    if (isElement(node)) removed.add(node)
    if (!isElement(node) || !parent?.isConnected) besides(node, parent)
  }

  /** White space that comes or goes is nothing to speak of. @param {any} node @param {any} parent */
  function besides(node, parent) {
    if (isElement(node) || (isText(node) && /\S/.test(node.data))) changed(parent)
  }

  return { changed, came, went, besides, patched, added, removed, templates }
}

/** "patched 2 elements: main > ul#todo > li, title; added 1: p". @param {{ patched: Element[], added: Element[], removed: Element[] }} changes */
export function summaryOf({ patched, added, removed }) {
  const parts = [said("patched", patched), said("added", added), said("removed", removed)].filter(Boolean)
  return parts.join("; ") || "patched nothing that shows"
}

const UNSEEN = "input[type=hidden], meta"

/** Whether nobody can see what changed: tokens against forgery differ with every request. @param {{ patched: Element[], added: Element[], removed: Element[] }} changes */
export function isUnseen({ patched, added, removed }) {
  return !added.length && !removed.length && patched.every((element) => element.matches(UNSEEN))
}

/** @param {string} verb @param {Element[]} elements */
function said(verb, elements) {
  if (!elements.length) return ""
  const names = [...new Set(elements.slice(0, TOLD).map(pathOf))].join(", ")
  const rest = elements.length > TOLD ? `, and ${elements.length - TOLD} more` : ""
  return `${verb} ${elements.length} element${elements.length > 1 ? "s" : ""}: ${names}${rest}`
}
