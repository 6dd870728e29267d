// What one fault looks like: message, place, source, stack, and a framework's own page.
import { trusted } from "./link.js"
import { builder } from "./overlay-dom.js"
import { framesOf, withoutColours } from "./stacks.js"

/** @import { Entry } from "./overlay-faults.js" */
/** @import { Frame } from "./stacks.js" */

const LONGEST = 20_000 // characters of one text that are shown
const OPEN_FRAMES = 40 // a longer stack is folded

export const KINDS = {
  build: { name: "Not applied", hint: "The page keeps the last version that worked. Saving a fix removes this." },
  runtime: { name: "While running", hint: "" },
  server: { name: "From the server", hint: "The page stays as it was. It follows once the server answers again." },
}

/** Text as it is shown. @param {unknown} value */
export function shown(value) {
  return withoutColours(value ?? "").slice(0, LONGEST)
}

/** @param {Document} document */
export function createView(document) {
  const build = builder(document)
  const { origin } = document.location

  /** The parts of *entry*, from top to bottom. @param {Entry} entry @returns {HTMLElement[]} */
  return function view(entry) {
    const parts = [message(entry), place(entry), source(entry.frame), page(entry.html), trace(entry)]
    return parts.filter((part) => part !== null)
  }

  /** @param {Entry} entry */
  function message(entry) {
    return build("p.message", { id: "message" }, shown(entry.message))
  }

  /** @param {Entry} entry */
  function place({ file, line, column }) {
    if (!file) return null
    return build("p.place", {}, nearby([file, line, line && column].filter(Boolean).join(":")))
  }

  /** A place without what every place of this site begins with. @param {string} text */
  function nearby(text) {
    return shown(text).replaceAll(`${origin}/`, "/")
  }

  /** @param {string} [frame] */
  function source(frame) {
    if (!frame) return null
    const lines = shown(frame).split("\n").map((line, at, all) => build(`span.${markOf(line, all[at - 1])}`, {}, `${line}\n`))
    return build("pre", { tabindex: "0", "aria-label": "Source" }, ...lines)
  }

  /** @param {string} [html] */
  function page(html) {
    if (!html) return null
    const frame = /** @type {HTMLIFrameElement} */ (build("iframe", { sandbox: "", title: "The server's error page" }))
    try {
      frame.srcdoc = trusted("createHTML", html)
      return frame
    } catch {
      return build("p.kind", {}, "The page's policy on Trusted Types does not let the server's error page be shown here.")
    }
  }

  /** @param {Entry} entry */
  function trace({ stack, html }) {
    if (!stack) return null
    const frames = framesOf(shown(stack))
    const open = !html && frames.length <= OPEN_FRAMES
    const lines = frames.some((frame) => frame.place) ? list(frames) : plain(frames)
    return build("details.trace", open ? { open: "" } : {}, build("summary", {}, "Stack"), lines)
  }

  /** @param {Frame[]} frames */
  function plain(frames) {
    const lines = frames.map(({ text }) => build("span", {}, `${text}\n`))
    return build("pre.text", { tabindex: "0", "aria-label": "Stack" }, ...lines)
  }

  /** @param {Frame[]} frames */
  function list(frames) {
    return build("ol.stack", {}, ...groups(frames).map((group) => (group[0].ours ? folded(group) : item(group[0]))))
  }

  /** @param {Frame} frame */
  function item({ call, place, text }) {
    if (!place) return build("li", {}, text)
    const { file, line, column } = place
    return build("li", {}, call ? `${call} ` : "", build("span.at", {}, nearby(`${file}:${line}:${column}`)))
  }

  /** @param {Frame[]} frames */
  function folded(frames) {
    const count = frames.length === 1 ? "1 frame" : `${frames.length} frames`
    return build("li.ours", {}, build("details", {}, build("summary", {}, `${count} of the hot client`), build("ol", {}, ...frames.map(item))))
  }
}

/** @param {string} line @param {string | undefined} before */
function markOf(line, before) {
  if (line.startsWith(">")) return "marked"
  return before?.startsWith(">") && /^[\s|]*\^/.test(line) ? "caret" : "line"
}

/** Frames of ours that follow one another together, every other one by itself. @param {Frame[]} frames */
function groups(frames) {
  /** @type {Frame[][]} */
  const found = []
  for (const frame of frames) {
    if (frame.ours && found.at(-1)?.[0].ours) found.at(-1)?.push(frame)
    else found.push([frame])
  }
  return found
}
