"""Handshakes: who gets a socket, and who does not. Other headers than a page of the app's own sends, and the answer.

In a value, HOST stands for the server's own, TOKEN for the page's token. Where servers differ, each has its outcome:
what is malformed they refuse themselves (400), or fail at (500, or nothing at all: 0).
"""

from dataclasses import dataclass, field
from typing import Any

WELCOME, REFUSED, THE_APP_S = 101, 403, "the app's"
EARLY = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass(frozen=True)
class Handshake:
    """One handshake: what is *changed*, and what follows in the same packet. *by* are servers with another outcome."""

    expected: int | str
    changed: dict[str, Any] = field(default_factory=dict)
    line: str = "GET / HTTP/1.1"
    behind: bytes = b""
    by: dict[str, int | str] = field(default_factory=dict)


def offers(*protocols: str) -> dict[str, Any]:
    """Return the header that offers *protocols*."""
    return {"Sec-WebSocket-Protocol": ", ".join(protocols)}


NOT_ASCII: dict[str, int | str] = {"uvicorn": 500, "uvicorn-h11": 0}
NO_HOST: dict[str, int | str] = {"gunicorn": 400, "uvicorn-h11": 400}
BY_ITS_HOST: dict[str, int | str] = dict.fromkeys(("gunicorn", "runserver", "uvicorn", "uvicorn-h11"), 101)
READ_AS_FRAMES: dict[str, int | str] = dict.fromkeys(("uvicorn", "uvicorn-h11"), 101)
NO_UPGRADE: dict[str, int | str] = dict.fromkeys(("uvicorn", "uvicorn-h11"), 200)

NO_ORIGIN = {"Origin": None}

