// Stylesheets are swapped without a flash: the new link loads beside the old one without effect, then takes its place.

const NO_MEDIA = "not all"
const PATIENCE = 10_000 // milliseconds

/** @param {HmrRegistry} registry @param {Document} document */
export function createStyles(registry, document) {
  /** @param {string} key @returns {HTMLLinkElement[]} */
  function linksTo(key) {
    const links = /** @type {NodeListOf<HTMLLinkElement>} */ (document.querySelectorAll("link[rel~=stylesheet][href]"))
    return [...links].filter((link) => registry.keyOf(link.href) === key)
  }

  /**
   * Load the new versions of the sheets in *items*; what comes back puts them in force or drops them. A sheet that
   * changes *alone* need not wait for anything: it takes effect as soon as it is there.
   * @param {HmrUpdateItem[]} items @param {boolean} [alone]
   */
  return async function prepare(items, alone = false) {
    const found = items.flatMap((item) => linksTo(item.accepted).map((link) => ({ item, link })))
    const atOnce = alone && found.length === 1
    const swaps = found.map(({ item, link }) => replacement(link, registry.atVersion(link.getAttribute("href") ?? "", item.version), atOnce))
    const drop = () => swaps.forEach(({ fresh }) => fresh?.remove())
    try {
      const [sheets] = await Promise.all([adopted(items), ...swaps.map((swap) => swap.loaded)])
      return { commit: () => [...sheets, ...swaps.map((swap) => swap.commit)].forEach((commit) => commit()), drop }
    } catch (error) {
      drop()
      throw error
    }
  }

  /** @param {HmrUpdateItem[]} items @returns {Promise<(() => void)[]>} */
  async function adopted(items) {
    const wanted = items.filter((item) => item.adopted)
    if (!wanted.length) return []
    const { prepareSheet } = await import("./sheets.js")
    return Promise.all(wanted.map((item) => prepareSheet(registry, item)))
  }
}

/** @param {HTMLLinkElement} link @param {string} url @param {boolean} atOnce */
function replacement(link, url, atOnce) {
  if (link.disabled) return { loaded: null, fresh: null, commit: () => void (link.href = url) }
  const fresh = /** @type {HTMLLinkElement} */ (link.cloneNode())
  fresh.removeAttribute("integrity")
  if (!atOnce) fresh.media = NO_MEDIA
  const loaded = loadOf(fresh)
  fresh.href = url
  link.after(fresh)
  return { loaded, fresh, commit: () => takePlace(link, fresh) }
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
  const media = link.getAttribute("media")
  if (media === null) fresh.removeAttribute("media")
  else fresh.media = media
  fresh.onload = fresh.onerror = null
  link.remove()
}
