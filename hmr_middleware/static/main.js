// Puts the client together once the document is parsed.
import { createApplier } from "./apply.js"
import { createLinker } from "./link.js"
import { createQueue } from "./queue.js"
import { connect } from "./socket.js"
import { createStyles } from "./styles.js"

/** @type {HmrRegistry} */
const registry = globalThis.__hmr__
const page = Math.random().toString(36).slice(2)
const PART = 2_000 // modules in one hello: a message is bounded

const applier = createApplier({
  registry,
  importModule: (url) => import(url),
  link: createLinker(registry),
  styles: createStyles(registry, document),
  log: (...what) => console.info("[hmr]", ...what),
  report: (...what) => console.error("[hmr]", ...what),
})
const queue = createQueue(applier.apply)

const socket = connect({
  url: socketUrl(),
  protocols: ["esm-hmr", `hmr-token.${registry.token}`], // not in the URL: URLs are logged
  onOpen() {
    console.info("[hmr] connected")
    socket.sendFirst(hello(registry.live))
    registry.emit("ws:connect")
  },
  onClose() {
    registry.emit("ws:disconnect")
  },
  onMessage(message) {
    HANDLERS[message.type]?.(message)
  },
})

/** @type {Record<string, (message: any) => void>} */
const HANDLERS = {
  update: (message) => queue.add(message),
  reload: (message) => reload(message.reason),
  error: (message) => console.error("[hmr]", message.title, message.errorMessage),
  custom: (message) => registry.emit(message.event, message.data),
}

registry.send = (message) => socket.send([message])
registry.onLoaded = (fresh) => socket.send(hello(fresh))
socket.send(registry.waiting.splice(0))
document.addEventListener("visibilitychange", () => socket.send(hello(new Map())))

/** What this page has loaded, in as many messages as it takes. @param {Map<string, number>} modules */
function hello(modules) {
  const all = [...modules]
  const said = { type: "hello", page, url: location.pathname, since: registry.since, visible: !document.hidden }
  const messages = []
  do {
    const part = all.splice(0, PART)
    messages.push({ ...said, modules: Object.fromEntries(part), entries: entries(), more: all.length > 0 })
  } while (all.length)
  return messages
}

/** The modules that the page itself loads. */
function entries() {
  const scripts = /** @type {NodeListOf<HTMLScriptElement>} */ (document.querySelectorAll("script[type=module][src]"))
  return [...scripts].map((script) => registry.keyOf(script.src))
}

function socketUrl() {
  const { protocol, host } = registry.home
  return `${protocol === "https:" ? "wss" : "ws"}://${host}${registry.root}/__hmr/socket`
}

/** @param {string} reason */
function reload(reason) {
  console.info("[hmr] reload:", reason)
  const event = { reason, defaultPrevented: false, preventDefault: () => void (event.defaultPrevented = true) }
  registry.emit("beforeFullReload", event)
  if (event.defaultPrevented) return
  queue.stop()
  location.reload()
}
