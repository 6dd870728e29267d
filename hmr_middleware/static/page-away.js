// While the server is away: ask for the page again and again, for it may answer with why it does not start.

const FIRST = 1_000 // milliseconds
const LONGEST = 8_000
const QUIET = 2_500 // an ordinary restart is none of the user's concern

/**
 * @param {{ attempt(): Promise<boolean | null>, tell(): void, untell(): void, document: Pick<Document, "hidden"> }} effects
 *   `attempt` says whether the server has answered, null where it was not asked
 */
export function createAway({ attempt, tell, untell, document }) {
  let isAway = false
  let isAnswered = false
  /** @type {Set<ReturnType<typeof setTimeout>>} */
  const timers = new Set()

  /** @param {() => void} act @param {number} delay */
  function later(act, delay) {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, delay)
    timers.add(timer)
  }

  /** Where nobody listens, an attempt may take as long as the server is away. @param {number} delay */
  async function tryOnce(delay) {
    const answered = await attempt()
    if (!isAway) return
    if (answered !== null) isAnswered = answered
    if (answered) untell()
    later(() => void tryOnce(Math.min(LONGEST, delay * 2)), delay)
  }

  function say() {
    if (!isAnswered && !document.hidden) tell()
    later(say, QUIET)
  }

  return {
    leave() {
      if (isAway) return
      isAway = true
      isAnswered = false
      later(() => void tryOnce(FIRST), FIRST)
      later(say, QUIET)
    },
    comeBack() {
      if (!isAway) return
      isAway = false
      timers.forEach(clearTimeout)
      timers.clear()
      untell()
    },
  }
}
