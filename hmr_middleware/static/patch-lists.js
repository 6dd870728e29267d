// Differences of lists, tokens and texts. Pure.

/**
 * The places in *numbers* of a longest increasing subsequence; negative numbers do not count.
 * @param {ArrayLike<number>} numbers @returns {number[]}
 */
export function increasing(numbers) {
  /** @type {number[]} the last place of the best subsequence of each length */
  const tails = []
  /** @type {number[]} */
  const before = new Array(numbers.length)
  for (let at = 0; at < numbers.length; at++) {
    if (numbers[at] < 0) continue
    const length = lowerBound(tails, numbers, numbers[at])
    before[at] = length ? tails[length - 1] : -1
    tails[length] = at
  }
  /** @type {number[]} */
  const found = []
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at]) found.push(at)
  return found.reverse()
}

/** @param {number[]} tails @param {ArrayLike<number>} numbers @param {number} value */
function lowerBound(tails, numbers, value) {
  let [low, high] = [0, tails.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[tails[middle]] < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Pairs of places, in order and without crossing, with the greatest sum of *score*; 0 means that two do not go together.
 * @template A, B @param {A[]} as @param {B[]} bs @param {(a: A, b: B) => number} score @returns {[number, number][]}
 */
export function bestPairs(as, bs, score) {
  const width = bs.length + 1
  const sums = new Float64Array((as.length + 1) * width)
  const scores = as.map((a) => bs.map((b) => score(a, b)))
  for (let i = as.length - 1; i >= 0; i--) {
    for (let j = bs.length - 1; j >= 0; j--) {
      const together = scores[i][j] && scores[i][j] + sums[(i + 1) * width + j + 1]
      sums[i * width + j] = Math.max(together, sums[(i + 1) * width + j], sums[i * width + j + 1])
    }
  }
  /** @type {[number, number][]} */
  const pairs = []
  for (let i = 0, j = 0; i < as.length && j < bs.length; ) {
    const sum = sums[i * width + j]
    if (scores[i][j] && sum === scores[i][j] + sums[(i + 1) * width + j + 1]) pairs.push([i++, j++])
    else if (sum === sums[(i + 1) * width + j]) i++
    else j++
  }
  return pairs
}

/** @param {string} text */
export const tokensOf = (text) => text.split(/[\t\n\f\r ]+/).filter(Boolean)

/** What became of the tokens of *before*. @param {string} before @param {string} after */
export function tokenChanges(before, after) {
  const [old, fresh] = [new Set(tokensOf(before)), new Set(tokensOf(after))]
  return { added: [...fresh].filter((token) => !old.has(token)), removed: [...old].filter((token) => !fresh.has(token)) }
}

/** The one span in which two texts differ: put *text* in the place of *count* characters from *at* on. @param {string} before @param {string} after */
export function textChange(before, after) {
  const shorter = Math.min(before.length, after.length)
  let at = 0
  while (at < shorter && before[at] === after[at]) at++
  let end = 0
  while (end < shorter - at && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return { at, count: before.length - at - end, text: after.slice(at, after.length - end) }
}

/** How much two lists of words have in common, from 0 to 1. @param {string[]} one @param {string[]} other */
export function likeness(one, other) {
  const [words, others] = [new Set(one), new Set(other)]
  const all = new Set([...words, ...others]).size
  if (!all) return 1
  return [...words].filter((word) => others.has(word)).length / all
}

// The version that our server puts into references; it is no part of what the app said.
const VERSION = /([?&])t=\d{16}(&|(?=[#\s"'),]|$))/g

/** *text* as the app wrote it. @param {string} text */
export const withoutVersions = (text) => (text.includes("t=") ? text.replace(VERSION, (_, before, after) => (after ? before : "")) : text)
