// The ways to the server, each as one function: it opens a line, tells what becomes of it, and returns how to speak.
import { createPolling } from "./polling.js"

/**
 * @typedef {object} Events
 * @property {string[]} tried the ways that did not lead there
 * @property {() => void} opened
 * @property {(isSure: boolean, unsaid?: any[]) => void} closed at most once; isSure: the server is there, and this way
 *   does not lead to it; unsaid: messages that have surely not come
 * @property {(message: any) => void} received
 *
 * @typedef {{ send(message: any): void, hurry(): void }} Line
 * @typedef {(events: Events) => Line} Dial
 */

const SIDE_PORT = "ws://127.0.0.1" // the loopback address, whatever the page calls this machine
const PATIENCE = 5_000 // milliseconds; ours answers at once, and who else may be there perhaps never

/** @param {HmrRegistry} registry @param {Window} window @returns {Record<string, Dial>} */
export function createLines(registry, window) {
  const at = (/** @type {string} */ name) => new URL(name, registry.home).href
  const post = createPost(registry.token)
  return {
    socket: (events) => openSocket(at("socket").replace("http", "ws"), registry.token, { ...events, closed: () => events.closed(false) }),
    "side-port": createSidePort((body) => post(at("side-port"), body)),
    polling: createPolling({ post: (body, options) => post(at("poll"), body, options), document: window.document, window, now: Date.now }),
  }
}

/** What is thrown where the server answers, and has nothing for us. */
export class RefusedError extends Error {}

/** @param {string} token @returns {(url: string, body: object, options?: RequestInit) => Promise<any>} */
function createPost(token) {
  return async (url, body, options) => {
    // No other origin's page may send this header without asking first, and nobody answers such a question.
    const headers = { "Content-Type": "application/json", "X-HMR-Token": token }
    const response = await fetch(url, { method: "POST", cache: "no-store", headers, body: JSON.stringify(body), ...options })
    if (!response.ok) throw new RefusedError(`${response.status}`)
    return response.json()
  }
}

/**
 * A token stands in no URL: URLs are logged.
 * @param {string} url @param {string} token @param {Events} events @param {number} [patience] milliseconds until it must be open
 * @returns {Line}
 */
function openSocket(url, token, { opened, closed, received }, patience) {
  /** @type {WebSocket} */
  let socket
  try {
    socket = new WebSocket(url, ["esm-hmr", `hmr-token.${token}`])
  } catch {
    // A page that came by https may not be allowed to open a plain one.
    queueMicrotask(() => closed(true))
    return { send() {}, hurry() {} }
  }
  const timer = patience ? setTimeout(() => socket.close(), patience) : undefined
  let hasEnded = false
  // A socket that the page's policy refuses has an error and no end in Chromium.
  socket.onclose = socket.onerror = () => {
    clearTimeout(timer)
    if (!hasEnded) closed(false)
    hasEnded = true
  }
  socket.onopen = () => {
    clearTimeout(timer)
    opened()
  }
  socket.onmessage = ({ data }) => received(JSON.parse(data))
  return { send: (message) => socket.send(JSON.stringify(message)), hurry() {} }
}

/**
 * Where the port is and what admits to it is asked anew each time: a server that was restarted may have another one.
 * @param {(body: object) => Promise<{ port: number, ticket: string }>} ask @returns {Dial}
 */
export function createSidePort(ask) {
  return ({ tried, opened, closed, received }) => {
    let isOpen = false
    /** @type {Line | undefined} */
    let line
    const events = {
      tried,
      received,
      opened() {
        isOpen = true
        opened()
      },
      closed: () => closed(!isOpen),
    }
    ask({ tried }).then(({ port, ticket }) => {
      if (port) line = openSocket(`${SIDE_PORT}:${port}/`, ticket, events, PATIENCE)
      else closed(true)
    }).catch((problem) => closed(problem instanceof RefusedError))
    return { send: (message) => line?.send(message), hurry() {} }
  }
}
