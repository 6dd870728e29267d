"""A small driver for each interface: the same app, the same requests, nothing on the network."""

import asyncio
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import quote, unquote_to_bytes

HOST = "localhost:5000"
_CONNECTION = socket.socket()  # of every request: most servers give theirs


@dataclass(frozen=True)
class Seen:
    """A request as the app saw it."""

    method: str
    path: str  # decoded, below the root
    query: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What the app answers. The body is one piece, or pieces that are made one by one."""

    body: bytes | Iterable[bytes] = b""
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200

    def pieces(self) -> Iterable[bytes]:
        return [self.body] if isinstance(self.body, bytes) else self.body


@dataclass
class Result:
    """What the server got, the pieces of the body as they came."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def names(self) -> set[str]:
        return {name.lower() for name, _ in self.headers}

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name]
        assert len(found) < 2, f"{name} is there {len(found)} times"
        return found[0] if found else None


Respond = Callable[[Seen], Answer]
Notice = Callable[[bytes], object]


def ignore(_piece: bytes) -> None:
    """Take no notice of a piece of a body."""


class Interface(Protocol):
    """How to make an app and to ask it."""

    name: str

    def app(self, respond: Respond) -> Any:
        """Return an app that answers with *respond*."""

    def ask(
        self,
        app: Any,
        target: str,
        *,
        method: str,
        headers: Mapping[str, str],
        root: str,
        notice: Notice,
        body: bytes = b"",
    ) -> Result:
        """Return what *app* answers for the path and query *target*; *notice* hears each piece when it comes."""


class Wsgi:
    """PEP 3333."""

    name = "wsgi"

    def app(self, respond: Respond) -> Any:
        def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key[:5] == "HTTP_"}
            path = environ["PATH_INFO"].encode("latin-1").decode()
            answer = respond(Seen(environ["REQUEST_METHOD"], path, environ["QUERY_STRING"], headers))
            start_response(f"{answer.status} Whatever", list(answer.headers))
            return answer.pieces()

        return app

    def ask(
        self,
        app: Any,
        target: str,
        *,
        method: str,
        headers: Mapping[str, str],
        root: str,
        notice: Notice,
        body: bytes = b"",
    ) -> Result:
        result = Result()

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., None]:
            assert exc_info or not result.headers, "start_response was called twice"
            result.status, result.headers = int(status[:3]), headers
            return result.pieces.append

        sent = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)) if body else ""}
        served = app(environ_of(target, method=method, headers=headers, root=root, **sent), start_response)
        for piece in closing(served):
            assert result.status, "a piece came before the head"
            assert type(piece) is bytes, "wsgiref takes no subclass"
            result.pieces.append(piece)
            notice(piece)
        return result


def closing(body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces of *body* and close it, as a server does."""
    try:
        yield from body
    finally:
        if hasattr(body, "close"):
            body.close()


def environ_of(
    target: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, root: str = "", **more: object
) -> dict[str, Any]:
    """Return the environ of a request."""
    path, _, query = target.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": root.encode().decode("latin-1"),
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "5000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "gunicorn.socket": _CONNECTION,
        **{
            f"HTTP_{name.upper().replace('-', '_')}": value for name, value in {"host": HOST, **(headers or {})}.items()
        },
        **more,
    }


class Asgi:
    """ASGI 3."""

    name = "asgi"

    def app(self, respond: Respond) -> Any:
        async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001
            headers = {key.decode(): value.decode("latin-1") for key, value in scope["headers"]}
            path = scope["path"].removeprefix(scope["root_path"])
            answer = respond(Seen(scope["method"], path, scope["query_string"].decode(), headers))
            lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
            await send({"type": "http.response.start", "status": answer.status, "headers": lines})
            if isinstance(answer.body, bytes):
                await send({"type": "http.response.body", "body": answer.body})
                return
            for piece in answer.body:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body"})

        return app

    def ask(
        self,
        app: Any,
        target: str,
        *,
        method: str,
        headers: Mapping[str, str],
        root: str,
        notice: Notice,
        body: bytes = b"",
    ) -> Result:
        return asyncio.run(self._ask(app, scope_of(target, method=method, headers=headers, root=root), notice, body))

    async def _ask(self, app: Any, scope: dict[str, Any], notice: Notice, body: bytes) -> Result:
        result, ended = Result(), False
        pieces = [body[:10], body[10:]]  # a server may hand a body over in any pieces

        async def receive() -> dict[str, Any]:
            piece = pieces.pop(0) if pieces else b""
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: dict[str, Any]) -> None:
            nonlocal ended
            assert not ended, "a message came after the end"
            if message["type"] == "http.response.start":
                assert not result.status, "the head came twice"
                result.status = message["status"]
                result.headers = [(key.decode(), value.decode("latin-1")) for key, value in message["headers"]]
                return
            assert result.status, "a piece came before the head"
            ended = not message.get("more_body", False)
            result.pieces.append(message.get("body", b""))
            notice(result.pieces[-1])

        await app(scope, receive, send)
        assert ended, "the response never ended"
        return result


def scope_of(
    target: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, root: str = "", **more: object
) -> dict[str, Any]:
    """Return the scope of a request."""
    path, _, query = target.partition("?")
    lines = {"host": HOST, **(headers or {})}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "root_path": root,
        "path": root + unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": (quote(root) + path).encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in lines.items()],
        "extensions": {},
        **more,
    }


INTERFACES: dict[str, Interface] = {"wsgi": Wsgi(), "asgi": Asgi()}
