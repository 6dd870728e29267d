// Puts the client together once the document is parsed.
import { createApplier } from "./apply.js"
import { whyBypassed } from "./bypass.js"
import { createFollower } from "./follow.js"
import { hellos } from "./hello.js"
import { importPart } from "./importing.js"
import { importAny } from "./kinds.js"
import { createLines } from "./lines.js"
import { createLinker, isLinkFault } from "./link.js"
import { createQueue } from "./queue.js"
import { createReloader } from "./reloading.js"
import { createRehearsal, createReviver } from "./reviving.js"
import { createReporter } from "./reporter.js"
import { connect } from "./socket.js"
import { createStyles } from "./styles.js"
import { createChoice, waysFor } from "./transports.js"

/** @type {HmrRegistry} */
const registry = globalThis.__hmr__
const NEXT = 300 // milliseconds: an update of which the browser has seen a module is on its way
/** @type {Record<string, string>} */
const BY = { socket: "", "side-port": " over the side port", polling: " by polling" }
const info = (/** @type {any[]} */ ...what) => console.info("[hmr]", ...what)
const error = (/** @type {any[]} */ ...what) => console.error("[hmr]", ...what)

/** @type {Promise<ReturnType<typeof import("./overlay.js").createOverlay>> | undefined} */
let overlay
const openOverlay = () => (overlay ??= importPart(() => import("./overlay.js"), "overlay.js").then(({ createOverlay }) => createOverlay({ document, nonce: registry.nonce })))
  .catch((problem) => { overlay = undefined; throw problem }) // the server may only be away
// What only a fault needs is loaded with the first one.
const describe = async (/** @type {unknown} */ thrown, /** @type {string | undefined} */ id) => (await importPart(() => import("./loading.js"), "loading.js")).describe(thrown, id)
const ignore = async () => {
  const { IGNORED, createIgnore } = await importPart(() => import("./overlay-ignore.js"), "overlay-ignore.js")
  return createIgnore([...IGNORED, ...registry.ignored])
}
const reporter = createReporter({ registry, openOverlay, describe, ignore, error })

const link = createLinker(registry)
const applier = createApplier({
  registry,
  importModule: importAny,
  link,
  styles: createStyles(registry, document),
  log: info,
  report: reporter.report,
  healed: reporter.healed,
  outdated: reporter.outdated,
  nextUpdate: () => queue.next(NEXT),
})
let isLoading = true
const queue = createQueue(apply, () => registry.held || isLoading)
registry.ownModules.then(() => {
  isLoading = false
  sayDoubled()
  if (!registry.held) queue.flush()
})
const rehearse = createRehearsal(registry, document)
const reload = createReloader({
  registry, link, rehearse, storage: sessionStorage, now: Date.now, load: () => location.reload(), info, report: reporter.report,
})
const reviver = createReviver({ registry, rehearse, reload: leave, report: reporter.report, healed: reporter.healed })
const follower = createFollower({ registry, document, openOverlay, reporter, between: queue.between, reload: leave, info, error })
/** A reload that is on hold. @type {any} */
let reloadWaiting = null

/** Whether the server knows what this page is. Until then it speaks to us as to any ESM-HMR client; it will say it again. */
let isGreeted = false

const socket = connect({
  lines: createLines(registry, window),
  choice: createChoice(waysFor(registry.transport, registry.home.hostname)),
  probe: new URL("client.js", registry.home).href,
  onOpen(way) {
    isGreeted = false
    info(`connected${BY[way]}`)
    socket.sendFirst(hellos(registry, document, registry.live, { gone: registry.gone }))
    registry.emit("ws:connect")
  },
  onClose() {
    registry.emit("ws:disconnect")
    follower.lost()
  },
  onMessage(message) {
    if (message.type === "connected") greeted()
    else if (isGreeted) HANDLERS[message.type]?.(message)
  },
})

