// CSS module scripts: whoever adopted the sheet holds one object, so its new text goes into that very object.
import { importTyped } from "./typed.js"

/**
 * Load the new text of a sheet; what comes back puts it in force.
 * @param {HmrRegistry} registry @param {HmrUpdateItem} item @returns {Promise<() => void>}
 */
export async function prepareSheet({ urlOf }, { accepted, version }) {
  const [text, { default: sheet }] = await Promise.all([textOf(urlOf(accepted, version)), importTyped(urlOf(accepted, 0), "css")])
  return () => void sheet.replaceSync(text)
}

/** @param {string} url */
async function textOf(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answers with ${response.status}`)
  return response.text()
}
