import assert from "node:assert/strict"
import { test } from "node:test"

import { sourceFrame } from "../../hmr_middleware/static/overlay-frame.js"

const TEN = Array.from({ length: 10 }, (_, at) => `line ${at + 1}`).join("\n")
const LONG = `${"a".repeat(300)}!${"b".repeat(300)}`

const CASES = {
  "in the middle": [[TEN, 5, 3, 1], "  4 | line 4\n> 5 | line 5\n    |   ^\n  6 | line 6"],
  "at the start": [[TEN, 1, 1, 1], "> 1 | line 1\n    | ^\n  2 | line 2"],
  "at the end": [[TEN, 10, 1, 1], "   9 | line 9\n> 10 | line 10\n     | ^"],
  "without a column": [[TEN, 1, undefined, 0], "> 1 | line 1"],
  "a column beyond the line": [["ab", 1, 5, 0], "> 1 | ab\n    |     ^"],
  "tabs": [["\tab", 1, 3, 0], "> 1 | \tab\n    | \t ^"],
  "empty lines": [["a\n\nb", 2, 1, 1], "  1 | a\n> 2 |\n    | ^\n  3 | b"],
  "every end of a line": [["a\r\nb\rc\u2028d", 4, 0, 3], "  1 | a\n  2 | b\n  3 | c\n> 4 | d"],
  "no such line": [["a", 2, 1], ""],
  "no line": [["a", undefined, undefined], ""],
  "no number": [["a", NaN, NaN], ""],
}

for (const [name, [args, expected]] of Object.entries(CASES)) {
  test(`the source is shown: ${name}`, () => assert.equal(sourceFrame(...args), expected))
}

test("three lines before and after, if nothing else is said", () => {
  assert.deepEqual(sourceFrame(TEN, 5).match(/\d+(?= \|)/g), ["2", "3", "4", "5", "6", "7", "8"])
})

test("of a long line the part with the column is shown, and the caret stands below it", () => {
  const [row, below] = sourceFrame(LONG, 1, 301).split("\n")
  assert.ok(row.length < 200)
  assert.equal(row[below.indexOf("^")], "!")
  assert.match(row, /\| …a+!b+…$/)
})

test("the lines beside a long one are cut at the same place", () => {
  const [before, row] = sourceFrame(`${"c".repeat(280)}?\n${LONG}`, 2, 301).split("\n")
  assert.equal(before.indexOf("?"), row.indexOf("!") - 20)
})
