import assert from "node:assert/strict"
import { test } from "node:test"

import { answerOf, createFollower, nextPace, QUICK, SLOW } from "../../hmr_middleware/static/status-follow.js"

/** A follower whose server says *answers*, one after the other: a text, null, or an error. */
function following(answers) {
  const seen = { shown: [], told: [], delays: [], hidden: false, asked: 0 }
  const waiting = new Map()
  let number = 0
  const follower = createFollower({
    async ask() {
      const said = answers[seen.asked++] ?? null
      if (said instanceof Error) throw said
      return said
    },
    show: (text) => void seen.shown.push(text),
    tell: (answer) => void seen.told.push(answer),
    isHidden: () => seen.hidden,
    later(action, delay) {
      seen.delays.push(delay)
      waiting.set(++number, action)
      return number
    },
    never: (timer) => void waiting.delete(timer),
  })
  const tick = async () => {
    const [[timer, action]] = waiting
    waiting.delete(timer)
    await action()
  }
  return { seen, follower, tick, waiting }
}

test("it asks more and more seldom while nothing is new, and soon again when something is", async () => {
  const { seen, follower, tick } = following([null, null, "new", null])
  await follower.look()
  for (let at = 0; at < 3; at++) await tick()
  assert.deepEqual(seen.delays, [1250, 1563, 1000, 1250])
  assert.deepEqual(seen.shown, ["new"])
})

test("it never asks more seldom than every five seconds", () => {
  let pace = QUICK
  for (let at = 0; at < 50; at++) pace = nextPace(pace, false)
  assert.equal(pace, SLOW)
})

test("a server that is away is asked on, and it is said", async () => {
  const { seen, follower, tick } = following([new Error("away"), new Error("away"), "back"])
  await follower.look()
  await tick()
  await tick()
  assert.deepEqual([seen.told, seen.shown, seen.delays], [[false, false, true], ["back"], [QUICK, QUICK, QUICK]])
})

test("while nobody looks nothing is asked, and at once when somebody does", async () => {
  const { seen, follower, waiting } = following(["one"])
  seen.hidden = true
  await follower.look()
  assert.deepEqual([seen.asked, waiting.size], [0, 0])
  seen.hidden = false
  await follower.look()
  assert.deepEqual([seen.asked, waiting.size], [1, 1])
})

test("however often it is called, one question is under way and one timer waits", async () => {
  const { seen, follower, waiting } = following([null, null])
  await Promise.all([follower.look(), follower.look()])
  assert.deepEqual([seen.asked, waiting.size], [1, 1])
  await follower.look()
  assert.deepEqual([seen.asked, waiting.size], [2, 1])
})

test("what cannot be shown is no reason to stop asking", async () => {
  const { seen, follower, waiting } = following(["new"])
  seen.shown.push = () => { throw new Error("odd") }
  await follower.look()
  assert.deepEqual([seen.told, waiting.size], [[false], 1])
})

const ANSWERS = {
  "the process that is shown": [["a"], "a", 1],
  "one of several": [["b", "c", "a"], "a", 3],
  "another, where the one that is shown is gone": [["b", "b", "b", "b", "b", "b", "b", "b", "b"], "b", 8],
  "nothing new": [[null], null, 1],
  "nothing new, after another's": [["b", null], null, 2],
}

for (const [name, [answers, expected, asked]] of Object.entries(ANSWERS)) {
  test(`of many processes: ${name}`, async () => {
    let at = 0
    const found = await answerOf(async () => (answers[at++] === null ? null : { process: answers[at - 1] }), "a")
    assert.deepEqual([found && found.process, at], [expected, asked])
  })
}
