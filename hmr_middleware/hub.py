"""EDGE: the connected clients, what they say, and what they are told."""

import logging
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Protocol

from hmr_middleware.core.changes import Change
from hmr_middleware.core.messages import (
    ClientMessage,
    Connected,
    Custom,
    Error,
    Hello,
    HotAccept,
    Invalidate,
    Linked,
    Log,
    MessageError,
    Ping,
    Pong,
    Refresh,
    Refused,
    ServerMessage,
    UpdateMessage,
    decode,
    encode,
)
from hmr_middleware.core.propagation import Plan
from hmr_middleware.core.transports import Transport
from hmr_middleware.core.urls import Origin
from hmr_middleware.engine import Engine
from hmr_middleware.hooks import Hmr, UpdateContext
from hmr_middleware.native import Worker, new_lock, new_rlock
from hmr_middleware.pages import Page
from hmr_middleware.planning import Saying, plan_for
from hmr_middleware.reporting import Reporter, Told, count, printable

logger = logging.getLogger("hmr_middleware")

UNHEARD = 100  # custom events that wait for the first page


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
    url: str = ""  # the page's path, as it says
    visible: bool = False
    met: bool = False  # a stock client that has said something
    transport: Transport = Transport.SOCKET

    def send(self, event: str, data: object = None) -> None:
        """Send a custom event to this tab. Raises TypeError where *data* is nothing that JSON can carry."""
        self.tell(Custom(event, data))

    def tell(self, message: ServerMessage) -> None:
        """Send *message* in the words that this client understands."""
        self.say(Saying(Plan(), message))

    def say(self, saying: Saying) -> None:
        """Send what others may be told as well."""
        for text in saying.words(None if self.page else self.origin.root):
            self.wire.send(text)


