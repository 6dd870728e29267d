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
  const end = (message) => registry.onFault(Object.assign(new ErrorEvent("error", { cancelable: true }), { message }))
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
