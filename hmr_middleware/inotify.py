"""EDGE: Linux tells at once, and at no cost while nothing happens, when a file in one of some folders has been saved.

This only hastens what the watcher finds anyway a few steps later: a save in a folder whose files are in use. Where
the system has no inotify, or no watch left, it stays silent. Source: inotify(7).
"""

import ctypes
import os
import select
import struct
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from hmr_middleware.native import new_lock, start_thread

_CLOSE_WRITE, _MOVED_TO, _OVERFLOW, _IGNORED, _ONLY_FOLDERS = 0x8, 0x80, 0x4000, 0x8000, 0x01000000
_HEADER = struct.Struct("iIII")  # watch, mask, cookie, length of the name that follows
_BUFFER = 64 * 1024
_FEW = 8 * 2 * _HEADER.size  # bytes: so much, a person saves
_ENOUGH = 4 * 1024 * 1024  # bytes
TOGETHER = 0.0003  # seconds
STORM = 0.05  # seconds


class Ears:
    """Hears of saves in the folders that it was given; *report* is called with the files, on a thread of its own.

    Files that are saved within a fraction of a millisecond of each other are reported together; the more there are,
    the longer a pause is waited for. *lost* is called where the system could not keep up: anything may have been saved.
    """

    def __init__(self, report: Callable[[Collection[Path]], object], lost: Callable[[], object]) -> None:
        self._report = report
        self._lost = lost
        self._folders: dict[int, dict[Path, None]] = {}  # by their watch: links give a folder several names
        self._watches: dict[Path, int] = {}
        self._lock = new_lock()
        self._library = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
        self._descriptor = self._library.inotify_init1(os.O_CLOEXEC) if self._library else -1
        self._ended, self._end = os.pipe() if self._descriptor >= 0 else (-1, -1)
        self._thread = start_thread(self._listen, "hmr-inotify") if self._descriptor >= 0 else None

    @property
    def is_dead(self) -> bool:
        """Whether the thread has ended that should listen."""
        return self._library is not None and self._end >= 0 and not (self._thread and self._thread.is_alive())

    def close(self) -> None:
        """Hear nothing any more."""
        with self._lock:
            if self._end >= 0:
                os.close(self._end)
                self._end = -1

    def listen_in(self, folder: Path) -> bool:
        """Hear of saves in *folder* from now on; return whether that is possible."""
        if self._library is None or self._descriptor < 0:
            return False
        with self._lock:
            if folder in self._watches:
                return True
            mask = _CLOSE_WRITE | _MOVED_TO | _ONLY_FOLDERS
            watch = self._library.inotify_add_watch(self._descriptor, os.fsencode(folder), ctypes.c_uint32(mask))
            if watch >= 0:
                self._folders.setdefault(watch, {})[folder] = None
                self._watches[folder] = watch
            return bool(watch >= 0)

    def renew(self, folders: Iterable[Path]) -> None:
        """Listen in those *folders* anew: another one may have come to be called so."""
        for folder in folders:
            self._leave(folder)
            self.listen_in(folder)

    def _leave(self, folder: Path) -> None:
        with self._lock:
            watch = self._watches.pop(folder, -1)
            names = self._folders.get(watch, {})
            names.pop(folder, None)
            if watch >= 0 and not names and self._library:
                self._folders.pop(watch, None)
                self._library.inotify_rm_watch(self._descriptor, watch)

    def _listen(self) -> None:
        waiting = select.poll()  # select() knows no descriptor beyond 1,024
        waiting.register(self._descriptor, select.POLLIN)
        waiting.register(self._ended, select.POLLIN | select.POLLHUP)
        try:
            while all(descriptor != self._ended for descriptor, _ in waiting.poll()):
                self._hear(self._gather(waiting))
        finally:
            with self._lock:
                os.close(self._descriptor)
                os.close(self._ended)
                self._descriptor = -1

    def _gather(self, waiting: select.poll) -> bytes:
        """Return what has happened until there was a pause."""
        events = os.read(self._descriptor, _BUFFER)
        while len(events) < _ENOUGH:
            time.sleep(pause_after(len(events)))  # poll() itself waits for whole milliseconds
            if (self._descriptor, select.POLLIN) not in waiting.poll(0):
                break
            events += os.read(self._descriptor, _BUFFER)
        return events

    def _hear(self, events: bytes) -> None:
        saved: dict[Path, None] = {}
        for watch, mask, name in _read(events):
            if mask & _OVERFLOW:
                self._lost()
            elif mask & _IGNORED:
                self._forget(watch)
            elif name:
                saved |= {folder / os.fsdecode(name): None for folder in tuple(self._folders.get(watch, ()))}
        if saved:
            self._report(saved)

    def _forget(self, watch: int) -> None:
        with self._lock:
            for folder in self._folders.pop(watch, {}):
                self._watches.pop(folder, None)


def pause_after(size: int) -> float:
    """Return for how many seconds nothing more must come after *size* bytes of events."""
    return TOGETHER if size <= _FEW else min(STORM, TOGETHER * size / _HEADER.size)


def _read(events: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + _HEADER.size <= len(events):
        watch, mask, _cookie, length = _HEADER.unpack_from(events, at)
        at += _HEADER.size
        yield watch, mask, events[at : at + length].rstrip(b"\0")
        at += length
