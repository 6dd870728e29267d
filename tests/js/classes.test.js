import assert from "node:assert/strict"
import { test } from "node:test"

import { renamed } from "../../hmr_middleware/static/classes.js"

const SELECTORS = {
  "one": [".a", ".x-a"],
  "several": ["p.a.b > .c", "p.x-a.x-b > .x-c"],
  "inside a function": [":not(.a):nth-child(2n + 1)", ":not(.x-a):nth-child(2n + 1)"],
  "nested": ["& .a", "& .x-a"],
  "no class": ["#a, p", "#a, p"],
  "in a string": ['[title=".a \\" .b"].c', '[title=".a \\" .b"].x-c'],
  "escaped": [".a\\:b", ".x-a\\:b"],
  "beyond ASCII": [".ü-1", ".x-ü-1"],
}

for (const [name, [selector, expected]] of Object.entries(SELECTORS)) {
  test(`classes are renamed: ${name}`, () => assert.equal(renamed(selector, (found) => `x-${found}`), expected))
}
