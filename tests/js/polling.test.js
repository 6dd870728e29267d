import assert from "node:assert/strict"
import { test } from "node:test"

import { createPolling, firstPart, paceAfter } from "../../hmr_middleware/static/polling.js"

for (const [quiet, hidden, expected] of [
  [0, false, 30],
  [999, false, 30],
  [1_000, false, 100],
  [14_999, false, 100],
  [15_000, false, 400],
  [1e9, false, 400],
  [0, true, 5_000],
  [1e9, true, 5_000],
]) {
  test(`after ${quiet} ms of quiet${hidden ? ", hidden" : ""} the pace is ${expected} ms`, () => assert.equal(paceAfter(quiet, hidden), expected))
}

test("a request takes what fits, and one message in any case", () => {
  const [short, long, huge] = [1_000, 150_000, 250_000].map((size) => "x".repeat(size))
  assert.equal(firstPart([]).length, 0)
  assert.equal(firstPart([short, long, short]).length, 3)
  assert.equal(firstPart([long, long, short]).length, 1)
  assert.equal(firstPart([huge, short]).length, 1)
  assert.equal(firstPart([short, huge]).length, 1)
  assert.equal(firstPart(Array(3_000).fill("x")).length, 1_000)
})

/** A server of several workers, each with sessions of its own, as `polling.py` keeps them. */
class Workers {
  constructor(count, pick) {
    this.workers = Array.from({ length: count }, () => new Map())
    this.pick = pick
    this.heard = []
    this.begun = 0
    this.asked = 0
  }
  answer({ session, received, sent, messages, bye }) {
    this.asked++
    const worker = this.workers[this.pick(this.asked) % this.workers.length]
    if (!session) worker.set((session = `s${++this.begun}`), { heard: 0, read: 0, unread: [] })
    const own = worker.get(session)
    if (!own) return this.workers.some((other) => other.has(session)) ? { elsewhere: true } : { gone: true }
    if (bye) return worker.delete(session), { gone: true }
    const fresh = messages.slice(own.heard - sent)
    own.heard += fresh.length
    this.heard.push(...fresh.map((text) => JSON.parse(text)))
    own.unread.splice(0, received - own.read)
    own.read = received
    return { session, received: own.heard, sent: own.read, messages: [...own.unread] }
  }
  tell(message) {
    for (const worker of this.workers) for (const own of worker.values()) own.unread.push(JSON.stringify(message))
  }
  restart() {
    this.workers.forEach((worker) => worker.clear())
  }
}

/** Open a line to *server*; `fails(number)` says whether a request, or only its answer, is lost. */
function page(t, server, { fails = () => "", tried = [] } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] })
  const seen = { opened: 0, closed: [], received: [], asked: [], listeners: {}, hidden: false, options: [] }
  const post = async (body, options = {}) => {
    seen.asked.push(body)
    seen.options.push(options)
    const failure = fails(seen.asked.length)
    if (failure === "refused") throw new Error("403")
    if (failure === "request") throw new TypeError("failed")
    if (failure === "hangs") {
      return new Promise((_, reject) => options.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError"))))
    }
    const answer = JSON.parse(JSON.stringify(server.answer(body)))
    if (failure === "answer") throw new TypeError("failed")
    return answer
  }
  const window = {
    addEventListener: (name, listener) => (seen.listeners[name] = listener),
    removeEventListener: (name) => delete seen.listeners[name],
  }
  const document = { get hidden() { return seen.hidden } }
  const dial = createPolling({ post, document, window, now: Date.now })
  const line = dial({
    tried,
    opened: () => seen.opened++,
    closed: (isSure, unsaid) => seen.closed.push([isSure, unsaid]),
    received: (message) => seen.received.push(message),
  })
  return { line, seen, pass: (milliseconds) => pass(t, milliseconds) }
}

async function pass(t, milliseconds) {
  for (let passed = 0; passed < milliseconds; passed += 10) {
    await new Promise(setImmediate)
    t.mock.timers.tick(10)
  }
  await new Promise(setImmediate)
}

const numbers = (count) => Array.from({ length: count }, (_, number) => ({ number }))
/** The same numbers with every run. */
function chance(seed) {
  return () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) >> 8
}

test("messages go both ways in order", async (t) => {
  const server = new Workers(1, () => 0)
  const { line, seen, pass } = page(t, server, { tried: ["socket"] })
  await pass(50)
  assert.deepEqual([seen.opened, seen.asked[0].tried], [1, ["socket"]])
  numbers(3).forEach((message) => line.send(message))
  numbers(3).forEach((message) => server.tell(message))
  await pass(100)
  assert.deepEqual([server.heard, seen.received], [numbers(3), numbers(3)])
})

test("what is said while a question is on its way goes with the next", async (t) => {
  const server = new Workers(1, () => 0)
  const { line, seen, pass } = page(t, server, { fails: (number) => void (number === 3 && line.send({ number: 2 })) })
  await pass(50)
  line.send({ number: 1 })
  await pass(200)
  assert.equal(seen.asked[2].messages.length, 1)
  assert.deepEqual(server.heard, [{ number: 1 }, { number: 2 }])
})

