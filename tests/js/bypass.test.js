import assert from "node:assert/strict"
import { test } from "node:test"

import { whyBypassed } from "../../hmr_middleware/static/bypass.js"

const item = (parts = {}) => ({ url: "/a.js", accepted: "/a.js", version: 2, kind: "js", bubbled: false, ...parts })
const updateOf = (...updates) => ({ updates, versions: {}, prunes: [] })
const contextsAt = (version) => new Map([["/a.js", { version }]])

const CASES = {
  "it has asked for its context": [item(), contextsAt(2), false],
  "a newer one has": [item(), contextsAt(3), false],
  "only the old one has: the new one may not have come to it": [item(), contextsAt(1), false],
  "another module has": [item(), new Map([["/b.js", { version: 1 }]]), false],
  "only inline modules have": [item(), new Map([["/", { version: 0 }]]), true],
  "none ever has": [item(), new Map(), true],
  "an importer accepts it, and it need not ask": [item({ url: "/b.js" }), new Map(), false],
  "a stylesheet never asks": [item({ kind: "css" }), new Map(), false],
  "it has no version": [item({ version: 0 }), new Map(), false],
}

for (const [name, [update, contexts, bypassed]] of Object.entries(CASES)) {
  test(name, () => {
    assert.equal(whyBypassed(updateOf(update), contexts).includes("/a.js passes by"), bypassed)
  })
}
