// Stylesheets are swapped without a flash: the new link loads beside the old one without effect, then takes its place.
import { importsOf, renewImport } from "./imports.js"
import { rootsOf } from "./roots.js"

/** @typedef {{ loaded: Promise<void> | null, commit(): void, drop(): void }} Swap */

const NO_MEDIA = "not all"
const PATIENCE = 10_000 // milliseconds

/** @param {HmrRegistry} registry @param {Document} document */
export function createStyles(registry, document) {
  /** @param {(Document | ShadowRoot)[]} roots @param {HmrUpdateItem} item */
  function linksTo(roots, item) {
    const links = roots.flatMap((root) => [.../** @type {NodeListOf<HTMLLinkElement>} */ (root.querySelectorAll("link[rel~=stylesheet][href]"))])
    return links.filter((link) => registry.keyOf(link.href) === item.accepted).map((link) => ({ item, link }))
  }

  /** What <style> elements import. @param {(Document | ShadowRoot)[]} roots @param {HmrUpdateItem} item @returns {Swap[]} */
  function importsTo(roots, item) {
    const styles = roots.flatMap((root) => [...root.querySelectorAll("style")])
    const rules = styles.flatMap((style) => importsOf(style.sheet)).filter((rule) => rule.href && registry.keyOf(rule.href) === item.accepted)
    return rules.map((rule) => renewImport(rule, registry.atVersion(/** @type {string} */ (rule.href), item.version)))
  }

  /**
   * Load the new versions of what *items* name; what comes back puts them in force or drops them. A sheet that
   * changes *alone* need not wait for anything: it takes effect as soon as it is there.
   * @param {HmrUpdateItem[]} items @param {boolean} [alone]
   */
  return async function prepare(items, alone = false) {
    const sheets = items.filter((item) => item.kind === "css")
    const roots = sheets.length ? rootsOf(document) : []
    const found = sheets.flatMap((item) => linksTo(roots, item))
    const imports = sheets.flatMap((item) => importsTo(roots, item))
    const atOnce = alone && sheets.length === items.length && found.length === 1 && !imports.length
    const linked = found.map(({ item, link }) => replacement(link, registry.atVersion(link.getAttribute("href") ?? "", item.version), atOnce))
    const swaps = [...linked, ...imports]
    const below = swaps.length ? sheets.filter((item) => !item.adopted && !found.some((link) => link.item === item)) : []
    const hints = below.map(({ accepted, version }) => hint(registry.urlOf(accepted, version)))
    const loading = assets(items)
    const drop = () => {
      for (const swap of swaps) swap.drop()
      loading.then((shown) => shown.drop(), () => {})
    }
    try {
      const [changed, shown] = await Promise.all([adopted(sheets), loading, ...swaps.map((swap) => swap.loaded)])
      return { commit: () => [...changed, ...swaps.map((swap) => swap.commit), shown.commit].forEach((commit) => commit()), drop }
    } catch (error) {
      drop()
      throw error
    } finally {
      for (const link of hints) link.remove()
    }
  }

  /** @param {HmrUpdateItem[]} items @returns {Promise<(() => void)[]>} */
  async function adopted(items) {
    const wanted = items.filter((item) => item.adopted)
    if (!wanted.length) return []
    const { prepareSheet } = await import("./sheets.js")
    return Promise.all(wanted.map((item) => prepareSheet(registry, item)))
  }

  /** Images, fonts and the like. @param {HmrUpdateItem[]} items @returns {Promise<{ commit(): void, drop(): void }>} */
  async function assets(items) {
    const changed = items.filter((item) => item.kind === "asset")
    if (!changed.length) return { commit() {}, drop() {} }
    return (await import("./assets.js")).prepareAssets(registry, document, changed)
  }
}

/** Ask for a sheet at once: else each would be asked for only when what imports it has come. @param {string} url */
function hint(url) {
  const link = Object.assign(document.createElement("link"), { rel: "preload", as: "style", href: url })
  document.head.append(link)
  return link
}

/** @param {HTMLLinkElement} link @param {string} url @param {boolean} atOnce @returns {Swap} */
function replacement(link, url, atOnce) {
  if (link.disabled) return { loaded: null, commit: () => void (link.href = url), drop() {} }
  const fresh = /** @type {HTMLLinkElement} */ (link.cloneNode())
  fresh.removeAttribute("integrity")
  if (!atOnce || link.sheet?.disabled) fresh.media = NO_MEDIA
  const loaded = loadOf(fresh)
  fresh.href = url
  link.after(fresh)
  return { loaded, commit: () => takePlace(link, fresh), drop: () => fresh.remove() }
}

/** @param {HTMLLinkElement} link @returns {Promise<void>} */
function loadOf(link) {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Error(`could not load ${link.href}`))
    const timer = setTimeout(failed, PATIENCE)
    link.onload = () => {
      clearTimeout(timer)
      resolve()
    }
    link.onerror = () => {
      clearTimeout(timer)
      failed()
    }
  })
}

/** @param {HTMLLinkElement} link @param {HTMLLinkElement} fresh */
function takePlace(link, fresh) {
  // A script may have switched the sheet itself off, or an alternative one on.
  if (link.sheet && fresh.sheet && fresh.sheet.disabled !== link.sheet.disabled) fresh.sheet.disabled = link.sheet.disabled
  const media = link.getAttribute("media")
  if (media === null) fresh.removeAttribute("media")
  else fresh.media = media
  fresh.onload = fresh.onerror = null
  link.remove()
}
