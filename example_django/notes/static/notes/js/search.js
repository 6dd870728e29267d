// Which notes the search finds.

export function finds(note, typed) {
  const searched = note.title.toLowerCase()
  return searched.includes(typed.trim().toLowerCase())
}
