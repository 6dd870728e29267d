"""EDGE: the middleware for an ASGI app (ASGI 3)."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from hmr_middleware.calls import Calls
from hmr_middleware.core.messages import MAX_MESSAGE, SUBPROTOCOL
from hmr_middleware.core.polls import MAX_BODY
from hmr_middleware.core.urls import as_sent, quote_path
from hmr_middleware.exchange import Exchange
from hmr_middleware.http import Headers, Request, Response
from hmr_middleware.hub import Client, Hub
from hmr_middleware.service import Running, Service
from hmr_middleware.transforms import Transform

logger = logging.getLogger("hmr_middleware")

LARGE = 200_000  # bytes; what takes longer to scan than the event loop should wait
MAX_UNSENT = 4 * 1024 * 1024  # characters waiting for a client that does not read; then it is cut off

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_OUTER = "hmr_middleware.outer"  # another one of us stands outside
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiHmr:
    """An ASGI app with hot module replacement around *app*."""

    def __init__(self, app: AsgiApp, service: Service) -> None:
        self.app = app
        self._service = service
        self._calls: Calls | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or socket; everything else is the app's."""
        if scope["type"] not in ("http", "websocket") or _OUTER in scope:
            await self.app(scope, receive, send)
            return
        scope[_OUTER] = True
        running = await self._start()
        request = read_request(scope)
        if scope["type"] == "websocket":
            await self._socket(running, request, scope, receive, send)
            return
        if running.takes_body(request):
            await _send_response(running.answer(request, await _read_body(receive)), send)
            return
        handling = running.handle(request)
        if isinstance(handling, Response):
            await _send_response(handling, send)
        elif handling is None:
            await self.app(scope, receive, send)
        else:
            await self.app(_changed(scope, handling), receive, _Passage(handling, send))

    async def _start(self) -> Running:
        """Return what runs in this process. The first time takes a while: off the event loop."""
        ready = self._service.ready()
        return ready if ready is not None else await asyncio.to_thread(self._service.running)

    async def _socket(self, running: Running, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        if SUBPROTOCOL not in scope.get("subprotocols", ()):
            await self.app(scope, receive, send)
            return
        await receive()  # websocket.connect
        if running.why_refused(request):
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        await _Wire(running.hub, request, send, self._calls_of(asyncio.get_running_loop())).serve(receive)

    def _calls_of(self, loop: asyncio.AbstractEventLoop) -> Calls:
        """Return what calls onto *loop*, one for all sockets; a server has one loop in a process."""
        if self._calls is None or self._calls.loop is not loop:
            self._calls = Calls(loop)
        return self._calls


class _Wire:
    """One client's WebSocket, spoken by the server."""

    def __init__(self, hub: Hub, request: Request, send: Send, calls: Calls) -> None:
        self._hub = hub
        self._send = send
        self._calls = calls
        self._unsent: deque[str | None] = deque()
        self._size = 0
        self._idle: asyncio.Future[None] | None = None  # there while nothing waits to be sent
        self._task: asyncio.Task[object] | None = None
        self._client = Client(self, request.origin)

    def send(self, text: str) -> None:
        """Send *text*, from any thread."""
        self._calls.add(self._put, text)

    def close(self) -> None:
        """End the connection, from any thread."""
        self._calls.add(self._put, None)

    def _put(self, text: str | None) -> None:
        self._unsent.append(text)
        if self._idle and not self._idle.done():
            self._idle.set_result(None)
        self._size += len(text or "")
        if self._size > MAX_UNSENT and self._task:
            logger.warning("a client does not read; its socket is closed")
            self._task.cancel()
            self._task = None

    async def serve(self, receive: Receive) -> None:
        """Speak with the client until it leaves. Where we return first, the server hangs up."""
        self._task = asyncio.current_task()
        writing = asyncio.ensure_future(self._write())
        self._hub.join(self._client)
        try:
            await self._read(receive)
        except asyncio.CancelledError:
            if self._task:
                raise  # not by us
        finally:
            self._task = None
            self._hub.leave(self._client)
            writing.cancel()

    async def _read(self, receive: Receive) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            text = message.get("text")
            if text is None or len(text) > MAX_MESSAGE:
                await self._send({"type": "websocket.close", "code": 1003 if text is None else 1009})
                return
            self._hub.receive(self._client, text)

    async def _write(self) -> None:
        with contextlib.suppress(Exception):  # the client has left; reading says so
            while (text := await self._next()) is not None:
                await self._send({"type": "websocket.send", "text": text})
            await self._send({"type": "websocket.close", "code": 1001})

    async def _next(self) -> str | None:
        if not self._unsent:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle
        text = self._unsent.popleft()
        self._size -= len(text or "")
        return text


def read_request(scope: Scope) -> Request:
    """Return the request in *scope* as the browser wrote it."""
    headers: dict[str, str] = {}
    for key, value in scope["headers"]:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]},{text}" if name in headers else text  # two Hosts are none (RFC 9110, 5.3)
    root = quote_path(scope.get("root_path", "")).rstrip("/")
    raw = scope.get("raw_path")
    path = as_sent(raw.decode("latin-1").partition("?")[0]) if raw else quote(scope["path"], safe="/:@!$&'()*+,;=~-._")
    is_socket = scope["type"] == "websocket"
    if is_socket:  # some servers take it out of the headers
        headers["sec-websocket-protocol"] = ",".join(scope.get("subprotocols", ()))
    return Request(
        method=scope.get("method", "GET"),
        path=path.removeprefix(root) if path.startswith(root + "/") else path,
        query=as_sent(scope.get("query_string", b"").decode("latin-1")),
        root=root,
        scheme=scope.get("scheme", "ws" if is_socket else "http"),
        headers=headers,
    )


