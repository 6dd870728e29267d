// When the status page asks again: often while something happens, seldom while nothing does, never while nobody looks.

export const QUICK = 1_000 // milliseconds
export const SLOW = 5_000

/** How long to wait after *pace*. @param {number} pace @param {boolean} changed */
export function nextPace(pace, changed) {
  return changed ? QUICK : Math.min(SLOW, Math.round(pace * 1.25))
}

/**
 * `ask` returns the page's text as it is now, or null where it is as before; it rejects where nobody answers. `tell` says
 * whether anybody does. `later` calls a function after so many milliseconds and returns what `never` takes back.
 * @template T
 * @param {{ ask(): Promise<string | null>, show(text: string): void, tell(answers: boolean): void, isHidden(): boolean,
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
      const text = await ask()
      if (text !== null) show(text)
      tell(true)
      return text !== null
    } catch {
      tell(false)
      return true // whoever starts the server again looks here next
    }
  }

  return { look }
}
