// The lines around a fault, as text: "> 12 | const a = ;" and a caret below.

const WIDTH = 160 // characters of a line that are shown
const LEAD = 60 // of them before the column, where a line is longer

/**
 * The source around a place, each line with its number, the one at *line* marked; "" where there is no such line.
 * @param {string} text @param {number} [line] from 1 @param {number} [column] from 1 @param {number} [around] lines
 */
export function sourceFrame(text, line = 0, column = 0, around = 3) {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/) // what JavaScript counts as the end of a line
  if (!(line >= 1 && line <= lines.length)) return ""
  const first = Math.max(1, line - around)
  const last = Math.min(lines.length, line + around)
  const start = column > WIDTH - LEAD ? column - LEAD : 0
  const digits = String(last).length
  return lines.slice(first - 1, last).flatMap((whole, offset) => {
    const number = first + offset
    const shown = part(whole, start)
    const row = `${number === line ? ">" : " "} ${String(number).padStart(digits)} | ${shown}`.trimEnd()
    return number === line && column > 0 ? [row, `  ${" ".repeat(digits)} | ${caret(shown, column - start)}`] : [row]
  }).join("\n")
}

/** @param {string} line @param {number} start */
function part(line, start) {
  const end = start + WIDTH
  return (start && line.length > start ? "…" : "") + line.slice(start + (start ? 1 : 0), end) + (line.length > end ? "…" : "")
}

/** A caret below the column; tabs stay, so that it stands where the character does. @param {string} line @param {number} column */
function caret(line, column) {
  return `${line.slice(0, column - 1).replace(/[^\t]/g, " ").padEnd(column - 1)}^`
}