class Hub:
    """All clients of one engine. *on_audience* hears whether a visible tab is connected."""

    def __init__(
        self,
        engine: Engine,
        session: str,
        on_audience: Callable[[bool], None] = lambda _seen: None,
        hooks: Hmr | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        self.engine = engine
        self.session = session
        self._hooks = hooks or Hmr()
        self._reporter = reporter or Reporter()
        self._unheard: deque[Custom] = deque(maxlen=UNHEARD)  # said while nobody was connected
        self._faults: dict[str, Error] = {}  # what late tabs are to be told of
        self._clients: dict[Client, None] = {}
        self._lock = new_lock()
        self._telling = new_rlock()  # what one client is told keeps its order
        self._work = Worker("hmr-hub")  # what clients say may need files to be read
        self._on_audience = on_audience
        engine.on_change = self.announce
        engine.hears_files = lambda: self._hooks.hears_updates
        self._hooks.attach(self)

    def __len__(self) -> int:
        return len(self._clients)

    def clients(self) -> list[Client]:
        """Return who is connected."""
        return self._snapshot()

    def join(self, client: Client) -> None:
        """Take *client* in."""
        with self._lock:
            self._clients[client] = None

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
        self._work.submit(_guarded, function, *args)

    def _act(self, client: Client, message: ClientMessage) -> None:
        match message:
            case Hello():
                self._welcome(client, message)
            case Invalidate():
                self._give_up(client, message)
            case Ping():
                client.tell(Pong())
            case Refused():
                self._note_refused(client, message.ids)
            case Linked() if client.page:
                client.page.refused.difference_update(message.ids)
            case Custom():
                self._hear(client, message)
            case Log():
                logger.info("browser: %s", printable(message.text))
            case HotAccept():
                self._meet(client)  # whether a module accepts is read from its newest source

    def _meet(self, client: Client) -> None:
        """Tell a stock client what is wrong, once: its first word is as near to a hello as it comes."""
        if client.page is None and not client.met:
            client.met = True
            with self._telling:
                self._tell_faults(client)

    def _welcome(self, client: Client, hello: Hello) -> None:
        client.url, client.visible = printable(hello.url), hello.visible
        self._count_audience()
        with self._telling:  # or a change that is on its way reached a page that is greeted in a stock client's words
            is_new = client.page is None
            client.page = page = client.page or Page()
            if is_new:
                client.tell(Connected(self.session))
                if 0 < hello.since < self.engine.pages_changed_at:
                    client.tell(Refresh())
            plan = self.engine.pages.welcome(page, hello, client.origin)
            self._tell_plan(client, plan, self.engine.pages.orphans(page))
            for said in self._take_unheard():
                client.tell(said)
            if is_new:  # not with each hello, or what the user has dismissed would come back
                self._tell_faults(client)
        self._reporter.plan(plan, "missed while away")

    def _tell_faults(self, client: Client) -> None:
        for fault in self._faults.values():
            client.tell(fault)

    def _take_unheard(self) -> list[Custom]:
        unheard = list(self._unheard)
        self._unheard.clear()
        return unheard

    def _hear(self, client: Client, message: Custom) -> None:
        for handler in self._hooks.handlers(message.event):
            try:
                handler(message.data, client)
            except Exception:
                logger.exception("a handler of %r failed", printable(message.event))

    def broadcast(self, event: str, data: object) -> None:
        """Send a custom event to every page, or to the first that connects. Raises TypeError."""
        message = Custom(event, data)
        encode(message)  # what JSON cannot carry is the caller's error, with nobody connected as well
        with self._telling:
            clients = [client for client in self._snapshot() if client.page]
            saying = Saying(Plan(), message)
            for client in clients:
                client.say(saying)
            if not clients:
                self._unheard.append(message)

    def _note_refused(self, client: Client, urls: Iterable[str]) -> None:
        if client.page:
            client.page.refused |= {url for url in urls if url in self.engine.graph}

    def _give_up(self, client: Client, message: Invalidate) -> None:
        if client.page is None:
            return
        why = f" ({printable(message.message)})" if message.message else ""
        logger.info("invalidate %s%s", printable(message.id), why)
        with self._telling:
            plan = self.engine.pages.invalidate(client.page, message.id)
            self._tell_plan(client, plan)
        self._reporter.plan(plan, "given up")

    def _tell_plan(self, client: Client, plan: Plan, pruned: tuple[str, ...] = ()) -> None:
        self._tell(client, Saying(plan, self.engine.pages.message(plan, pruned)))

    def _tell(self, client: Client, saying: Saying) -> None:
        self._note([client], saying)
        client.say(saying)

    def _note(self, clients: Iterable[Client], saying: Saying) -> None:
        """Take down what *clients* are about to be told."""
        if saying.message is None:
            return
        pages = [client.page for client in clients if client.page]
        for part in filter(None, (saying, saying.news)):
            self.engine.pages.told(part.plan, pages)
            if isinstance(part.message, UpdateMessage) and part.message.prunes:
                for page in pages:
                    page.unload(part.message.prunes)

    # What clients are told

    def announce(self, change: Change) -> None:
        """Tell every client what *change* means for it: one message each, nothing where it means nothing."""
        began = time.perf_counter()
        change = self._after_hooks(change)
        told = Told()
        with self._telling:
            said = self._sayings(change)
            for saying, clients in said.items():
                self._note(clients, saying)
                count(told, saying.news or saying, len(clients))
            for saying, clients in said.items():  # all at once: whoever sends waits for the interpreter meanwhile
                for client in clients:
                    client.say(saying)
            if change.templates:
                self._tell_all(Refresh(change.templates))
        time.sleep(0)  # lets the thread that owns the sockets go first
        elapsed = (time.perf_counter() - began) * 1000
        self._reporter.change(change.urls, told, elapsed)
        self._reporter.refresh(
            change.templates, sum(client.page is not None for client in chain(*said.values())), elapsed
        )

    def _sayings(self, change: Change) -> dict[Saying, list[Client]]:
        """Return what is told of *change*, and to whom: the same to all whose pages have the same."""
        clients = self._snapshot()
        refused = self._take_refused(clients) if change.urls else {}
        sayings: dict[object, Saying] = {}
        said: dict[Saying, list[Client]] = {}
        for client in clients:
            kind = (client.page.kind, refused.get(client)) if client.page else None
            if kind not in sayings:
                sayings[kind] = plan_for(self.engine, client.page, change, refused.get(client, frozenset()))
            said.setdefault(sayings[kind], []).append(client)
        return said

    def refresh(self, names: tuple[str, ...]) -> None:
        """Let every page be compared with what the server says now: what *names* stand for has changed."""
        began = time.perf_counter()
        self.engine.content_changed()
        message = Refresh(tuple(map(printable, names)))
        with self._telling:
            self._tell_all(message)
            pages = sum(client.page is not None for client in self._snapshot())
        self._reporter.refresh(message.paths, pages, (time.perf_counter() - began) * 1000)

    def _take_refused(self, clients: Iterable[Client]) -> dict[Client, frozenset[str]]:
        """Return what each client could not link, and let it be tried anew."""
        refused = {client: frozenset(client.page.refused) for client in clients if client.page and client.page.refused}
        for client in refused:
            if client.page:
                client.page.refused.clear()
        if refused:
            self.engine.pages.renew(frozenset().union(*refused.values()))
        return refused

    def _after_hooks(self, change: Change) -> Change:
        """Return *change* with the modules that the app's update hooks let count."""
        if not self._hooks.hears_updates:
            return change
        urls = [url for file, modules in change.files.items() for url in self._after_hook(file, modules)]
        return replace(change, urls=tuple(dict.fromkeys(urls)))

    def _after_hook(self, file: Path, modules: tuple[str, ...]) -> tuple[str, ...]:
        context = UpdateContext(file, modules, time.time_ns() // 1000)
        name = f"on_update({file.name})"
        try:
            after = self._hooks.modules_of(context)
        except Exception as error:
            logger.exception("an update hook failed for %s", file)
            fault = Error("Update hook failed", f"{type(error).__name__}: {error}", "", traceback.format_exc(), (name,))
            self._faults[name] = fault
            self._tell_all(fault)
            return modules
        self._faults.pop(name, None)
        return after

    def _tell_all(self, message: ServerMessage) -> None:
        saying = Saying(Plan(), message)
        for client in self._snapshot():
            client.say(saying)


def _guarded(function: Callable[..., object], *args: object) -> None:
    try:
        function(*args)
    except Exception:
        logger.exception("a fault of ours")
