"""EDGE: which files have changed. watchfiles tells; where its events do not arrive, the known files are polled."""

import fnmatch
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from hmr_middleware.core.settling import Unsettled
from hmr_middleware.inotify import Ears

logger = logging.getLogger("hmr_middleware")

# Milliseconds. watchfiles sleeps a step at a time and reports after a step that brought nothing new: its latency is
# 1.5 to 2 steps, its cost that of waking up.
QUICK_STEP, IDLE_STEP = 1, 50
DEBOUNCE = 50
TIMEOUT = 1_000
RETRY = 10
POLL = 0.15  # seconds
FIRST_PAGE = 1.0  # seconds, or until a page is connected
STORM = 500  # events in one batch; the kernel's queue may have dropped more

IGNORED = (".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", ".idea", ".mypy_cache", ".pytest_cache")
_ADDED = 1

Report = Callable[[Iterable[Path], Mapping[Path, Unsettled]], Mapping[Path, Unsettled]]


class Watcher:
    """A thread that reports changed files.

    *report* takes the paths that may have changed and, of those among them that have been waited for long enough, why;
    it returns those that are not whole yet. *stale* returns the known files that are not as they were.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        report: Report,
        stale: Callable[[], Iterable[Path]],
        *,
        ignore: Sequence[str] = (),
        poll: bool = False,
    ) -> None:
        self._roots = roots
        self._report = report
        self._stale = stale
        self._ignore = tuple(ignore)
        self._poll = poll
        self._quick = False
        self._wake = threading.Event()
        self._stopped = False
        self._waiting: dict[Path, tuple[float, Unsettled]] = {}
        self._ears = None if poll else Ears(self._heard, self._wake.set)
        self._deaf = self._ears is None  # to some folder with files in use
        self._thread = threading.Thread(target=self._run, name="hmr-watcher", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def attend(self, path: Path) -> None:
        """Say that the file at *path* is in use: its saves are to be noticed at once."""
        if self._ears is None or not self._ears.listen_in(path.parent):
            self._deaf = True

    def _heard(self, paths: Collection[Path]) -> None:
        """Report what was saved; what is not whole yet, watchfiles tells of in a moment."""
        wanted = [path for path in paths if not self._is_ignored(str(path))]
        try:
            self._report(wanted, {})
        except Exception:
            logger.exception("a fault of ours")

    def hurry(self, quick: bool) -> None:
        """Report within two milliseconds while somebody looks; otherwise save the processor."""
        if quick != self._quick:
            self._quick = quick
            self._wake.set()

    def stop(self) -> None:
        """Stop watching, within one step."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        failures = 0
        # Laying many watches holds the interpreter up: not while the first page is being served.
        self._wake.wait(FIRST_PAGE)
        self._wake.clear()
        while not self._stopped:
            try:
                self._watch_or_poll(failures)
            except Exception as error:
                failures += 1
                logger.warning("the file watcher failed and starts again: %s", error)
                time.sleep(min(0.1 * failures, 1))

    def _watch_or_poll(self, failures: int) -> None:
        notify = None if self._poll or failures > 3 else self._open()
        if notify is None:
            self._poll_files()
            return
        with notify:
            self._watch(notify)

    def _open(self) -> RustNotify | None:
        """Open the system's notification, or return None where it cannot be had."""
        present = [str(root) for root in self._roots if root.exists()]
        try:
            return RustNotify(present, False, False, 0, True, True)
        except (OSError, WatchfilesRustInternalError) as error:
            logger.warning("no file events (%s): polling the files in use instead", error)
            return None

    def _watch(self, notify: RustNotify) -> None:
        """Report until a root is replaced: then nothing would be heard from it any more."""
        identities = self._identities()
        self._look(self._stale())  # what changed while the watches were being laid
        while not self._stopped:
            step = QUICK_STEP if self._quick and self._deaf else IDLE_STEP
            found = notify.watch(DEBOUNCE, step, RETRY if self._waiting else TIMEOUT, self._wake)
            if not isinstance(found, str):
                self._look(self._expand(found))
            elif found == "stop":
                self._wake.clear()
                self._look(self._stale())  # being woken, watchfiles forgets what it had gathered
            elif self._waiting:
                self._look(())
            elif self._identities() != identities:
                return

    def _identities(self) -> list[tuple[int, int] | None]:
        return [_identity(root) for root in self._roots]

    def _poll_files(self) -> None:
        while not self._stopped:
            self._look(self._stale())
            self._wake.wait(RETRY / 1000 if self._waiting else POLL)
            self._wake.clear()

    def _look(self, paths: Iterable[Path]) -> None:
        """Report *paths* and those that were not whole before."""
        now = time.monotonic()
        impatient = {path: why for path, (since, why) in self._waiting.items() if now - since > why.value}
        together = dict.fromkeys([*paths, *self._waiting])
        if not together:
            return
        unsettled = self._report(together, impatient)
        self._waiting = {path: self._since(path, why, now) for path, why in unsettled.items()}

    def _since(self, path: Path, why: Unsettled, now: float) -> tuple[float, Unsettled]:
        before = self._waiting.get(path)
        return before if before and before[1] is why else (now, why)

    def _expand(self, events: Collection[tuple[int, str]]) -> Iterator[Path]:
        """Yield the files that *events* speak of. A folder that appears says nothing of what is in it."""
        for kind, name in events:
            if self._is_ignored(name):
                continue
            if kind == _ADDED and os.path.isdir(name):  # noqa: PTH112 (a storm brings thousands)
                yield from self._files_below(name)
            else:
                yield Path(name)
        if len(events) > STORM:
            yield from self._stale()

    def _files_below(self, folder: str) -> Iterator[Path]:
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name not in IGNORED]
            yield from (Path(parent, name) for name in names)

    def _is_ignored(self, name: str) -> bool:
        if any(f"{os.sep}{part}{os.sep}" in name for part in IGNORED):
            return True
        return any(fnmatch.fnmatch(name, pattern) for pattern in self._ignore)


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        found = root.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
