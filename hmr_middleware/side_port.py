"""EDGE: a port of our own, for servers that give no way to their sockets.

It listens on the loopback address only, and takes WebSocket handshakes of pages that have just been given a ticket.
"""

import asyncio
import errno
import logging
import os
import secrets
import socket
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple
from weakref import WeakSet

import h11

from hmr_middleware.core.transports import Transport
from hmr_middleware.core.urls import Origin
from hmr_middleware.http import Request
from hmr_middleware.hub import Client, Hub
from hmr_middleware.native import new_lock
from hmr_middleware.websocket import Connection, Loop

logger = logging.getLogger("hmr_middleware")

HOST = "127.0.0.1"
SIDE_PORT = 12_321  # where nobody says otherwise
NEXT = 64  # ports tried from the wanted one on; then any that is free
PATIENCE = 10.0  # seconds for a whole handshake
_MAX_HEAD = 16 * 1024  # bytes of one
_MAX_TICKETS = 1_000
_LISTENERS: WeakSet[socket.socket] = WeakSet()


class Guest(NamedTuple):
    """A page that was given a ticket: where it sees the app, and the Origin that it asked with."""

    app: Origin
    origin: str | None


class SidePort:
    """A listening port: *wanted*, or the next one that is free; 0 is any. Raises OSError where none is.

    *why_not* returns the status that refuses what is no handshake of ours, 0 for one that is; *ticket_of* what a
    handshake carries.
    """

    def __init__(
        self,
        loop: Loop,
        hub: Hub,
        wanted: int,
        *,
        why_not: Callable[[Request], int],
        ticket_of: Callable[[Request], str],
    ) -> None:
        self._loop = loop
        self._hub = hub
        self._why_not = why_not
        self._ticket_of = ticket_of
        self._guests: OrderedDict[str, Guest] = OrderedDict()
        self._lock = new_lock()
        self._listener = _listen(wanted)
        self.port: int = self._listener.getsockname()[1]
        loop.listen(self._listener, lambda: _Door(self.admit))

    def ticket_for(self, request: Request) -> str:
        """Return what admits the page that sent *request*, once."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._guests[ticket] = Guest(request.origin, request.headers.get("origin"))
            while len(self._guests) > _MAX_TICKETS:
                self._guests.popitem(last=False)
        return ticket

    def admit(self, request: Request) -> Connection | int:
        """Return what speaks with the page that sent the handshake *request*, or the status that refuses it."""
        if status := self._why_not(request):
            return status
        with self._lock:
            guest = self._guests.pop(self._ticket_of(request), None)
        reason = self._why_refused(request, guest)
        if guest is None or reason:
            logger.warning("refused a socket at the side port: %s", reason)
            return 403
        return Connection(
            self._hub,
            lambda wire: Client(wire, guest.app, transport=Transport.SIDE_PORT),
            request.headers["sec-websocket-key"],
            self._loop,
        )

    def _why_refused(self, request: Request, guest: Guest | None) -> str:
        origin = request.headers.get("origin")
        if request.host != f"{HOST}:{self.port}":
            return f"the Host {request.host[:100]!r} is not {HOST}:{self.port}"
        if guest is None:
            return f"the Origin {(origin or 'none')[:100]!r} has no ticket; pages get one from the app itself"
        if origin != guest.origin:
            return f"the Origin {(origin or 'none')[:100]!r} has the ticket of {(guest.origin or 'none')[:100]!r}"
        return ""


class _Door(asyncio.Protocol):
    """One connection, until its handshake has come: then the WebSocket takes its place."""

    def __init__(self, admit: Callable[[Request], Connection | int]) -> None:
        self._admit = admit
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD)
        self._transport: asyncio.Transport
        self._deadline: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the handshake, for a while."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._deadline = asyncio.get_running_loop().call_later(PATIENCE, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Forget it."""
        self._deadline.cancel()

    def data_received(self, data: bytes) -> None:
        """Read the head of a request; there is one only."""
        try:
            self._http.receive_data(data)
            event = self._http.next_event()
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint)
            return
        if isinstance(event, h11.Request):
            self._answer(_read_request(event))
        elif event is not h11.NEED_DATA:
            self._transport.close()

    def _answer(self, request: Request) -> None:
        answer = 400 if _has_body(request) else self._admit(request)
        if isinstance(answer, int):
            self._refuse(answer)
            return
        self._deadline.cancel()
        self._transport.set_protocol(answer)
        answer.connection_made(self._transport)
        if early := self._http.trailing_data[0]:
            answer.data_received(early)

    def _refuse(self, status: int) -> None:
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Content-Length: 0", "Connection: close"]
        lines += {405: ["Allow: GET"], 426: ["Upgrade: websocket"]}.get(status, [])
        self._transport.write("\r\n".join([*lines, "", ""]).encode())
        self._transport.close()


def _read_request(event: h11.Request) -> Request:
    headers: dict[str, str] = {}
    for name, value in event.headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    path, _, query = event.target.decode("latin-1").partition("?")
    return Request(event.method.decode("latin-1"), path, query, headers=headers)


def _has_body(request: Request) -> bool:
    return request.method == "GET" and bool({"content-length", "transfer-encoding"} & request.headers.keys())


def _listen(wanted: int) -> socket.socket:
    """Return a listening socket at *wanted*, at the next free port, or at any. Raises OSError."""
    for port in [*range(wanted, min(wanted + NEXT, 65_536)), 0] if wanted else [0]:
        listener = socket.socket()
        try:
            if os.name == "posix":  # else what has just been closed keeps the port for a minute; Windows does not
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, port))
            listener.listen()
        except OSError:
            listener.close()
            continue
        listener.setblocking(False)
        _LISTENERS.add(listener)
        return listener
    raise OSError(errno.EADDRINUSE, f"no port of {HOST} is free")


def _let_go() -> None:
    """After a fork the port is the parent's alone: else it would stay taken when that ends."""
    for listener in list(_LISTENERS):
        listener.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
