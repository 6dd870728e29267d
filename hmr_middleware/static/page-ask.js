// A question is asked again where the answer is none yet: a template is being saved, or the server is just restarting.

/** @import { Answer } from "./page-fetch.js" */

const ATTEMPTS = 10 // a file that is being saved is whole after a moment
const UNSETTLED = 50 // milliseconds
const GRACE = 500 // milliseconds in which a server that goes away says so

/**
 * @param {{
 *   fetchPage(url: string, signal: AbortSignal): Promise<Answer>, pause(milliseconds: number): Promise<void>, isAway(): boolean,
 * }} effects
 */
export function createAsker({ fetchPage, pause, isAway }) {
  /** @param {string} url @param {AbortSignal} signal */
  async function once(url, signal) {
    try {
      for (let left = ATTEMPTS; ; left--) {
        const answer = await fetchPage(url, signal)
        if (answer.isSettled || !left) return answer
        await pause(UNSETTLED)
      }
    } catch {
      return null
    }
  }

  /** What the server says of *url*; null where it says nothing. @param {string} url @param {AbortSignal} signal */
  return async function ask(url, signal) {
    const answer = await once(url, signal)
    if (answer || isAway() || signal.aborted) return answer
    await pause(GRACE)
    return isAway() || signal.aborted ? null : once(url, signal)
  }
}
