// The files that style declarations show: url() in every sheet of the page, at any depth.
import { rulesOf } from "./imports.js"

const URL_IN_CSS = /\b(url|src)\(\s*(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|((?:\\.|[^\\)"'\s])*))\s*\)/gi

/** @typedef {(url: string, base: string | null) => string} Renew */

/** *text* with the URLs in it renewed. @param {string} text @param {(url: string) => string} renew */
export function renewText(text, renew) {
  return text.replace(URL_IN_CSS, (found, name, double, single, bare) => {
    const url = (double ?? single ?? bare ?? "").replace(/\\(.)/g, "$1")
    const fresh = renew(url)
    return fresh === url ? found : `${name}(${JSON.stringify(fresh)})`
  })
}

/** The sheets that *root* shows, those that they import included. @param {Document | ShadowRoot} root @returns {CSSStyleSheet[]} */
function sheetsOf(root) {
  const sheets = [...root.styleSheets, ...root.adoptedStyleSheets]
  for (const sheet of sheets) {
    for (const rule of rulesOf(sheet) ?? []) {
      if (rule instanceof CSSImportRule && rule.styleSheet) sheets.push(rule.styleSheet)
    }
  }
  return sheets
}

/**
 * What has to be done in the sheets of *root*, so that they show what *renew* makes of their URLs.
 * @param {Document | ShadowRoot} root @param {Renew} renew @returns {{ rule: any, text: string }[]}
 */
export function cssUses(root, renew) {
  return sheetsOf(root).flatMap((sheet) => {
    const base = sheet.href ?? (sheet.ownerNode || sheet.parentStyleSheet ? document.baseURI : null) // null: nobody says what it is
    return declarationsIn(rulesOf(sheet)).flatMap((rule) => {
      const before = rule.style.cssText
      if (!/url\(|src\(/i.test(before)) return []
      const text = renewText(before, (url) => renew(url, base))
      return text === before ? [] : [{ rule, text }]
    })
  })
}

/** @param {any} rules @returns {any[]} */
function declarationsIn(rules) {
  return [...(rules ?? [])].flatMap((rule) => [...(rule.style ? [rule] : []), ...(rule instanceof CSSImportRule ? [] : declarationsIn(rule.cssRules))])
}

/** Put *text* in place of a rule's declarations. @param {{ rule: any, text: string }} use */
export function renewRule({ rule, text }) {
  if (!(rule instanceof CSSFontFaceRule)) return void (rule.style.cssText = text)
  const parent = /** @type {any} */ (rule.parentRule ?? rule.parentStyleSheet)
  const at = parent ? [...parent.cssRules].indexOf(rule) : -1
  if (at < 0) return
  parent.deleteRule(at)
  parent.insertRule(`@font-face { ${text} }`, at)
}
