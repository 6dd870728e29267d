"""Who gets a WebSocket of ours: whatever is refused is refused before a byte is exchanged."""

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from contract.interfaces import HOST, Interface, environ_of, scope_of
from contract.sites import TOKEN, Site
from hmr_middleware import HmrMiddleware

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
OURS = {"Host": HOST, "Origin": f"http://{HOST}", "Sec-WebSocket-Protocol": "esm-hmr"}
HELLO = json.dumps({"type": "hello"})
WELCOME = "connected"


def guess(token: str) -> dict[str, str]:
    """Return what carries *token* in a handshake."""
    return {"Sec-WebSocket-Protocol": f"esm-hmr, hmr-token.{token}"}


PASSED = "the app's"
Log = Callable[[str], list[str]]


def connect(site: Any, headers: Mapping[str, str | None], target: str = "/") -> object:
    """Open a socket and say hello; return the answer's type, a refusal's status, or PASSED where the app was asked."""
    given = {name.lower(): value for name, value in {**OURS, **headers}.items() if value is not None}
    if site.interface.name == "asgi":
        return asyncio.run(connect_asgi(site, given, target))
    return connect_wsgi(site, given, target)


async def connect_asgi(site: Any, headers: Mapping[str, str], target: str) -> object:
    offered = [item.strip() for item in headers.get("sec-websocket-protocol", "").split(",") if item.strip()]
    scope = scope_of(target, headers=headers, type="websocket", scheme="ws", subprotocols=offered)
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    received = [{"type": "websocket.receive", "text": HELLO}, {"type": "websocket.connect"}]

    async def receive() -> dict[str, Any]:
        return received.pop() if received else await asyncio.Future()

    running = asyncio.ensure_future(site.app(scope, receive, sent.put))
    try:
        first = await asyncio.wait_for(sent.get(), 5)
        if first["type"] == "websocket.close":
            return 403  # what a server makes of it
        if first["type"] != "websocket.accept":
            return PASSED
        assert first["subprotocol"] == "esm-hmr"
        return json.loads((await asyncio.wait_for(sent.get(), 5))["text"])["type"]
    finally:
        running.cancel()


def connect_wsgi(site: Any, headers: Mapping[str, str], target: str) -> object:
    handshake = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": KEY,
    }
    environ = environ_of(target, headers={**handshake, **headers})
    theirs, browsers = socket.socketpair()
    with theirs, browsers:
        environ["werkzeug.socket"] = theirs
        asked = len(site.seen)
        status = answer_of(site, environ)
        if len(site.seen) > asked:
            return PASSED
        return read_welcome(browsers) if status == 200 else status


def answer_of(site: Any, environ: dict[str, Any]) -> int:
    heads: list[tuple[str, list[tuple[str, str]]]] = []
    body = b"".join(site.app(environ, lambda status, headers: heads.append((status, headers))))
    assert body == b""
    return int(heads[0][0].split()[0])


def read_welcome(browsers: socket.socket) -> object:
    """Read the answer to the handshake and that to a hello, an unmasked text frame of less than 126 bytes."""
    browsers.settimeout(5)
    browsers.sendall(b"\x81" + bytes([0x80 | len(HELLO)]) + bytes(4) + HELLO.encode())  # masked, with zeros
    received = b""
    while b"}" not in received:
        received += browsers.recv(4096)
    head, _, frame = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101")
    assert b"sec-websocket-protocol: esm-hmr" in head.lower()
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head  # RFC 6455, 1.3: the answer to its sample nonce
    assert frame[0] == 0x81
    return json.loads(frame[2:])["type"]


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        pytest.param({}, "/", id="own-origin"),
        pytest.param({}, "/any/path?x=1", id="on-any-path"),
        pytest.param({"Sec-WebSocket-Protocol": "chat, esm-hmr"}, "/", id="one-of-two-subprotocols"),
        pytest.param({"Origin": "https://tunnel.test", **guess(TOKEN)}, "/", id="token"),
        pytest.param({"Origin": None, **guess(TOKEN)}, "/", id="token-without-origin"),
        pytest.param({"Host": "listed.test", "Origin": "http://listed.test"}, "/", id="listed-host"),
    ],
)
def test_welcome(site: Site, headers: dict[str, str | None], target: str) -> None:
    site.settings["allowed_hosts"] = ["listed.test"]
    assert connect(site, headers, target) == WELCOME


@pytest.mark.parametrize(
    ("headers", "target", "names"),
    [
        pytest.param({"Host": "evil.test", "Origin": "http://evil.test"}, "/", "allowed_hosts", id="host"),
        pytest.param({"Host": "evil.test", **guess(TOKEN)}, "/", "allowed_hosts", id="host-in-spite-of-the-token"),
        pytest.param({"Host": ""}, "/", "allowed_hosts", id="no-host"),
        pytest.param({"Origin": "http://evil.test"}, "/", "'http://evil.test'", id="origin"),
        pytest.param({"Origin": "http://localhost:5001"}, "/", "Origin", id="port"),
        pytest.param({"Origin": "null"}, "/", "'null'", id="null"),
        pytest.param({"Origin": None}, "/", "'none'", id="no-origin"),
        pytest.param({"Origin": None, **guess("guess")}, "/", "token", id="wrong-token"),
        pytest.param({"Origin": None, **guess("")}, "/", "token", id="empty-token"),
        pytest.param({"Origin": None}, f"/?hmr-token={TOKEN}", "token", id="token-in-the-url"),
    ],
)
def test_refused_with_one_log_line(
    site: Site, log: Log, headers: dict[str, str | None], target: str, names: str
) -> None:
    assert connect(site, headers, target) == 403
    assert len(log("refused a socket")) == len(log(names)) == 1


@pytest.mark.parametrize("offered", [None, "chat", "ESM-HMR", "esm-hmr2", "x-esm-hmr"])
def test_any_other_subprotocol_is_the_app_s(interface: Interface, offered: str | None) -> None:
    site = Refusing(interface)
    assert connect(site, {"Sec-WebSocket-Protocol": offered}) == PASSED
    site.app._service.ready().watcher.stop()


class Refusing:
    """A site whose app takes no socket, and says so itself."""

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self.seen: list[object] = []
        self.app = HmrMiddleware(self.wsgi if interface.name == "wsgi" else self.asgi, enabled=True)

    def wsgi(self, environ: object, start_response: Any) -> list[bytes]:
        self.seen.append(environ)
        start_response("426 Upgrade Required", [])
        return []

    async def asgi(self, _scope: object, _receive: object, send: Any) -> None:
        await send({"type": "websocket.http.response.start", "status": 426})
