// In every page that is measured: notes when an effect is there, by the page's own clock, in milliseconds of the epoch.
(() => {
  const now = () => performance.timeOrigin + performance.now()
  const seen = new Map()
  const messages = []

  function note(mark) {
    if (!seen.has(mark)) seen.set(mark, now())
  }

  new MutationObserver((records) => {
    for (const { target } of records) note(target.textContent)
  }).observe(document, { subtree: true, childList: true, characterData: true })

  const PATIENCE = 2_000 // milliseconds

  async function until(condition) {
    const end = now() + PATIENCE
    while (!condition() && now() < end) await scheduler.postTask(() => {}, { delay: 1 })
    return condition()
  }

  const styleSays = (mark) => getComputedStyle(document.documentElement).getPropertyValue("--mark") === mark

  globalThis.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args)
      this.addEventListener("message", () => messages.push(now()))
    }
  }

  globalThis.observed = {
    now,
    messages,
    loaded: Math.random(),
    // Begins to ask for the stylesheet's effect once a millisecond.
    expectStyle(mark) {
      until(() => styleSays(mark)).then((said) => said && note(mark))
    },
    // As the stylesheet: *mark* is the width of the image.
    expectImage(mark) {
      until(() => document.querySelector("img").naturalWidth === Number(mark)).then((said) => said && note(mark))
    },
    // When the effect was there, or null where it did not come.
    async effect(mark) {
      return (await until(() => seen.has(mark))) ? seen.get(mark) : null
    },
    fetches: (since) =>
      performance
        .getEntriesByType("resource")
        .filter(({ startTime }) => performance.timeOrigin + startTime >= since)
        .map(({ name, startTime, requestStart, responseStart, responseEnd }) => ({
          name,
          times: [startTime, requestStart, responseStart, responseEnd].map((time) => performance.timeOrigin + time),
        })),
  }
})()
