// Where the elements of a page name files, and how each takes a new one.
import { renewText } from "./css-urls.js"
import { renewSrcset } from "./renewing.js"

/** @typedef {{ element: Element, attribute: Attr, value: string }} Use */

export const ATTRIBUTES = ["src", "srcset", "poster", "href", "xlink:href", "data", "style"]
const NAMES = new Set(["src", "srcset", "poster", "href", "data", "style"]) // local ones
const ELEMENTS = [
  ...["img", "input[type=image]", "source", "video", "audio", "track", "object", "embed", "image", "feImage", "use:not([data-hmr-double])"],
  ...["link[rel~=icon]", "link[rel~=apple-touch-icon]", "link[rel~=mask-icon]", "[style*='url(']"],
].join()

/** What is to be changed in and below *root*. @param {Document | ShadowRoot | Element} root @param {(url: string) => string} renew @returns {Use[]} */
export function usesIn(root, renew) {
  const elements = [...root.querySelectorAll(ELEMENTS)]
  if (root instanceof Element) elements.push(root)
  return elements.flatMap((element) => usesOf(element, renew))
}

/** @param {Element} element @param {(url: string) => string} renew @returns {Use[]} */
export function usesOf(element, renew) {
  const shows = element.matches(ELEMENTS)
  return [...element.attributes].filter(({ localName }) => (shows && NAMES.has(localName)) || localName === "style").flatMap((attribute) => {
    const value = renewed(attribute, renew)
    return value === attribute.value ? [] : [{ element, attribute, value }]
  })
}

/** @param {Attr} attribute @param {(url: string) => string} renew */
function renewed({ localName, value }, renew) {
  if (localName === "style") return value.includes("url(") ? renewText(value, renew) : value
  return localName === "srcset" ? renewSrcset(value, renew) : renew(value)
}

/** Let each element show the new file. @param {Use[]} uses */
export function renewElements(uses) {
  const media = new Set(uses.map(({ element }) => mediaOf(element)).filter((found) => found !== null))
  const states = [...media].map((element) => stateOf(element))
  for (const use of uses) set(use)
  for (const restore of states) restore()
}

/** @param {Use} use */
function set({ element, attribute, value }) {
  // A policy may forbid to set the attribute; the declarations are not its concern.
  if (attribute.localName === "style" && "style" in element) /** @type {HTMLElement} */ (element).style.cssText = value
  else attribute.value = value
}

/** The film or sound that *element* is, or is a source of. @param {Element} element @returns {HTMLMediaElement | null} */
function mediaOf(element) {
  if (element instanceof HTMLMediaElement) return element
  return element.localName === "source" && element.parentElement instanceof HTMLMediaElement ? element.parentElement : null
}

/** What to do for *media* to go on where it was, with what it is to play by then. @param {HTMLMediaElement} media */
function stateOf(media) {
  const { currentTime, paused, playbackRate, currentSrc } = media
  const named = media.getAttribute("src")
  return () => {
    const other = media.getAttribute("src") !== named // then it loads by itself
    if (!other && (named !== null || !currentSrc)) return // only its poster, or it plays nothing
    const goOn = () => {
      Object.assign(media, { currentTime, playbackRate })
      if (!paused) media.play().catch(() => {})
    }
    media.addEventListener("loadedmetadata", goOn, { once: true })
    if (!other) media.load()
  }
}
