"""EDGE: which files have changed. Events tell; where they do not arrive, the files in use are looked at."""

import logging
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType

from hmr_middleware.attention import Attention
from hmr_middleware.core.ignoring import Ignored
from hmr_middleware.core.pacing import pace
from hmr_middleware.core.settling import Unsettled
from hmr_middleware.core.storms import QUIET, Storm
from hmr_middleware.events import Events, NoEventsError, Told
from hmr_middleware.native import Running, new_event, new_lock, start_thread
from hmr_middleware.polling import Looked, Poll, silent_folder
from hmr_middleware.repositories import Repositories

logger = logging.getLogger("hmr_middleware")

# Seconds.
TURN = 1.0  # at most, until the watched folders themselves are looked at again
RETRY = 0.01
FIRST_PAGE = 1.0  # or until a page is connected
FORGIVEN = 60.0  # after which a failure counts no more
LATE = 2.0  # after which an event is awaited no longer
FAILURES = 3  # that are forgiven

Report = Callable[[Iterable[Path], Mapping[Path, Unsettled]], Mapping[Path, Unsettled]]
Identities = list[tuple[int, int] | None]
NOTHING: Mapping[Path, Unsettled] = MappingProxyType({})


class Watcher:
    """A thread that reports changed files.

    *report* takes the paths that may have changed and, of those among them that have been waited for long enough, why;
    it returns those that are not whole yet. *stale* returns the known files that are not as they were. *poll* says
    whether the files in use are looked at regularly: True instead of listening to events, False never, None where
    events do not arrive.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        report: Report,
        stale: Callable[[], Iterable[Path]],
        *,
        ignore: Sequence[str] = (),
        poll: bool | None = None,
    ) -> None:
        self.why_polling = "it was asked for" if poll else ""
        self._roots = tuple(roots)
        self._report = report
        self._forced, self._forbidden = poll is True, poll is False
        self._poll = Poll(stale)
        self._ignored = Ignored(ignore)
        self._repositories = Repositories(self._roots)
        self._quick = False
        self.ready = new_event()  # set once watching has begun
        self._wake = new_event()
        self._stopped = False
        self._waiting: dict[Path, tuple[float, Unsettled]] = {}
        self._storm = Storm()
        self._lock = new_lock()  # of the storm
        self._unheard: dict[Path, float] = {}  # saves that were noticed before any event told of them
        self._failures: list[float] = []
        self._warned: set[str] = set()
        self._next_look = 0.0
        self._identities: Identities = []
        self._attention = Attention(self._roots, self._poll, self._heard, self._wake.set, listening=not poll)
        self.attend = self._attention.attend
        self._thread: Running | None = None

    def start(self) -> None:
        """Start watching."""
        self._thread = start_thread(self._run, "hmr-watcher")

    def hurry(self, quick: bool) -> None:
        """Report within two milliseconds while somebody looks; otherwise save the processor."""
        if self._thread and not self._thread.is_alive() and not self._stopped:
            self.start()
        if quick != self._quick:
            self._quick = quick
            self._wake.set()

    def stop(self) -> None:
        """Stop watching, within one step."""
        self._stopped = True
        self._wake.set()
        self._attention.close()

    # The thread

    def _run(self) -> None:
        # Laying many watches holds the interpreter up: not while the first page is being served.
        self._wake.wait(FIRST_PAGE)
        self._wake.clear()
        while not self._stopped:
            try:
                self._watch()
            except BaseException as error:  # a panic of watchfiles is no Exception, nor is what ends a thread
                self._stumble(error)

    def _stumble(self, error: BaseException) -> None:
        now = time.monotonic()
        self._failures = [when for when in self._failures if now - when < FORGIVEN] + [now]
        count = len(self._failures)
        self._warn(f"the file watcher failed and starts again: {' '.join(str(error).split()) or repr(error)}")
        if count > FAILURES:
            self._begin_to_poll(f"file events failed {count} times in a minute")
        time.sleep(min(0.1 * count, 0.9))

    def _watch(self) -> None:
        """Watch until the folders are others than before: nothing would be heard from those any more."""
        self._identities = list(map(_identity, self._roots))
        for root in self._roots:
            self._attention.renew(str(root))
        if not self._forced and (silent := silent_folder(self._roots)):
            self._begin_to_poll(f"{silent}, where file events may not arrive")
        with self._open() or nullcontext() as events:
            self._look_at_everything()  # what changed while nobody watched
            self.ready.set()
            while not self._stopped and self._turn(events):
                pass

    def _open(self) -> Events | None:
        """Return where events come from, or None where the files in use are looked at instead."""
        if self._forced or len(self._failures) > FAILURES:
            return None
        try:
            return Events(self._roots, self._ignored, self._attention)
        except NoEventsError as error:
            self._begin_to_poll(f"no file events can be had ({error})")
            return None

    def _begin_to_poll(self, why: str) -> None:
        """Poll from now on; say so once."""
        if self._forbidden:
            self._warn(f"{why}, and polling is forbidden: saves may go unnoticed; poll=None or HMR_POLL=1 would help")
        elif not self.why_polling:
            self.why_polling = why
            self._warn(f"polling the files in use: {why} (HMR_POLL=1 always does, HMR_POLL=0 never)")

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            logger.warning("%s", text)

    def _turn(self, events: Events | None) -> bool:
        """Wait for something to happen and report it; return whether everything is still being watched."""
        told = self._wait(events, self._timeout(time.monotonic()))
        now = time.monotonic()
        self._note_heard(told.paths)
        self._take(told.paths, now)
        if told.is_lost:
            self._wake.clear()
        if told.is_lost or self._attention.revive():
            self._look_at_everything()
        elif now >= self._next_look and not self._forbidden:
            self._look_around(now)
        return not told.is_last and self._identities == list(map(_identity, self._roots))

    def _wait(self, events: Events | None, seconds: float) -> Told:
        if events:
            return events.wait(seconds, self._wake, quick=self._quick)
        return Told(is_lost=self._wake.wait(seconds))

    def _timeout(self, now: float) -> float:
        if self._waiting:
            return RETRY
        if self._forbidden:
            return QUIET / 2 if self._storm else TURN
        return min(QUIET / 2 if self._storm else TURN, max(0.001, self._next_look - now))

    # What has changed

    def _heard(self, paths: Collection[Path]) -> None:
        """Report what was saved just now; what is not whole yet, watchfiles tells of in a moment."""
        named = [name for path in paths if str(path) not in self._ignored for name in self._attention.names_of(path)]
        self._note_heard(named)
        if self._belongs_to_a_storm(named, time.monotonic()):
            return
        self._report_safely(named, {})

    def _note_heard(self, paths: Iterable[Path]) -> None:
        if self._unheard:
            for path in paths:
                self._unheard.pop(path, None)

    def _belongs_to_a_storm(self, paths: Collection[Path], now: float) -> bool:
        if not paths:
            return False
        with self._lock:
            return self._storm.add(paths, now, busy=self._repositories.are_busy())

    def _take(self, paths: Collection[Path], now: float) -> None:
        """Report *paths* and what was not whole before; in a storm, once it is over."""
        if self._belongs_to_a_storm(paths, now):
            paths = ()
        with self._lock:
            is_over = self._storm.is_over(now, busy=self._repositories.are_busy()) if self._storm else False
            released = self._storm.release() if is_over else ()
        if released:
            self._settle(released)
        elif paths or self._waiting:
            self._look(paths)

    def _settle(self, paths: Iterable[Path]) -> None:
        """Report a storm. Of so many events some may have been lost."""
        together = dict.fromkeys([*paths, *self._poll.look(time.monotonic()).paths])
        self._look(together, {path: Unsettled.MISSING for path in together if not os.path.lexists(path)})

    def _look_at_everything(self) -> None:
        now = time.monotonic()
        self._take_found(self._poll.look(now), now)
        self._next_look = now + self._pause(0)

    def _take_found(self, found: Looked, now: float) -> None:
        self._take([*found.changed, *found.appeared], now)
        if found.young and not self._storm and not self._repositories.are_busy():
            self._look(found.young)

    def _look_around(self, now: float) -> None:
        """Look at the files in use: for what has changed, or for what events should have told of."""
        began = time.thread_time()
        found = self._poll.look(now)
        cost = time.thread_time() - began
        if self.why_polling:
            self._take_found(found, now)
        elif not self._storm:
            self._check(found, now)
        self._next_look = now + self._pause(cost)

    def _pause(self, cost: float) -> float:
        """Return for how long not to look after a look that took *cost*, seconds of the processor."""
        pause = pace(polling=bool(self.why_polling), seen=self._quick).pause(cost)
        if self._storm:
            return min(pause, QUIET / 2 + cost)
        return min(pause, LATE) if self._unheard else pause

    def _check(self, found: Looked, now: float) -> None:
        """Report what was *found*, and see whether events tell of it: else none arrive from there."""
        if late := [path for path, since in self._unheard.items() if now - since >= LATE]:
            self._begin_to_poll(f"no event told that {late[0]} was saved")
            return
        unsettled = set(self._waiting)
        self._take_found(found, now)
        if found.changed:
            unsettled.update(self._waiting, self._poll.changed())
            self._unheard |= {path: now for path in found.changed if path not in unsettled}

    def _look(self, paths: Iterable[Path], endured: Mapping[Path, Unsettled] = NOTHING) -> None:
        """Report *paths* and those that were not whole before; of those *endured* it does not matter."""
        now = time.monotonic()
        impatient = {path: why for path, (since, why) in self._waiting.items() if now - since > why.value}
        together = dict.fromkeys([*paths, *self._waiting])
        if not together:
            return
        unsettled = self._report_safely(together, {**impatient, **endured})
        self._waiting = {path: self._since(path, why, now) for path, why in unsettled.items()}

    def _since(self, path: Path, why: Unsettled, now: float) -> tuple[float, Unsettled]:
        before = self._waiting.get(path)
        return before if before and before[1] is why else (now, why)

    def _report_safely(self, paths: Iterable[Path], impatient: Mapping[Path, Unsettled]) -> Mapping[Path, Unsettled]:
        paths = tuple(paths)
        try:
            return self._report(paths, impatient)
        except Exception as error:
            if half := len(paths) // 2:  # the fault is with one of them, and the others are to be told of
                first, second = (self._report_safely(part, impatient) for part in (paths[:half], paths[half:]))
                return {**first, **second}
            if repr(error) not in self._warned:  # it may well come with every look
                self._warned.add(repr(error))
                logger.exception("a fault of ours")
            return {}


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        found = root.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
