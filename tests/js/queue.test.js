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

/** What a queue gets through, where whatever has to do with the module *broken* fails. */
async function playedBy(broken, ...updates) {
  const applied = []
  const queue = createQueue(async ({ versions }) => {
    const works = !(broken in versions)
    if (works) applied.push(Object.keys(versions))
    return works
  })
  for (const each of updates) {
    queue.add(each)
    await new Promise(setImmediate)
  }
  return applied
}

test("what fails again does not keep the next from being applied", async () => {
  const [broken, fine] = ["/a.js", "/b.js"].map((key) => update([item(key, 1)], { [key]: 1 }))
  assert.deepEqual(await playedBy("/a.js", broken, fine), [["/b.js"]])
})

test("what has been applied alone is not tried again", async () => {
  const [broken, fine, healed] = ["/a.js", "/b.js", "/a.js"].map((key, at) => update([item(key, at)], { [key]: at }))
  const tried = []
  const queue = createQueue(async ({ versions }) => tried.push(Object.keys(versions)) && versions["/a.js"] !== 0)
  for (const each of [broken, fine, healed]) {
    queue.add(each)
    await new Promise(setImmediate)
  }
  assert.deepEqual(tried, [["/a.js"], ["/a.js", "/b.js"], ["/b.js"], ["/a.js"]])
})

test("what is pruned is gone before it can come again", async () => {
  const applied = []
  let release
  const gate = new Promise((resolve) => (release = resolve))
  const queue = createQueue(async (given) => {
    applied.push([Object.keys(given.versions), given.prunes])
    await gate
    return true
  })
  const of = (key, prunes) => update([item(key, 1)], { [key]: 1 }, prunes)
  for (const each of [of("/a.js"), of("/b.js", ["/x.js"]), of("/c.js"), of("/d.js")]) queue.add(each)
  assert.deepEqual(queue.pending, ["/b.js", "/c.js", "/d.js"])
  release()
  await new Promise(setImmediate)
  assert.deepEqual(applied, [[["/a.js"], []], [["/b.js"], ["/x.js"]], [["/c.js", "/d.js"], []]])
})

test("what has been pruned is not tried again", async () => {
  const tried = []
  const queue = createQueue(async ({ versions }) => tried.push(Object.keys(versions)) && !("/a.js" in versions))
  for (const each of [update([item("/a.js", 1)], { "/a.js": 1 }), update([item("/b.js", 1)], { "/b.js": 1 }, ["/a.js"]), update([item("/c.js", 1)], { "/c.js": 1 })]) {
    queue.add(each)
    await new Promise(setImmediate)
  }
  assert.deepEqual(tried, [["/a.js"], ["/a.js", "/b.js"], ["/b.js"], ["/c.js"]])
})

test("of an update that tries again what failed, the rest can be applied alone", async () => {
  const rest = update([item("/b.js", 1)], { "/b.js": 1 })
  const whole = update([item("/a.js", 1), item("/b.js", 1)], { "/a.js": 1, "/b.js": 1 })
  assert.deepEqual(await playedBy("/a.js", { ...whole, alone: rest }), [["/b.js"]])
})

test("the rests of two updates are one rest", () => {
  const rest = (key) => ({ ...update([item(key, 1), item("/x.js", 1)], { [key]: 1, "/x.js": 1 }), alone: update([item(key, 1)], { [key]: 1 }) })
  assert.deepEqual(merge(rest("/a.js"), rest("/b.js")).alone.versions, { "/a.js": 1, "/b.js": 1 })
  assert.deepEqual(merge(rest("/a.js"), update([item("/b.js", 1)], { "/b.js": 1 })).alone.versions, { "/a.js": 1, "/b.js": 1 })
})

test("a task in between waits for the update under way, and updates wait for it", async () => {
  const order = []
  const gates = []
  const gate = () => new Promise((resolve) => gates.push(resolve))
  const queue = createQueue(async (given) => {
    order.push(`update ${Object.values(given.versions)}`)
    await gate()
    order.push("applied")
    return true
  })
  queue.add(update([item("/a.js", 1)], { "/a.js": 1 }))
  const between = queue.between(async () => {
    order.push("task")
    await gate()
    order.push("done")
  })
  await new Promise(setImmediate)
  assert.deepEqual(order, ["update 1"])
  gates.shift()()
  await new Promise(setImmediate)
  queue.add(update([item("/a.js", 2)], { "/a.js": 2 }))
  await new Promise(setImmediate)
  assert.deepEqual(order, ["update 1", "applied", "task"])
  gates.shift()()
  await between
  await new Promise(setImmediate)
  assert.deepEqual(order, ["update 1", "applied", "task", "done", "update 2"])
})

test("what comes while a broken one is tried is applied alone", async () => {
  const [broken, again, fine] = [["/a.js", 1], ["/a.js", 2], ["/b.js", 3]].map(([key, at]) => update([item(key, at)], { [key]: at }))
  const applied = []
  const queue = createQueue(async ({ versions }) => {
    await new Promise(setImmediate)
    if (!("/a.js" in versions)) applied.push(Object.keys(versions))
    return !("/a.js" in versions)
  })
  queue.add(broken)
  await new Promise((resolve) => setTimeout(resolve, 5))
  queue.add(again)
  await Promise.resolve()
  queue.add(fine)
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(applied, [["/b.js"]])
})
