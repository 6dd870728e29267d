// A font whose rule is replaced is loaded anew, whether the browser has it or not: meanwhile the text is set in the same
// face, put in by a script.
import { renewText } from "./css-urls.js"

/** A FontFace's names of what a rule says. @type {[keyof FontFaceDescriptors, string][]} */
const DESCRIPTORS = [
  ["style", "font-style"], ["weight", "font-weight"], ["stretch", "font-stretch"], ["unicodeRange", "unicode-range"],
  ["featureSettings", "font-feature-settings"], ["ascentOverride", "ascent-override"],
  ["descentOverride", "descent-override"], ["lineGapOverride", "line-gap-override"],
]

/**
 * Load the faces that *rules* will be; what comes back puts them into the page until the rules have loaded theirs.
 * @param {Document} document @param {{ rule: any, text: string }[]} rules
 */
export async function holdFonts({ fonts }, rules) {
  const wanted = rules.filter(({ rule }) => rule instanceof CSSFontFaceRule)
  const faces = wanted.map(({ rule, text }) => faceFor(rule, text))
  await Promise.allSettled(faces.map((face) => face.load()))
  return () => {
    const others = new Set(fonts)
    for (const face of faces) fonts.add(face)
    const own = [...others].filter(({ family }) => faces.some((face) => face.family === family))
    Promise.allSettled(own.map((face) => face.load())).then(() => faces.forEach((face) => fonts.delete(face)))
  }
}

/** @param {CSSFontFaceRule} rule @param {string} text @returns {FontFace} */
function faceFor(rule, text) {
  const base = rule.parentStyleSheet?.href ?? document.baseURI
  const probe = new CSSStyleSheet()
  probe.replaceSync(`@font-face { ${renewText(text, (url) => new URL(url, base).href)} }`)
  const { style } = /** @type {CSSFontFaceRule} */ (probe.cssRules[0])
  const said = DESCRIPTORS.map(([name, property]) => [name, style.getPropertyValue(property)]).filter(([, value]) => value)
  const family = style.getPropertyValue("font-family").replace(/^["']|["']$/g, "")
  return new FontFace(family, style.getPropertyValue("src"), Object.fromEntries(said))
}
