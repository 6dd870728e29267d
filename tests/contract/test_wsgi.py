"""What only WSGI has: PEP 3333's corners."""

import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest

from contract.interfaces import INTERFACES, closing, environ_of
from contract.sites import MODULE, TOKEN, Site, untag
from hmr_middleware import HmrMiddleware
from hmr_middleware.wsgi import read_request

PAGE = b"<!doctype html><head><title>x</title>"
HTML = ("Content-Type", "text/html")
KINDS = [("/", HTML), ("/static/a.js", ("Content-Type", "text/javascript")), ("/", ("Content-Type", "image/png"))]
IDS = ["document", "script", "other"]
Start = Callable[..., Callable[[bytes], object]]


@pytest.fixture
def wrap(tmp_path: Path) -> Iterator[Callable[[Any], Any]]:
    """Return a function that wraps an app; what runs for it ends with the test."""
    wrapped: list[Any] = []

    def wrap(app: Any, **settings: Any) -> Any:
        wrapped.append(HmrMiddleware(app, enabled=True, static={"/static/": tmp_path}, **settings))
        return wrapped[-1]

    yield wrap
    for app in wrapped:
        if running := app._service.ready():
            running.watcher.stop()


class Server:
    """Takes one response, and keeps to the order of things."""

    def __init__(self, app: Any, target: str = "/", **environ: Any) -> None:
        self.heads: list[tuple[str, list[tuple[str, str]]]] = []
        self.exc_infos: list[object] = []
        self.body = b""
        headers = MODULE if target.endswith(".js") else {}
        for piece in closing(app({**environ_of(target, headers=headers), **environ}, self.start_response)):
            self.write(piece)

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info and self.body:
            raise exc_info[1]
        assert exc_info or not self.heads, "start_response was called twice"
        self.heads.append((status, headers))
        self.exc_infos.append(exc_info)
        return self.write

    def write(self, piece: bytes) -> None:
        assert self.heads, "a piece came before the head"
        self.body += piece

    @property
    def status(self) -> str:
        return self.heads[-1][0]


