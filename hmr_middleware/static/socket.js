// One line to the server that is always there again: what is said while it is not waits.

const FIRST_DELAY = 50 // milliseconds
const LONGEST_DELAY = 2_000
const CLOSED_DELAY = 60 // to ask a port that nobody listens at costs nothing
const MANY = 200 // such attempts; then whoever was there has not gone for a moment only

/** How long to wait before the next attempt, in milliseconds. @param {number} failures */
export function delayAfter(failures) {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(failures, 10))
}

/** Whether anything answers at *url*: "well", "badly", or "" where nothing does. @param {string} url */
async function answers(url) {
  try {
    const { ok } = await fetch(url, { method: "HEAD", cache: "no-store" })
    return ok ? "well" : "badly"
  } catch {
    return ""
  }
}

/**
 * `probe` is the address of a file that the server has, whoever asks; `onOpen` is told which way was taken.
 * @param {{ lines: Record<string, import("./lines.js").Dial>, choice: ReturnType<typeof import("./transports.js").createChoice>, probe: string, onOpen(way: string): void, onClose(): void, onMessage(message: any): void }} options
 */
export function connect({ lines, choice, probe, onOpen, onClose, onMessage }) {
  /** @type {import("./lines.js").Line | null} */
  let line = null
  let isOpen = false
  let isLost = false
  /** @type {any[]} */
  let unsent = []
  let failures = 0
  let unanswered = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  /** @param {boolean} isThere whether the server has just answered */
  function open(isThere) {
    clearTimeout(timer)
    line = lines[choice.way]({ tried: choice.tried, opened, closed: (isSure, unsaid = []) => closed(isSure, isThere, unsaid), received: onMessage })
  }

  // A server that comes back is to be noticed at once, and one that answers every request with a traceback in its
  // terminal is not to be asked at once: a socket that fails does not tell the two apart.
  async function reopen() {
    const isSaid = failures > 1
    const found = isSaid ? await answers(probe) : "well"
    if (line) return
    unanswered = found ? 0 : unanswered + 1
    if (!found) choice.startOver()
    if (found === "well") open(isSaid)
    else timer = setTimeout(reopen, found ? delayAfter(failures++) : unanswered < MANY ? CLOSED_DELAY : LONGEST_DELAY)
  }

  function opened() {
    failures = 0
    isOpen = true
    isLost = false
    choice.opened()
    onOpen(choice.way)
    flush()
  }

  /** @param {boolean} isSure @param {boolean} isThere @param {any[]} unsaid */
  function closed(isSure, isThere, unsaid) {
    const hasOther = !isOpen && (isSure || isThere) && choice.missed(isSure)
    line = null
    isOpen = false
    unsent = [...unsaid.filter(({ type }) => type !== "hello"), ...unsent]
    if (!isLost) onClose()
    isLost = true
    if (hasOther) open(false)
    else timer = setTimeout(reopen, delayAfter(failures++))
  }

  function flush() {
    if (isOpen) unsent.splice(0).forEach((message) => line?.send(message))
  }

  function hurry() {
    if (document.hidden) return
    if (line) return line.hurry()
    failures = 0
    open(false)
  }

  addEventListener("online", hurry)
  addEventListener("pageshow", hurry)
  document.addEventListener("visibilitychange", hurry)
  open(false)

  return {
    /** Say *messages*, now or when connected. A hello that waits is made anew on connecting. @param {any[]} messages */
    send(messages) {
      unsent.push(...messages.filter((message) => isOpen || message.type !== "hello"))
      flush()
    },
    /** Say *messages* before whatever waits. @param {any[]} messages */
    sendFirst(messages) {
      unsent = [...messages, ...unsent]
    },
  }
}
