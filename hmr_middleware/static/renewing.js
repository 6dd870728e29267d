// Pure: the URLs of files that have changed, with their versions put in; all others as they are.

/**
 * @param {Pick<HmrRegistry, "keyOf" | "versionOf" | "atVersion">} registry @param {Map<string, number>} versions by key
 */
export function createRenew({ keyOf, versionOf, atVersion }, versions) {
  /** @param {string} url @param {string | null} base */
  function versionFor(url, base) {
    try {
      const found = versions.get(keyOf(base ? new URL(url, base) : url))
      return found ?? (base === null ? guess(url) : 0)
    } catch {
      return 0
    }
  }

  /** A constructed sheet does not say what its URLs are relative to. A version too many does no harm. @param {string} url */
  function guess(url) {
    const ending = `/${url.replace(/^(\.{0,2}\/)+/, "").split(/[?#]/)[0]}`
    return [...versions].find(([key]) => key.split("?")[0].endsWith(ending))?.[1] ?? 0
  }

  /**
   * *url* with the version that is live; without a *base* it is relative to the document, or to nobody knows what (null).
   * @param {string} url @param {string | null} [base]
   */
  return function renew(url, base = "") {
    if (!url || url.startsWith("data:") || url.startsWith("#")) return url
    const version = versionFor(url, base)
    return version > versionOf(url) ? atVersion(url, version) : url
  }
}

// A URL, and what describes it, up to the next comma that is not in parentheses (HTML Standard, "srcset").
const CANDIDATE = /([\s,]*)(\S*[^\s,])((?:\s+(?:[^,(]|\([^)]*\))*)?)/g

/** @param {string} srcset @param {(url: string) => string} renew */
export function renewSrcset(srcset, renew) {
  return srcset.replace(CANDIDATE, (_, before, url, described) => before + renew(url) + described)
}
