// What a <style> imports: the new version is imported beside the old one without effect, then takes its place. The element,
// its text and what scripts have put into its sheet stay as they are.

const NO_MEDIA = "not all"
const PATIENCE = 5_000 // milliseconds
const LOOK = 5

/** The rules at the start of a sheet that import others. @param {CSSStyleSheet | null} sheet @returns {CSSImportRule[]} */
export function importsOf(sheet) {
  /** @type {any} */
  const rules = rulesOf(sheet) ?? []
  return [...rules].filter((rule) => rule instanceof CSSImportRule)
}

/** The rules of a sheet, null where they are not there yet or another origin's. @param {CSSStyleSheet | null | undefined} sheet */
export function rulesOf(sheet) {
  try {
    return sheet?.cssRules ?? null
  } catch {
    return null
  }
}

/** Load what *rule* imports from *url* instead. @param {CSSImportRule} rule @param {string} url */
export function renewImport(rule, url) {
  const sheet = /** @type {CSSStyleSheet} */ (rule.parentStyleSheet)
  const at = sheet.insertRule(importText(rule, url), indexOf(sheet, rule) + 1)
  const fresh = /** @type {CSSImportRule} */ (sheet.cssRules[at])
  const fetched = rule.styleSheet !== null
  return {
    loaded: fetched ? isThere(fresh, url) : null,
    commit() {
      fresh.media.mediaText = rule.media.mediaText
      remove(sheet, rule)
    },
    drop: () => remove(sheet, fresh),
  }
}

/** The rule with another URL, and without effect; its layer and conditions stay. @param {CSSImportRule} rule @param {string} url */
export function importText({ cssText, media }, url) {
  const text = cssText.replace(/^@import\s+url\((?:"(?:\\.|[^"\\])*"|[^)]*)\)/i, () => `@import url(${JSON.stringify(url)})`)
  return `${text.slice(0, text.lastIndexOf(`${media.mediaText};`))} ${NO_MEDIA};`
}

/** @param {CSSImportRule} rule @param {string} url @returns {Promise<void>} */
function isThere(rule, url) {
  const end = performance.now() + PATIENCE
  return new Promise((resolve, reject) => {
    const look = () => {
      if (isLoaded(rule)) resolve()
      else if (performance.now() < end) setTimeout(look, LOOK)
      else if (rulesOf(rule.styleSheet)) resolve() // one far below does not come: it is missing in the old one, too
      else reject(new Error(`could not load ${url}`))
    }
    look()
  })
}

/** @param {CSSImportRule} rule @returns {boolean} */
function isLoaded(rule) {
  const { supportsText } = /** @type {any} */ (rule)
  if (supportsText && !CSS.supports(supportsText)) return true
  return rulesOf(rule.styleSheet) !== null && importsOf(rule.styleSheet).every(isLoaded)
}

/** @param {CSSStyleSheet} sheet @param {CSSRule} rule */
function remove(sheet, rule) {
  const at = indexOf(sheet, rule)
  if (at >= 0) sheet.deleteRule(at)
}

/** @param {CSSStyleSheet} sheet @param {CSSRule} rule */
function indexOf(sheet, rule) {
  return [...sheet.cssRules].indexOf(rule)
}
