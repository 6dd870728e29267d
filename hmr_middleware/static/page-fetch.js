// The page as the server would send it now, and as it was sent.

/**
 * `isSettled` says whether no template was being saved while the server made the page.
 * @typedef {{ status: number, statusText: string, url: string, isMoved: boolean, isHtml: boolean, isSettled: boolean, text: string }} Answer
 */

// What a browser says when it goes to a page.
const HEADERS = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "X-HMR-Refresh": "1" }

/**
 * What the server says to the page at *url*. Rejects where it says nothing.
 * @param {string} url @param {AbortSignal} signal @returns {Promise<Answer>}
 */
export async function fetchPage(url, signal) {
  const response = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: HEADERS, signal })
  const { status, statusText, headers } = response
  const isHtml = /^(text\/html|application\/xhtml\+xml)\b/i.test(headers.get("content-type") ?? "")
  const isMoved = response.redirected && new URL(response.url).pathname !== new URL(url).pathname
  const isSettled = !headers.has("X-HMR-Unsettled")
  return { status, statusText, url: response.url, isMoved, isHtml, isSettled, text: await textOf(response) }
}

/** The document that this page was served, or null where the server does not have it any more. @param {HmrRegistry} registry @returns {Promise<string | null>} */
export async function fetchBase({ home, served }) {
  if (!served.page) return null
  const response = await fetch(new URL(`base?${new URLSearchParams({ page: served.page })}`, home), { cache: "no-store" })
  return response.status === 200 ? textOf(response) : null
}

/** The text of *response*, decoded as the browser decoded the page itself. @param {Response} response */
async function textOf(response) {
  const named = /charset\s*=\s*"?([^\s;"]+)/i.exec(response.headers.get("content-type") ?? "")?.[1]
  return decoder(named ?? document.characterSet).decode(await response.arrayBuffer())
}

/** @param {string} charset */
function decoder(charset) {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder() // a name that no browser knows
  }
}
