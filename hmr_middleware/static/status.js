// The status page follows the server as any page does: it is asked for again, and what differs is changed.
import { createPatcher, parseDocument } from "./patch.js"
import { answerOf, createFollower } from "./status-follow.js"

const OWN = "title, body > header, body > main, body > footer" // an extension of the browser may have put in more
const SCRIPT = "script[src$='/status.js']"

const live = /** @type {HTMLElement} */ (document.querySelector(".live"))
const patcher = createPatcher({ live: document, base: ownOf(document) })
let etag = ""
let shown = document.body.dataset.process

/** What is ours of *page*. @param {Document} page */
function ownOf(page) {
  return parseDocument(`<!doctype html>${[...page.querySelectorAll(OWN)].map(({ outerHTML }) => outerHTML).join("")}`)
}

/** Which version of this file *page* asks for. @param {Document} page */
function scriptOf(page) {
  return page.querySelector(SCRIPT)?.getAttribute("src")
}

async function askAnyone() {
  const response = await fetch("", { cache: "no-store", headers: { Accept: "text/html", "If-None-Match": etag } })
  if (response.status === 304) return null
  if (!response.ok) throw new Error(`the server says ${response.status}`)
  const next = parseDocument(await response.text())
  return { next, process: next.body.dataset.process, etag: response.headers.get("etag") ?? "" }
}

async function ask() {
  const answer = await answerOf(askAnyone, shown)
  if (answer) ({ etag, process: shown } = answer)
  return answer && answer.next
}

/** @param {Document} next */
function show(next) {
  const plan = patcher.plan(ownOf(next))
  if (plan.reload || scriptOf(next) !== scriptOf(document)) return location.reload()
  plan.apply()
  localise()
}

/** @param {boolean} answers */
function tell(answers) {
  const says = answers ? "live" : "the server does not answer; this is what was so"
  if (live.textContent === says) return
  live.textContent = says
  live.classList.toggle("away", !answers)
}

/** Show the times in the zone of whoever reads them. */
function localise() {
  for (const time of document.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hourCycle: "h23" })
    time.title = new Date(time.dateTime).toLocaleString()
  }
}

const follower = createFollower({
  ask, show, tell, isHidden: () => document.hidden, later: setTimeout, never: clearTimeout,
})
document.addEventListener("visibilitychange", follower.look)
addEventListener("online", follower.look)
localise()
follower.look()
