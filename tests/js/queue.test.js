import assert from "node:assert/strict"
import { test } from "node:test"

import { createQueue, merge } from "../../hmr_middleware/static/queue.js"

const item = (accepted, version, url = accepted) => ({ url, accepted, version, bubbled: url !== accepted, kind: "js" })
const update = (items, versions, prunes = []) => ({ updates: items, versions, prunes })

test("of two updates of one thing the later counts", () => {
  const merged = merge(update([item("/a.js", 1)], { "/a.js": 1 }), update([item("/a.js", 2)], { "/a.js": 2 }))
  assert.deepEqual(merged.updates.map(({ version }) => version), [2])
  assert.deepEqual(merged.versions, { "/a.js": 2 })
})

test("an earlier boundary is taken at the version that a later update gave it", () => {
  const later = update([item("/b.js", 5)], { "/b.js": 5, "/a.js": 5 })
  const merged = merge(update([item("/a.js", 1)], { "/a.js": 1 }), later)
  assert.deepEqual(merged.updates.map(({ accepted, version }) => [accepted, version]), [["/a.js", 5], ["/b.js", 5]])
})

test("prunes are joined", () => {
  assert.deepEqual(merge(update([], {}, ["/a.js"]), update([], {}, ["/a.js", "/b.js"])).prunes, ["/a.js", "/b.js"])
})

test("what arrives while one is applied becomes one update", async () => {
  const applied = []
  let release
  const gate = new Promise((resolve) => (release = resolve))
  const queue = createQueue(async (given) => {
    applied.push(given.versions)
    await gate
    return true
  })
  for (const version of [1, 2, 3]) queue.add(update([item("/a.js", version)], { "/a.js": version }))
  release()
  await new Promise(setImmediate)
  assert.deepEqual(applied, [{ "/a.js": 1 }, { "/a.js": 3 }])
})

test("what failed is tried again with the next, and not before", async () => {
  const applied = []
  const queue = createQueue(async (given) => {
    applied.push(Object.keys(given.versions))
    return applied.length > 1
  })
  queue.add(update([item("/a.js", 1)], { "/a.js": 1 }))
  await new Promise(setImmediate)
  assert.deepEqual(applied, [["/a.js"]])
  queue.add(update([item("/b.js", 2)], { "/b.js": 2 }))
  await new Promise(setImmediate)
  assert.deepEqual(applied, [["/a.js"], ["/a.js", "/b.js"]])
})

test("nothing is applied after a stop", async () => {
  const applied = []
  const queue = createQueue(async (given) => applied.push(given))
  queue.stop()
  queue.add(update([item("/a.js", 1)], { "/a.js": 1 }))
  await new Promise(setImmediate)
  assert.deepEqual(applied, [])
})

test("on hold updates gather, and are told of, until they are asked for", async () => {
  const applied = []
  const queue = createQueue(async (given) => applied.push(given.versions), () => true)
  queue.add(update([item("/a.js", 1)], { "/a.js": 1 }))
  queue.add(update([item("/b.js", 2)], { "/b.js": 2 }))
  assert.deepEqual([applied, queue.pending], [[], ["/a.js", "/b.js"]])
  await queue.flush()
  assert.deepEqual([applied, queue.pending], [[{ "/a.js": 1, "/b.js": 2 }], null])
})

test("an update that is on its way can be waited for, and not for ever", async () => {
  const outcomes = []
  const queue = createQueue(async (given) => {
    outcomes.push([Object.keys(given.versions), await queue.next(1000)])
    return outcomes.length > 1
  })
  queue.add(update([item("/a.js", 1)], { "/a.js": 1 }))
  await new Promise(setImmediate)
  queue.add(update([item("/b.js", 2)], { "/b.js": 2 }))
  await new Promise(setImmediate)
  assert.deepEqual(outcomes, [[["/a.js"], true]])
  assert.equal(await createQueue(async () => true).next(1), false)
})
