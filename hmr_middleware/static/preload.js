// What comes next is there before it is shown.

const IMAGE = /\.(apng|avif|bmp|cur|gif|ico|jpe?g|jxl|png|svg|webp)$/i
const PATIENCE = 3_000 // milliseconds
const LOOK = 5

/** @param {string} url */
const pathOf = (url) => url.split(/[?#]/, 1)[0]

/**
 * Whether the image at *url* can be shown, once that is known; what is no image counts as one that can.
 * @param {string} url @param {string | null} crossOrigin @returns {Promise<boolean>}
 */
export async function loadImage(url, crossOrigin) {
  if (!IMAGE.test(pathOf(url))) return true
  const image = new Image()
  image.crossOrigin = crossOrigin
  image.src = url
  kept.add(image)
  return image.decode().then(() => true, () => false)
}

/** Images that nobody shows may be thrown away before they are needed. @type {Set<HTMLImageElement>} */
const kept = new Set()

export function forgetImages() {
  kept.clear()
}

/**
 * A shape takes its time, whether it has been loaded or not: a double stands in for it meanwhile.
 * @param {SVGUseElement} use @param {Attr} attribute @param {string} value
 */
export function standIn(use, attribute, value) {
  const double = /** @type {SVGUseElement} */ (document.createElementNS(use.namespaceURI, "use"))
  for (const { namespaceURI, name, value: old } of use.attributes) {
    if (name !== "id") double.setAttributeNS(namespaceURI, name, name === attribute.name ? value : old)
  }
  double.setAttribute("data-hmr-double", "")
  double.style.visibility = "hidden"
  use.after(double)
  return {
    loaded: drawn(double),
    commit() {
      const before = covered.get(use)
      const visibility = before ? before.visibility : use.style.visibility
      before?.double.remove()
      covered.set(use, { double, visibility })
      double.style.visibility = visibility
      attribute.value = value
      use.style.visibility = "hidden"
      drawn(use).then(() => uncover(use, double))
    },
    drop: () => double.remove(),
  }
}

/** What a double stands in for, with the visibility of its own. @type {WeakMap<SVGUseElement, { double: SVGUseElement, visibility: string }>} */
const covered = new WeakMap()

/** @param {SVGUseElement} use @param {SVGUseElement} double */
function uncover(use, double) {
  const cover = covered.get(use)
  if (cover?.double !== double) return // the next one is on its way already
  covered.delete(use)
  use.style.visibility = cover.visibility
  if (!use.getAttribute("style")) use.removeAttribute("style")
  double.remove()
}

/** @param {SVGUseElement} use @returns {Promise<void>} */
function drawn(use) {
  const end = performance.now() + PATIENCE
  return new Promise((resolve) => {
    const look = () => (isDrawn(use) || performance.now() > end ? resolve() : void setTimeout(look, LOOK))
    look()
  })
}

/** @param {SVGUseElement} use */
function isDrawn(use) {
  try {
    const { width, height } = use.getBBox()
    return width > 0 || height > 0
  } catch {
    return false
  }
}
