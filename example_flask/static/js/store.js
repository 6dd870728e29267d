// What is in the basket: the one place that holds it.

const MOST_OF_ONE = 20

const counts = new Map()
const listeners = new Set()

export function add(slug, many = 1) {
  const count = Math.min(MOST_OF_ONE, (counts.get(slug) ?? 0) + many)
  if (count > 0) counts.set(slug, count)
  else counts.delete(slug)
  tell()
}

export function empty() {
  counts.clear()
  tell()
}

/** The basket as [slug, count] pairs, in the order in which it was filled. */
export function contents() {
  return [...counts]
}

/** Call *listener* on every change; what comes back ends that. */
export function subscribe(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell() {
  for (const listener of listeners) listener()
}

// Two stores would be two baskets. A change here loads the page again.
import.meta.hot?.decline()
