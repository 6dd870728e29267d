// A stylesheet link that leads elsewhere: the new sheet is there before the old one goes.

/** Whether changing *live* would leave the page without its styles for a while. @param {any} live @param {{ name: string, to: string | null }[]} changes */
export function isSheetChange(live, changes) {
  const isSheet = live.localName === "link" && live.relList?.contains("stylesheet") && !live.disabled
  return isSheet && changes.some(({ name, to }) => name === "href" && to !== null)
}

/** @param {HTMLLinkElement} old @param {HTMLLinkElement} fresh */
export function swapSheet(old, fresh) {
  const drop = () => {
    // A script may have switched the sheet itself off, which no attribute tells.
    if (old.sheet?.disabled && fresh.sheet) fresh.sheet.disabled = true
    old.remove()
  }
  fresh.addEventListener("load", drop, { once: true })
  fresh.addEventListener("error", drop, { once: true })
  old.after(fresh)
}
