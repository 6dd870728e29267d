// When the status page asks again: often while something happens, seldom while nothing does, never while nobody looks.

export const QUICK = 1_000 // milliseconds
export const SLOW = 5_000
const TRIES = 8 // of several processes any may answer

/** How long to wait after *pace*. @param {number} pace @param {boolean} changed */
export function nextPace(pace, changed) {
  return changed ? QUICK : Math.min(SLOW, Math.round(pace * 1.25))
}

/**
 * The first answer of the process *shown*, so that the page does not turn from one to another; where that is gone, of any.
 * @template {{ process: string | undefined }} T
 * @param {() => Promise<T | null>} ask null where nothing is new of the process that answered last
 * @param {string | undefined} shown
 */
export async function answerOf(ask, shown) {
  let found = await ask()
  for (let tries = 1; tries < TRIES && found && found.process !== shown; tries++) found = await ask()
  return found
}

/**
 * `ask` returns the page as it is now, or null where it is as before; it rejects where nobody answers. `tell` says
 * whether anybody does. `later` calls a function after so many milliseconds and returns what `never` takes back.
 * @template T, P
 * @param {{ ask(): Promise<P | null>, show(page: P): void, tell(answers: boolean): void, isHidden(): boolean,
 *           later(action: () => void, delay: number): T, never(timer: T | undefined): void }} effects
 */
export function createFollower({ ask, show, tell, isHidden, later, never }) {
  let pace = QUICK
  let asking = false
  /** @type {T | undefined} */
  let timer

  /** Ask now, unless nobody looks. */
  async function look() {
    never(timer)
    if (asking || isHidden()) return
    asking = true
    const changed = await answered()
    asking = false
    pace = nextPace(pace, changed)
    timer = later(look, pace)
  }

  /** Whether there was anything new. */
  async function answered() {
    try {
      const page = await ask()
      if (page !== null) show(page)
      tell(true)
      return page !== null
    } catch {
      tell(false)
      return true // whoever starts the server again looks here next
    }
  }

  return { look }
}
