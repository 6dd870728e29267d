// Text with **bold** and *italic* as nodes: the leaf below the editor's preview and below the wall.

const MARKS = [
  [/\*\*(.+?)\*\*/, "strong"],
  [/\*(.+?)\*/, "em"],
]

/** One paragraph for each block of lines. */
export function toNodes(text) {
  const blocks = text.split(/\n\s*\n/).filter((block) => block.trim())
  return blocks.map((block) => element("p", inline(block)))
}

function inline(text) {
  for (const [pattern, name] of MARKS) {
    const found = pattern.exec(text)
    if (!found) continue
    const after = text.slice(found.index + found[0].length)
    return [...inline(text.slice(0, found.index)), element(name, inline(found[1])), ...inline(after)]
  }
  return [text]
}

function element(name, children) {
  const made = document.createElement(name)
  made.append(...children)
  return made
}
