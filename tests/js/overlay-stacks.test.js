import assert from "node:assert/strict"
import { test } from "node:test"

import { faultOf, framesOf, withoutColours, withoutVersions } from "../../hmr_middleware/static/stacks.js"

const SITE = "http://localhost:5000"
const FILE = `${SITE}/static/a.js`
const VERSION = "t=1712345678901234"

/** An error as a browser makes it: Node's own stack would tell of this file. */
function errorWith(stack, parts = {}) {
  return Object.assign(new TypeError("x is not a function"), { stack, ...parts })
}

const LINES = {
  "Chromium, a function": [`    at draw (${FILE}:3:7)`, "draw", FILE, 3, 7],
  "Chromium, a method with another name": [`    at Shelf.draw [as redraw] (${FILE}:3:7)`, "Shelf.draw [as redraw]", FILE, 3, 7],
  "Chromium, the module itself": [`    at ${FILE}:3:7`, "", FILE, 3, 7],
  "Chromium, after an await": [`    at async ${FILE}:3:7`, "", FILE, 3, 7],
  "Chromium, a URL with brackets": [`    at draw (${SITE}/a(1).js:3:7)`, "draw", `${SITE}/a(1).js`, 3, 7],
  "Chromium, in an eval": [`    at eval (eval at draw (${FILE}:3:7), <anonymous>:1:1)`, "draw", FILE, 3, 7],
  "Firefox, a function": [`draw@${FILE}:3:7`, "draw", FILE, 3, 7],
  "Firefox, the module itself": [`@${FILE}:3:7`, "", FILE, 3, 7],
  "Firefox, after an await": [`async*draw@${FILE}:3:7`, "async*draw", FILE, 3, 7],
  "Firefox, in an eval": [`@${FILE} line 3 > eval:1:1`, "", FILE, 3, undefined],
  "a URL with an at sign": ["draw@https://cdn.test/vue@3/vue.js:3:7", "draw", "https://cdn.test/vue@3/vue.js", 3, 7],
  "our version is not the file's": [`    at draw (${FILE}?${VERSION}:3:7)`, "draw", FILE, 3, 7],
  "the app's own query is": [`draw@${FILE}?v=2&${VERSION}:3:7`, "draw", `${FILE}?v=2`, 3, 7],
}

for (const [name, [line, call, file, row, column]] of Object.entries(LINES)) {
  test(`a frame is read: ${name}`, () => {
    const [frame] = framesOf(line)
    assert.deepEqual([frame.call, frame.place], [call, { file, line: row, column }])
  })
}

for (const line of ["    at Array.map (<anonymous>)", "    at <anonymous>:1:5", "Traceback (most recent call last):", "a@b:1:2"]) {
  test(`a line without a file has no place: ${line.trim()}`, () => {
    assert.deepEqual(framesOf(line).map((frame) => frame.place), [null])
  })
}

test("the message that Chromium repeats is no frame", () => {
  const stack = `TypeError: one\ntwo@${FILE}:1:1\n    at draw (${FILE}:3:7)`
  assert.deepEqual(framesOf(stack).map((frame) => frame.call), ["draw"])
})

test("a traceback keeps its lines and their indentation", () => {
  const traceback = 'Traceback (most recent call last):\n  File "views.py", line 1\nKeyError: 1'
  assert.equal(framesOf(traceback).map((frame) => frame.text).join("\n"), traceback)
})

test("frames of the client are told from the page's", () => {
  const frames = framesOf(`draw@${FILE}:3:7\nrun@${SITE}/shop/__hmr/apply.js:1:2`)
  assert.deepEqual(frames.map((frame) => frame.ours), [false, true])
})

