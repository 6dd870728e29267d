// Where no socket leads to the server: ask, and ask again. No request waits for anything, so none holds a worker.
// Both sides count the messages, so that none is lost or doubled with a request that fails.

const SOON = 30 // milliseconds, for a second after something has happened: one thing leads to another
const LIVELY = 100 // for a while afterwards: who has saved once will save again
const CALM = 400
const HIDDEN = 5_000
const A_MOMENT = 1_000
const A_WHILE = 15_000
const RETRIES = 2 // of a request that fails, before the server is said to be away
const ELSEWHERE = 10 // to ask again where another worker has answered
const MANY_WORKERS = 300 // such answers, and the worker that knows us is too busy or gone
const STUCK = 5_000 // a request of that age may never be answered, where the machine has slept
const LARGEST = 200_000 // characters in one request; the server takes a little more

/** How long to wait before the next question. @param {number} quiet milliseconds since something happened @param {boolean} hidden */
export function paceAfter(quiet, hidden) {
  if (hidden) return HIDDEN
  return quiet < A_MOMENT ? SOON : quiet < A_WHILE ? LIVELY : CALM
}

/** As many of *texts* as fit into one request, and one in any case. @param {string[]} texts */
export function firstPart(texts) {
  let size = 0
  const end = texts.findIndex((text, index) => (size += text.length) > LARGEST && index > 0)
  return texts.slice(0, end < 0 ? texts.length : end).slice(0, 1_000)
}

/**
 * @typedef {object} Effects
 * @property {(body: object, options?: RequestInit) => Promise<any>} post
 * @property {Pick<Document, "hidden">} document
 * @property {Pick<Window, "addEventListener" | "removeEventListener">} window
 * @property {() => number} now
 */

/** @param {Effects} effects @returns {import("./lines.js").Dial} */
export function createPolling({ post, document, window, now }) {
  return ({ tried, opened, closed, received }) => {
    let session = ""
    let heard = 0 // messages of the server
    let taken = 0 // messages of ours that the server has
    /** @type {string[]} */
    const unsaid = []
    let doubtful = 0 // of these the server may have, although its answer is lost
    let failures = 0
    let strangers = 0
    let happenedAt = now()
    let askedAt = 0
    /** @type {AbortController | null} */
    let asking = null
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    let hasEnded = false

    /** @param {number} delay */
    function askIn(delay) {
      clearTimeout(timer)
      if (!hasEnded && !asking) timer = setTimeout(ask, delay)
    }

    function question() {
      const messages = firstPart(unsaid)
      doubtful = Math.max(doubtful, messages.length)
      return { session, received: heard, sent: taken, messages, tried }
    }

    async function ask() {
      asking = new AbortController()
      askedAt = now()
      const outcome = await post(question(), { signal: asking.signal }).then(understand).catch(failed)
      asking = null
      if (outcome === "end") end(false)
      else if (outcome === "refused") end(!session)
      else askIn(outcome)
    }

    /** @param {any} answer @returns {number | "end"} what to do next, or when to ask again */
    function understand(answer) {
      failures = 0
      if (answer.elsewhere || answer.gone) doubtful = 0
      if (answer.elsewhere) return ++strangers < MANY_WORKERS ? ELSEWHERE : "end"
      strangers = 0
      if (answer.gone || hasEnded || answer.sent !== heard) return "end"
      if (!session) begin(answer.session)
      unsaid.splice(0, answer.received - taken)
      doubtful = 0
      taken = answer.received
      hear(answer.messages)
      return unsaid.length ? 0 : paceAfter(now() - happenedAt, document.hidden)
    }

    /** @param {string} name */
    function begin(name) {
      session = name
      happenedAt = now()
      opened()
    }

    /** @param {string[]} texts */
    function hear(texts) {
      heard += texts.length
      if (texts.length) happenedAt = now()
      texts.forEach((text) => received(JSON.parse(text)))
    }

    /** @param {unknown} problem @returns {number | "end" | "refused"} */
    function failed(problem) {
      const isRefused = !(problem instanceof TypeError || problem instanceof DOMException)
      if (isRefused && !session) return "refused"
      return session && failures++ < RETRIES ? SOON * 2 ** failures : "end"
    }

    /** @param {boolean} isSure */
    function end(isSure) {
      if (hasEnded) return
      hasEnded = true
      clearTimeout(timer)
      window.removeEventListener("pagehide", leave)
      closed(isSure, unsaid.slice(doubtful).map((text) => JSON.parse(text)))
    }

    function leave() {
      if (session && !hasEnded) post({ ...question(), bye: true }, { keepalive: true }).catch(() => {})
    }

    window.addEventListener("pagehide", leave)
    askIn(0)
    return {
      send(message) {
        unsaid.push(JSON.stringify(message))
        happenedAt = now()
        askIn(0)
      },
      hurry() {
        if (asking && now() - askedAt > STUCK) asking.abort()
        happenedAt = now()
        askIn(0)
      },
    }
  }
}
