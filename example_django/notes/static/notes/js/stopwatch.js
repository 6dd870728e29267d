// How long you have been at it. The stopwatch goes on over changes of this file; a click sets it back.

const LABEL = "Writing for"

const place = document.querySelector("#stopwatch")
const data = import.meta.hot?.data ?? {}
data.began ??= Date.now()

function tick() {
  const seconds = Math.floor((Date.now() - data.began) / 1000)
  place.textContent = `${LABEL} ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
  place.dataset.began = data.began
}

function setBack() {
  data.began = Date.now()
  tick()
}

const ticking = setInterval(tick, 250)
place.addEventListener("click", setBack)
tick()

import.meta.hot?.accept()
import.meta.hot?.dispose(() => {
  clearInterval(ticking)
  place.removeEventListener("click", setBack)
})
