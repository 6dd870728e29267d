// Errors that nobody wants to be told of.

/** @typedef {string | { message?: string, file?: string }} Pattern */

/** @type {readonly Pattern[]} */
export const IGNORED = Object.freeze([
  // The browser's notice that a layout takes another frame: harmless, and not the page's fault.
  "ResizeObserver loop*",
  // All that a script of another origin tells: there is nothing to show.
  "Script error.",
  // Scripts of the browser's extensions run in the page, but are not of it.
  { file: "chrome-extension://*" },
  { file: "moz-extension://*" },
  { file: "safari-web-extension://*" },
])

/**
 * Return what says whether an error is to be left alone. A text fits the whole message, or the whole file; `*` stands
 * for anything. An object fits where all that it names does.
 * @param {readonly Pattern[]} [patterns] @returns {(message: string, file?: string) => boolean}
 */
export function createIgnore(patterns = IGNORED) {
  const tests = patterns.map(testOf)
  return (message, file = "") => tests.some((test) => test(message.replace(/^Uncaught (?:\(in promise\) )?/, ""), file))
}

/** @param {Pattern} pattern @returns {(message: string, file: string) => boolean} */
function testOf(pattern) {
  if (typeof pattern === "string") {
    const either = wildcard(pattern)
    return (message, file) => either.test(message) || either.test(file)
  }
  const { message: says, file: isIn } = pattern ?? {}
  // What names nothing would fit everything, and hide every error.
  if (!says && !isIn) return () => false
  const [messages, files] = [wildcard(says || "*"), wildcard(isIn || "*")]
  return (message, file) => messages.test(message) && files.test(file)
}

/** @param {string} pattern */
function wildcard(pattern) {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
  return new RegExp(`^${parts.join(".*")}$`, "s")
}
