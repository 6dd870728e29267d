"""Pages that poll, for servers and networks that let no socket through: each has a session with us.

A session lives in one worker, the one that it began in, so that a page is told as over a socket: in order, once, by
one hub. Where another worker is asked, it says so, and the page asks again. No request waits, and there is no timer:
who has not asked for long is forgotten when that makes a difference.
"""

import os
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from hmr_middleware.core.polls import ELSEWHERE, GONE, Poll, encode_answer
from hmr_middleware.core.transports import Transport
from hmr_middleware.core.urls import Origin
from hmr_middleware.hub import Client, Hub
from hmr_middleware.native import new_lock

EXPIRES = 150.0  # seconds; browsers let the timers of a tab that nobody sees run once a minute
MAX_UNREAD = 1_000  # messages that wait for a page that does not ask; then it has to begin anew
MAX_WAITING = 4 * 1024 * 1024  # characters of them
MAX_SESSIONS = 1_000


class Polls:
    """The sessions of this process. *now* is a clock in seconds."""

    def __init__(self, hub: Hub, now: Callable[[], float] = time.monotonic) -> None:
        self._hub = hub
        self._now = now
        self._sessions: dict[str, _Session] = {}
        self._lock = new_lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def answer(self, poll: Poll, origin: Origin) -> str:
        """Return the answer to *poll* of a page that sees the app at *origin*."""
        self.expire()
        session = self._sessions.get(poll.session) if poll.session else self._begin(origin)
        if session is None:
            return ELSEWHERE if _is_sibling_s(poll.session) else GONE
        return session.answer(poll)

    def expire(self) -> None:
        """Forget who has not asked for long, and of too many the oldest."""
        sessions = list(self._sessions.values())
        late = self._now() - EXPIRES
        for session in (*sessions[:-MAX_SESSIONS], *(each for each in sessions if each.asked_at < late)):
            session.close()

    def _begin(self, origin: Origin) -> "_Session":
        session = _Session(self._hub, origin, self._now, self._forget)
        with self._lock:
            self._sessions[session.name] = session
        self._hub.join(session.client)
        return session

    def _forget(self, session: "_Session") -> None:
        with self._lock:
            self._sessions.pop(session.name, None)
        self._hub.leave(session.client)


class _Session:
    """One page that polls: a Wire of the hub on which messages wait until the page says that it has them."""

    def __init__(
        self, hub: Hub, origin: Origin, now: Callable[[], float], on_end: Callable[["_Session"], None]
    ) -> None:
        self.name = f"{os.getpid():x}.{secrets.token_urlsafe(16)}"
        self.client = Client(self, origin, transport=Transport.POLLING)
        self.asked_at = now()
        self._hub = hub
        self._now = now
        self._on_end = on_end
        self._lock = new_lock()
        self._heard = 0  # messages of the page
        self._read = 0  # messages of ours that the page has
        self._unread: deque[str] = deque()
        self._waiting = 0  # characters in them
        self._is_open = True

    def answer(self, poll: Poll) -> str:
        """Take what the page says, and return what it is to know."""
        with self._lock:
            self.asked_at = self._now()
            read = poll.received - self._read
            # A count that cannot be is of a page that has met another one of us.
            if not self._is_open or poll.sent > self._heard or read > len(self._unread):
                is_lost = True
            else:
                is_lost = poll.bye
                self._hear(poll)
                self._drop(read)
            said = encode_answer(self.name, self._heard, self._read, self._unread)
        if not is_lost:
            return said
        self.close()
        return GONE

    def _hear(self, poll: Poll) -> None:
        fresh = poll.messages[self._heard - poll.sent :]
        self._heard += len(fresh)
        for text in fresh:
            self._hub.receive(self.client, text)

    def _drop(self, read: int) -> None:
        for _ in range(read):
            self._waiting -= len(self._unread.popleft())
            self._read += 1

    # The hub's side, from any thread

    def send(self, text: str) -> None:
        """Let *text* wait for the page. One that has not asked for long, or leaves too much, is cut off."""
        with self._lock:
            self._unread.append(text)
            self._waiting += len(text)
            full = len(self._unread) > MAX_UNREAD or self._waiting > MAX_WAITING
        if full or self.asked_at < self._now() - EXPIRES:
            self.close()

    def close(self) -> None:
        """End the session: the page that asks once more begins another one."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
            self._unread.clear()
        if was_open:
            self._on_end(self)


def _is_sibling_s(session: str) -> bool:
    """Return whether *session* may live in another worker: its name holds the number of a process of our group.

    Of any other process nothing is said. Where there are no groups (Windows) nobody knows; the client gives up asking.
    """
    if not hasattr(os, "getpgid"):
        return True
    with suppress(ValueError, OverflowError, OSError):
        process = int(session.partition(".")[0], 16)
        return process not in (0, os.getpid()) and os.getpgid(process) == os.getpgrp()
    return False
