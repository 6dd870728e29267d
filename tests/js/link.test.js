import assert from "node:assert/strict"
import { test } from "node:test"

import { createLinker } from "../../hmr_middleware/static/link.js"

/** A page whose probes end when the test says so. */
function fakePage(t) {
  const probes = []
  globalThis.ErrorEvent = class ErrorEvent extends Event {}
  globalThis.document = {
    createElement: () => ({ remove() {} }),
    head: { append: (script) => probes.push(script) },
  }
  t.after(() => ["ErrorEvent", "document"].forEach((name) => delete globalThis[name]))
  const registry = { home: new URL("http://a.test/__hmr/"), csp: false, nonce: "", onFault: null }
  // What does not link has an error without frames: no code was running.
  const end = (message, error = Object.assign(new SyntaxError(message), { stack: "" })) =>
    registry.onFault(Object.assign(new ErrorEvent("error", { cancelable: true }), { message, error }))
  return { probes, end, link: createLinker(registry) }
}

const soon = () => new Promise((resolve) => setImmediate(resolve))

test("one probe waits for the other, and each gets its own verdict", async (t) => {
  const { probes, end, link } = fakePage(t)
  const broken = link(["/a.js"])
  const sound = link(["/b.js"])
  await soon()
  assert.equal(probes.length, 1)
  end("Unexpected token")
  await assert.rejects(broken)
  await soon()
  assert.equal(probes.length, 2)
  end("does not provide an export named 'hmr_all_is_linked'")
  await sound
})

test("what the page's own code throws meanwhile is not the probe's", async (t) => {
  const { end, link } = fakePage(t)
  const linked = link(["/a.js"])
  await soon()
  assert.equal(end("on click", new Error("on click")), false)
  assert.equal(end("Unexpected token", new SyntaxError("of JSON.parse, thrown by running code")), false)
  assert.equal(end("does not provide an export named 'hmr_all_is_linked'"), true)
  await linked
})
