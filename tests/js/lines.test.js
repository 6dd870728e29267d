import assert from "node:assert/strict"
import { test } from "node:test"

import { RefusedError, createLines, createSidePort } from "../../hmr_middleware/static/lines.js"

const settled = () => new Promise(setImmediate)

/** Put a WebSocket in place that records itself; *begin* may refuse to make one. */
function sockets(t, begin = () => {}) {
  const before = { WebSocket: globalThis.WebSocket, fetch: globalThis.fetch }
  t.after(() => Object.assign(globalThis, before))
  const made = []
  globalThis.WebSocket = class {
    sent = []
    constructor(url, protocols) {
      begin(url)
      made.push(Object.assign(this, { url, protocols }))
    }
    send(text) { this.sent.push(text) }
    close() { this.onclose() }
  }
  return made
}

function events() {
  const told = []
  const note = (name) => (...what) => told.push([name, ...what])
  return { told, events: { tried: ["socket"], opened: note("opened"), closed: note("closed"), received: note("received") } }
}

test("the side port is asked for, and dialled with the ticket", async (t) => {
  const made = sockets(t)
  const asked = []
  const { told, events: given } = events()
  const line = createSidePort(async (body) => (asked.push(body), { port: 12_321, ticket: "abc" }))(given)
  await settled()
  assert.deepEqual(asked, [{ tried: ["socket"] }])
  assert.deepEqual([made[0].url, made[0].protocols], ["ws://127.0.0.1:12321/", ["esm-hmr", "hmr-token.abc"]])
  made[0].onopen()
  made[0].onmessage({ data: '{"number":1}' })
  line.send({ number: 2 })
  made[0].onclose()
  assert.deepEqual(made[0].sent, ['{"number":2}'])
  assert.deepEqual(told, [["opened"], ["received", { number: 1 }], ["closed", false]])
})

const REFUSALS = {
  "a port that nobody reaches": [async () => ({ port: 1, ticket: "" }), true],
  "a server that has no port to give": [async () => ({ port: 0 }), true],
  "a server that refuses": [async () => { throw new RefusedError("403") }, true],
  "a server that is away": [async () => { throw new TypeError("failed") }, false],
}
for (const [what, [ask, isSure]] of Object.entries(REFUSALS)) {
  test(`${what} ${isSure ? "says" : "does not say"} that this is no way`, async (t) => {
    const made = sockets(t)
    const { told, events: given } = events()
    createSidePort(ask)(given)
    await settled()
    made[0]?.onerror()
    made[0]?.onclose()
    assert.deepEqual(told, [["closed", isSure]], "told once")
  })
}

for (const [answers, what, expected] of [
  [false, "never answers is given up", [["closed", true]]],
  [true, "has answered is left alone", [["opened"]]],
]) {
  test(`a port that ${what}`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] })
    const made = sockets(t)
    const { told, events: given } = events()
    createSidePort(async () => ({ port: 1, ticket: "" }))(given)
    await settled()
    t.mock.timers.tick(4_000)
    assert.deepEqual(told, [])
    if (answers) made[0].onopen()
    t.mock.timers.tick(60_000)
    assert.deepEqual(told, expected)
  })
}

test("a page that may not open a plain socket learns so", async (t) => {
  sockets(t, () => { throw new DOMException("mixed content", "SecurityError") })
  const { told, events: given } = events()
  createSidePort(async () => ({ port: 1, ticket: "" }))(given)
  await settled()
  await settled()
  assert.deepEqual(told, [["closed", true]])
})

for (const [home, expected] of [
  ["http://h:5000/__hmr/", "ws://h:5000/__hmr/socket"],
  ["https://h/root/__hmr/", "wss://h/root/__hmr/socket"],
]) {
  test(`the socket of ${home} is ${expected}`, (t) => {
    const made = sockets(t)
    const { told, events: given } = events()
    const window = { addEventListener() {}, removeEventListener() {}, document: { hidden: false } }
    createLines({ home: new URL(home), token: "abc" }, window).socket(given)
    assert.deepEqual([made[0].url, made[0].protocols], [expected, ["esm-hmr", "hmr-token.abc"]])
    made[0].onclose()
    assert.deepEqual(told, [["closed", false]])
  })
}

test("what is posted carries the token in a header of its own", async (t) => {
  sockets(t)
  const posted = []
  globalThis.fetch = async (url, options) => (posted.push([url, options]), { ok: true, json: async () => ({ port: 0 }) })
  const window = { addEventListener() {}, removeEventListener() {}, document: { hidden: false } }
  createLines({ home: new URL("http://h/__hmr/"), token: "abc" }, window)["side-port"](events().events)
  await settled()
  const [url, { method, headers, body }] = posted[0]
  assert.deepEqual([url, method, headers["X-HMR-Token"], body], ["http://h/__hmr/side-port", "POST", "abc", '{"tried":["socket"]}'])
})
