import assert from "node:assert/strict"
import { test } from "node:test"

import { createAway } from "../../hmr_middleware/static/page-away.js"
import { createPages } from "../../hmr_middleware/static/pages.js"

const SERVED = { page: "p", url: "http://h/", method: "GET", status: 200 }
const answer = (text, more = {}) => ({ status: 200, statusText: "OK", url: "http://h/", isMoved: false, isHtml: true, isSettled: true, text, ...more })

/** Pages in no browser: what the server says, what was done. */
function stage({ served = SERVED, base = "one", answers = [] } = {}) {
  const done = []
  const say = (what) => (...args) => void done.push([what, ...args])
  const world = { url: served.url, held: false, done, answers }
  const pages = createPages({
    served,
    here: () => world.url,
    isHeld: () => world.held,
    fetchPage: async (url, signal) => {
      done.push(["fetch", url])
      const next = world.answers.shift()
      if (next instanceof Promise) return Promise.race([next, new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))))])
      if (!next) throw new TypeError("Failed to fetch")
      return next
    },
    fetchBase: async () => base,
    patch: async (from, text) => (done.push(["patch", from.text, text]), text),
    pause: async () => {},
    reload: async ({ reason }) => void done.push(["reload", reason]),
    faults: Object.fromEntries(["failed", "elsewhere", "form", "unreached", "healed"].map((name) => [name, say(name)])),
  })
  return { pages, world, did: () => done.filter(([what]) => what !== "fetch" && what !== "healed").map(([what, ...rest]) => [what, ...rest.map((one) => one?.status ?? one)]) }
}

test("what the server says differently is patched in, once", async () => {
  const { pages, did } = stage({ answers: [answer("two"), answer("two"), answer("three")] })
  for (let round = 0; round < 3; round++) await pages.refresh()
  assert.deepEqual(did(), [["patch", "one", "two"], ["patch", "two", "three"]])
})

test("the same text means nothing at all", async () => {
  const { pages, did } = stage({ answers: [answer("one")] })
  assert.equal(await pages.refresh(), true)
  assert.deepEqual(did(), [])
})

test("on hold nothing is asked, and several changes are one question", async () => {
  const { pages, world, did } = stage({ answers: [answer("two")] })
  world.held = true
  await pages.refresh(["a.html"])
  await pages.refresh(["b.html"])
  assert.deepEqual(world.done, [])
  world.held = false
  await pages.flush()
  assert.deepEqual(did(), [["patch", "one", "two"]])
})

test("what is on hold may be let in", async () => {
  const { pages, world, did } = stage({ answers: [answer("two"), answer("three")] })
  world.held = true
  await pages.refresh()
  await pages.force()
  await pages.refresh()
  assert.deepEqual(did(), [["patch", "one", "two"]])
})

test("a server that answers the second time has only been restarted", async () => {
  const { pages, did } = stage({ answers: [undefined, answer("two")] })
  await pages.refresh()
  assert.deepEqual(did(), [["patch", "one", "two"]])
})

test("a change while one is being fetched begins anew", async () => {
  const { pages, did } = stage({ answers: [new Promise(() => {}), answer("three")] })
  const first = pages.refresh()
  await new Promise(setImmediate)
  await pages.refresh()
  await first
  assert.deepEqual(did(), [["patch", "one", "three"]])
})

test("what was made of a template that is being saved is asked for again", async () => {
  const { pages, world, did } = stage({ answers: [answer("", { isSettled: false }), answer("two")] })
  await pages.refresh()
  assert.equal(world.done.filter(([what]) => what === "fetch").length, 2)
  assert.deepEqual(did(), [["patch", "one", "two"]])
})

test("where another process has sent the document, the page is asked for once", async () => {
  const { pages, did } = stage({ base: null, answers: [answer("two"), answer("three")] })
  await pages.begin()
  await pages.refresh()
  assert.deepEqual(did(), [["patch", "two", "three"]])
})

test("what nobody knows any more when it has changed is loaded again", async () => {
  const { pages, did } = stage({ base: null, answers: [answer("two")] })
  await pages.refresh(["index.html"])
  assert.deepEqual(did(), [["reload", "the server does not know any more what it sent"]])
})

