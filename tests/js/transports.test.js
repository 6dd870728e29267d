import assert from "node:assert/strict"
import { test } from "node:test"

import { WAYS, createChoice, waysFor } from "../../hmr_middleware/static/transports.js"

const HOSTS = [
  // told, the page's host, what is tried
  ["", "localhost", WAYS],
  ["", "127.0.0.1", WAYS],
  ["", "[::1]", WAYS],
  ["", "shop.localhost", WAYS],
  ["", "192.168.0.7", ["socket", "polling"]],
  ["", "127.0.0.1.example", ["socket", "polling"]],
  ["", "localhost.example", ["socket", "polling"]],
  ["side-port polling", "localhost", ["side-port", "polling"]],
  ["side-port polling", "dev.example", ["polling"]],
  ["side-port", "dev.example", ["side-port"]], // forced: who says so knows
  ["polling", "localhost", ["polling"]],
  ["socket", "dev.example", ["socket"]],
]
for (const [told, host, expected] of HOSTS) {
  test(`"${told}" on ${host} is ${expected}`, () => assert.deepEqual(waysFor(told, host), expected))
}

/** What becomes of a choice: the ways that it takes, and whether each is tried at once. */
function after(choice, steps) {
  return steps.map((step) => `${step === "open" ? choice.opened() ?? "" : step === "away" ? choice.startOver() ?? "" : choice.missed(step === "sure") ? "now " : ""}${choice.way}`)
}

const STORIES = {
  "a way that surely leads nowhere is left at once": [["sure"], ["now side-port"]],
  "where it may be a coincidence, it is tried once more": [["maybe", "maybe"], ["socket", "now side-port"]],
  "one after another, then there is a pause before the next round": [
    ["sure", "sure", "sure", "sure", "sure"],
    ["now side-port", "now polling", "socket", "side-port", "polling"],
  ],
  "what was open is tried first again": [["sure", "sure", "open", "away"], ["now side-port", "now polling", "polling", "polling"]],
  "a server that was away says nothing of the way": [["sure", "away", "maybe", "maybe"], ["now side-port", "socket", "socket", "now side-port"]],
  "a way that was open and is closed now is left, too": [["sure", "open", "sure"], ["now side-port", "side-port", "now polling"]],
}
for (const [what, [steps, expected]] of Object.entries(STORIES)) {
  test(what, () => assert.deepEqual(after(createChoice(WAYS), steps), expected))
}

test("the ways that did not lead there are known", () => {
  const choice = createChoice(WAYS)
  assert.deepEqual(choice.tried, [])
  after(choice, ["sure", "sure"])
  assert.deepEqual(choice.tried, ["socket", "side-port"])
})

test("a way that is forced is tried for ever", () => {
  assert.deepEqual(after(createChoice(["polling"]), ["sure", "sure", "sure"]), ["polling", "polling", "polling"])
})
