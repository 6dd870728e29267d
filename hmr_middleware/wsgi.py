"""EDGE: the middleware for a WSGI app (PEP 3333)."""

import logging
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from itertools import chain
from typing import Any

from hmr_middleware.core.messages import TOKEN_HEADER
from hmr_middleware.core.polls import MAX_BODY
from hmr_middleware.core.urls import as_sent, quote_path
from hmr_middleware.exchange import REFRESH, Exchange
from hmr_middleware.http import OWN, Headers, Request, Response
from hmr_middleware.hub import Client
from hmr_middleware.readahead import has_read_ahead
from hmr_middleware.service import Running, Service, valid_handshake, wants_socket
from hmr_middleware.transforms import Transform
from hmr_middleware.websocket import Connection, early_bytes, find_socket, take_over, why_no_socket

logger = logging.getLogger("hmr_middleware")

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
_FAILED = "hmr_middleware.failed"  # the exchange of a request at which the app raised
_OUTER = "hmr_middleware.outer"  # another one of us stands outside: runserver's, around the project's own
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class WsgiHmr:
    """A WSGI app with hot module replacement around *app*."""

    def __init__(self, app: WsgiApp, service: Service) -> None:
        self.app = app
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if _OUTER in environ:
            return self.app(environ, start_response)
        environ[_OUTER] = True
        running = self._service.running()
        request = read_request(environ, why_no_socket(environ, start_response))
        if wants_socket(request):
            return self._upgrade(running, request, environ, start_response)
        if running.takes_body(request):
            return _send(running.answer(request, _read_body(environ)), start_response)
        handling = running.handle(request)
        if isinstance(handling, Response):
            return _send(handling, start_response)
        if handling is None:
            return self.app(environ, start_response)
        try:
            return _Passage(handling.begin, self.app, start_response).run(_changed(environ, handling))
        except Exception:
            environ[_FAILED] = handling
            raise

    # The socket

    def _upgrade(
        self, running: Running, request: Request, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if running.why_refused(request):
            return _send(_refusal(403), start_response)
        if not valid_handshake(request):
            return _send(_refusal(400), start_response)
        theirs = find_socket(environ, start_response)
        if theirs is None or request.why_no_socket:
            running.has_no_socket(request)
            return _send(_refusal(501), start_response)
        if early_bytes(theirs) or has_read_ahead(environ, start_response, theirs):
            return _send(_refusal(400), start_response)
        try:
            ours = take_over(theirs)
        except OSError as error:
            logger.warning("no socket for a page: %s; `ulimit -n` sets how many files a process may open", error)
            return _send(_refusal(503), start_response)
        self._adopt(running, request, ours)
        return _send(Response(200, [("Content-Length", "0")]), start_response)

    def _adopt(self, running: Running, request: Request, ours: Any) -> None:
        loop = running.loop()

        def connection() -> Connection:
            return Connection(
                running.hub, lambda wire: Client(wire, request.origin), request.headers["sec-websocket-key"], loop
            )

        loop.adopt(ours, connection)


_READ = (
    *("accept", "accept-encoding", "connection", "host", "if-modified-since", "if-none-match", "if-range", "origin"),
    *("range", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-websocket-key", "sec-websocket-protocol"),
    *("sec-websocket-version", "upgrade", REFRESH, TOKEN_HEADER),
)
_HEADERS = tuple((f"HTTP_{name.upper().replace('-', '_')}", name) for name in _READ)  # all others are the app's alone


def read_request(environ: Environ, why_no_socket: str = "") -> Request:
    """Return the request in *environ* as the browser wrote it; *why_no_socket* is as in `Request`."""
    headers = {name: environ[key] for key, name in _HEADERS if key in environ}
    root = quote_path(_redecoded(environ.get("SCRIPT_NAME", ""))).rstrip("/")
    return Request(
        method=environ.get("REQUEST_METHOD", "GET"),
        path=_path(environ, root),
        query=as_sent(environ.get("QUERY_STRING", "")),
        root=root,
        scheme=environ.get("wsgi.url_scheme", "http"),
        headers=headers,
        why_no_socket=why_no_socket,
    )


def _path(environ: Environ, root: str) -> str:
    """Return the path below *root*: as the browser spelled it where the server tells, else spelled anew."""
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    path: str = raw.partition("?")[0]
    if path.startswith(f"{root}/"):
        return as_sent(path[len(root) :])
    return quote_path(_redecoded(environ.get("PATH_INFO", "")))


def _read_body(environ: Environ) -> bytes | None:
    """Return a request's body, or None where it is larger than MAX_BODY."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BODY:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    return body


def _redecoded(text: str) -> str:
    """Return the text behind WSGI's bytes-as-Latin-1."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def _changed(environ: Environ, exchange: Exchange) -> Environ:
    """Return *environ* as the app should see it."""
    changed = dict(environ)
    if exchange.asked:
        changed["QUERY_STRING"] = exchange.query
        for key in ("REQUEST_URI", "RAW_URI"):
            if key in changed:
                changed[key] = exchange.request.root + exchange.url
    for name, value in exchange.changed_headers().items():
        key = f"HTTP_{name.upper().replace('-', '_')}"
        if value is None:
            changed.pop(key, None)
        else:
            changed[key] = value
    return changed


class _Passage:
    """One response of the app on its way to the server."""

    def __init__(
        self, begin: Callable[[int, Headers], Transform | None], app: WsgiApp, start_response: StartResponse
    ) -> None:
        self._transform_for = begin
        self._app = app
        self._start_response = start_response
        self._transform: Transform | None = None
        self._begun = self._sent = False
        self._written: list[bytes] = []
        self._status = ""
        self._exc_info: Any = None

    def run(self, environ: Environ) -> Iterable[bytes]:
        body = self._app(environ, self._begin)
        if self._begun and self._transform is None:
            return body  # as it is: the server may know a quick way to send it
        chunks = self._chunks(body)
        try:
            first = next(chunks, b"")  # with the head: granian looks for it as soon as it has the body
        except BaseException:
            _close(body)
            raise
        return _Closing(chain([first] if first else [], chunks), body)

    def _begin(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        if exc_info is not None and self._sent:
            return self._start_response(status, headers, exc_info)  # too late: the server raises (PEP 3333)
        self._transform = self._transform_for(int(status.split(" ", 1)[0]), headers)
        self._begun, self._status, self._exc_info = True, status, exc_info
        if self._transform is None:
            self._sent = True
            return self._start(status, headers)
        return self._write

    def _start(self, status: str, headers: Headers) -> Callable[[bytes], object]:
        if self._exc_info is None:
            return self._start_response(status, headers)
        return self._start_response(status, headers, self._exc_info)

    def _write(self, chunk: bytes) -> None:
        self._written.append(chunk)

    def _chunks(self, body: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in body:
            yield from self._flush()
            out = self._feed(chunk)
            if out:
                yield out
        yield from self._flush()
        if self._transform is not None:
            out = self._transform.finish()
            self._send_head()
            yield out

    def _flush(self) -> Iterator[bytes]:
        """Pass on what the app wrote the old way."""
        while self._written:
            out = self._feed(self._written.pop(0))
            if out:
                yield out

    def _feed(self, chunk: bytes) -> bytes:
        if self._transform is None:
            return chunk
        out = self._transform.feed(chunk)
        if self._transform.ready:
            self._send_head()
        return out

    def _send_head(self) -> None:
        if self._sent or self._transform is None:
            return
        self._sent = True
        status, code = self._status, self._transform.status
        self._start(status if status.startswith(str(code)) else _status_line(code), self._transform.headers)


def pass_error_pages(debugger: WsgiApp) -> WsgiApp:
    """Return *debugger*, an app that stands outside of us and answers where the app inside has raised.

    Such an answer goes through the exchange of its request, as if the app had given it.
    """

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def begin(status: int, headers: Headers) -> Transform | None:
            failed: Exchange | None = environ.get(_FAILED)
            return failed.begin(status, headers) if failed else None

        return _Passage(begin, debugger, start_response).run(environ)

    return app


class _Closing:
    """An iterable that closes another one when it is closed."""

    def __init__(self, chunks: Iterator[bytes], body: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """Close the app's iterable."""
        _close(self._body)


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def _send(response: Response, start_response: StartResponse) -> Iterable[bytes]:
    start_response(_status_line(response.status), response.headers)
    return [response.body]


def _status_line(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase}"


def _refusal(status: int) -> Response:
    return Response(status, [*OWN, ("Content-Length", "0")])
