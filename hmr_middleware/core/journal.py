"""What has happened lately, for the status page: what saved files came to, and what was left out and why."""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from enum import Enum

from hmr_middleware.core.reasons import Reason

OUTCOMES = 50
NOTES = 20  # of one topic
NAMES = 20  # of one outcome: a change of branches saves thousands of files
BOUNDARIES = 100


class Kind(Enum):
    """What pages are told of a change."""

    UPDATE = "update"
    RELOAD = "reload"
    REFRESH = "refresh"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one batch of saved files, or a page that asked by itself, came to.

    *at* is in microseconds since the epoch. *changed* are names; in a journal they are the first of *count*. *occasion*
    is why a page was told where no file was saved just then.
    """

    kind: Kind
    at: int = 0
    changed: tuple[str, ...] = ()
    boundaries: tuple[str, ...] = ()
    reason: str = ""
    occasion: str = ""
    pages: int = 0
    milliseconds: float | None = None
    count: int = 0


class Topic(Enum):
    """What is left out."""

    SETUP = "setup"
    PAGE = "page"  # passes without the client
    TEXT = "text"  # a script or a stylesheet that passes as it is
    FILE = "file"  # was saved, and nothing follows from it
    SOCKET = "socket"


@dataclass(frozen=True, slots=True)
class Note:
    """*subject* was left out *count* times, last *at* this time, in microseconds since the epoch."""

    topic: Topic
    subject: str
    reason: Reason
    at: int = 0
    count: int = 1


class Journal:
    """The newest outcomes and notes; the oldest make room. Every method may be called from any thread."""

    def __init__(self, *, outcomes: int = OUTCOMES, notes: int = NOTES) -> None:
        self._outcomes: deque[Outcome] = deque(maxlen=outcomes)
        self._notes: dict[Topic, OrderedDict[tuple[str, Reason], Note]] = {topic: OrderedDict() for topic in Topic}
        self._most = notes
        self._lock = threading.Lock()

    def add(self, outcome: Outcome) -> None:
        """Keep *outcome*, with the first of its names."""
        changed, boundaries = outcome.changed[:NAMES], outcome.boundaries[:BOUNDARIES]
        with self._lock:
            self._outcomes.append(replace(outcome, changed=changed, boundaries=boundaries, count=len(outcome.changed)))

    def note(self, note: Note) -> bool:
        """Keep *note*, together with those that say the same; return whether it is the first of them.

        What is told twice of one time counts once: several ears may hear one save.
        """
        notes, key = self._notes[note.topic], (note.subject, note.reason)
        with self._lock:
            before = notes.pop(key, None)
            times = before.count + (note.at != before.at) if before else 1
            notes[key] = replace(note, count=times)
            while len(notes) > self._most:
                notes.popitem(last=False)
        return before is None

    def outcomes(self) -> tuple[Outcome, ...]:
        """Return the outcomes, newest first."""
        with self._lock:
            return tuple(reversed(self._outcomes))

    def notes(self) -> tuple[Note, ...]:
        """Return the notes, topic by topic, the newest of each first."""
        with self._lock:
            return tuple(note for notes in self._notes.values() for note in reversed(notes.values()))
