// Which way leads to the server: the best one that works, found by trying.

/** Every way, best first: a page is only told where it is to do otherwise. */
export const WAYS = ["socket", "side-port", "polling"]
const THIS_MACHINE = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/
const DOUBTS = 2 // an attempt may fail because the server has just gone; the second one does not

/**
 * The ways that a page is to try. The side port is one of the machine that the browser runs on: from elsewhere it would
 * be another's, and browsers ask the user before they let a page look.
 * @param {string} told by the server, "" where it is every way @param {string} hostname of the page
 */
export function waysFor(told, hostname) {
  const ways = told ? told.split(" ") : WAYS
  return ways.length > 1 && !THIS_MACHINE.test(hostname) ? ways.filter((way) => way !== "side-port") : ways
}

/** @param {string[]} ways best first */
export function createChoice(ways) {
  let at = 0
  let settled = 0
  let misses = 0
  let left = ways.length - 1 // to try before the next pause

  return {
    get way() { return ways[at] },
    /** The ways that did not lead there. */
    get tried() { return ways.slice(0, at) },
    /** The way is open. */
    opened() {
      settled = at
      misses = 0
      left = ways.length - 1
    },
    /**
     * The server is there, and this way does not lead to it. Returns whether another one is to be tried at once.
     * @param {boolean} isSure whether nothing but the way can be the reason
     */
    missed(isSure) {
      misses++
      if (misses < DOUBTS && !isSure) return false
      misses = 0
      at = (at + 1) % ways.length
      return left-- > 0
    },
    /** The server was away: what led to it before will lead to it again. */
    startOver() {
      at = settled
      misses = 0
      left = ways.length - 1
    },
  }
}
