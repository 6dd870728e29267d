import assert from "node:assert/strict"
import { test } from "node:test"

import { delayAfter } from "../../hmr_middleware/static/socket.js"

test("the first attempts come quickly, and none later than two seconds apart", () => {
  assert.deepEqual([0, 1, 2, 3].map(delayAfter), [50, 100, 200, 400])
  assert.equal(delayAfter(5_000), 2_000)
})
