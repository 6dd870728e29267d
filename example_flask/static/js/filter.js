// Which products the filter box lets through. Pure: main.js accepts its changes.

/** Whether every word of *typed* begins a word of *name*. */
export function matches(name, typed) {
  const words = name.toLowerCase().split(" ")
  return wordsOf(typed).every((typedWord) => words.some((word) => word.startsWith(typedWord)))
}

function wordsOf(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean)
}
