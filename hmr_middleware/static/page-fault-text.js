// What a framework's error page says, as text: for the console, and where the page itself cannot be shown.
import { trusted } from "./link.js"

/** @import { Answer } from "./page-fetch.js" */
/** @import { Fault } from "./overlay-faults.js" */

const LONGEST = 20_000 // characters
// Werkzeug and Django have the traceback as plain text for copying; Starlette has it in the page alone.
const PLAIN = ".plain textarea, #traceback_area, textarea"
const SAYS = ".errormsg, .exception_value, h2, h1"

/** What the answer of a server that failed is about. @param {Answer} answer @param {string} id @returns {Fault} */
export function faultIn({ status, statusText, isHtml, text }, id) {
  const title = `${status} ${statusText}`.trim()
  if (!isHtml) return { id, kind: "server", title, message: firstLine(text) || "The server says no more: see its terminal.", stack: text.slice(0, LONGEST) }
  return { id, kind: "server", title, ...said(text, title), html: text }
}

/** @param {string} html @param {string} fallback */
function said(html, fallback) {
  const page = parse(html)
  if (!page) return { message: fallback, stack: stripped(html) }
  for (const silent of page.querySelectorAll("script, style, template")) silent.remove()
  const stack = page.querySelector(PLAIN)?.textContent || (page.body?.textContent ?? "")
  const says = page.querySelector(SAYS)?.textContent?.trim()
  const lines = [...new Set([page.title.trim(), says].filter(Boolean))]
  return { message: firstLine(lines.join(": ")) || fallback, stack: tidy(stack) }
}

/** @param {string} html @returns {Document | null} */
function parse(html) {
  try {
    return new DOMParser().parseFromString(trusted("createHTML", html), "text/html")
  } catch {
    return null // a policy on Trusted Types that we have no part in
  }
}

/** @param {string} html */
function stripped(html) {
  return tidy(html.replace(/<(script|style)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->|<[^>]*>/gi, " "))
}

/** @param {string} text */
function tidy(text) {
  return text.replace(/[ \t]+$/gm, "").replace(/\n{3,}/g, "\n\n").trim().slice(0, LONGEST)
}

/** @param {string} text */
function firstLine(text) {
  return text.trim().replace(/\s+/g, " ").slice(0, 500)
}