const OURS = `    at run (${SITE}/__hmr/apply.js:9:9)`
const THROWN = {
  "an error of Chromium": [errorWith(`TypeError: x\n    at draw (${FILE}:3:7)`), FILE, 3, 7],
  "an error of Firefox": [errorWith(`run@${FILE}:9:9`, { fileName: FILE, lineNumber: 3, columnNumber: 7 }), FILE, 3, 7],
  "an error that names where it was found": [errorWith(`TypeError: x\n${OURS}`, { at: `${FILE}?${VERSION}:3:7` }), FILE, 3, 7],
  "a frame of ours only where there is no other": [errorWith(`TypeError: x\n${OURS}\n    at draw (${FILE}:3:7)`), FILE, 3, 7],
  "nothing but frames of ours": [errorWith(`TypeError: x\n${OURS}`), `${SITE}/__hmr/apply.js`, 9, 9],
  "an event": [{ message: "Uncaught SyntaxError: x", filename: FILE, lineno: 3, colno: 7, error: null }, FILE, 3, 7],
  "an event in our code about the page's": [
    { message: "x", filename: `${SITE}/__hmr/apply.js`, lineno: 1, colno: 1, error: errorWith(`draw@${FILE}:3:7`) }, FILE, 3, 7,
  ],
  "a rejection": [{ promise: null, reason: errorWith(`draw@${FILE}:3:7`) }, FILE, 3, 7],
  "a module that could not be loaded": [
    new TypeError(`Failed to fetch dynamically imported module: ${FILE}?${VERSION}`), FILE, undefined, undefined, { stack: "" },
  ],
}

for (const [name, [thrown, file, line, column, parts]] of Object.entries(THROWN)) {
  test(`a place is found: ${name}`, () => {
    const fault = faultOf(Object.assign(thrown, parts))
    assert.deepEqual([fault.file, fault.line, fault.column, fault.id], [file, line, column, file])
  })
}

const circular = {}
circular.itself = circular
const SAID = {
  "an error": [errorWith(""), "TypeError", "x is not a function"],
  "an event without its error": [{ message: "Uncaught SyntaxError: x", lineno: 0 }, "Uncaught error", "SyntaxError: x"],
  "a script of another origin": [{ message: "Script error.", lineno: 0, error: null }, "Uncaught error", "Script error."],
  "a rejection with a text": [{ promise: null, reason: "no" }, "Unhandled rejection", "no"],
  "a rejection with nothing": [{ promise: null, reason: undefined }, "Unhandled rejection", "undefined"],
  "an object": [{ code: 5 }, "Uncaught error", '{"code":5}'],
  "an object that has no text": [circular, "Uncaught error", "(a value that cannot be shown)"],
  "null": [null, "Uncaught error", "null"],
  "a symbol": [Symbol("s"), "Uncaught error", "Symbol(s)"],
  "colours": [new Error("\u001b[31mred\u001b[0m"), "Error", "red"],
  "a version": [new Error(`in ${FILE}?${VERSION}.`), "Error", `in ${FILE}.`],
}

for (const [name, [thrown, title, message]] of Object.entries(SAID)) {
  test(`what was thrown is told: ${name}`, () => {
    const fault = faultOf(thrown)
    assert.deepEqual([fault.title, fault.message, fault.kind], [title, message, "runtime"])
  })
}

test("who knows what a fault is about says so", () => {
  assert.equal(faultOf(errorWith(`draw@${FILE}:3:7`), "/static/b.js").id, "/static/b.js")
})

test("an error without a place is about the page", () => {
  assert.equal(faultOf(errorWith("")).id, "page")
})

test("the stack goes on with what caused the error, and ends", () => {
  const cause = errorWith("RangeError: deep\n    at b")
  const error = errorWith("TypeError: top\n    at a", { cause })
  assert.equal(faultOf(error).stack, "TypeError: top\n    at a\nCaused by RangeError: deep\n    at b")
  cause.cause = error
  assert.equal(faultOf(error).stack.match(/Caused by/g).length, 4)
})

const COLOURED = {
  "a colour": ["\u001b[1;31mred\u001b[39m", "red"],
  "a link": ["\u001b]8;;http://x\u0007text\u001b]8;;\u001b\\", "text"],
  "a cursor": ["a\u001b[2K\u001b[1Gb", "ab"],
  "no sequence": ["[31m stays", "[31m stays"],
}

for (const [name, [text, plain]] of Object.entries(COLOURED)) {
  test(`terminal sequences go: ${name}`, () => assert.equal(withoutColours(text), plain))
}

const VERSIONED = {
  "alone": [`/a.js?${VERSION}`, "/a.js"],
  "last": [`/a.js?v=1&${VERSION}`, "/a.js?v=1"],
  "first": [`/a.js?${VERSION}&v=1`, "/a.js?v=1"],
  "in a sentence": [`"/a.js?${VERSION}" and /b.js?${VERSION}`, '"/a.js" and /b.js'],
  "the app's own t": ["/a.js?t=12", "/a.js?t=12"],
}

for (const [name, [text, plain]] of Object.entries(VERSIONED)) {
  test(`our versions go: ${name}`, () => assert.equal(withoutVersions(text), plain))
}
