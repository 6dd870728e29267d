"""EDGE: the connected clients, what they say, and what they are told."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from hmr_middleware.core.messages import (
    ClientMessage,
    Connected,
    Hello,
    HotAccept,
    Invalidate,
    Log,
    MessageError,
    Ping,
    Pong,
    Reload,
    ServerMessage,
    UpdateMessage,
    decode,
    encode,
    encode_for_stock_client,
)
from hmr_middleware.core.propagation import Plan
from hmr_middleware.core.urls import Origin
from hmr_middleware.engine import Change, Engine, Page

logger = logging.getLogger("hmr_middleware")


class Wire(Protocol):
    """A way to one client. Both methods may be called from any thread and never wait."""

    def send(self, text: str) -> None:
        """Send *text*, or cut the client off where it does not read."""

    def close(self) -> None:
        """End the connection."""


@dataclass(eq=False, slots=True)
class Client:
    """One connected tab. Without a hello it is a stock ESM-HMR client, whose modules are not known."""

    wire: Wire
    origin: Origin = field(default_factory=Origin)
    page: Page | None = None
    visible: bool = False

    def tell(self, message: ServerMessage) -> None:
        """Send *message* in the words that this client understands."""
        for text in (encode(message),) if self.page else encode_for_stock_client(message):
            self.wire.send(text)


@dataclass(slots=True)
class _Told:
    """What one batch came to, for the terminal."""

    boundaries: set[str] = field(default_factory=set)
    updated: int = 0
    reloaded: int = 0
    reasons: dict[str, None] = field(default_factory=dict)


class Hub:
    """All clients of one engine. *on_audience* hears whether a visible tab is connected."""

    def __init__(self, engine: Engine, session: str, on_audience: Callable[[bool], None] = lambda _seen: None) -> None:
        self.engine = engine
        self.session = session
        self._clients: dict[Client, None] = {}
        self._lock = threading.Lock()
        self._telling = threading.RLock()  # what one client is told keeps its order
        self._work = ThreadPoolExecutor(1, "hmr-hub")  # what clients say may need files to be read
        self._on_audience = on_audience
        engine.on_change = self.announce

    def __len__(self) -> int:
        return len(self._clients)

    def join(self, client: Client) -> None:
        """Take *client* in."""
        with self._lock:
            self._clients[client] = None
        client.wire.send(encode(Connected(self.session)))

    def leave(self, client: Client) -> None:
        """Forget *client*."""
        with self._lock:
            self._clients.pop(client, None)
        self._count_audience()

    def close(self) -> None:
        """End every connection."""
        for client in self._snapshot():
            client.wire.close()

    def _snapshot(self) -> list[Client]:
        with self._lock:
            return list(self._clients)

    def _count_audience(self) -> None:
        self._on_audience(any(client.visible for client in self._snapshot()))

    # What clients say

    def receive(self, client: Client, text: str) -> None:
        """Act on a message of *client*, soon and in order; one that means nothing is dropped with a log line."""
        try:
            message = decode(text)
        except MessageError as error:
            logger.warning("dropped a message of a client: %s", error)
            return
        self.later(self._act, client, message)

    def later(self, function: Callable[..., object], *args: object) -> None:
        """Call *function* soon, in order, off the caller's thread."""
        with contextlib.suppress(RuntimeError):  # the process is ending
            self._work.submit(_guarded, function, *args)

    def _act(self, client: Client, message: ClientMessage) -> None:
        match message:
            case Hello():
                self._welcome(client, message)
            case Invalidate():
                self._give_up(client, message)
            case Ping():
                client.tell(Pong())
            case Log():
                logger.info("browser: %s", _printable(message.text))
            case HotAccept():
                pass  # whether a module accepts is read from its newest source

    def _welcome(self, client: Client, hello: Hello) -> None:
        client.page = page = client.page or Page()
        client.visible = hello.visible
        self._count_audience()
        with self._telling:
            plan = self.engine.welcome(page, hello, client.origin)
            self._tell_plan(client, plan)
        _log_plan(plan, "missed while away")

    def _give_up(self, client: Client, message: Invalidate) -> None:
        if client.page is None:
            return
        why = f" ({_printable(message.message)})" if message.message else ""
        logger.info("invalidate %s%s", _printable(message.id), why)
        with self._telling:
            plan = self.engine.invalidate(client.page, message.id)
            self._tell_plan(client, plan)
        _log_plan(plan, "given up")

    def _tell_plan(self, client: Client, plan: Plan) -> None:
        message = self.engine.message(plan)
        if message:
            self._tell(client, message)

    def _tell(self, client: Client, message: ServerMessage) -> None:
        client.tell(message)
        if client.page and isinstance(message, UpdateMessage):
            client.page.modules.update(message.versions)  # all of them it had loaded before
            if message.prunes:
                client.page.unload(message.prunes)

    # What clients are told

    def announce(self, change: Change) -> None:
        """Tell every client what *change* means for it: one message each, nothing where it means nothing."""
        began = time.perf_counter()
        told = _Told()
        plans: dict[object, tuple[Plan, ServerMessage | None]] = {}
        with self._telling:
            for client in self._snapshot():
                kind = client.page.kind if client.page else None
                if kind not in plans:
                    plans[kind] = self._plan(client, change)
                plan, message = plans[kind]
                if message is not None:
                    self._tell(client, message)
                    _count(told, plan, message)
        _log_change(change, told, (time.perf_counter() - began) * 1000)

    def _plan(self, client: Client, change: Change) -> tuple[Plan, ServerMessage | None]:
        page = client.page
        if page is None:
            plan = self.engine.plan_for_all(change.urls)
            return plan, self.engine.message(plan)
        plan = self.engine.plan(page, change.urls, change.appeared)
        pruned = [url for url in change.dropped if url in page.modules and url not in page.entries]
        return plan, self.engine.message(plan, pruned)


def _guarded(function: Callable[..., object], *args: object) -> None:
    try:
        function(*args)
    except Exception:
        logger.exception("a fault of ours")


def _count(told: _Told, plan: Plan, message: ServerMessage) -> None:
    if isinstance(message, UpdateMessage):
        told.updated += 1
        told.boundaries |= set(plan.boundaries)
    elif isinstance(message, Reload):
        told.reloaded += 1
        told.reasons[plan.reason] = None


def _log_change(change: Change, told: _Told, elapsed: float) -> None:
    if not change.urls:
        return
    names = ", ".join(change.urls[:3]) + (f" and {len(change.urls) - 3} more" if len(change.urls) > 3 else "")
    if told.updated:
        boundaries, clients = _plural(len(told.boundaries), "boundary"), _plural(told.updated, "client")
        logger.info("update %s -> %s, %s, %.0f ms", names, boundaries, clients, elapsed)
    for reason in told.reasons:
        logger.info("reload: %s (%s)", reason, _plural(told.reloaded, "client"))
    if not told.updated and not told.reloaded:
        logger.info("changed %s: no open page uses it", names)


def _log_plan(plan: Plan, why: str) -> None:
    if plan.reason:
        logger.info("reload: %s (%s)", plan.reason, why)
    elif plan.updates:
        logger.info("update %s (%s)", ", ".join(plan.boundaries[:3]), why)


def _plural(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def _printable(text: str) -> str:
    """Return *text* on one line and without control characters: it comes from a browser."""
    return "".join(character if character.isprintable() else " " for character in text[:300])
