// Images, fonts and the like: the new file is loaded first, then named wherever the page names the old one.
import { cssUses, renewRule } from "./css-urls.js"
import { holdFonts } from "./fonts.js"
import { forgetImages, loadImage, standIn } from "./preload.js"
import { createRenew } from "./renewing.js"
import { rootsOf } from "./roots.js"
import { ATTRIBUTES, renewElements, usesIn, usesOf } from "./uses.js"

/** @import { Use } from "./uses.js" */

/** The files that have changed since the page was loaded, with their versions. @type {Map<string, number>} */
const changed = new Map()
/** @type {WeakSet<Document | ShadowRoot>} */
const watched = new WeakSet()

/**
 * Load the new versions of the files in *items*; what comes back shows them, all at once, or drops them.
 * @param {HmrRegistry} registry @param {Document} document @param {HmrUpdateItem[]} items
 */
export async function prepareAssets(registry, document, items) {
  const versions = new Map(items.map(({ accepted, version }) => [accepted, version]))
  const renew = createRenew(registry, versions)
  const uses = found(document, renew)
  for (const key of await failing(registry, items, modesOf(uses))) versions.delete(key)
  const { elements, rules } = versions.size < items.length ? found(document, renew) : uses
  const doubles = doublesFor(elements)
  const [fonts] = await Promise.all([holdFonts(document, rules), ...doubles.map(({ loaded }) => loaded)])
  const drop = () => doubles.forEach((double) => double.drop())
  const commit = () => {
    for (const [key, version] of versions) changed.set(key, version)
    for (const double of doubles) double.commit()
    const { elements, rules } = found(document, renew) // what came in meanwhile included
    renewElements(elements)
    rules.forEach(renewRule)
    fonts()
    forgetImages()
    watch(registry, document)
  }
  return { commit, drop }
}

/** @param {Document} document @param {ReturnType<typeof createRenew>} renew */
function found(document, renew) {
  const roots = rootsOf(document)
  return {
    elements: roots.flatMap((root) => usesIn(root, renew)),
    rules: roots.flatMap((root) => cssUses(root, renew)),
  }
}

/** With which `crossorigin` images are asked for: what a browser has under one does not do for another. @param {ReturnType<typeof found>} uses */
function modesOf({ elements, rules }) {
  const images = elements.map(({ element }) => element).filter((element) => !(element instanceof SVGUseElement))
  return new Set([...(rules.length ? [null] : []), ...images.map((element) => element.getAttribute("crossorigin"))])
}

/**
 * The files that no browser can show: the page keeps what it has.
 * @param {HmrRegistry} registry @param {HmrUpdateItem[]} items @param {Set<string | null>} modes
 */
async function failing({ urlOf }, items, modes) {
  const checks = items.map(async ({ accepted, version }) => {
    const shown = await Promise.all([...modes].map((mode) => loadImage(urlOf(accepted, version), mode)))
    if (shown.every(Boolean)) return []
    console.warn("[hmr]", `${accepted} cannot be shown: the page keeps what it has`)
    return [accepted]
  })
  return (await Promise.all(checks)).flat()
}

/** @param {Use[]} uses */
function doublesFor(uses) {
  return uses.flatMap(({ element, attribute, value }) => (element instanceof SVGUseElement && attribute.localName === "href" ? [standIn(element, attribute, value)] : []))
}

/**
 * What is put into the page later, by a script or from an older text, shows the new files, too: the browser would take
 * the old ones from its memory.
 * @param {HmrRegistry} registry @param {Document} document
 */
function watch(registry, document) {
  const renew = createRenew(registry, changed)
  for (const root of rootsOf(document)) {
    if (watched.has(root)) continue
    watched.add(root)
    new MutationObserver((records) => renewElements(records.flatMap((record) => usesAmong(record, renew)))).observe(root, {
      subtree: true, childList: true, attributeFilter: ATTRIBUTES,
    })
  }
}

/** @param {MutationRecord} record @param {(url: string) => string} renew */
function usesAmong({ type, target, addedNodes }, renew) {
  if (type === "attributes") return usesOf(/** @type {Element} */ (target), renew)
  return [...addedNodes].flatMap((node) => (node instanceof Element ? usesIn(node, renew) : []))
}
