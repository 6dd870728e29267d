"""The notes, in memory: newest first, pinned ones before the others."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from threading import Lock

from django.utils import timezone

COLOURS = {"straw": "Straw", "moss": "Moss", "sky": "Sky", "rose": "Rose"}


@dataclass(frozen=True)
class Note:
    """One note on the wall."""

    number: int
    title: str
    text: str
    colour: str = "straw"
    pinned: bool = False
    written: datetime = field(default_factory=timezone.now)


class Store:
    """All notes of one server process. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._notes: dict[int, Note] = {}
        self._numbers = count(1)
        self._lock = Lock()

    def all(self) -> list[Note]:
        """Return the notes in the order of the wall."""
        return sorted(self._notes.values(), key=lambda note: (note.pinned, note.written), reverse=True)

    def get(self, number: int) -> Note | None:
        """Return the note with this *number*, or None where there is none."""
        return self._notes.get(number)

    def add(self, title: str, text: str, colour: str, *, age: timedelta = timedelta()) -> Note:
        """Add a note that was written *age* ago, and return it."""
        with self._lock:
            note = Note(next(self._numbers), title, text, colour, written=timezone.now() - age)
            self._notes[note.number] = note
        return note

    def toggle_pin(self, number: int) -> None:
        """Pin the note with this *number*, or take its pin away."""
        with self._lock:
            if note := self._notes.get(number):
                self._notes[number] = replace(note, pinned=not note.pinned)


def filled() -> Store:
    """Return a store with a few notes to begin with."""
    store = Store()
    for hours, colour, title, text in BEGINNING:
        store.add(title, text, colour, age=timedelta(hours=hours))
    return store


BEGINNING = (
    (51, "moss", "Otter bank", "Fresh tracks below the **old willow**, heading upstream.\n\nCome back at *dusk*."),
    (26, "sky", "Weir", "A kingfisher, twice, always the same perch. Water **very** clear after the dry week."),
    (7, "rose", "Hedge by the mill", "Dog roses nearly over. Counted *eleven* hips already turning."),
    (2, "straw", "To bring", "Lens cloth, the **small** notebook, something against *midges*."),
)

store = filled()
