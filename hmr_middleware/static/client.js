// A classic script, first in the head: it defines the registry that every module's `import.meta.hot` comes from, and
// imports nothing before the document is parsed (in Firefox an import map after the first import is ignored).
(() => {
  if (globalThis.__hmr__) return

  const script = /** @type {HTMLScriptElement} */ (document.currentScript)
  const home = new URL(".", script.src)
  const root = home.pathname.slice(0, -"/__hmr/".length)
  const [since, token] = (script.dataset.hmr ?? ".").split(".")
  const VERSION = /([?&])t=(\d{16})(&|(?=#)|$)/
  const NOT_OURS = new Set(["beacon", "fetch", "frame", "iframe", "xmlhttprequest"])
  const MEDIA = new Set(["audio", "image", "img", "input", "video"])
  const SCRIPT = /^[^?]*\.m?js(\?|$)/
  const MADE_BY_VIEWS = /\/[^./]*(\?|#|$)/ // what has no ending is seldom a file

  const INLINE = "script[type=module]:not([src])"

  /** @type {Map<string, HmrContext>} */
  const contexts = new Map()
  /** @type {Map<string, number>} */
  const live = new Map()
  /** @type {Map<string, Set<Function>>} */
  const listeners = new Map()
  /** Keys of what could not be imported, and whether the user has asked for it, who may ask again. @type {Map<string, boolean>} */
  const failed = new Map()
  /** The versions at which another attempt may succeed. @type {Map<string, number>} */
  const anew = new Map()

  /** The app's own URL, without our version, that everything is known by. @param {string | URL} url */
  function keyOf(url) {
    const { origin, pathname, search } = new URL(url, document.baseURI)
    const query = search.replace(VERSION, (_, before, __, after) => (after ? before : ""))
    const inside = origin === home.origin && pathname.startsWith(`${root}/`)
    return (inside ? pathname.slice(root.length) : origin + pathname) + query
  }

  const page = keyOf(document.URL)

  /** @param {string} url */
  function versionOf(url) {
    return Number(VERSION.exec(url)?.[2] ?? 0)
  }

  /** A URL as it is spelled, at another version. @param {string} url @param {number} version */
  function atVersion(url, version) {
    const [head, ...hash] = url.replace(VERSION, (_, before, __, after) => (after ? before : "")).split("#")
    const versioned = version ? `${head}${head.includes("?") ? "&" : "?"}t=${version}` : head
    return [versioned, ...hash].join("#")
  }

  /** The URL to import for a key. @param {string} key @param {number} [version] */
  function urlOf(key, version = live.get(key) ?? 0) {
    return atVersion(key.startsWith("/") ? home.origin + root + key : key, version)
  }

  /** @param {string} key @returns {HmrContext} */
  function contextOf(key) {
    let context = contexts.get(key)
    if (!context) {
      context = { key, data: {}, accepts: [], disposers: [], pruners: [], listeners: [], instance: 0, version: 0, renewed: false }
      contexts.set(key, context)
    }
    return context
  }

  /**
   * A later instance adds what is new; for what the first one registered, the first one's callback stays in force.
   * @param {HmrContext} context @param {HmrAcceptance} acceptance
   */
  function register(context, acceptance) {
    const same = context.accepts.find((known) => known.subject === acceptance.subject && known.instance !== acceptance.instance)
    if (!same) context.accepts.push(acceptance)
    else if (!same.callback) Object.assign(same, acceptance)
    if (same) same.latest = acceptance.instance
  }

  /**
   * The URL that a specifier means, by way of import maps where the browser tells; undefined where it means none.
   * @param {string} specifier @param {{ url: string, resolve?(specifier: string): string }} meta
   */
  function resolve(specifier, meta) {
    try {
      return meta.resolve ? meta.resolve(specifier) : new URL(specifier, new URL(meta.url, document.baseURI)).href
    } catch {
      return undefined
    }
  }

  /**
   * What a call of accept() lists; a specifier may stand for a module in place of the file that it names.
   * @param {any} first @param {ImportMeta} meta @param {Record<string, string>} proxies @returns {string[] | null}
   */
  function dependencies(first, meta, proxies) {
    const listed = typeof first === "string" ? [first] : Array.isArray(first) ? first : null
    return listed && listed.map((specifier) => keyOf(proxies[specifier] ?? resolve(specifier, meta) ?? specifier))
  }

  /** @param {Function[]} list @param {Function} callback */
  function drop(list, callback) {
    const at = list.indexOf(callback)
    if (at >= 0) list.splice(at, 1)
  }

  /**
   * An instance whose successor came with a new importer, ahead of its own update, has not been disposed of yet.
   * @param {HmrContext} context
   */
  function leave(context) {
    for (const callback of context.disposers.splice(0)) {
      try {
        callback(context.data)
      } catch (error) {
        console.error("[hmr]", error)
      }
    }
  }

  /** What an earlier instance listened to, and registrations that it took with it. @param {HmrContext} context */
  function beginInstance(context) {
    for (const [event, callback] of context.listeners.splice(0)) registry.off(event, callback)
    leave(context)
    if (context.renewed) context.accepts = []
    context.renewed = false
    return ++context.instance
  }

  /** `import.meta.hot` of one instance of a module. @param {ImportMeta} meta @param {Record<string, string>} [proxies] */
  function hot(meta, proxies = {}) {
    const key = meta.url === document.baseURI ? page : keyOf(meta.url) // an inline module has its document's URL
    const context = contextOf(key)
    context.version = versionOf(meta.url)
    const instance = key === page ? 0 : beginInstance(context) // all inline modules of a page share one context
    const itself = { subject: "", deps: null, itself: true, list: false, instance }
    const dispose = (/** @type {Function} */ callback) => void context.disposers.push(callback)
    return {
      get data() { return context.data },
      set data(value) { context.data = value },
      accept(/** @type {any} */ first, /** @type {any} */ second, /** @type {any} */ third) {
        const deps = dependencies(first, meta, proxies)
        if (!deps) return register(context, { ...itself, callback: first, onError: second })
        const list = Array.isArray(first)
        register(context, { subject: deps.join(" "), deps, itself: list, list, callback: second, onError: third, instance })
      },
      acceptExports(/** @type {any} */ _names, /** @type {Function} */ callback) {
        register(context, { ...itself, subject: "exports", callback })
      },
      dispose,
      addDisposeHandler: dispose,
      removeDisposeHandler: (/** @type {Function} */ callback) => drop(context.disposers, callback),
      prune: (/** @type {Function} */ callback) => void context.pruners.push(callback),
      decline() {}, // read from the source: see the server's scan
      invalidate: (/** @type {string} */ message) => registry.invalidate(context.key, message),
      on(/** @type {string} */ event, /** @type {Function} */ callback) {
        context.listeners.push([event, callback])
        registry.on(event, callback)
      },
      off: registry.off,
      send: (/** @type {string} */ event, /** @type {any} */ data) => registry.send({ type: "custom", event, data }),
      status: (/** @type {Function} */ callback) => (callback ? void registry.statusHandlers.push(callback) : registry.status),
      addStatusHandler: (/** @type {Function} */ callback) => void registry.statusHandlers.push(callback),
      removeStatusHandler: (/** @type {Function} */ callback) => drop(registry.statusHandlers, callback),
      check: (/** @type {boolean} */ apply) => registry.check(apply),
      apply: () => registry.apply(),
    }
  }

  /**
   * Where a dynamic import leads in this page, or undefined to leave it.
   * @param {any} specifier @param {ImportMeta | string} from the importing module's, or a classic script's URL
   */
  function url(specifier, from) {
    const found = resolve(String(specifier), typeof from === "string" ? { url: from } : from)
    if (!found) return undefined
    const key = keyOf(found)
    const version = Math.max(live.get(key) ?? 0, anew.get(key) ?? 0)
    const newer = version > versionOf(found) ? urlOf(key, version) : undefined
    if (key.startsWith("/") && SCRIPT.test(key)) follow(key, newer ?? found)
    return newer
  }

  /** Learn what becomes of an import of the page's, by making the same one after it. @param {string} key @param {string} url */
  function follow(key, url) {
    const repeatable = !isLoading && registry.status === "idle" && Boolean(navigator.userActivation?.isActive)
    queueMicrotask(() => import(url).then(() => failed.delete(key), () => failed.get(key) !== repeatable && failed.set(key, repeatable))
      .then((isNews) => isNews && registry.onFailed()))
  }

  /**
   * Call whoever listens, under both prefixes; one that throws stops nothing.
   * @param {string} event @param {any} [payload]
   */
  function emit(event, payload) {
    const names = event.includes(":") && !event.startsWith("ws:") ? [event] : [`vite:${event}`, `hmr:${event}`]
    return callAll(names.flatMap((name) => [...(listeners.get(name) ?? [])]), payload)
  }

  /** @param {Function[]} callbacks @param {any} argument */
  function callAll(callbacks, argument) {
    return Promise.all(callbacks.map(async (callback) => callback(argument)).map((call) => call.catch((error) => console.error("[hmr]", error))))
  }

  /** @param {string} status */
  function setStatus(status) {
    registry.status = status
    return callAll(registry.statusHandlers, status)
  }

  // A module may stand for a newer version of itself, which comes a little later: only that one is told.
  const QUIET = 30 // milliseconds
  const fresh = new Map()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let telling
  let isLoading = true

  /** Whether a script was asked for by another, not by the document. @param {string} url */
  function isImported(url) {
    return SCRIPT.test(url) && ![...document.scripts].some(({ src }) => src === url)
  }

  /** @param {PerformanceEntryList} entries */
  function note(entries) {
    for (const entry of /** @type {PerformanceResourceTiming[]} */ (entries)) {
      const { name, initiatorType, serverTiming } = entry
      if (NOT_OURS.has(initiatorType) || !name.startsWith(`${home.origin}${root}/`) || name.startsWith(home.href)) continue
      if (MEDIA.has(initiatorType) && MADE_BY_VIEWS.test(name)) continue
      // It never came. Before the parser has come to an element, the browser may have asked for what that names.
      if (!isLoading && entry.responseStatus === 404 && isImported(name)) continue
      const key = keyOf(name)
      const version = versionOf(name)
      if (serverTiming?.some((it) => it.name === "hmr-forwards")) continue // what it stands for is noted
      if (isLoading && isSecureContext && live.has(key) && live.get(key) !== version) registry.doubled.add(key)
      const pending = registry.pending.get(key)
      if (pending !== undefined) registry.pending.set(key, Math.max(pending, version))
      if (live.has(key) && ((live.get(key) ?? 0) >= version || pending !== undefined)) continue
      live.set(key, version)
      registry.gone.delete(key)
      fresh.set(key, version)
    }
    clearTimeout(telling)
    telling = setTimeout(tellLoaded, QUIET)
  }

  function tellLoaded() {
    const told = new Map([...fresh].filter(([key]) => live.has(key))) // it may have been pruned meanwhile
    if (told.size) registry.onLoaded(told)
    fresh.clear()
  }

  /**
   * Inline modules get `import.meta.hot` just before the browser prepares them, so the document is served as it is.
   * @param {Node | null} node
   */
  function prepareInline(node) {
    if (!(node instanceof HTMLScriptElement) || !node.matches(INLINE) || prepared.has(node)) return
    if (!node.text.includes("import.meta.hot")) return
    prepared.add(node)
    try {
      node.text = `import.meta.hot=globalThis.__hmr__?.hot(import.meta);${node.text}`
    } catch {
      // Trusted Types forbid it: there, inline modules have no hot.
    }
  }
  const prepared = new WeakSet()
  const arriving = new MutationObserver((records) => {
    for (const { target, addedNodes } of records) [target, target.parentNode, ...addedNodes].forEach(prepareInline)
  })
  // A script whose hash a policy names must stay as it is.
  if (script.dataset.csp !== "hash") arriving.observe(document, { childList: true, characterData: true, subtree: true })

  const registry = (globalThis.__hmr__ = {
    home, root, page, token, since: Number(since), nonce: script.nonce, csp: "csp" in script.dataset,
    transport: script.dataset.transport ?? "",
    served: {
      page: script.dataset.page ?? "", url: document.URL.split("#")[0], method: script.dataset.method ?? "GET",
      status: Number(script.dataset.status ?? 200),
    },
    overlay: script.dataset.overlay !== "0", ignored: JSON.parse(script.dataset.ignore ?? "[]"), contexts, live, failed, anew, pending: new Map(),
    keyOf, versionOf, atVersion, urlOf, hot, url, emit, setStatus,
    broken: false, ownModules: Promise.resolve(), doubled: new Set(), gone: new Map(), refused: new Set(), status: "idle", statusHandlers: /** @type {Function[]} */ ([]), held: false,
    on(/** @type {string} */ event, /** @type {Function} */ callback) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(callback))
    },
    off(/** @type {string} */ event, /** @type {Function} */ callback) { listeners.get(event)?.delete(callback) },
    // What the rest of the client puts in place once it is there; until then, calls wait.
    waiting: /** @type {any[]} */ ([]),
    send(/** @type {any} */ message) { registry.waiting.push(message) },
    invalidate(/** @type {string} */ key, /** @type {string} */ message) {
      registry.send({ type: "invalidate", id: key, message: message ? String(message) : "" })
      emit("invalidate", { path: key, message, firstInvalidatedBy: key })
    },
    onLoaded(/** @type {Map<string, number>} */ _fresh) {},
    onFailed() {},
    /** Hear at once of what has been loaded. */
    noteLoaded() { note(loading.takeRecords()) },
    /** Whether a newer version of something that is pending has come than the update named. @param {Record<string, number>} versions */
    isOvertaken(versions) {
      registry.noteLoaded()
      return Object.keys(versions).some((key) => (registry.pending.get(key) ?? 0) > versions[key])
    },
    check: async (/** @type {boolean} */ _apply) => /** @type {string[] | null} */ (null),
    apply: async () => /** @type {string[]} */ ([]),
    onResume() {},
    onFault: /** @type {((event: ErrorEvent) => boolean) | null} */ (null),
    // What goes wrong before there is anybody to tell.
    problems: /** @type {(ErrorEvent | PromiseRejectionEvent)[]} */ ([]),
    onProblem(/** @type {ErrorEvent | PromiseRejectionEvent} */ event) { registry.problems.push(event) },
  })

  // The document's own modules run first: after an update, an older version of what it brought would run last.
  const own = "script[type=module][async][src]"
  const ended = new WeakSet()
  for (const type of ["load", "error"]) document.addEventListener(type, ({ target }) => target && ended.add(target), true)
  /** @param {string} type */
  const event = (type) => new Promise((resolve) => document.addEventListener(type, resolve, { capture: true, once: true }))
  async function loadOwn() {
    if (document.readyState === "loading") await event("DOMContentLoaded")
    while ([...document.querySelectorAll(own)].some((it) => !ended.has(it))) await Promise.race([event("load"), event("error")])
  }
  registry.ownModules = loadOwn().then(() => {
    registry.noteLoaded()
    isLoading = false
  })

  const loading = new PerformanceObserver((list) => note(list.getEntries()))
  loading.observe({ type: "resource", buffered: true })
  // First of all listeners: a probe's expected failure must not reach the app's.
  addEventListener("error", (event) => {
    if (event instanceof ErrorEvent && !registry.onFault?.(event)) registry.onProblem(event)
    const { target } = event
    if (target instanceof HTMLScriptElement && target.type === "module" && target.src) registry.broken = true
  }, true)
  addEventListener("unhandledrejection", (event) => registry.onProblem(event))

  const hmr = {
    /** Put updates on hold: they gather, and `import.meta.hot.check()` tells of them. */
    pause() { registry.held = true },
    resume() {
      registry.held = false
      registry.onResume()
    },
    check: () => registry.check(false),
    apply: () => registry.apply(),
    on: registry.on,
    off: registry.off,
    get status() { return registry.status },
  }
  if (!("hmr" in globalThis)) Object.defineProperty(globalThis, "hmr", { value: hmr, writable: true, configurable: true })

  function begin() {
    arriving.disconnect()
    if (document.querySelector(INLINE)) live.set(page, 0)
    import(new URL(`${script.dataset.client ?? "."}/main.js`, home).href).catch((error) => console.error("[hmr] could not start:", error))
  }
  if (document.readyState === "loading") document.addEventListener("readystatechange", begin, { once: true })
  else begin()
})()