HANDSHAKES: dict[str, Handshake] = {
    # Host
    "host-missing": Handshake(REFUSED, {"Host": None}, by={"uvicorn-h11": 400}),
    "host-empty": Handshake(REFUSED, {"Host": ""}),
    "host-twice": Handshake(REFUSED, {"Host": ["HOST", "HOST"]}, by=NO_HOST),
    "host-twice-evil-second": Handshake(REFUSED, {"Host": ["HOST", "evil.test"]}, by=NO_HOST),
    "host-twice-evil-first": Handshake(REFUSED, {"Host": ["evil.test", "HOST"]}, by=NO_HOST),
    "host-bracket": Handshake(REFUSED, {"Host": "[::1"}),
    "host-behind-bracket": Handshake(REFUSED, {"Host": "[::1]evil.test", "Origin": "http://[::1]evil.test"}),
    "host-not-ascii": Handshake(REFUSED, {"Host": "\xff"}, by=NOT_ASCII),
    "host-not-ascii-below-localhost": Handshake(REFUSED, {"Host": "\xff.localhost"}, by=NOT_ASCII),
    "host-localhost-is-a-label": Handshake(REFUSED, {"Host": "localhost.evil.com"}),
    "host-ends-like-localhost": Handshake(REFUSED, {"Host": "evillocalhost"}),
    "host-with-a-dot": Handshake(WELCOME, {"Host": "localhost.", "Origin": "http://localhost."}),
    "host-with-two-dots": Handshake(REFUSED, {"Host": "localhost..", "Origin": "http://localhost.."}),
    "host-short-address": Handshake(REFUSED, {"Host": "127.1", "Origin": "http://127.1"}),
    "host-decimal-address": Handshake(REFUSED, {"Host": "2130706433", "Origin": "http://2130706433"}),
    "host-list": Handshake(REFUSED, {"Host": "a,localhost"}),
    "host-user": Handshake(REFUSED, {"Host": "localhost@evil"}),
    "host-rebound": Handshake(REFUSED, {"Host": "evil.test", "Origin": "http://evil.test"}),
    "host-rebound-with-the-token": Handshake(REFUSED, {"Host": "evil.test", **offers("esm-hmr", "hmr-token.TOKEN")}),
    "host-of-a-proxy": Handshake(REFUSED, {"Host": "evil.test", "X-Forwarded-Host": "HOST", "Forwarded": "host=HOST"}),
    "host-long": Handshake(REFUSED, {"Host": "a" * 8_000}),
    # Origin
    "origin-missing": Handshake(REFUSED, NO_ORIGIN),
    "origin-empty": Handshake(REFUSED, {"Origin": ""}),
    "origin-null": Handshake(REFUSED, {"Origin": "null"}),
    "origin-bracket": Handshake(REFUSED, {"Origin": "http://[::1"}),
    "origin-evil": Handshake(REFUSED, {"Origin": "http://localhost.evil"}),
    "origin-other-port": Handshake(REFUSED, {"Origin": "http://localhost:1"}),
    "origin-other-loopback": Handshake(REFUSED, {"Origin": "http://localhost"}),
    "origin-file": Handshake(REFUSED, {"Origin": "file://"}),
    "origin-extension": Handshake(REFUSED, {"Origin": "chrome-extension://x"}),
    "origin-user": Handshake(REFUSED, {"Origin": "http://HOST@evil.test"}),
    "origin-path": Handshake(REFUSED, {"Origin": "http://HOST/x"}),
    "origin-twice": Handshake(REFUSED, {"Origin": ["http://HOST", "http://evil.test"]}),
    "origin-twice-the-own": Handshake(REFUSED, {"Origin": ["http://HOST", "http://HOST"]}),
    "origin-forwarded": Handshake(REFUSED, {"Origin": "http://evil.test", "X-Forwarded-Origin": "http://HOST"}),
    # Token
    "token": Handshake(WELCOME, {"Origin": "http://evil.test", **offers("esm-hmr", "hmr-token.TOKEN")}),
    "token-empty": Handshake(REFUSED, {**NO_ORIGIN, **offers("esm-hmr", "hmr-token.")}),
    "token-longer": Handshake(REFUSED, {**NO_ORIGIN, **offers("esm-hmr", "hmr-token.TOKENx")}),
    "token-upper-case": Handshake(REFUSED, {**NO_ORIGIN, **offers("esm-hmr", "hmr-token." + "A" * 32)}),
    "token-not-ascii": Handshake(REFUSED, {**NO_ORIGIN, **offers("esm-hmr", "hmr-token.\xff")}, by=NOT_ASCII),
    "token-after-a-wrong-one": Handshake(REFUSED, {**NO_ORIGIN, **offers("esm-hmr", "hmr-token.x", "hmr-token.TOKEN")}),
    "token-in-the-query": Handshake(REFUSED, NO_ORIGIN, "GET /?hmr-token=TOKEN HTTP/1.1"),
    "token-in-a-header": Handshake(REFUSED, {**NO_ORIGIN, "X-Hmr-Token": "TOKEN", "Cookie": "hmr-token=TOKEN"}),
    "token-far-behind": Handshake(REFUSED, {**NO_ORIGIN, **offers("esm-hmr", "x" * 300, "hmr-token.TOKEN")}),
    # Subprotocol
    "protocol-missing": Handshake(THE_APP_S, {"Sec-WebSocket-Protocol": None}),
    "protocol-upper-case": Handshake(THE_APP_S, offers("ESM-HMR")),
    "protocol-second": Handshake(WELCOME, offers("vite-hmr", "esm-hmr")),
    "protocol-noise": Handshake(THE_APP_S, offers("\x80\xff"), by=NOT_ASCII),
    "protocol-noise-and-ours": Handshake(WELCOME, offers("\x80\xff", "esm-hmr"), by=NOT_ASCII),
    "protocol-spaces": Handshake(THE_APP_S, offers("b" + " " * 20_000 + "x")),
    "protocol-commas": Handshake(WELCOME, {"Sec-WebSocket-Protocol": "esm-hmr,,"}),
    "protocol-only-a-token": Handshake(THE_APP_S, offers("hmr-token.TOKEN")),
    # The handshake itself
    "key-short": Handshake(400, {"Sec-WebSocket-Key": "short"}, by={"uvicorn-h11": 101}),
    "key-missing": Handshake(400, {"Sec-WebSocket-Key": None}),
    "key-of-15-bytes": Handshake(400, {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA"}, by={"uvicorn-h11": 101}),
    "key-not-ascii": Handshake(400, {"Sec-WebSocket-Key": "\xff" * 24}, by={"uvicorn": 500, "uvicorn-h11": 101}),
    "version-8": Handshake(400, {"Sec-WebSocket-Version": "8"}, by={"uvicorn-h11": 426}),
    "version-missing": Handshake(400, {"Sec-WebSocket-Version": None}),
    "method-post": Handshake(THE_APP_S, line="POST / HTTP/1.1"),
    "http-1.0": Handshake(WELCOME, line="GET / HTTP/1.0"),
    "connection-list": Handshake(WELCOME, {"Connection": "keep-alive, Upgrade"}),
    "connection-close": Handshake(400, {"Connection": "close"}, by=NO_UPGRADE),
    "upgrade-to-h2c": Handshake(THE_APP_S, {"Upgrade": "h2c"}),
    "extension-deflate": Handshake(WELCOME, {"Sec-WebSocket-Extensions": "permessage-deflate"}),
    "extension-noise": Handshake(WELCOME, {"Sec-WebSocket-Extensions": "x;;;=,"}, by={"uvicorn": 400}),
    "target-absolute": Handshake(WELCOME, line="GET http://HOST/ HTTP/1.1"),
    "target-absolute-evil": Handshake(REFUSED, line="GET http://evil.test/ HTTP/1.1", by=BY_ITS_HOST),
    "headers-many": Handshake(WELCOME, {f"X-{number}": "x" for number in range(60)}),
    "headers-too-many": Handshake(
        431, {f"X-{number}": "x" for number in range(2_500)}, by={"uvicorn": 400, "uvicorn-h11": 101}
    ),
    "body": Handshake(400, {"Content-Length": "5"}, behind=b"hello", by=READ_AS_FRAMES),
    # What is sent before the answer
    "early-frame": Handshake(400, behind=b"\x81\x80\0\0\0\0", by=READ_AS_FRAMES),
    "early-request": Handshake(400, behind=EARLY, by=READ_AS_FRAMES),
    "early-byte": Handshake(400, behind=b"\0", by=READ_AS_FRAMES),
}
