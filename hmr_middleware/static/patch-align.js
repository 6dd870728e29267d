// Which children of one element are which children of another.
import { isElement, isEqual, nameOf } from "./patch-dom.js"
import { contentOf, hintOf, isBlank, keyOf } from "./patch-keys.js"
import { bestPairs, increasing } from "./patch-lists.js"

/** A table of this many cells is quickly filled; in a larger gap the order decides. */
const CELLS = 2_500

/**
 * For each of *bs* the place of the same node in *as*, or -1. Elements are known by key, by equal markup, by hint;
 * what is left between those by *score*. Texts and comments are known by the elements beside them. The first *start*
 * and the last *end* of both are equal.
 * @param {Node[]} as @param {Node[]} bs
 * @param {(a: any, b: any) => number} score @param {(a: any, b: any) => boolean} [equal]
 */
export function align(as, bs, score, equal = isEqual) {
  const origin = new Int32Array(bs.length).fill(-1)
  const shorter = Math.min(as.length, bs.length)
  let start = 0
  while (start < shorter && equal(as[start], bs[start])) origin[start] = start++
  let end = 0
  while (end < shorter - start && equal(as[as.length - 1 - end], bs[bs.length - 1 - end])) {
    end++
    origin[bs.length - end] = as.length - end
  }
  const [aEnd, bEnd] = [as.length - end, bs.length - end]
  if (start < bEnd && start < aEnd) alignMiddle({ as, bs, origin, start, aEnd, bEnd }, score)
  return { origin, start, end }
}

/** @typedef {{ as: Node[], bs: Node[], origin: Int32Array, start: number, aEnd: number, bEnd: number }} Middle */

/** @param {Middle} middle @param {(a: any, b: any) => number} score */
function alignMiddle(middle, score) {
  byName(middle, keyOf)
  const isOne = middle.aEnd - middle.start === 1 && middle.bEnd - middle.start === 1 // they differ, or they would not be here
  if (!isOne) byName(middle, (element) => (keyOf(element) ? "" : contentOf(element)))
  inGaps(middle, (as, bs) => alignElements(middle, as, bs, score))
  inGaps(middle, (as, bs) => alignTexts(middle, as, bs))
}

/**
 * The first of a name is the first of that name, the second the second; "" is no name.
 * @param {Middle} middle @param {(element: Node) => string} name
 */
function byName({ as, bs, origin, start, aEnd, bEnd }, name) {
  const taken = new Set(origin)
  /** @type {Map<string, number[]>} */
  const places = new Map()
  for (let at = aEnd - 1; at >= start; at--) {
    const key = isElement(as[at]) && !taken.has(at) ? name(as[at]) : ""
    if (key) places.set(key, [...(places.get(key) ?? []), at])
  }
  for (let at = start; at < bEnd && places.size; at++) {
    if (isElement(bs[at]) && origin[at] < 0) origin[at] = places.get(name(bs[at]))?.pop() ?? -1
  }
}

/** Call *work* with the free places between those that are known and keep their order. @param {Middle} middle @param {(as: number[], bs: number[]) => void} work */
function inGaps({ as, bs, origin, start, aEnd, bEnd }, work) {
  const taken = new Set(origin)
  const known = increasing(origin.subarray(start, bEnd)).map((at) => at + start)
  let [a, b] = [start, start]
  for (const at of [...known, bEnd]) {
    const aNext = at === bEnd ? aEnd : origin[at]
    work(range(a, aNext).filter((place) => !taken.has(place)), range(b, at).filter((place) => origin[place] < 0))
    ;[a, b] = [aNext + 1, at + 1]
  }
}

/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at)

/** @param {Middle} middle @param {number[]} aPlaces @param {number[]} bPlaces @param {(a: any, b: any) => number} score */
function alignElements({ as, bs, origin }, aPlaces, bPlaces, score) {
  const [ones, others] = [aPlaces.filter((at) => isElement(as[at])), bPlaces.filter((at) => isElement(bs[at]))]
  const hinted = new Map(others.map((at) => [at, hintOf(bs[at])]))
  const rated = (/** @type {number} */ a, /** @type {number} */ b) => {
    const found = score(as[a], bs[b])
    return found && found + (hintOf(as[a]) === hinted.get(b) ? 1 : 0)
  }
  const pairs = ones.length * others.length <= CELLS ? bestPairs(ones, others, rated) : inOrder(ones, others, rated)
  for (const [a, b] of pairs) origin[others[b]] = ones[a]
}

/** @param {number[]} ones @param {number[]} others @param {(a: number, b: number) => number} rated @returns {[number, number][]} */
function inOrder(ones, others, rated) {
  /** @type {[number, number][]} */
  const pairs = []
  const shorter = Math.min(ones.length, others.length)
  for (let at = 0; at < shorter; at++) if (rated(ones[at], others[at])) pairs.push([at, at])
  return pairs
}

/** @param {Middle} middle @param {number[]} aPlaces @param {number[]} bPlaces */
function alignTexts({ as, bs, origin }, aPlaces, bPlaces) {
  const [ones, others] = [aPlaces.filter((at) => !isElement(as[at])), bPlaces.filter((at) => !isElement(bs[at]))]
  if (!ones.length || !others.length) return
  const rated = (/** @type {number} */ a, /** @type {number} */ b) => likenessOfTexts(as[a], bs[b])
  const pairs = ones.length * others.length <= CELLS ? bestPairs(ones, others, rated) : inOrder(ones, others, rated)
  for (const [a, b] of pairs) origin[others[b]] = ones[a]
}

/** @param {any} one @param {any} other */
function likenessOfTexts(one, other) {
  if (nameOf(one) !== nameOf(other) || isBlank(one) !== isBlank(other)) return 0
  return one.data === other.data ? 2 : 1
}
