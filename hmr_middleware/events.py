"""EDGE: what watchfiles tells of some folders: the files that may have changed."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from hmr_middleware.attention import Attention
from hmr_middleware.core.ignoring import Ignored
from hmr_middleware.files import files_below
from hmr_middleware.native import AnyEvent

# Milliseconds. watchfiles sleeps a step at a time and reports after a step that brought nothing new: its latency is
# 1.5 to 2 steps, its cost that of waking up.
QUICK_STEP, IDLE_STEP = 1, 50
DEBOUNCE = 50

_ADDED, _DELETED = 1, 3


# What the system's limits are called, by what watchfiles says when one is reached.
_LIMITS = {
    "watch limit": "the limit fs.inotify.max_user_watches is reached",
    "No space left": "the limit fs.inotify.max_user_watches is reached",
    "Too many open files": "the limit fs.inotify.max_user_instances, or that of open files, is reached",
}


class NoEventsError(Exception):
    """The system has no events to give; its text says why."""


class Told(NamedTuple):
    """The files that events spoke of."""

    paths: Sequence[Path] = ()
    is_lost: bool = False  # there may have been more: being woken, watchfiles forgets what it had gathered
    is_last: bool = False  # of what there is now, not everything is being watched


class Events:
    """Events of what is below *roots*, by the names that *attention* knows it by. Raises NoEventsError."""

    def __init__(self, roots: Sequence[Path], ignored: Ignored, attention: Attention) -> None:
        self._roots = roots
        self._ignored = ignored
        self._attention = attention
        present = [str(root) for root in roots if root.exists()]
        try:
            self._notify = _open(present)
        except FileNotFoundError:  # gone since, and with it its identity
            self._notify = _open([])
        except (OSError, WatchfilesRustInternalError) as error:
            raise NoEventsError(_in_words(error)) from error

    def __enter__(self) -> "Events":
        return self

    def __exit__(self, *_error: object) -> None:
        self._notify.close()

    def wait(self, seconds: float, wake: AnyEvent, *, quick: bool) -> Told:
        """Return what is told of within *seconds*, or until *wake* is set; *quick* costs the processor something."""
        step = QUICK_STEP if quick and self._attention.is_deaf else IDLE_STEP
        found = self._notify.watch(DEBOUNCE, step, max(1, int(seconds * 1000)), wake)
        if isinstance(found, str):
            return Told(is_lost=found == "stop")
        events = [(kind, name) for kind, name in found if name not in self._ignored]
        return Told(list(self._files(events)), is_last=any(self._ends(kind, name) for kind, name in events))

    def _files(self, events: Collection[tuple[int, str]]) -> Iterator[Path]:
        """Yield the files that *events* speak of. A folder that appears says nothing of what is in it."""
        for kind, name in events:
            if kind in (_ADDED, _DELETED):
                self._attention.renew(name)
            if kind == _ADDED and os.path.isdir(name):  # noqa: PTH112 (a storm brings thousands)
                yield from self._known(files_below(Path(name)))
            else:
                yield from self._attention.names_of(Path(name))

    def _known(self, paths: Iterable[Path]) -> Iterator[Path]:
        return (path for path in paths if str(path) not in self._ignored)

    def _ends(self, kind: int, name: str) -> bool:
        """Return whether a root has gone, or a link has come that leads to a folder: it is not followed."""
        if kind == _DELETED:
            return Path(name) in self._roots
        return kind == _ADDED and os.path.islink(name) and os.path.isdir(name)  # noqa: PTH112, PTH114


def _open(folders: list[str]) -> RustNotify:
    try:
        return RustNotify(folders, False, False, 0, True, False)
    except PermissionError:
        # Folders that may not be read are passed over. With that, watchfiles is silent about the limits, too.
        return RustNotify(folders, False, False, 0, True, True)


def _in_words(error: Exception) -> str:
    return next((words for sign, words in _LIMITS.items() if sign in str(error)), str(error))
