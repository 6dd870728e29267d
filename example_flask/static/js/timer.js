// How long the basket is reserved. The moment it began survives every change of this file.

const RESERVED_MINUTES = 10

const clock = document.querySelector("#timer")
const began = import.meta.hot?.data.began ?? Date.now()

function tick() {
  const seconds = Math.max(0, RESERVED_MINUTES * 60 - Math.floor((Date.now() - began) / 1000))
  clock.textContent = `Reserved for ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
  clock.dataset.began = began
}

const ticking = setInterval(tick, 250)
tick()

import.meta.hot?.accept()
import.meta.hot?.dispose((data) => {
  clearInterval(ticking)
  data.began = began
})
