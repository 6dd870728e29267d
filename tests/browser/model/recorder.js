// Runs before everything else in each document: what the modules tell, and when the page has come to rest.
(() => {
  const BARRIER = "/static/barrier.js"
  const counts = {}
  let deadline = Infinity
  const told = new Map()
  const tell = (versions) => Object.entries(versions ?? {}).forEach(([key, version]) => told.set(key, Math.max(version, told.get(key) ?? 0)))
  const model = (globalThis.model = {
    newest: {}, disposals: [], calls: [], barrier: 0, refusedAt: 0,
    waiting: new Set(), heard: 0, said: 0, pongs: 0, applying: false, leaving: false, swallowed: false, attempt: null,

    ran(name, serial, seen, disposes) {
      const run = (counts[name] = (counts[name] ?? 0) + 1)
      model.newest[name] = { run, serial, seen, disposes, later: {} }
      return run
    },
    disposed(name, run) {
      model.disposals.push([name, run])
    },
    called(name, run, subject, runs) {
      model.calls.push([name, run, subject, runs])
    },
    soon(name, run, target, promise) {
      const settled = promise.then((it) => model.see(name, run, target, it), () => {})
      model.waiting.add(settled)
      settled.then(() => model.waiting.delete(settled))
    },
    later(name, run, target, load) {
      if (model.newest[name].run === run) model.newest[name].later[target] = load
    },
    see(name, run, target, it) {
      if (model.newest[name].run === run) model.newest[name].seen[target] = () => it.run
    },
    /** Import on demand; whether there was something to ask. */
    async demand(name, target) {
      const asked = model.newest[name]
      if (!asked?.later[target]) return false
      await asked.later[target]().then((it) => model.see(name, asked.run, target, it), () => {})
      return true
    },
    snapshot() {
      const modules = Object.entries(model.newest).map(([name, { run, serial, seen, disposes }]) => [name, { run, serial, disposes, seen: values(seen) }])
      return { modules: Object.fromEntries(modules), disposals: model.disposals, calls: model.calls, refused: [...__hmr__.refused].map(nameOf), broken: __hmr__.broken, document: performance.timeOrigin, live: [...__hmr__.live.keys()], failed: [...__hmr__.failed].map(([key, repeatable]) => [nameOf(key), repeatable]) }
    },
    /** What the page has come to after the barrier's change; *stamp* is its version at least. */
    async settle(barrier, stamp, milliseconds) {
      deadline = performance.now() + milliseconds
      const isToldInVain = () => __hmr__.broken && told.get(BARRIER) >= stamp
      await until(() => model.barrier === barrier || model.refusedAt >= stamp || model.swallowed || isToldInVain())
      const passed = model.barrier === barrier || __hmr__.broken
      model.swallowed = false
      if (!passed) return null // the barrier was in one batch with what does not link
      let before
      do {
        await until(() => !model.applying && !model.leaving)
        await until(() => !model.waiting.size)
        await until(allTold)
        before = model.heard + model.said
        await ping() // whatever was said by now has been answered before this is
      } while (before !== model.heard + model.said || model.applying)
      return model.snapshot()
    },
    listen() {
      model.listening = true
      __hmr__.on("hmr:beforeUpdate", (update) => ((model.attempt = update), (model.applying = true)))
      __hmr__.on("hmr:beforeFullReload", () => (model.leaving = model.gone = true))
      __hmr__.statusHandlers.push((status) => STATUSES[status]?.())
    },
  })

  const STATUSES = {
    abort() {
      model.refusedAt = model.attempt.versions[BARRIER] ?? model.refusedAt
    },
    check() {
      model.applying = true
    },
    idle() {
      model.applying = false
      if (__hmr__.broken) stay()
    },
  }

  function nameOf(key) {
    return key.replace(/^.*\/|\.js$/g, "")
  }

  function values(seen) {
    return Object.fromEntries(Object.entries(seen).map(([name, read]) => [name, value(read)]))
  }

  function value(read) {
    try {
      return read ? read() : null
    } catch (error) {
      return String(error)
    }
  }

  /** For whoever looks into a failure. */
  function state() {
    const { barrier, applying, leaving, swallowed, refusedAt, heard, said } = model
    const { status, held, broken, pending, live } = __hmr__
    return JSON.stringify({ barrier, applying, leaving, swallowed, refusedAt, heard, said, status, held, broken, pending: [...pending], live: [...live] })
  }

  const until = async (condition) => {
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`waited in vain for ${condition}, ${state()}`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  /** Whether the server knows what this page has loaded. */
  function allTold() {
    return [...__hmr__.live].every(([key, version]) => told.get(key) >= version)
  }

  const ping = async () => {
    const before = model.pongs
    __hmr__.send({ type: "ping" })
    await until(() => model.pongs > before)
  }

  sessionStorage.removeItem("hmr-reloads") // in these tests many reloads within seconds are no loop

  const Native = WebSocket
  globalThis.WebSocket = class extends Native {
    constructor(...args) {
      super(...args)
      let isGreeted = false // what comes before is for stock clients
      this.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data)
        isGreeted ||= message.type === "connected"
        if (isGreeted) hear(message)
      })
    }
    send(data) {
      const { type, modules, ids } = JSON.parse(data)
      tell(modules)
      if (type !== "ping") model.said++
      if (type === "refused" && String(ids) === model.wanted) stay()
      super.send(data)
    }
  }

  /** A reload that would lead to a broken page is not made. */
  function stay() {
    if (model.gone) return
    if (model.leaving) model.swallowed = true
    model.leaving = false
  }

  function hear({ type, versions, alone, urls = [] }) {
    const keys = urls.map((url) => __hmr__.keyOf(location.origin + url))
    urls.forEach((url, at) => tell({ [keys[at]]: __hmr__.versionOf(url) }))
    if (type === "reload") model.wanted = String(keys)
    tell(versions)
    tell(alone?.versions)
    if (type === "pong") model.pongs++
    else model.heard++
    if (type === "reload") model.leaving = true // until this document is gone
  }
})()
