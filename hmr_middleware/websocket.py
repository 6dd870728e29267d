"""EDGE: WebSockets over raw sockets (RFC 6455, by wsproto), for servers that speak only WSGI.

The server's socket is taken over: its descriptor is duplicated for an event loop of ours, and a dead end is put in its
place. The server sees a client that has left, so its worker is free at once.
"""

import _socket
import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import wsproto
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.frame_protocol import FrameProtocol
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from hmr_middleware.calls import Calls
from hmr_middleware.core.messages import MAX_MESSAGE, SUBPROTOCOL
from hmr_middleware.hub import Client, Hub
from hmr_middleware.native import new_event, new_event_loop, start_thread

logger = logging.getLogger("hmr_middleware")

MAX_UNSENT = 4 * 1024 * 1024  # bytes buffered for a client that does not read; then it is cut off
PING_EVERY = 20.0  # seconds; who is silent from one ping to the next is gone: noticed within twice that
LINGER = 1.0  # seconds in which a client may take our last frame


def find_socket(environ: Mapping[str, Any], start_response: object) -> socket.socket | None:
    """Return the connected socket of a WSGI request, or None where the server gives no way to it."""
    handler = getattr(start_response, "__self__", None)  # Django's runserver, where it is not our own
    stream = environ.get("wsgi.input")
    stream = getattr(stream, "rfile", stream)
    places = (
        *(environ.get(key) for key in ("hmr_middleware.socket", "werkzeug.socket", "gunicorn.socket")),
        getattr(getattr(handler, "request_handler", None), "connection", None),
        getattr(getattr(stream, "raw", None), "_sock", None),
    )
    # No subclass will do: what a TLS socket knows of its connection cannot be carried over.
    return next((place for place in places if type(place) is socket.socket), None)


def why_no_socket(environ: Mapping[str, Any], start_response: object) -> str:
    """Return why a WebSocket cannot take over the connection of a WSGI request, or "" where it can."""
    if os.name != "posix":
        return "this system lets nobody take a connection over"
    if find_socket(environ, start_response) is not None:
        return ""
    if environ.get("wsgi.url_scheme") == "https":
        return "a connection with TLS cannot be taken over"
    return "the server gives no way to its sockets"


def take_over(theirs: socket.socket) -> socket.socket:
    """Return a socket of our own on the connection of *theirs*, which becomes a dead end.

    Plain TCP on POSIX only: the state of a TLS socket cannot be carried over. Raises OSError.
    """
    ours = socket.socket(fileno=os.dup(theirs.fileno()))
    try:
        dead, other = socket.socketpair()
        other.close()
        with dead:
            os.dup2(dead.fileno(), theirs.fileno(), inheritable=False)
    except OSError:
        ours.detach()
        raise
    ours.setblocking(False)
    return ours