test("an answer that does not go on where the last one ended ends the session", async (t) => {
  const server = new Workers(1, () => 0)
  const { seen, pass } = page(t, { answer: (body) => ({ ...server.answer(body), sent: body.session ? 7 : 0 }) })
  await pass(200)
  assert.deepEqual([seen.opened, seen.closed], [1, [[false, []]]])
})

test("none is lost or doubled where requests and answers are", async (t) => {
  const server = new Workers(1, () => 0)
  const failing = chance(7)
  const { line, seen, pass } = page(t, server, { fails: (number) => (number % 3 === 2 ? ["request", "answer"][failing() % 2] : "") })
  await pass(50)
  for (const message of numbers(40)) {
    line.send(message)
    server.tell(message)
    await pass(70)
  }
  await pass(1_000)
  assert.deepEqual([server.heard, seen.received], [numbers(40), numbers(40)])
  assert.deepEqual([server.begun, seen.closed], [1, []])
})

for (const count of [2, 3, 8]) {
  test(`${count} workers: one session, whoever answers`, async (t) => {
    const server = new Workers(count, chance(count))
    const { line, seen, pass } = page(t, server)
    await pass(50)
    for (const message of numbers(60)) {
      line.send(message)
      server.tell(message)
      await pass(300)
    }
    await pass(2_000)
    assert.deepEqual([server.heard, seen.received], [numbers(60), numbers(60)])
    assert.deepEqual([server.begun, seen.opened, seen.closed], [1, 1, []])
  })
}

test("a worker that never answers again is given up", async (t) => {
  const server = new Workers(2, (asked) => (asked === 1 ? 0 : 1))
  const { line, seen, pass } = page(t, server)
  await pass(50)
  line.send({ number: 1 })
  await pass(6_000)
  assert.deepEqual(seen.closed, [[false, [{ number: 1 }]]], "what it did not take is not lost")
})

test("a server that was restarted is known by its answer", async (t) => {
  const server = new Workers(1, () => 0)
  const { seen, pass } = page(t, server)
  await pass(50)
  server.restart()
  await pass(200)
  assert.deepEqual(seen.closed, [[false, []]])
  const asked = seen.asked.length
  await pass(10_000)
  assert.equal(seen.asked.length, asked, "nobody asks any more")
})

test("a server that is away is tried a little before it is given up", async (t) => {
  const server = new Workers(1, () => 0)
  let away = false
  const { line, seen, pass } = page(t, server, { fails: () => (away ? "request" : "") })
  await pass(50)
  away = true
  line.send({ number: 1 })
  await pass(1_000)
  assert.equal(seen.asked.filter(({ messages }) => messages.length).length, 3)
  assert.deepEqual(seen.closed, [[false, []]], "what may have been heard is not said again")
})

test("a server that refuses says that this is no way", async (t) => {
  const { seen, pass } = page(t, new Workers(1, () => 0), { fails: () => "refused" })
  await pass(500)
  assert.deepEqual([seen.opened, seen.closed, seen.asked.length], [0, [[true, []]], 1])
})

test("nobody there says nothing of the way", async (t) => {
  const { seen, pass } = page(t, new Workers(1, () => 0), { fails: () => "request" })
  await pass(500)
  assert.deepEqual([seen.opened, seen.closed, seen.asked.length], [0, [[false, []]], 1])
})

test("the pace falls with the quiet, and a hidden page asks seldom", async (t) => {
  const server = new Workers(1, () => 0)
  const { line, seen, pass } = page(t, server)
  const asked = async (milliseconds) => {
    const before = seen.asked.length
    await pass(milliseconds)
    return seen.asked.length - before
  }
  const first = await asked(1_000)
  await pass(1_000)
  const lively = await asked(2_000)
  await pass(14_000)
  const calm = await asked(4_000)
  seen.hidden = true
  await pass(1_000)
  const hidden = await asked(20_000)
  assert.ok(first > 18 && lively > 14 && lively < 21 && calm < 11 && calm > 8 && hidden === 4, `${first} ${lively} ${calm} ${hidden}`)
  seen.hidden = false
  line.hurry()
  assert.ok((await asked(100)) > 1, "who is shown again asks at once")
})

test("a request that hangs is given up when the page is shown again", async (t) => {
  const server = new Workers(1, () => 0)
  let hangs = false
  const { line, seen, pass } = page(t, server, { fails: () => (hangs ? "hangs" : "") })
  await pass(50)
  hangs = true
  await pass(6_000)
  const asked = seen.asked.length
  hangs = false
  line.hurry()
  server.tell({ number: 1 })
  await pass(300)
  assert.ok(seen.asked.length > asked)
  assert.deepEqual([seen.received, seen.closed], [[{ number: 1 }], []])
})

test("a page that goes says so, and one that comes back begins anew", async (t) => {
  const server = new Workers(1, () => 0)
  const { line, seen, pass } = page(t, server)
  await pass(50)
  seen.listeners.pagehide()
  const goodbye = seen.asked.findIndex(({ bye }) => bye)
  assert.equal(seen.options[goodbye].keepalive, true)
  line.hurry()
  await pass(200)
  assert.deepEqual(seen.closed, [[false, []]])
  assert.equal(seen.listeners.pagehide, undefined)
})
