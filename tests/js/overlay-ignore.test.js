import assert from "node:assert/strict"
import { test } from "node:test"

import { createIgnore } from "../../hmr_middleware/static/overlay-ignore.js"

const FILE = "http://localhost/static/vendor/a.js"
const CASES = {
  "the whole message": [["no"], ["no"], true],
  "not a part of it": [["no"], ["no way"], false],
  "its start": [["no*"], ["no way"], true],
  "its middle": [["*a*b*"], ["1a2b3"], true],
  "the order counts": [["*a*b*"], ["b a"], false],
  "many lines": [["a*c"], ["a\nb\nc"], true],
  "as the browser says it": [["no"], ["Uncaught no"], true],
  "as it tells of a rejection": [["no"], ["Uncaught (in promise) no"], true],
  "other characters mean themselves": [["a.c (x)?"], ["abc (x)?"], false],
  "also a dot": [["a.c (x)?"], ["a.c (x)?"], true],
  "a file": [["*/vendor/*"], ["no", FILE], true],
  "a file by its name": [[{ file: "*/vendor/*" }], ["no", FILE], true],
  "a message by its name": [[{ message: "no" }], ["no", FILE], true],
  "a file's pattern is not for messages": [[{ file: "*no*" }], ["no", FILE], false],
  "both have to fit": [[{ message: "yes", file: "*/vendor/*" }], ["no", FILE], false],
  "both fit": [[{ message: "n*", file: "*/vendor/*" }], ["no", FILE], true],
  "one of many": [["a", "b"], ["b"], true],
  "nothing": [[], ["no"], false],
  "what names nothing fits nothing": [[{}], ["no"], false],
  "what is no pattern fits nothing": [[null, 5, {}], ["no"], false],
  "by default, a layout that takes another frame": [undefined, ["ResizeObserver loop completed with undelivered notifications."], true],
  "by default, a script of another origin": [undefined, ["Script error."], true],
  "by default, an extension": [undefined, ["Uncaught TypeError: x", "chrome-extension://abc/content.js"], true],
  "by default, nothing of the page": [undefined, ["TypeError: x", FILE], false],
}

for (const [name, [patterns, asked, expected]] of Object.entries(CASES)) {
  test(`an error is left alone: ${name}`, () => assert.equal(createIgnore(patterns)(...asked), expected))
}
