"""Saves by the hundred, as of a branch switch: they are told of together, once it is quiet. Times are in seconds."""

from collections.abc import Iterable
from pathlib import Path

MANY = 20  # files at once: no person saves that many
QUIET = 0.15  # without another file
LOCKED = 2.0  # the same while something is known to be writing; an editor for the commit message keeps the lock, too
LONGEST = 10.0  # a program that goes on writing files must not keep the page from what is saved besides


class Storm:
    """The files of a storm that goes on, none while there is none."""

    def __init__(self) -> None:
        self._paths: dict[Path, None] = {}
        self._began = self._last = 0.0

    def __bool__(self) -> bool:
        return bool(self._paths)

    def add(self, paths: Iterable[Path], now: float, *, busy: bool) -> bool:
        """Take *paths* where they are part of a storm; return whether they were.

        *busy* says that something is known to be writing files just now: then the first one is part of it already.
        """
        paths = tuple(paths)
        if not self._paths:
            if not paths or (len(paths) < MANY and not busy):
                return False
            self._began = self._last = now
        before = len(self._paths)
        self._paths.update(dict.fromkeys(paths))
        if len(self._paths) > before:
            self._last = now
        return True

    def is_over(self, now: float, *, busy: bool) -> bool:
        """Return whether there are files that need to wait no longer."""
        if not self._paths:
            return False
        return now - self._began >= LONGEST or now - self._last >= (LOCKED if busy else QUIET)

    def release(self) -> tuple[Path, ...]:
        """Return the files of the storm, which is over."""
        paths, self._paths = tuple(self._paths), {}
        return paths