async def _read_body(receive: Receive) -> bytes | None:
    """Return a request's body, or None where it is larger than MAX_BODY."""
    body, more = b"", True
    while more and len(body) <= MAX_BODY:
        message = await receive()
        body += bytes(message.get("body", b""))
        more = message.get("more_body", False)  # "http.disconnect" has neither
    return body if len(body) <= MAX_BODY else None


def _changed(scope: Scope, exchange: Exchange) -> Scope:
    """Return *scope* as the app should see it."""
    changes = exchange.changed_headers()
    passes = exchange.kind.value in ("other", "asset")
    if not changes and not exchange.asked and passes:
        return scope
    changed = dict(scope)
    if exchange.asked:
        changed["query_string"] = exchange.query.encode("latin-1")
    if changes:
        changed["headers"] = _headers(scope["headers"], changes)
    if passes:
        return changed
    # A server that sends a file by its path would not show us its bytes.
    extensions = dict(scope.get("extensions") or {})
    extensions.pop("http.response.pathsend", None)
    extensions.pop("http.response.zerocopysend", None)
    return {**changed, "extensions": extensions}


def _headers(headers: Any, changes: Mapping[str, str | None]) -> list[tuple[bytes, bytes]]:
    kept = [(key, value) for key, value in headers if key.decode("latin-1").lower() not in changes]
    return kept + [(name.encode(), value.encode("latin-1")) for name, value in changes.items() if value is not None]


class _Passage:
    """One response of the app on its way to the server."""

    def __init__(self, exchange: Exchange, send: Send) -> None:
        self._exchange = exchange
        self._send = send
        self._start: Message | None = None
        self._transform: Transform | None = None
        self._size = 0

    async def __call__(self, message: Message) -> None:
        """Take one message of the app."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._transform is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            await self._body(self._transform, message)

    async def _begin(self, message: Message) -> None:
        headers: Headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in message["headers"]]
        self._transform = self._exchange.begin(message["status"], headers)
        if self._transform is None:
            await self._send(message)
        elif self._transform.ready:
            await self._send(self._head(message, self._transform))
        else:
            self._start = message

    async def _body(self, transform: Transform, message: Message) -> None:
        more, chunk = message.get("more_body", False), message.get("body", b"")
        self._size += len(chunk)
        out = transform.feed(chunk)
        if not more:
            out += await self._finished(transform)
        if self._start is not None and transform.ready:
            await self._send(self._head(self._start, transform))
            self._start = None
        if self._start is None and (out or not more):
            await self._send({"type": "http.response.body", "body": out, "more_body": more})

    async def _finished(self, transform: Transform) -> bytes:
        """Return the end of the body; a large script is scanned off the event loop."""
        if self._size > LARGE:
            return await asyncio.to_thread(transform.finish)
        return transform.finish()

    def _head(self, start: Message, transform: Transform) -> Message:
        headers = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in transform.headers]
        return {**start, "status": transform.status, "headers": headers}


async def _send_response(response: Response, send: Send) -> None:
    headers = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in response.headers]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
