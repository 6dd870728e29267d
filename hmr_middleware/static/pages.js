// What is fetched when, and what becomes of the answer. All that touches the page or the network is handed in.

import { createAsker } from "./page-ask.js"

/** @import { Answer } from "./page-fetch.js" */

/**
 * The document that the page was last brought up to; `patcher` is made when it is needed.
 * @typedef {{ url: string, text: string }} Base
 */

/**
 * @param {{
 *   served: HmrRegistry["served"],
 *   here(): string,
 *   isHeld(): boolean,
 *   fetchPage(url: string, signal: AbortSignal): Promise<Answer>,
 *   fetchBase(): Promise<string | null>,
 *   patch(base: Base, text: string): Promise<string>,
 *   pause(milliseconds: number): Promise<void>,
 *   reload(message: { reason: string }): Promise<unknown>,
 *   faults: {
 *     failed(answer: Answer, isNews: boolean): void, elsewhere(answer: Answer): void, form(names: string[]): void,
 *     unreached(): void, healed(): void,
 *   },
 * }} effects `here` is where the page is, without its fragment; `isHeld`, whether nothing may happen for now; `patch` brings
 *   the page up to a text and returns the one that it has then
 */
export function createPages({ served, here, isHeld, fetchPage, fetchBase, patch, pause, reload, faults }) {
  /** @type {Base | null} */
  let base = null
  /** @type {string[] | null} */
  let wanted = null
  /** @type {AbortController | null} */
  let current = null
  /** @type {Promise<boolean | null> | null} */
  let running = null
  let isAway = false
  let isForced = false
  const ask = createAsker({ fetchPage, pause, isAway: () => isAway })

  /** Templates have changed: compare the page with what the server says now. @param {string[]} [names] */
  function refresh(names = []) {
    wanted = [...(wanted ?? []), ...names]
    current?.abort()
    return flush()
  }

  /** Do what waits; whether the server has answered, null where nothing was asked. @returns {Promise<boolean | null>} */
  function flush() {
    return (running ??= run().finally(() => void (running = null)))
  }

  async function run() {
    let answered = null
    while (wanted && !isOnHold()) {
      const names = wanted
      wanted = null
      current = new AbortController()
      answered = await follow(names, current.signal)
      current = null
    }
    return answered
  }

  /** @param {string[]} names @param {AbortSignal} signal */
  async function follow(names, signal) {
    const url = here()
    if (isForm(url)) return faults.form(names), null
    const [answer] = await Promise.all([ask(url, signal), ready(url)])
    if (signal.aborted) return null
    if (!answer) return isAway || faults.unreached(), false
    if (isOnHold() || url !== here()) return again(names)
    await settle(url, answer, names)
    return true
  }

  /** @param {string} url */
  function isForm(url) {
    return served.method !== "GET" && url === served.url
  }

  function isOnHold() {
    return isHeld() && !isForced
  }

  /** @param {string[]} names */
  function again(names) {
    wanted = [...names, ...(wanted ?? [])]
    return null
  }

  /** Have the document that was served, where the page still shows that one. @param {string} url */
  async function ready(url) {
    if (base || url !== served.url) return
    const text = await fetchBase().catch(() => null)
    if (text !== null) base ??= { url, text }
  }

  /** @param {string} url @param {Answer} answer @param {string[]} names */
  async function settle(url, answer, names) {
    const known = base?.url === url ? base : null
    const isServed = known !== null || url === served.url
    if (served.status >= 400 && url === served.url) return replaceError(known, answer)
    // A route that only scripts know has never been served: what the server says of it is no fault.
    if (answer.status >= 400) return isServed ? faults.failed(answer, !isAway) : undefined
    if (answer.isMoved || !answer.isHtml) return isServed ? faults.elsewhere(answer) : undefined
    faults.healed()
    // Only a save is worth a reload: a server that was away may have nothing to tell.
    if (!base && isServed && names.length) await reload({ reason: "the server does not know any more what it sent" })
    else if (!known) base = { url, text: answer.text }
    else if (answer.text !== known.text) known.text = await patch(known, answer.text)
  }

  /** A page that was an error from the start is loaded again, once it is none or another. @param {Base | null} known @param {Answer} answer */
  async function replaceError(known, answer) {
    if (answer.status < 400) await reload({ reason: "the page works again" })
    else if (!isAway && known?.text !== answer.text) await reload({ reason: `the page answers with another error (${answer.status})` })
  }

  /** Where a script has led the page, its document is another one. */
  async function rebase() {
    const url = here()
    if (base?.url === url || isForm(url) || isHeld() || wanted || running) return
    const answer = await ask(url, new AbortController().signal)
    const isPage = answer && answer.status < 400 && answer.isHtml && !answer.isMoved
    if (isPage && url === here() && base?.url !== url) base = { url, text: answer.text }
  }

  return {
    refresh,
    flush,
    /** Get ready for the first change. */
    async begin() {
      await ready(here())
      await rebase() // another process has sent it
    },
    rebase,
    /** Do what waits although it is on hold. */
    async force() {
      isForced = true
      await flush().finally(() => void (isForced = false))
    },
    get base() { return base },
    /** Whether the server is away. @param {boolean} now */
    setAway(now) { isAway = now },
  }
}