class Body:
    """An iterable that knows whether it was closed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = iter(pieces)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces

    def close(self) -> None:
        self.closed += 1


# The iterable


@pytest.mark.parametrize(("target", "header"), KINDS, ids=IDS)
def test_the_iterable_is_closed_once(wrap: Any, target: str, header: tuple[str, str]) -> None:
    body = Body([PAGE])
    Server(wrap(lambda _environ, start: (start("200 OK", [header]), body)[1]), target)
    assert body.closed == 1


@pytest.mark.parametrize(("target", "header"), KINDS, ids=IDS)
def test_the_iterable_is_closed_when_the_client_leaves(wrap: Any, target: str, header: tuple[str, str]) -> None:
    body = Body([PAGE, PAGE])
    app = wrap(lambda _environ, start: (start("200 OK", [header]), body)[1])
    served = app(environ_of(target, headers=MODULE if ".js" in target else {}), lambda *_args: lambda _piece: None)
    next(iter(served))
    served.close()
    assert body.closed == 1


@pytest.mark.parametrize(("target", "header"), KINDS, ids=IDS)
def test_the_iterable_is_closed_after_a_fault(wrap: Any, target: str, header: tuple[str, str]) -> None:
    def pieces() -> Iterator[bytes]:
        yield PAGE
        raise LookupError

    body = Body(pieces())
    with pytest.raises(LookupError):
        Server(wrap(lambda _environ, start: (start("200 OK", [header]), body)[1]), target)
    assert body.closed == 1


def test_a_fault_of_close_passes(wrap: Any) -> None:
    class Faulty(Body):
        def close(self) -> None:
            raise LookupError

    with pytest.raises(LookupError):
        Server(wrap(lambda _environ, start: (start("200 OK", [HTML]), Faulty([PAGE]))[1]))


@pytest.mark.parametrize(("target", "header"), KINDS, ids=IDS)
def test_the_head_is_there_when_the_app_returns(wrap: Any, target: str, header: tuple[str, str]) -> None:
    """PEP 3333 lets it come with the first piece; granian does not wait."""
    app = wrap(lambda _environ, start: (start("200 OK", [header]), Body([PAGE]))[1])
    heads: list[str] = []
    served = app(
        environ_of(target, headers=MODULE if ".js" in target else {}), lambda status, _head: heads.append(status)
    )
    assert heads == ["200 OK"]
    assert b"".join(served)
    served.close()


def test_what_passes_untouched_keeps_its_iterable(wrap: Any) -> None:
    """A server may know a quick way to send it, a file for example."""
    body = Body([b"x"])
    app = wrap(lambda _environ, start: (start("200 OK", [("Content-Type", "image/png")]), body)[1])
    assert app(environ_of("/"), lambda *_args: None) is body


@pytest.mark.parametrize("container", [list, tuple, iter], ids=["list", "tuple", "iterator"])
def test_any_iterable_will_do(wrap: Any, container: Any) -> None:
    served = Server(wrap(lambda _environ, start: (start("200 OK", [HTML]), container([PAGE]))[1]))
    assert untag(served.body) == (PAGE, 1)


# start_response


@pytest.mark.parametrize(("target", "header"), KINDS, ids=IDS)
@pytest.mark.parametrize("pieces", [[], [PAGE], [b"", PAGE]], ids=["empty", "one", "blank-first"])
def test_a_generator_calls_start_response_late(
    wrap: Any, target: str, header: tuple[str, str], pieces: list[bytes]
) -> None:
    def app(_environ: Any, start: Start) -> Iterator[bytes]:
        start("201 Made", [header])
        yield from pieces

    served = Server(wrap(app), target)
    assert (served.status, untag(served.body)[0]) == ("201 Made", b"".join(pieces))


def test_the_reason_is_kept(wrap: Any) -> None:
    served = Server(wrap(lambda _environ, start: (start("200 Fine by me", [HTML]), [PAGE])[1]))
    assert served.status == "200 Fine by me"


@pytest.mark.parametrize(("target", "header"), KINDS, ids=IDS)
def test_what_the_app_writes_comes_first(wrap: Any, target: str, header: tuple[str, str]) -> None:
    def app(_environ: Any, start: Start) -> list[bytes]:
        write = start("200 OK", [header])
        write(PAGE)
        write(b"<p>1")
        return [b"<p>2"]

    served = Server(wrap(app), target)
    assert untag(served.body)[0] == PAGE + b"<p>1<p>2"
    assert len(served.heads) == 1


@pytest.mark.parametrize(("target", "header"), KINDS, ids=IDS)
def test_an_app_may_only_write(wrap: Any, target: str, header: tuple[str, str]) -> None:
    served = Server(wrap(lambda _environ, start: (start("200 OK", [header])(PAGE), [])[1]), target)
    assert untag(served.body)[0] == PAGE


def failing(error: Exception) -> Any:
    """Return the exc_info of *error*, raised."""
    try:
        raise error
    except Exception:
        return sys.exc_info()


@pytest.mark.parametrize(("target", "header"), KINDS, ids=IDS)
def test_exc_info_replaces_the_head(wrap: Any, target: str, header: tuple[str, str]) -> None:
    exc_info = failing(LookupError())

    def app(_environ: Any, start: Start) -> list[bytes]:
        start("200 OK", [header])
        start("500 Sorry", [HTML], exc_info)
        return [PAGE]

    served = Server(wrap(app), target)
    assert (served.status, untag(served.body)[0]) == ("500 Sorry", PAGE)
    assert served.exc_infos[-1] is exc_info


@pytest.mark.parametrize("header", [HTML, ("Content-Type", "image/png")], ids=["document", "other"])
def test_exc_info_after_the_head_was_sent_raises(wrap: Any, header: tuple[str, str]) -> None:
    error = LookupError()

    def app(_environ: Any, start: Start) -> Iterator[bytes]:
        start("200 OK", [header])
        yield PAGE
        start("500 Sorry", [HTML], failing(error))
        yield b"never"

    with pytest.raises(LookupError) as caught:
        Server(wrap(app))
    assert caught.value is error


# The specification's own judge


def fine(_environ: Any, start: Start, header: tuple[str, str]) -> list[bytes]:
    start("200 OK", [header, ("Content-Length", str(len(PAGE)))])
    return [PAGE]


@pytest.mark.parametrize(("target", "header"), [*KINDS, ("/__hmr/client.js", HTML), ("/__hmr/x", HTML)])
def test_the_validator_passes_inside_and_outside(wrap: Any, target: str, header: tuple[str, str]) -> None:
    app = validator(wrap(validator(lambda environ, start: fine(environ, start, header))))
    environ = environ_of(target, headers=MODULE if ".js" in target else {})
    del environ["HTTP_HOST"]
    assert b"".join(closing(app(environ, lambda *_args: lambda _piece: None)))


# The environ


@pytest.mark.parametrize("name", ["REQUEST_URI", "RAW_URI"])
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/app/static/a%2Fb.js?t=1700000000000000", "/app/static/a%2Fb.js"),
        ("/app/static/a.js?x=1&t=1700000000000000", "/app/static/a.js?x=1"),
        ("/app/static/a.js?x=1", "/app/static/a.js?x=1"),
    ],
)
def test_the_raw_url_has_no_version_either(wrap: Any, name: str, raw: str, expected: str) -> None:
    seen: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        seen.append(environ)
        return plain(environ, start)

    environ = environ_of(raw.removeprefix("/app"), root="/app")
    list(wrap(app)({**environ, name: raw}, lambda *_args: None))
    assert seen[0][name] == expected


@pytest.mark.parametrize(
    ("root", "raw", "path_info", "expected"),
    [
        pytest.param("/app", "/app/a%2Fb.js", "/a/b.js", "/a%2Fb.js", id="as-the-browser-spelled-it"),
        pytest.param("/app", "/a.js", "/a.js", "/a.js", id="a-proxy-took-the-root-away"),
        pytest.param("/s", "/static/a.js", "/static/a.js", "/static/a.js", id="and-the-path-begins-like-it"),
        pytest.param("", "http://localhost:5000/a.js", "/a.js", "/a.js", id="absolute-form"),
        pytest.param("", "*", "*", "*", id="asterisk-form"),
        pytest.param("/ü", "/%C3%BC/a.js", "/a.js", "/a.js", id="root-beyond-ascii"),
        pytest.param("/app", "/app", "", "", id="the-root-itself"),
    ],
)
def test_the_path_below_the_root(root: str, raw: str, path_info: str, expected: str) -> None:
    environ = {**environ_of("/", root=root), "REQUEST_URI": raw, "PATH_INFO": path_info}
    assert read_request(environ).path == expected


def test_the_environ_of_the_server_is_not_changed(wrap: Any) -> None:
    environ = environ_of("/static/a.js?t=1700000000000000", headers={**MODULE, "Accept-Encoding": "gzip"})
    before = dict(environ)
    list(wrap(plain)(environ, lambda *_args: None))
    assert {key: environ.get(key) for key in before} == before


def test_attributes_are_those_of_the_app(wrap: Any) -> None:
    class App:
        config = "theirs"

        def __call__(self, environ: Any, start: Start) -> list[bytes]:
            return fine(environ, start, HTML)

    assert wrap(App()).config == "theirs"
    with pytest.raises(AttributeError):
        _ = wrap(App()).nothing


# Sockets that only WSGI can refuse

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "esm-hmr",
    "Origin": "http://localhost:5000",
}


def plain(environ: Any, start: Start) -> list[bytes]:
    """Answer with a page."""
    return fine(environ, start, HTML)


def upgrade(app: Any, differences: dict[str, str], **environ: Any) -> Server:
    return Server(app, **{**environ_of("/", headers={**HANDSHAKE, **differences}), **environ})


@pytest.mark.parametrize(
    "differences",
    [
        pytest.param({"Sec-WebSocket-Key": ""}, id="no-key"),
        pytest.param({"Sec-WebSocket-Key": "c2hvcnQ="}, id="short-key"),
        pytest.param({"Sec-WebSocket-Key": "not base64!"}, id="no-base64"),
        pytest.param({"Sec-WebSocket-Key": "ü"}, id="key-beyond-ascii"),
        pytest.param({"Sec-WebSocket-Version": "8"}, id="old-version"),
        pytest.param({"Sec-WebSocket-Version": ""}, id="no-version"),
        pytest.param({"Connection": "keep-alive"}, id="no-connection-upgrade"),
    ],
)
def test_a_bad_handshake_is_answered(wrap: Any, differences: dict[str, str]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        served = upgrade(wrap(plain), differences, **{"werkzeug.socket": theirs})
        assert served.status == "400 Bad Request"


def test_what_was_sent_too_early_is_refused(wrap: Any) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.send(b"GET / HTTP/1.1\r\n")
        assert upgrade(wrap(plain), {}, **{"werkzeug.socket": theirs}).status == "400 Bad Request"


def test_a_server_without_a_socket_to_give(wrap: Any) -> None:
    assert upgrade(wrap(plain), {}, **{"gunicorn.socket": None}).status == "501 Not Implemented"


@pytest.mark.parametrize(
    ("environ", "mark", "why"),
    [
        ({}, b"", ""),
        ({"gunicorn.socket": None}, b'data-transport="side-port polling"', "the server gives no way to its sockets"),
        (
            {"gunicorn.socket": None, "wsgi.url_scheme": "https"},
            b'data-transport="side-port polling"',
            "a connection with TLS cannot be taken over",
        ),
    ],
    ids=["given", "not-given", "tls"],
)
def test_a_page_is_told_where_its_server_gives_no_socket(
    wrap: Any, environ: dict[str, Any], mark: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = wrap(plain)
    served = Server(app, **environ)
    assert (b"data-transport" in served.body) == bool(mark) and mark in served.body
    body = b"{}"
    asked = {**environ, "PATH_INFO": "/__hmr/poll", "REQUEST_METHOD": "POST", "HTTP_X_HMR_TOKEN": TOKEN}
    Server(app, **asked, **{"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    assert f"open pages poll ({why or 'the page asked for it'})" in caplog.messages


@pytest.mark.parametrize(
    ("length", "status"), [("0", 400), ("", 400), ("x", 413), ("-1", 413), ("²", 413), ("9" * 20, 413)]
)
def test_a_length_that_is_none(wrap: Any, length: str, status: int) -> None:
    asked = {"PATH_INFO": "/__hmr/poll", "REQUEST_METHOD": "POST", "HTTP_X_HMR_TOKEN": TOKEN, "CONTENT_LENGTH": length}
    assert Server(wrap(plain), **asked).status.startswith(str(status))


@pytest.mark.parametrize(
    "differences",
    [{"Upgrade": "h2c"}, {"Sec-WebSocket-Protocol": "chat"}, {"Sec-WebSocket-Protocol": ""}],
    ids=["another-protocol", "another-subprotocol", "no-subprotocol"],
)
def test_a_foreign_upgrade_is_the_app_s(wrap: Any, differences: dict[str, str]) -> None:
    app = wrap(lambda environ, start: (start("101 Theirs", []), [environ["HTTP_UPGRADE"].encode()])[1])
    served = upgrade(app, differences)
    assert (served.status, served.body) == ("101 Theirs", differences.get("Upgrade", "websocket").encode())


def test_the_server_is_left_with_a_dead_end(tmp_path: Path) -> None:
    site = Site(INTERFACES["wsgi"], tmp_path)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        served = upgrade(site.app, {}, **{"werkzeug.socket": theirs})
        assert (served.status, served.heads[0][1]) == ("200 OK", [("Content-Length", "0")])
        assert theirs.recv(1) == b""
    site.stop()
