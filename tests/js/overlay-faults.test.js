import assert from "node:assert/strict"
import { test } from "node:test"

import { createFaults } from "../../hmr_middleware/static/overlay-faults.js"

/** Run *steps*, such as "show a", "notice b", "clear a c", "details"; an id may have a message: "show a:second". */
function after(...steps) {
  const faults = createFaults()
  const fault = (text) => Object.fromEntries(["id", "message"].map((key, at) => [key, text.split(":")[at] ?? "wrong"]))
  const verbs = {
    show: (text) => faults.add(fault(text), true),
    notice: (text) => faults.add(fault(text), false),
    clear: (...ids) => faults.clear(ids),
    "clear-loud": faults.clearLoud,
    "clear-all": faults.clearAll,
    next: () => faults.turn(1),
    previous: () => faults.turn(-1),
    details: faults.openAsked,
    dismiss: faults.close,
  }
  for (const step of steps) {
    const [verb, ...args] = step.split(" ")
    verbs[verb](...args)
  }
  return { open: faults.open, ids: faults.entries.map(({ id }) => id).join(""), current: faults.current?.id, faults }
}

const CASES = {
  "nothing": [[], { open: false, ids: "", current: undefined }],
  "a fault opens": [["show a"], { open: true, ids: "a", current: "a" }],
  "a problem does not": [["notice a"], { open: false, ids: "a", current: "a" }],
  "the same fault again is one entry": [["show a", "show b", "show a"], { open: true, ids: "ab", current: "a" }],
  "another message is another": [["show a", "show a:other"], { open: true, ids: "aa", current: "a" }],
  "the first of several stays in view": [["show a", "show b", "show c"], { open: true, ids: "abc", current: "a" }],
  "a fault comes before a problem": [["notice a", "details", "show b"], { open: true, ids: "ab", current: "b" }],
  "a problem does not take a fault's place": [["show a", "notice b"], { open: true, ids: "ab", current: "a" }],
  "the next": [["show a", "show b", "next"], { open: true, ids: "ab", current: "b" }],
  "after the last comes the first": [["show a", "show b", "next", "next"], { open: true, ids: "ab", current: "a" }],
  "before the first comes the last": [["show a", "show b", "previous"], { open: true, ids: "ab", current: "b" }],
  "what is fixed goes": [["show a", "show b", "clear a"], { open: true, ids: "b", current: "b" }],
  "what is beside it stays in view": [["show a", "show b", "next", "clear a"], { open: true, ids: "b", current: "b" }],
  "the last fix closes": [["show a", "show b", "clear a b"], { open: false, ids: "", current: undefined }],
  "one fix clears all about it": [["show a", "show a:other", "clear a"], { open: false, ids: "", current: undefined }],
  "a fix leaves the problems to the notice": [["notice a", "show b", "clear b"], { open: false, ids: "a", current: "a" }],
  "a fix clears problems, too": [["notice a", "clear a"], { open: false, ids: "", current: undefined }],
  "clearing what is not there": [["show a", "clear b"], { open: true, ids: "a", current: "a" }],
  "all faults are cleared, no problems": [["notice a", "show b", "show c", "clear-loud"], { open: false, ids: "a", current: "a" }],
  "everything is cleared": [["notice a", "show b", "clear-all"], { open: false, ids: "", current: undefined }],
  "details of a problem": [["notice a", "notice b", "details"], { open: true, ids: "ab", current: "b" }],
  "no details of nothing": [["details"], { open: false, ids: "", current: undefined }],
  "what the user opened stays open": [["notice a", "show b", "dismiss", "details", "clear b"], { open: true, ids: "a", current: "a" }],
  "a dismissed fault is still known": [["show a", "dismiss"], { open: false, ids: "a", current: "a" }],
  "a dismissed fault that is told again opens": [["show a", "dismiss", "show a"], { open: true, ids: "a", current: "a" }],
  "a problem does not open what is dismissed": [["show a", "dismiss", "notice b"], { open: false, ids: "ab", current: "a" }],
  "a new fault opens at itself": [["show a", "dismiss", "show b"], { open: true, ids: "ab", current: "b" }],
  "a problem that becomes a fault opens": [["notice a", "show a"], { open: true, ids: "a", current: "a" }],
  "turning nothing": [["next"], { open: false, ids: "", current: undefined }],
}

for (const [name, [steps, expected]] of Object.entries(CASES)) {
  test(`faults: ${name}`, () => {
    const { open, ids, current } = after(...steps)
    assert.deepEqual({ open, ids, current }, expected)
  })
}

test("the same problem is counted", () => {
  assert.equal(after("notice a", "notice a", "notice a").faults.current.count, 3)
})

test("the same fault shows its newest details", () => {
  const { faults } = after("show a")
  faults.add({ id: "a", title: "", message: "wrong", line: 9 }, true)
  assert.equal(faults.current.line, 9)
})

test("an endless row of problems drops the oldest, and faults last", () => {
  const many = Array.from({ length: 60 }, (_, at) => `notice ${at}`)
  const { faults } = after("show fault", ...many)
  assert.deepEqual([faults.entries.length, faults.entries[0].id, faults.entries[1].id], [50, "fault", "11"])
})