test("a server that was away, and does not know what was sent, is no reason to load the page again", async () => {
  const { pages, did } = stage({ base: null, answers: [answer("two"), answer("three")] })
  await pages.refresh()
  await pages.refresh(["index.html"])
  assert.deepEqual(did(), [["patch", "two", "three"]])
})

const CASES = [
  ["an error is shown", {}, answer("no", { status: 500 }), [["failed", 500, true]]],
  ["a redirect is told", {}, answer("login", { isMoved: true }), [["elsewhere", 200]]],
  ["what is no page is told", {}, answer("{}", { isHtml: false }), [["elsewhere", 200]]],
  ["no answer is told", {}, undefined, [["unreached"]]],
  ["a page from a form is told", { method: "POST" }, answer("two"), [["form", ["a.html"]]]],
  ["an error that is over is loaded", { status: 500 }, answer("two"), [["reload", "the page works again"]]],
  ["another error is loaded", { status: 500 }, answer("two", { status: 404 }), [["reload", "the page answers with another error (404)"]]],
  ["the same error stays", { status: 500 }, answer("one", { status: 500 }), []],
]
for (const [name, served, said, expected] of CASES) {
  test(name, async () => {
    const { pages, did } = stage({ served: { ...SERVED, ...served }, answers: [said] })
    await pages.refresh(["a.html"])
    assert.deepEqual(did(), expected)
  })
}

test("while the server is away, an error page is not replaced by another one", async () => {
  const { pages, did } = stage({ served: { ...SERVED, status: 500 }, answers: [answer("two", { status: 500 })] })
  pages.setAway(true)
  await pages.refresh()
  assert.deepEqual(did(), [])
})

test("a route that only scripts know is no fault", async () => {
  const { pages, world, did } = stage({ answers: [answer("not found", { status: 404 })] })
  world.url = "http://h/only/scripts"
  await pages.refresh()
  assert.deepEqual(did(), [])
})

test("where a script has led the page, its own document counts", async () => {
  const { pages, world, did } = stage({ answers: [answer("other one"), answer("other two")] })
  await pages.begin()
  world.url = "http://h/other"
  await pages.rebase()
  await pages.refresh()
  assert.deepEqual(did(), [["patch", "other one", "other two"]])
})

test("a page that was left meanwhile is not patched with the old address's document", async () => {
  let answerNow
  const { pages, world, did } = stage({ answers: [new Promise((resolve) => (answerNow = resolve)), answer("other")] })
  const asked = pages.refresh()
  await new Promise(setImmediate)
  world.url = "http://h/other"
  answerNow(answer("two"))
  await asked
  assert.deepEqual(did(), [])
})

/** A server that is away, with a clock of our own. @param {(boolean | null)[]} outcomes */
async function absence(t, outcomes, milliseconds) {
  t.mock.timers.enable({ apis: ["setTimeout"] })
  const told = []
  let attempts = 0
  const effects = { tell: () => told.push("waiting"), untell: () => told.push("arrived"), document: { hidden: false } }
  const away = createAway({ ...effects, attempt: async () => outcomes[Math.min(attempts++, outcomes.length - 1)] })
  away.leave()
  for (let passed = 0; passed < milliseconds; passed += 100) {
    t.mock.timers.tick(100)
    await new Promise(setImmediate)
  }
  return { away, told, attempts: () => attempts }
}

test("an ordinary restart is not spoken of", async (t) => {
  const { away, told } = await absence(t, [false], 2_000)
  away.comeBack()
  assert.deepEqual(told, ["arrived"])
})

test("a server that stays away is spoken of, and asked ever more rarely", async (t) => {
  const { told, attempts } = await absence(t, [false], 30_000)
  assert.equal(told[0], "waiting")
  assert.equal(attempts(), 6)
})

test("a server that answers without a socket is there", async (t) => {
  const { told } = await absence(t, [true], 10_000)
  assert.ok(!told.includes("waiting"))
})
