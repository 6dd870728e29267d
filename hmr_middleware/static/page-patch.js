// The page is brought up to a new text: by a patch, or by a reload where only that will do.
import { createPatcher, parseDocument } from "./patch.js"

/** @import { Base } from "./pages.js" */

/**
 * @param {Pick<import("./pages-here.js").Effects, "registry" | "document" | "between" | "reload" | "info" | "error">} effects
 */
export function createPatching({ registry, document, between, reload, info, error }) {
  /** @type {{ base: Base, body: HTMLElement, patcher: ReturnType<typeof createPatcher> } | null} */
  let made = null

  /** Which node of the page is which of *base*: the sooner it is known, the less have scripts changed. @param {Base} base */
  function patcherOf(base) {
    // A script that has put another body in place has left nothing that would be known again.
    if (made?.base !== base || made.body !== document.body) {
      const patcher = createPatcher({ live: document, base: parseDocument(base.text), nonce: registry.nonce, log: info })
      made = { base, body: document.body, patcher }
    }
    return made.patcher
  }

  /** @param {Base} base @param {string} text */
  async function bringUp(base, text) {
    if (document.contentType !== "text/html") {
      await reload({ reason: `a page of the type ${document.contentType} is not patched` })
      return base.text
    }
    const patcher = patcherOf(base)
    const plan = patcher.plan(parseDocument(text))
    if (!plan.changed) return text
    if (plan.reload) {
      await reload({ reason: plan.reload })
      return base.text
    }
    return isApplied(() => plan.apply()) ? text : base.text // what somebody prevented is still to come
  }

  /** @param {() => void} apply */
  function isApplied(apply) {
    let isDone = false
    const note = () => void (isDone = true)
    document.addEventListener("hmr:patched", note, true)
    apply()
    document.removeEventListener("hmr:patched", note, true)
    return isDone
  }

  return {
    /** Get ready for the first change. @param {Base} base */
    prepare(base) {
      try {
        patcherOf(base)
      } catch (problem) {
        error("the page could not be compared with its document:", problem)
      }
    },
    /** Bring the page up from *base* to *text*; the text that it has then. @param {Base} base @param {string} text */
    async patch(base, text) {
      let result = base.text
      await between(async () => {
        try {
          result = await bringUp(base, text)
        } catch (problem) {
          made = null
          error("the page could not be patched:", problem)
          await reload({ reason: "the page could not be patched" })
        }
      })
      return result
    },
  }
}
