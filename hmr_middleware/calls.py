"""EDGE: calls onto an event loop from other threads."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable

logger = logging.getLogger("hmr_middleware")


class Calls:
    """Calls functions on *loop*, soon and in order; the loop is woken once for all that waits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._waiting: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._woken = False

    def add(self, function: Callable[..., object], *args: object) -> None:
        """Call *function* on the loop, from any thread; where the loop is closed, never."""
        self._waiting.append((function, args))
        if not self._woken:
            self._woken = True
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
                self.loop.call_soon_threadsafe(self._run)

    def _run(self) -> None:
        self._woken = False  # before the first call: whoever comes from now on wakes the loop again
        while self._waiting:
            function, args = self._waiting.popleft()
            try:
                function(*args)
            except Exception:
                logger.exception("a fault of ours")