/** @type {Record<string, (message: any) => void>} */
const HANDLERS = {
  update: (message) => {
    offer(message.fresh)
    if (message.updates.length || message.prunes.length) queue.add(message)
  },
  reload: (message) => (registry.held ? void (reloadWaiting = message) : leave(message)),
  error: (message) => void reporter.report(message.ids?.[0] ?? "server", Object.assign(new Error(message.errorMessage), { name: message.title, stack: message.errorStackTrace })),
  refresh: (message) => void follower.refresh(message.paths),
  custom: (message) => void registry.emit(message.event, message.data),
}

function greeted() {
  isGreeted = true
  sayDoubled()
  follower.greeted()
}

/** What came at two versions while the page was loaded runs again: the server may not have known of the page yet. */
function sayDoubled() {
  if (isLoading || !isGreeted || !registry.doubled.size) return
  socket.send(hellos(registry, document, new Map(), registry))
  registry.doubled.clear()
}

/** Apply *update*, or tell the server that it cannot be. @param {HmrUpdate} update */
async function apply(update) {
  if (registry.broken) return reviver.revive()
  const outcome = await applier.apply(update)
  const keys = Object.keys(update.versions)
  if (outcome === "failed") refuse(keys)
  if (outcome === "applied") noteLinked([...keys, ...update.prunes])
  if (outcome === "applied" && keys.filter((key) => registry.failed.delete(key)).length) registry.onFailed()
  const bypass = outcome === "applied" && whyBypassed(update, registry.contexts)
  if (bypass) return socket.send([{ type: "log", text: bypass }]), leave({ reason: bypass })
  return outcome === "applied"
}

/** Let what could not be imported be asked for anew. @param {Record<string, number>} fresh */
function offer(fresh) {
  const keys = Object.keys(fresh)
  if (!keys.length) return
  for (const key of keys) registry.anew.set(key, fresh[key])
  reporter.outdated([...keys, ""])
  reporter.healed(keys)
  info("may be imported again:", keys.filter((key) => registry.failed.has(key)).join(", "))
}

let leaving = false
/** @param {{ reason: string, urls?: string[], again?: boolean, alone?: HmrUpdate }} message */
async function leave(message) {
  if (leaving) return true
  if (registry.broken && message.urls?.length) return reviver.revive()
  const result = await reload(message)
  leaving = result === "left"
  if (leaving) queue.stop()
  if (result !== "refused") return true
  refuse((message.urls ?? []).map((url) => registry.keyOf(registry.home.origin + registry.root + url)))
  if (message.alone) queue.add(message.alone)
  return false
}

/** What the browser has fetched of *keys* will not do: the next change gives them new URLs. @param {string[]} keys */
function refuse(keys) {
  keys.forEach((key) => registry.refused.add(key))
  socket.send([{ type: "refused", ids: keys }])
}

/** Some of *keys* were tried again before the server knew. @param {string[]} keys */
function noteLinked(keys) {
  const ids = keys.filter((key) => registry.refused.delete(key))
  if (ids.length) socket.send([{ type: "linked", ids }])
}

registry.send = (message) => socket.send([message])
registry.onLoaded = (fresh) => socket.send(hellos(registry, document, fresh))
registry.onFailed = () => socket.send(hellos(registry, document, new Map()))
registry.check = async (apply) => {
  const { pending } = queue
  await registry.setStatus("check")
  if (apply || !pending) await queue.flush()
  await registry.setStatus(pending && !apply ? "ready" : "idle")
  return pending
}
registry.apply = async () => {
  const { pending } = queue
  await queue.flush()
  if (reloadWaiting) await leave(reloadWaiting)
  else await follower.resume()
  return pending ?? []
}
registry.onResume = () => void registry.apply()
socket.send(registry.waiting.splice(0))
document.addEventListener("visibilitychange", () => socket.send(hellos(registry, document, new Map())))

registry.onProblem = (event) => {
  const kept = event instanceof ErrorEvent && isLinkFault(event) && registry.keyOf(event.filename).startsWith("/")
  if (kept) {
    reviver.fell(registry.keyOf(event.filename), event)
  } else reporter.notice(event)
}
registry.problems.splice(0).forEach(registry.onProblem)
