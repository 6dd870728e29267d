import assert from "node:assert/strict"
import { test } from "node:test"

import { connect, delayAfter } from "../../hmr_middleware/static/socket.js"

test("the first attempts come quickly, and none later than two seconds apart", () => {
  assert.deepEqual([0, 1, 2, 3].map(delayAfter), [50, 100, 200, 400])
  assert.equal(delayAfter(5_000), 2_000)
})

/** Lose a connection, and see what is tried for a while. @param {(attempt: number) => boolean | Error} server what HEAD is answered with */
async function lost(t, milliseconds, server) {
  const tried = { sockets: 0, probes: 0 }
  const before = { WebSocket: globalThis.WebSocket, fetch: globalThis.fetch }
  t.after(() => Object.assign(globalThis, before))
  t.mock.timers.enable({ apis: ["setTimeout"] })
  globalThis.addEventListener = () => {}
  globalThis.document = { addEventListener() {}, hidden: false }
  globalThis.fetch = async () => {
    const said = server(tried.probes++)
    if (said instanceof Error) throw said
    return { ok: said }
  }
  globalThis.WebSocket = class {
    static CLOSED = 3
    static OPEN = 1
    readyState = 3
    constructor() {
      tried.sockets++
      queueMicrotask(() => this.onclose())
    }
  }
  connect({ url: "ws://h/", probe: "http://h/", protocols: [], onOpen() {}, onClose() {}, onMessage() {} })
  for (let passed = 0; passed < milliseconds; passed += 10) {
    await new Promise(setImmediate)
    t.mock.timers.tick(10)
  }
  return tried
}

test("a port that nobody listens at is asked often, and no socket is tried", async (t) => {
  const { sockets, probes } = await lost(t, 3_000, () => new TypeError("refused"))
  assert.ok(probes > 30 && sockets === 2, `${probes} probes, ${sockets} sockets`)
})

test("a server that answers with errors is asked ever more rarely", async (t) => {
  const { sockets, probes } = await lost(t, 8_000, () => false)
  assert.ok(probes < 8 && sockets === 2, `${probes} probes, ${sockets} sockets`)
})

test("a server without sockets is asked ever more rarely", async (t) => {
  const { sockets } = await lost(t, 8_000, () => true)
  assert.ok(sockets < 10, `${sockets} sockets`)
})
