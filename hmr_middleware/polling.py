"""EDGE: what has changed, found out by looking: where events do not arrive, and where some may have been missed."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from hmr_middleware.core.filesystems import read_mounts, silent_mount
from hmr_middleware.files import files_below, folders_in

# Seconds for which a file's times may stay as they are though it is saved again: FAT counts in steps of two.
COARSE = 2.5
# Of so many files saved just now the content is read with every look; of more, once, when their times can be trusted.
FEW = 50
FOLDERS = 500  # without files in use, where any may appear


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder as it was when last looked at."""

    state: tuple[int, int]
    names: frozenset[str]
    trusted_from: float  # when its time is old enough to show every change


_GONE = _Folder((0, 0), frozenset(), 0.0)


class Looked(NamedTuple):
    """What a look has found: known files that are not as they were, those that only seem to be, and what is new."""

    changed: list[Path]
    young: list[Path]
    appeared: list[Path]

    @property
    def paths(self) -> list[Path]:
        """All of them."""
        return self.changed + self.young + self.appeared


class Poll:
    """Looks at the files in use and their folders. *stale* returns the known files that are not as they were.

    *now* is a clock in seconds that never goes back.
    """

    def __init__(self, stale: Callable[[], Iterable[Path]]) -> None:
        self._stale = stale
        self._folders: dict[Path, _Folder | float] = {}  # until the first look, since when it is in use
        self._young: dict[Path, float] = {}  # until when

    def add_folder(self, folder: Path) -> None:
        """Let files that appear in *folder* be noticed. May be called from any thread."""
        self._folders.setdefault(folder, time.time())

    def note(self, path: Path, now: float) -> None:
        """Take notice that the file at *path* has just been saved: another save may not show in its times."""
        self._young[path] = now + COARSE

    def changed(self) -> list[Path]:
        """Return the known files that are not as they were."""
        return list(self._stale())

    def look(self, now: float) -> Looked:
        """Look at everything, and notice what of it must be looked at more closely for a while."""
        changed = self.changed()
        found = Looked(changed, self._reread(now), self._appeared(now))
        for path in changed:
            self.note(path, now)
        return found

    def _reread(self, now: float) -> list[Path]:
        """Return the files of which only the content can tell whether they are as they were."""
        young = list(self._young.items())
        aged = [path for path, until in young if until <= now]
        for path in aged:
            self._young.pop(path, None)
        return [path for path, _ in young] if len(young) <= FEW else aged

    def _appeared(self, now: float) -> list[Path]:
        """Return what has come into the folders since the last look, with all that is in new folders."""
        return [path for folder in list(self._folders) for path in self._new_in(folder, now)]

    def _new_in(self, folder: Path, now: float) -> Iterator[Path]:
        before, state = self._folders[folder], _state(folder)
        if isinstance(before, float):
            before = _Folder(_GONE.state, frozenset(_names_before(folder, before)), 0.0)
        elif before.state == state and before.trusted_from <= now:
            return
        self._add_folders_in(folder)
        names = frozenset(_names(folder))
        trusted_from = before.trusted_from if before.state == state else now + COARSE
        self._folders[folder] = _Folder(state, names, trusted_from)
        for name in names - before.names:
            path = folder / name
            yield from files_below(path) if path.is_dir() else (path,)

    def _add_folders_in(self, folder: Path) -> None:
        for found in folders_in(folder):
            if len(self._folders) < FOLDERS:
                self.add_folder(found)


def _state(folder: Path) -> tuple[int, int]:
    try:
        found = os.stat(folder)  # noqa: PTH116 (half the time of Path.stat)
    except OSError:
        return _GONE.state
    return found.st_ino, found.st_mtime_ns


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (names are enough)
    except OSError:
        return []


def _names_before(folder: Path, moment: float) -> Iterator[str]:
    """Yield the names in *folder* that were there before *moment*, seconds since the epoch."""
    for name in _names(folder):
        with contextlib.suppress(OSError):
            if os.lstat(folder / name).st_ctime < moment:
                yield name


def silent_folder(folders: Iterable[Path]) -> str:
    """Return which of *folders* is where file events do not arrive, in words; "" where none is, or nobody knows."""
    try:
        text = Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
    except OSError:  # not Linux
        return ""
    mounts = read_mounts(text)
    for folder in folders:
        if found := silent_mount(PurePosixPath(folder), mounts):
            return f"{folder} is on {found.kind}"
    return ""
