// CSS module scripts: whoever adopted the sheet holds one object, so its new text goes into that very object.

/** Apart, because browsers without import attributes cannot parse it. */
const typed = () => import("./typed.js")

/**
 * Load the new text of a sheet; what comes back puts it in force.
 * @param {HmrRegistry} registry @param {HmrUpdateItem} item @returns {Promise<() => void>}
 */
export async function prepareSheet({ urlOf }, { accepted, version }) {
  const { importTyped } = await typed()
  const [text, { default: sheet }] = await Promise.all([sheetText(urlOf(accepted, version)), importTyped(urlOf(accepted, 0), "css")])
  return () => void sheet.replaceSync(text)
}

/** The text of a stylesheet. A policy may forbid to fetch it; to import it is allowed to whoever may use it. @param {string} url */
export async function sheetText(url) {
  const response = await fetch(url).catch(() => null)
  if (response && !response.ok) throw new Error(`${url} answers with ${response.status}`)
  return response ? response.text() : importedText(url)
}

/** @param {string} url */
async function importedText(url) {
  const { importTyped } = await typed()
  const { default: sheet } = await importTyped(url, "css")
  return [...sheet.cssRules].map((rule) => rule.cssText).join("\n")
}
