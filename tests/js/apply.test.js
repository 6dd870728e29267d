import assert from "node:assert/strict"
import { test } from "node:test"

import { createApplier } from "../../hmr_middleware/static/apply.js"
import { bothDialects } from "../../hmr_middleware/static/callbacks.js"

/** A page without a browser: every effect is written down. */
function fakePage({ links = true, throwing = [], loaded = {}, next = true } = {}) {
  const told = []
  const outdated = []
  const tell = (...what) => told.push(what.join(" "))
  const live = new Map()
  const statuses = []
  const registry = {
    contexts: new Map(), live, gone: new Map(), pending: new Map(), emit: async () => {},
    noteLoaded: () => {},
    isOvertaken: (versions) => Object.keys(versions).some((key) => loaded[key] > versions[key]),
    setStatus: async (status) => void statuses.push(status),
    urlOf: (key, version = live.get(key) ?? 0) => `${key}@${version}`,
  }
  const applier = createApplier({
    registry,
    importModule: async (url) => {
      if (!told.includes(`import ${url}`)) tell("import", url)
      if (throwing.includes(url)) throw new Error(`${url} throws`)
      return { url }
    },
    link: async (urls) => {
      tell("link", urls)
      if (!links) throw new Error("does not link")
    },
    styles: async (items) => {
      tell("load", items.map(({ accepted }) => accepted))
      return { commit: () => tell("styles"), drop: () => tell("drop") }
    },
    log: () => {},
    report: (id, error) => tell("report", id, error.message),
    healed: (ids) => tell("healed", ids),
    outdated: (ids) => outdated.push(...ids),
    nextUpdate: async () => next,
  })
  const context = (key, parts = {}) => {
    const made = { key, data: {}, accepts: [], disposers: [], pruners: [], listeners: [], instance: 1, renewed: false, ...parts }
    registry.contexts.set(key, made)
    return made
  }
  return { told, tell, statuses, outdated, registry, context, apply: applier.apply }
}

const accepting = (callback, parts = {}) => ({ subject: "", deps: null, itself: true, list: false, callback, instance: 1, ...parts })
const updateOf = (key, version = 1, kind = "js") => ({
  updates: [{ url: key, accepted: key, version, bubbled: false, kind }],
  versions: { [key]: version },
  prunes: [],
})

test("first all is linked, then disposed, then run, then called", async () => {
  const page = fakePage()
  page.context("/a.js", {
    disposers: [() => page.tell("dispose")],
    accepts: [accepting(({ module }) => page.tell("callback", module.url))],
  })
  assert.equal(await page.apply(updateOf("/a.js")), "applied")
  assert.deepEqual(page.told, ["load ", "link /a.js@1", "dispose", "import /a.js@1", "styles", "callback /a.js@1", "healed /a.js"])
  assert.deepEqual(page.outdated, ["/a.js"])
  assert.deepEqual(page.statuses, ["prepare", "ready", "dispose", "apply", "idle"])
})

test("what does not link changes nothing", async () => {
  const page = fakePage({ links: false })
  page.context("/a.js", { disposers: [() => page.tell("dispose")], accepts: [accepting(() => page.tell("callback"))] })
  assert.equal(await page.apply(updateOf("/a.js")), "failed")
  assert.deepEqual(page.told.slice(0, 2), ["load ", "link /a.js@1"])
  assert.equal(page.told[2], "report /a.js does not link")
  assert.deepEqual(page.statuses, ["prepare", "abort", "idle"])
  assert.deepEqual(page.told.slice(3), ["drop"])
  assert.equal(page.registry.live.has("/a.js"), false)
})

test("what is overtaken is left to the next update", async () => {
  const page = fakePage({ loaded: { "/a.js": 2 } })
  page.context("/a.js", { disposers: [() => page.tell("dispose")] })
  assert.equal(await page.apply(updateOf("/a.js")), "overtaken")
  assert.deepEqual(page.told, ["load ", "link /a.js@1", "drop"])
  assert.equal(page.registry.pending.size, 0)
})

test("where nothing follows what has been overtaken is applied", async () => {
  const page = fakePage({ loaded: { "/a.js": 2 }, next: false })
  assert.equal(await page.apply(updateOf("/a.js")), "applied")
  assert.ok(page.told.includes("import /a.js@1"))
})

test("a version that throws calls nothing and keeps the last good registrations", async () => {
  const page = fakePage({ throwing: ["/a.js@1"] })
  const before = accepting(() => page.tell("callback"))
  const context = page.context("/a.js", { accepts: [before] })
  assert.equal(await page.apply(updateOf("/a.js")), "applied")
  assert.deepEqual(page.told.slice(-3), ["report /a.js /a.js@1 throws", "styles", "healed "])
  assert.deepEqual(page.statuses.slice(-2), ["fail", "idle"])
  assert.deepEqual(context.accepts, [before])
})

