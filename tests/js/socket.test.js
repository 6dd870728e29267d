import assert from "node:assert/strict"
import { test } from "node:test"

import { connect, delayAfter } from "../../hmr_middleware/static/socket.js"
import { createChoice } from "../../hmr_middleware/static/transports.js"

test("the first attempts come quickly, and none later than two seconds apart", () => {
  assert.deepEqual([0, 1, 2, 3].map(delayAfter), [50, 100, 200, 400])
  assert.equal(delayAfter(5_000), 2_000)
})

/** What a test sees of a connection, with a browser around it; *server* says what HEAD is answered with. */
function surroundings(t, server = () => true) {
  const seen = { dialled: [], probes: 0, lines: [], opened: [], closed: 0, listeners: {} }
  const before = { fetch: globalThis.fetch, addEventListener: globalThis.addEventListener, document: globalThis.document }
  t.after(() => Object.assign(globalThis, before))
  t.mock.timers.enable({ apis: ["setTimeout"] })
  globalThis.addEventListener = (name, listener) => (seen.listeners[name] = listener)
  globalThis.document = { addEventListener: globalThis.addEventListener, hidden: false }
  globalThis.fetch = async () => {
    const said = server(seen.probes++)
    if (said instanceof Error) throw said
    return { ok: said }
  }
  return seen
}

/** Connect by *ways*; `outcome(way, attempt)` says what a line does: "opens", "fails", or surely leads "nowhere". */
function connectBy(seen, ways, outcome) {
  const dial = (way) => (events) => {
    const line = { events, sent: [], hurried: 0, send: (message) => line.sent.push(message), hurry: () => line.hurried++ }
    seen.dialled.push(way)
    seen.lines.push(line)
    const became = outcome(way, seen.dialled.length)
    queueMicrotask(became === "opens" ? events.opened : () => events.closed(became === "nowhere"))
    return line
  }
  return connect({
    lines: Object.fromEntries(ways.map((way) => [way, dial(way)])),
    choice: createChoice(ways),
    probe: "http://h/",
    onOpen: (way) => seen.opened.push(way),
    onClose: () => seen.closed++,
    onMessage() {},
  })
}

async function pass(t, milliseconds) {
  for (let passed = 0; passed < milliseconds; passed += 10) {
    await new Promise(setImmediate)
    t.mock.timers.tick(10)
  }
  await new Promise(setImmediate)
}

/** Have one way that never opens, and see what is tried for a while. */
async function lost(t, milliseconds, server) {
  const seen = surroundings(t, server)
  connectBy(seen, ["socket"], () => "fails")
  await pass(t, milliseconds)
  return { sockets: seen.dialled.length, probes: seen.probes, closed: seen.closed }
}

test("a port that nobody listens at is asked often, and no socket is tried", async (t) => {
  const { sockets, probes, closed } = await lost(t, 3_000, () => new TypeError("refused"))
  assert.ok(probes > 30 && sockets === 2, `${probes} probes, ${sockets} sockets`)
  assert.equal(closed, 1)
})

test("a server that answers with errors is asked ever more rarely", async (t) => {
  const { sockets, probes } = await lost(t, 8_000, () => false)
  assert.ok(probes < 8 && sockets === 2, `${probes} probes, ${sockets} sockets`)
})

test("a server without sockets is asked ever more rarely", async (t) => {
  const { sockets } = await lost(t, 8_000, () => true)
  assert.ok(sockets < 10, `${sockets} sockets`)
})

test("a way that leads nowhere gives way to the next at once", async (t) => {
  const seen = surroundings(t)
  connectBy(seen, ["side-port", "polling"], (way) => (way === "polling" ? "opens" : "nowhere"))
  await pass(t, 30)
  assert.deepEqual([seen.dialled, seen.opened, seen.closed], [["side-port", "polling"], ["polling"], 1])
})

test("sockets that do not get through to a server that answers give way within a second", async (t) => {
  const seen = surroundings(t)
  connectBy(seen, ["socket", "side-port", "polling"], (way) => ({ socket: "fails", "side-port": "nowhere", polling: "opens" })[way])
  await pass(t, 1_000)
  assert.deepEqual(seen.opened, ["polling"])
  assert.deepEqual(new Set(seen.dialled.slice(0, -2)), new Set(["socket"]))
})

test("a server that is away does not make a socket give way", async (t) => {
  let away = true
  const seen = surroundings(t, () => (away ? new TypeError("refused") : true))
  connectBy(seen, ["socket", "polling"], () => (away ? "fails" : "opens"))
  await pass(t, 3_000)
  away = false
  await pass(t, 500)
  assert.deepEqual([seen.opened, new Set(seen.dialled)], [["socket"], new Set(["socket"])])
})

test("after a restart the way that was open is tried first", async (t) => {
  const seen = surroundings(t)
  connectBy(seen, ["side-port", "polling"], (way) => (way === "polling" ? "opens" : "nowhere"))
  await pass(t, 30)
  seen.lines.at(-1).events.closed(false)
  await pass(t, 100)
  assert.deepEqual([seen.dialled, seen.opened], [["side-port", "polling", "polling"], ["polling", "polling"]])
})

test("a server that goes away while a way is looked for does not decide for the next one", async (t) => {
  let away = false
  const seen = surroundings(t, () => (away ? new TypeError("refused") : true))
  connectBy(seen, ["side-port", "polling"], (_way, attempt) => {
    away = attempt === 2 || attempt === 3
    return ["nowhere", "fails", "fails"][attempt - 1] ?? "opens"
  })
  await pass(t, 500)
  away = false
  await pass(t, 500)
  assert.deepEqual(seen.opened, ["side-port"])
})

test("a way that opens is not left, however often it is closed", async (t) => {
  const seen = surroundings(t)
  connectBy(seen, ["socket", "polling"], (_way, attempt) => (attempt < 4 ? "fails" : "opens"))
  await pass(t, 500)
  for (let times = 0; times < 4; times++) {
    seen.lines.at(-1).events.closed(false)
    await pass(t, 200)
  }
  assert.deepEqual(new Set(seen.dialled), new Set(["socket"]))
})

test("what could not be said is said on the next line, but for the hello", async (t) => {
  const seen = surroundings(t)
  const connection = connectBy(seen, ["polling"], (_way, attempt) => (attempt === 2 ? "fails" : "opens"))
  connection.send([{ type: "hello" }, { type: "log", text: "0" }])
  await pass(t, 30)
  assert.deepEqual(seen.lines[0].sent, [{ type: "log", text: "0" }])
  seen.lines[0].events.closed(false, [{ type: "hello" }, { type: "log", text: "1" }])
  connection.send([{ type: "log", text: "2" }])
  await pass(t, 300)
  assert.deepEqual(seen.lines.at(-1).sent, [{ type: "log", text: "1" }, { type: "log", text: "2" }])
})

test("a page that is shown hurries: a line that there is, or a new one", async (t) => {
  const seen = surroundings(t)
  connectBy(seen, ["socket"], (_way, attempt) => (attempt > 1 ? "opens" : "fails"))
  await pass(t, 10)
  seen.listeners.visibilitychange()
  await pass(t, 0)
  assert.deepEqual([seen.dialled.length, seen.opened], [2, ["socket"]])
  seen.listeners.visibilitychange()
  assert.equal(seen.lines[1].hurried, 1)
  globalThis.document.hidden = true
  seen.listeners.visibilitychange()
  assert.equal(seen.lines[1].hurried, 1)
})