def early_bytes(theirs: socket.socket) -> bool:
    """Return whether the client has sent anything behind its handshake: the server would parse it as a request."""
    bare = _socket.socket(fileno=theirs.fileno())  # gevent's would wait for the first byte
    try:
        return bool(bare.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except (BlockingIOError, InterruptedError):
        return False
    finally:
        bare.detach()


class Connection(asyncio.Protocol):
    """One client's WebSocket on our loop."""

    max_message = MAX_MESSAGE  # characters
    max_unsent = MAX_UNSENT

    def __init__(self, hub: Hub, client: Callable[["Connection"], Client], key: str, loop: "Loop") -> None:
        self._hub = hub
        self._client = client(self)
        self._loop = loop
        self._key = key
        self._ws = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        self._transport: asyncio.Transport | None = None
        self._text: list[str] = []
        self._size = 0
        self._silent = False
        self._ending: asyncio.TimerHandle | None = None  # hangs up, should the client not

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer the handshake that the server has already parsed."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=self.max_unsent)
        self._ws.initiate_upgrade_connection(_handshake(self._key), "/")
        for event in self._ws.events():
            if isinstance(event, Request):
                self._write(AcceptConnection(subprotocol=SUBPROTOCOL))
        self._loop.connections.add(self)
        self._hub.join(self._client)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Forget the client."""
        self._transport = None
        if self._ending:
            self._ending.cancel()
        self._loop.connections.discard(self)
        self._hub.leave(self._client)

    def pause_writing(self) -> None:
        """Cut a client off that does not read."""
        logger.warning("a client does not read; its socket is closed")
        self._abort()

    def data_received(self, data: bytes) -> None:
        """Act on what the client sent; after the end nothing counts."""
        self._silent = False
        if self._ending:
            return
        try:
            self._ws.receive_data(data)
            for event in self._ws.events():
                self._on_event(event)
                if self._ending:
                    return
        except RemoteProtocolError as error:
            self._write(error.event_hint or CloseConnection(code=1002))
            self._end()

    def beat(self) -> None:
        """Ask whether the client is still there: one that has said nothing since it was asked last is gone."""
        if self._silent:
            self._abort()
        self._silent = True
        self._write(Ping())

    def _on_event(self, event: Event) -> None:
        match event:
            case TextMessage():
                self._on_text(event)
            case BytesMessage():
                self.on_bytes(event)
            case Ping():
                self._write(event.response())
            case CloseConnection():
                self._write(event.response())
                self._end()
            case Pong() | RejectConnection() | _:
                pass

    def _on_text(self, event: TextMessage) -> None:
        if event.data:  # a message may have any number of empty parts
            self._text.append(event.data)
            self._size += len(event.data)
        if self._size > self.max_message:
            self._refuse(1009, "message too big")
        elif event.message_finished:
            text, self._text, self._size = "".join(self._text), [], 0
            self.on_text(text)

    def on_text(self, text: str) -> None:
        """Take a whole message."""
        self._hub.receive(self._client, text)

    def on_bytes(self, _event: BytesMessage) -> None:
        """Take a part of a binary message: there is none in our protocol."""
        self._refuse(1003, "text only")

    def _refuse(self, code: int, reason: str) -> None:
        self._write(CloseConnection(code=code, reason=reason))
        self._end()

    def _write(self, event: Event) -> None:
        with contextlib.suppress(LocalProtocolError):  # the closing handshake is already under way
            data = self._ws.send(event)
            if self._transport and not self._transport.is_closing():
                self._transport.write(data)

    def _end(self) -> None:
        """Hang up. A socket closed with bytes unread takes our last frame from the client: so it is read on."""
        if self._transport is None or self._ending:
            return
        self._ending = asyncio.get_running_loop().call_later(LINGER, self._abort)
        with contextlib.suppress(OSError):  # the client has left without a word
            self._transport.write_eof()

    def _abort(self) -> None:
        if self._transport:
            self._transport.abort()

    # The hub's side, from any thread

    def send(self, text: str) -> None:
        """Send *text*."""
        self._loop.call(self._send, text)

    def _send(self, text: str) -> None:
        if self._ws.state is ConnectionState.OPEN and self._transport and not self._transport.is_closing():
            self._transport.write(_frame(text))

    def close(self) -> None:
        """End the connection: we are going away."""
        self._loop.call(self._refuse, 1001, "")


@lru_cache(maxsize=2)
def _frame(text: str) -> bytes:
    """Return *text* as a frame: what a server sends is the same for every client (RFC 6455, 5.1: not masked)."""
    return bytes(FrameProtocol(client=False, extensions=[]).send_data(text))


def _handshake(key: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"host", b"localhost"),
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-key", key.encode()),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-protocol", SUBPROTOCOL.encode()),
    ]


class Loop:
    """An event loop in a thread of its own, which asks its connections *every* so many seconds whether they live."""

    def __init__(self, every: float = PING_EVERY) -> None:
        self.connections: set[Connection] = set()
        self._every = every
        self._ready = new_event()
        start_thread(self._run, "hmr-sockets")
        self._ready.wait()

    def _run(self) -> None:
        self._loop = new_event_loop()
        asyncio.set_event_loop(self._loop)
        self.call = Calls(self._loop).add
        self._loop.call_later(self._every, self._beat)
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()

    def _beat(self) -> None:
        self.beat()
        self._loop.call_later(self._every, self._beat)

    def beat(self) -> None:
        """Ask every client whether it is still there. On the loop only."""
        for connection in tuple(self.connections):
            connection.beat()

    def adopt(self, sock: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Serve *sock* on the loop."""
        self.call(lambda: self._loop.create_task(self._connect(sock, protocol)))

    def listen(self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Serve whoever connects to *listener* on the loop."""
        self.call(lambda: self._loop.create_task(self._loop.create_server(protocol, sock=listener)))

    async def _connect(self, sock: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        try:
            await self._loop.connect_accepted_socket(protocol, sock)
        except OSError:
            sock.close()
