// Where an error comes from: read out of what Chromium, Firefox and Safari say of it. Nothing here touches the page.

/** @import { Fault } from "./overlay-faults.js" */
/**
 * @typedef {{ file: string, line?: number, column?: number }} Place
 * @typedef {{ text: string, call: string, ours: boolean, place: Place | null }} Frame
 */

// The first that fits counts. Code in an eval is named by the place of the call: its own file is no file.
const SHAPES = [
  /^\s*at .*\(eval at (?<call>.+?) \((?<file>[^()]+):(?<line>\d+):(?<column>\d+)\)/, // Chromium, in an eval
  /^\s*at (?<call>.+?) \((?<file>.+):(?<line>\d+):(?<column>\d+)\)$/, // Chromium, in a function
  /^\s*at (?:async )?(?<file>\S+):(?<line>\d+):(?<column>\d+)$/, // Chromium, outside of any
  /^(?<call>[^@]*)@(?<file>\S+) line (?<line>\d+) > /, // Firefox, in an eval
  /^(?<call>[^@]*)@(?<file>\S+):(?<line>\d+):(?<column>\d+)$/, // Firefox, Safari
]
const FIRST_IN_CHROMIUM = /^\s*at /m
const IS_URL = /^[a-z][\w+.-]*:\/\/|^(?:blob|data|file):|^\//i
const VERSION = /([?&])t=\d{16}(&|(?![\w%]))/g
// Terminal sequences (ECMA-48): CSI with its parameters, OSC up to its end, and the two-byte ones.
const ANSI = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-~]/g
const UNCAUGHT = /^Uncaught (?:\(in promise\) )?/
const LOADED = /dynamically imported module: (\S+)/
const LONGEST_LINE = 1_000 // characters of one line that are looked at
const MOST_CAUSES = 5

/** Text without the colours of a terminal. @param {unknown} text */
export function withoutColours(text) {
  return String(text).replace(ANSI, "")
}

/** Text without the versions that we put into URLs. @param {string} text */
export function withoutVersions(text) {
  return text.replace(VERSION, (_, before, after) => (after ? before : ""))
}

/** A stack's lines; what is no frame has no place. @param {string} stack @returns {Frame[]} */
export function framesOf(stack) {
  // Chromium repeats the name and the message, however many lines, before the frames.
  const frames = stack.slice(Math.max(0, stack.search(FIRST_IN_CHROMIUM)))
  return frames.split(/\r?\n/).filter((line) => line.trim()).map(frameOf)
}

/** @param {string} line @returns {Frame} */
function frameOf(line) {
  const looked = line.slice(0, LONGEST_LINE)
  const found = SHAPES.map((shape) => shape.exec(looked)?.groups).find(Boolean)
  const text = withoutVersions(line.trimEnd())
  if (!found || !IS_URL.test(found.file)) return { text, call: "", ours: false, place: null }
  const place = placeAt(found.file, found.line, found.column)
  return { text, call: found.call ?? "", ours: isOurs(place), place }
}

/**
 * What *thrown* tells: an error, an ErrorEvent, a PromiseRejectionEvent, or whatever else can be thrown.
 * @param {any} thrown @param {string} [id] what it is about, where that is known @returns {Fault}
 */
export function faultOf(thrown, id) {
  const error = errorOf(thrown)
  const stack = stackOf(error)
  const message = messageOf(error, thrown)
  const place = firstOf([...told(thrown, error), ...framesOf(stack).map((frame) => frame.place), named(message)])
  return { id: id ?? place?.file ?? "page", title: titleOf(error, thrown), message, ...place, stack, kind: "runtime" }
}

/** @param {any} thrown */
function errorOf(thrown) {
  if (isRejection(thrown)) return thrown.reason
  return isErrorEvent(thrown) ? thrown.error : thrown
}

/** @param {any} thrown */
function isErrorEvent(thrown) {
  return isObject(thrown) && "lineno" in thrown && "message" in thrown
}

/** @param {any} thrown */
function isRejection(thrown) {
  return isObject(thrown) && "promise" in thrown && "reason" in thrown
}

/** @param {any} value */
function isObject(value) {
  return typeof value === "object" && value !== null
}

/** The places that are said outright, the surest first. @param {any} thrown @param {any} error */
function told(thrown, error) {
  const at = /^(?<file>.+):(?<line>\d+):(?<column>\d+)$/.exec(error?.at ?? "")?.groups
  return [
    isErrorEvent(thrown) && thrown.filename ? placeAt(thrown.filename, thrown.lineno, thrown.colno) : null,
    at ? placeAt(at.file, at.line, at.column) : null,
    error?.fileName ? placeAt(error.fileName, error.lineNumber, error.columnNumber) : null,
  ]
}

/** The file that could not be loaded. @param {string} message */
function named(message) {
  const file = LOADED.exec(message)?.[1]
  return file ? { file } : null
}

/** The first place that is the user's, else the first. @param {(Place | null)[]} places */
function firstOf(places) {
  const known = places.filter((place) => place !== null)
  return known.find((place) => !isOurs(place)) ?? known[0]
}

/** @param {string} file @param {string | number} line @param {string | number} column @returns {Place} */
function placeAt(file, line, column) {
  return { file: withoutVersions(file), line: Number(line) || undefined, column: Number(column) || undefined }
}

/** @param {Place} place */
function isOurs({ file }) {
  return file.includes("/__hmr/")
}

/** @param {any} error @param {any} thrown */
function titleOf(error, thrown) {
  if (isObject(error) && error.name) return String(error.name)
  return isRejection(thrown) ? "Unhandled rejection" : "Uncaught error"
}

/** @param {any} error @param {any} thrown */
function messageOf(error, thrown) {
  const said = error?.message ?? (isErrorEvent(thrown) ? thrown.message.replace(UNCAUGHT, "") : error)
  return withoutVersions(withoutColours(textOf(said)))
}

/** @param {unknown} value */
function textOf(value) {
  try {
    return isObject(value) ? JSON.stringify(value) ?? String(value) : String(value)
  } catch {
    return "(a value that cannot be shown)"
  }
}

/** The stack of an error and of what caused it. @param {any} error */
function stackOf(error) {
  const parts = []
  for (let cause = error; isObject(cause) && parts.length < MOST_CAUSES; cause = cause.cause) {
    parts.push((parts.length ? "Caused by " : "") + textOf(cause.stack ?? cause.message ?? ""))
  }
  return withoutColours(parts.join("\n"))
}