test("an error handler takes the place of the report", async () => {
  const page = fakePage({ throwing: ["/a.js@1"] })
  page.context("/a.js", { accepts: [accepting(null, { onError: (error, { id }) => page.tell("handled", id, error.message) })] })
  await page.apply(updateOf("/a.js"))
  assert.ok(page.told.includes("handled /a.js /a.js@1 throws"))
  assert.ok(!page.told.some((line) => line.startsWith("report")))
})

test("one callback that throws stops neither the others nor the update", async () => {
  const page = fakePage()
  const bad = () => { throw new Error("bad") }
  page.context("/a.js", { accepts: [accepting(bad), accepting(async () => page.tell("second"))] })
  assert.equal(await page.apply(updateOf("/a.js")), "applied")
  assert.deepEqual(page.told.slice(-3), ["report /a.js bad", "second", "healed /a.js"])
})

test("a callback for two changed dependencies runs once, with both", async () => {
  const page = fakePage()
  const callback = ([a, b]) => page.tell("got", a.url, b.url)
  page.context("/app.js", { accepts: [accepting(callback, { deps: ["/a.js", "/b.js"], list: true, itself: true })] })
  const item = (accepted) => ({ url: "/app.js", accepted, version: 2, bubbled: false, kind: "js" })
  await page.apply({ updates: [item("/a.js"), item("/b.js")], versions: { "/a.js": 2, "/b.js": 2 }, prunes: [] })
  assert.deepEqual(page.told.filter((line) => line.startsWith("got")), ["got /a.js@2 /b.js@2"])
})

test("an update that the page has already is not applied again", async () => {
  const page = fakePage()
  page.context("/a.js", { version: 3 })
  assert.equal(await page.apply(updateOf("/a.js", 3)), "applied")
  assert.deepEqual(page.told, [])
})

test("what is pruned is disposed, told, and forgotten", async () => {
  const page = fakePage()
  page.context("/old.js", { disposers: [() => page.tell("dispose")], pruners: [() => page.tell("prune")] })
  await page.apply({ ...updateOf("/a.js"), prunes: ["/old.js"] })
  assert.deepEqual(page.told.slice(-3), ["dispose", "prune", "healed /a.js"])
  assert.equal(page.registry.contexts.has("/old.js"), false)
})

test("a callback's argument speaks both dialects", () => {
  const namespace = { default: 1, render: () => "rendered" }
  const argument = bothDialects(namespace, { module: namespace, deps: [], bubbled: true })
  const { module, bubbled, render } = argument
  assert.deepEqual([module === namespace, bubbled, render(), argument.default], [true, true, "rendered", 1])
  assert.equal("render" in argument && "module" in argument && !("missing" in argument), true)
})

test("a version that has run already is not disposed of", async () => {
  const page = fakePage()
  page.context("/a.js", { version: 2, disposers: [() => page.tell("dispose")] })
  await page.apply(updateOf("/a.js", 2))
  assert.ok(!page.told.includes("dispose"))
})

test("a version that was only fetched, by another update's probe, still has to run", async () => {
  const page = fakePage()
  page.context("/a.js", { version: 1 })
  page.registry.live.set("/a.js", 2)
  await page.apply(updateOf("/a.js", 2))
  assert.ok(page.told.includes("import /a.js@2"))
})

test("a boundary is handed a version of a dependency once", async () => {
  const page = fakePage()
  const callback = (dep) => page.tell("got", dep.url)
  page.context("/app.js", { accepts: [accepting(callback, { deps: ["/a.js"], itself: false })] })
  const update = (version) => ({
    updates: [{ url: "/app.js", accepted: "/a.js", version, bubbled: false, kind: "js" }], versions: { "/a.js": version }, prunes: [],
  })
  for (const version of [2, 2, 3]) await page.apply(update(version))
  assert.deepEqual(page.told.filter((line) => line.startsWith("got")), ["got /a.js@2", "got /a.js@3"])
})

test("a callback that only an old instance has registered brings nothing to the page", async () => {
  const page = fakePage()
  const seen = []
  const lists = (deps, parts) => accepting((them) => seen.push(them.map((it) => it?.url)), { subject: deps.join(" "), deps, list: true, ...parts })
  page.registry.live.set("/here.js", 1)
  page.registry.gone.set("/pruned.js", 7)
  const deps = ["/here.js", "/pruned.js", "/never.js"]
  page.context("/a.js", { instance: 2, accepts: [lists(deps, { instance: 1 }), lists(deps, { instance: 1, latest: 2 })] })
  await page.apply(updateOf("/a.js"))
  assert.deepEqual(seen, [["/here.js@1", "/pruned.js@7", undefined], ["/here.js@1", "/pruned.js@7", "/never.js@0"]])
})
