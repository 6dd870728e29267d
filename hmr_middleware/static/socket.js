// One WebSocket that is always there again: what is said while it is not waits.

const FIRST_DELAY = 50 // milliseconds
const LONGEST_DELAY = 2_000

/** How long to wait before the next attempt, in milliseconds. @param {number} failures */
export function delayAfter(failures) {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(failures, 10))
}

/**
 * @param {{ url: string, protocols: string[], onOpen(): void, onClose(): void, onMessage(message: any): void }} options
 */
export function connect({ url, protocols, onOpen, onClose, onMessage }) {
  /** @type {WebSocket | null} */
  let socket = null
  /** @type {any[]} */
  let unsent = []
  let failures = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  function open() {
    clearTimeout(timer)
    socket = new WebSocket(url, protocols)
    socket.onopen = opened
    socket.onclose = closed
    socket.onmessage = ({ data }) => onMessage(JSON.parse(data))
  }

  function opened() {
    failures = 0
    onOpen()
    flush()
  }

  function closed() {
    if (socket?.readyState === WebSocket.CLOSED && !failures) onClose()
    socket = null
    timer = setTimeout(open, delayAfter(failures++))
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
