"""EDGE: threads of the operating system and what they need among them, also where gevent stands in for these.

After `gevent.monkey.patch_all()`, which gunicorn's gevent workers begin with, a `threading.Thread` is a greenlet: one
that waits in C, for files to be saved, say, would hold up everything in the process. And what greenlets wait for is not
made for other threads: now and then nobody is woken.
"""

import _thread
import contextlib
import queue
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio


def _original(module: Any, name: str) -> Any:
    """Return what *name* in *module* was before gevent has put its own there."""
    monkey: Any = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_object_patched(module.__name__, name):
        return getattr(module, name)
    return monkey.get_original(module.__name__, name)


def _is_patched() -> bool:
    return _original(threading, "Event") is not threading.Event


class Running(Protocol):
    """A thread that has been started."""

    def is_alive(self) -> bool:
        """Return whether its function is still running."""


def start_thread(function: Callable[[], object], name: str) -> Running:
    """Run *function* on a thread of its own, which does not keep the process from ending."""
    if _is_patched():
        return _Bare(function)
    thread = threading.Thread(target=function, name=name, daemon=True)
    thread.start()
    return thread


class _Bare:
    """A thread of which `threading` knows nothing."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._alive = True
        _original(_thread, "start_new_thread")(self._run_bare, (function,))

    def _run_bare(self, function: Callable[[], object]) -> None:
        try:
            function()
        finally:
            self._alive = False

    def is_alive(self) -> bool:
        """Return whether its function is still running."""
        return self._alive


def new_lock() -> threading.Lock:
    """Return a lock between threads. Who holds it must not wait for anything else: other greenlets would, too."""
    lock: threading.Lock = _original(threading, "Lock")()
    return lock


def new_rlock() -> threading.RLock:
    """Return the same, but one that its holder may take again."""
    return _thread.RLock()


def new_event() -> "AnyEvent":
    """Return an event for which one thread waits, and which any thread may set."""
    return Event() if _is_patched() else threading.Event()


def new_event_loop() -> "asyncio.AbstractEventLoop":
    """Return an event loop for a thread of its own."""
    import asyncio
    import selectors

    if _is_patched():
        return asyncio.SelectorEventLoop(_original(selectors, "DefaultSelector")())
    return asyncio.new_event_loop()


class Event:
    """What `threading.Event` is, without gevent: of its parts that is made anew from what gevent has replaced."""

    def __init__(self) -> None:
        self._is_set = False
        self._news = _original(queue, "SimpleQueue")()

    def is_set(self) -> bool:
        """Return whether it is set."""
        return self._is_set

    def set(self) -> None:
        """Set it, and wake who waits."""
        self._is_set = True
        self._news.put(None)

    def clear(self) -> None:
        """Set it back."""
        self._is_set = False
        with contextlib.suppress(queue.Empty):
            while True:
                self._news.get_nowait()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or for *timeout* seconds; return whether it is set."""
        while not self._is_set:
            try:
                self._news.get(timeout=timeout)
            except queue.Empty:
                break
        return self._is_set


AnyEvent = threading.Event | Event


class Worker:
    """A thread that makes calls, one after the other in the order in which they were asked for."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls = _original(queue, "SimpleQueue")()
        self._lock = new_lock()
        self._started = False

    def submit(self, function: Callable[..., object], *args: object) -> None:
        """Call *function* with *args* soon. It must not raise."""
        self._calls.put((function, args))
        with self._lock:
            started, self._started = self._started, True
        if not started:
            start_thread(self._run, self._name)

    def _run(self) -> None:
        while True:
            function, args = self._calls.get()
            function(*args)
