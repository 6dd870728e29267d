// CSS modules: the classes of one stylesheet get names that no other stylesheet has.

// A string, or a class; a serialised selector has double quotes only (CSSOM, "serialize a string").
const CLASS = /"(?:\\.|[^"\\])*"|\.(-?(?:[_a-z]|[^\0-\x7f]|\\.)(?:[\w-]|[^\0-\x7f]|\\.)*)/gi

/**
 * Rename the classes in *rules*, deterministically for the file at *key*.
 * @param {CSSRuleList} rules @param {string} key @returns {Record<string, string>} from their own names to those in the page
 */
export function scopeClasses(rules, key) {
  const stem = /** @type {string} */ (key.split("?")[0].split("/").pop()).split(".")[0].replace(/[^\w-]/g, "_")
  const ending = hash(key)
  /** @type {Record<string, string>} */
  const names = {}
  visit(rules, (selector) => renamed(selector, (name) => (names[name.replace(/\\(.)/g, "$1")] = `${stem}_${name}_${ending}`)))
  return names
}

/** @param {string} selector @param {(name: string) => string} rename */
export function renamed(selector, rename) {
  return selector.replace(CLASS, (found, name) => (name ? `.${rename(name)}` : found))
}

/** @param {CSSRuleList} rules @param {(selector: string) => string} change */
function visit(rules, change) {
  for (const rule of rules) {
    if (rule instanceof CSSStyleRule) rule.selectorText = change(rule.selectorText)
    if ("cssRules" in rule) visit(/** @type {CSSGroupingRule} */ (rule).cssRules, change)
  }
}

/** @param {string} text */
function hash(text) {
  let sum = 7
  for (const character of text) sum = (Math.imul(sum, 31) + /** @type {number} */ (character.codePointAt(0))) | 0
  return (sum >>> 0).toString(36)
}
