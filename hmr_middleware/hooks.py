"""The Python side of hot updates: custom events both ways, and a say in what a changed file means."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from weakref import ref

from hmr_middleware.native import new_lock

UNNAMED = "content"  # what has changed where nobody says what

# The request that the running code answers, where that asks for a page only to compare it.
_comparison: ContextVar[Callable[[], object]] = ContextVar("_comparison", default=lambda: None)


class Listener(Protocol):
    """A connected page."""

    def send(self, event: str, data: object = None) -> None:
        """Send a custom event to this page alone."""


class _Sender(Protocol):
    def broadcast(self, event: str, data: object) -> None: ...

    def refresh(self, names: tuple[str, ...]) -> None: ...


@dataclass(frozen=True, slots=True)
class UpdateContext:
    """What an update hook is told of one changed file.

    *modules* are the URLs that serve it, empty where no page has asked for it; *timestamp* is in microseconds.
    """

    file: Path
    modules: tuple[str, ...]
    timestamp: int

    def read(self) -> str:
        """Return the file's text. Raises OSError."""
        return self.file.read_text(encoding="utf-8", errors="replace")


Handler = Callable[[Any, Listener], object]
UpdateHook = Callable[[UpdateContext], Iterable[str] | None]


class Hmr:
    """What an app may say and hear. There is one, `hmr_middleware.hmr`; while HMR is off it says and hears nothing."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}
        self._update_hooks: list[UpdateHook] = []
        self._senders: list[_Sender] = []
        self._lock = new_lock()

    def on(self, event: str, handler: Handler | None = None) -> Any:
        """Call *handler* with the data and the page of every custom event *event*; without a handler, a decorator."""
        if handler is None:
            return lambda decorated: self.on(event, decorated)
        with self._lock:
            self._handlers.setdefault(event, []).append(handler)
        return handler

    def off(self, event: str, handler: Handler) -> None:
        """Undo `on`; a handler that is not there is no error."""
        with self._lock:
            handlers = self._handlers.get(event, [])
            if handler in handlers:
                handlers.remove(handler)

    def send(self, event: str, data: object = None, client: Listener | None = None) -> None:
        """Send a custom event to *client*, or to every page; with no page connected yet, to the first that is.

        *data* must be what JSON can carry; raises TypeError otherwise.
        """
        if client is not None:
            client.send(event, data)
            return
        for sender in tuple(self._senders):
            sender.broadcast(event, data)

    def refresh(self, *names: str) -> None:
        """Let every page be compared with what the server says now, as after the save of a template.

        For what no file tells of: a database, a translation service, a clock. *names* say in the terminal and in the
        page what has changed. May be called from any thread. What a page does while it is made for such a comparison is
        not heard: a view that counts its visits would have the page ask again and again.
        """
        if _comparison.get()() is not None:
            return
        for sender in tuple(self._senders):
            sender.refresh(tuple(map(str, names)) or (UNNAMED,))

    def on_update(self, hook: UpdateHook) -> UpdateHook:
        """Call *hook* with an UpdateContext for every changed file, before any page is told; usable as a decorator.

        It may return the modules that count as changed instead of *modules*: fewer, others, or none where it takes the
        update over. None leaves them as they are.
        """
        self._update_hooks.append(hook)
        return hook

    # For the rest of the package

    def attach(self, sender: _Sender) -> None:
        """Let *sender* send what the app says from now on."""
        self._senders.append(sender)

    def compare(self, request: object) -> None:
        """Do not hear `refresh` from what answers *request*, as long as that lives."""
        _comparison.set(ref(request))

    @property
    def hears_updates(self) -> bool:
        """Whether any update hook is there."""
        return bool(self._update_hooks)

    def handlers(self, event: str) -> tuple[Handler, ...]:
        """Return who hears *event*."""
        return tuple(self._handlers.get(event, ()))

    def modules_of(self, context: UpdateContext) -> tuple[str, ...]:
        """Return the modules that count as changed after every hook had its say. Raises what a hook raises."""
        for hook in tuple(self._update_hooks):
            said = hook(context)
            if said is not None:
                context = UpdateContext(context.file, tuple(said), context.timestamp)
        return context.modules


hmr = Hmr()
