import assert from "node:assert/strict"
import { test } from "node:test"

import { bestPairs, increasing, likeness, textChange, tokenChanges, withoutVersions } from "../../hmr_middleware/static/patch-lists.js"

const INCREASING = {
  "nothing": [[], []],
  "in order": [[0, 1, 2], [0, 1, 2]],
  "backwards": [[2, 1, 0], [2]],
  "one moved to the front": [[3, 0, 1, 2], [1, 2, 3]],
  "one moved to the end": [[1, 2, 3, 0], [0, 1, 2]],
  "what is new does not count": [[-1, 0, -1, 1], [1, 3]],
}
for (const [name, [numbers, expected]] of Object.entries(INCREASING)) {
  test(`what stays in order: ${name}`, () => assert.deepEqual(increasing(numbers), expected))
}

/** By trying them all. */
function longest(numbers, at = 0, last = -1) {
  if (at === numbers.length) return 0
  const without = longest(numbers, at + 1, last)
  return numbers[at] > last ? Math.max(without, 1 + longest(numbers, at + 1, numbers[at])) : without
}

test("nothing that could stay is moved, in every order of six", () => {
  const orders = (rest) => (rest.length ? rest.flatMap((one) => orders(rest.filter((other) => other !== one)).map((order) => [one, ...order])) : [[]])
  for (const order of orders([0, 1, 2, 3, 4, 5])) {
    const found = increasing(order).map((at) => order[at])
    assert.deepEqual(found, [...found].sort(), `${order}`)
    assert.equal(found.length, longest(order), `${order}`)
  }
})

test("pairs are in order, and the best of all", () => {
  const same = (a, b) => (a === b ? 2 : a.toLowerCase() === b.toLowerCase() ? 1 : 0)
  assert.deepEqual(bestPairs([..."abc"], [..."bcd"], same), [[1, 0], [2, 1]])
  assert.deepEqual(bestPairs([..."aA"], [..."A"], same), [[1, 0]])
  assert.deepEqual(bestPairs([], [..."a"], same), [])
  assert.deepEqual(bestPairs([..."ab"], [..."cd"], same), [])
})

test("tokens", () => {
  assert.deepEqual(tokenChanges("a b\n b c", "c d"), { added: ["d"], removed: ["a", "b"] })
  assert.deepEqual(tokenChanges("", " "), { added: [], removed: [] })
})

const TEXTS = [["", ""], ["", "ab"], ["ab", ""], ["abc", "aXc"], ["aa", "a"], ["a", "aa"], ["abab", "ab"], ["one two", "one and two"], ["x", "y"]]
for (const [before, after] of TEXTS) {
  test(`the change from "${before}" to "${after}" is one span`, () => {
    const { at, count, text } = textChange(before, after)
    assert.equal(before.slice(0, at) + text + before.slice(at + count), after)
  })
}

test("a change is as short as can be", () => assert.deepEqual(textChange("one two", "one 2 two"), { at: 4, count: 0, text: "2 " }))

test("likeness", () => {
  assert.equal(likeness([], []), 1)
  assert.equal(likeness(["a"], ["b"]), 0)
  assert.equal(likeness(["a", "b"], ["b", "c"]), 1 / 3)
})

const VERSION = "1234567890123456"
const VERSIONS = {
  [`/a.js?t=${VERSION}`]: "/a.js",
  [`/a.js?t=${VERSION}#top`]: "/a.js#top",
  [`/a.js?t=${VERSION}&b=1`]: "/a.js?b=1",
  [`/a.js?b=1&t=${VERSION}`]: "/a.js?b=1",
  [`import "/a.js?t=${VERSION}"; import '/b.js?t=${VERSION}'`]: `import "/a.js"; import '/b.js'`,
  "/a.js?t=12": "/a.js?t=12",
  [`/a.js?at=${VERSION}`]: `/a.js?at=${VERSION}`,
  [`/a.js?t=${VERSION}7`]: `/a.js?t=${VERSION}7`,
}
for (const [versioned, plain] of Object.entries(VERSIONS)) {
  test(`${versioned} without versions`, () => assert.equal(withoutVersions(versioned), plain))
}
