// One WebSocket that is always there again: what is said while it is not waits.

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
 * `probe` is the address of a file that the server has, whoever asks.
 * @param {{ url: string, probe: string, protocols: string[], onOpen(): void, onClose(): void, onMessage(message: any): void }} options
 */
export function connect({ url, probe, protocols, onOpen, onClose, onMessage }) {
  /** @type {WebSocket | null} */
  let socket = null
  /** @type {any[]} */
  let unsent = []
  let failures = 0
  let unanswered = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  function open() {
    clearTimeout(timer)
    socket = new WebSocket(url, protocols)
    socket.onopen = opened
    socket.onclose = closed
    socket.onmessage = ({ data }) => onMessage(JSON.parse(data))
  }

  // A server that comes back is to be noticed at once, and one that answers every request with a traceback in its
  // terminal is not to be asked at once: a socket that fails does not tell the two apart.
  async function reopen() {
    const found = failures > 1 ? await answers(probe) : "well"
    if (socket) return
    unanswered = found ? 0 : unanswered + 1
    if (found === "well") open()
    else timer = setTimeout(reopen, found ? delayAfter(failures++) : unanswered < MANY ? CLOSED_DELAY : LONGEST_DELAY)
  }

  function opened() {
    failures = 0
    onOpen()
    flush()
  }

  function closed() {
    if (socket?.readyState === WebSocket.CLOSED && !failures) onClose()
    socket = null
    timer = setTimeout(reopen, delayAfter(failures++))
  }

  function flush() {
    if (socket?.readyState !== WebSocket.OPEN) return
    for (const message of unsent.splice(0)) socket.send(JSON.stringify(message))
  }

  function hurry() {
    if (socket || document.hidden) return
    failures = 0
    open()
  }

  addEventListener("online", hurry)
  addEventListener("pageshow", hurry)
  document.addEventListener("visibilitychange", hurry)
  open()

  return {
    /** Say *messages*, now or when connected. A hello that waits is made anew on connecting. @param {any[]} messages */
    send(messages) {
      const connected = socket?.readyState === WebSocket.OPEN
      unsent.push(...messages.filter((message) => connected || message.type !== "hello"))
      flush()
    },
    /** Say *messages* before whatever waits. @param {any[]} messages */
    sendFirst(messages) {
      unsent = [...messages, ...unsent]
    },
  }
}
