"""RFC 6455, section by section, over raw sockets against real servers: what Autobahn tries, in small."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from browser.servers import SERVERS
from browser.sites import Site, start_site

from conformance.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Raw, closing, dial, frame, parts, text
from hmr_middleware.core.messages import MAX_MESSAGE

# Under ASGI the server speaks the protocol; ours are the messages and what is no message of ours.
WSGI = ("werkzeug", "wsgiref", "gunicorn-sync", "gunicorn-gthread", "runserver-noreload")
ASGI = ("uvicorn",)

Sent = bytes | list[bytes]  # in one piece, or piece by piece


@dataclass(frozen=True)
class Case:
    """What a client sends after its hello, and what it hears of that, in any order, a close last."""

    name: str
    sent: Sent
    heard: tuple[str, ...]
    everywhere: bool = False  # under ASGI, too


def said(size: int = 0, filler: str = "x") -> bytes:
    """Return a message that is answered by `pong`, at least *size* bytes long."""
    bare = json.dumps({"type": "ping", "filler": ""}, ensure_ascii=False)
    return bare.replace('""', f'"{filler * (size - len(bare))}"').encode()


SAID = said()
ANSWERED = ("pong",)
ODD = "κόσμε \U0001f30d"
LENGTHS = (0, 125, 126, 127, 128, 65_535, 65_536, 65_537, MAX_MESSAGE)
ALLOWED_CODES = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
FORBIDDEN_CODES = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
NO_UTF8 = {
    "a-byte-alone": b"\xff",
    "surrogate": b"\xed\xa0\x80",
    "overlong": b"\xc0\xaf",
    "overlong-nul": b"\xe0\x80\x80",
    "beyond-unicode": b"\xf4\x90\x80\x80",
    "five-bytes": b"\xf8\x88\x80\x80\x80",
    "half-a-character": b"\xce",
    "continuation-alone": b"\x80",
}


def answered(name: str, sent: Sent, *heard: str, everywhere: bool = True) -> Case:
    return Case(name, sent, (*ANSWERED, *heard), everywhere)


def failed(name: str, sent: Sent, code: int = 1002, everywhere: bool = False) -> Case:
    return Case(name, sent, (f"close {code}",), everywhere)


MESSAGES = [
    *(answered(f"of-{size}-bytes", text(said(size))) for size in LENGTHS),
    answered("beyond-ascii", text(said(200, ODD))),
    answered("masked-with-zeros", text(SAID, mask=bytes(4))),
    answered("masked-with-ones", text(SAID, mask=b"\xff" * 4)),
    answered("byte-by-byte", [bytes([byte]) for byte in text(SAID)]),
    answered("two-in-one-packet", text(SAID) * 2, "pong"),
    answered("a-boundary-inside-a-packet", [text(SAID) + text(SAID)[:9], text(SAID)[9:]], "pong"),
    failed("too-big", text(said(MAX_MESSAGE + 1)), 1009, everywhere=True),
    failed("binary", frame(BINARY, SAID), 1003, everywhere=True),
    failed("empty-binary", frame(BINARY), 1003, everywhere=True),
    failed("binary-in-parts", frame(BINARY, b"a", fin=False) + frame(CONTINUATION, b"b"), 1003, everywhere=True),
]
FRAGMENTS = [
    answered("two", parts(SAID, [5])),
    answered("one-byte-each", b"".join(parts(SAID, [1] * len(SAID)))),
    answered("empty-ones", b"".join(parts(SAID, [0, 0, 5, 0, 0]))),
    answered("ten-thousand-empty-ones", b"".join(parts(SAID, [0] * 10_000))),
    answered("a-character-cut-in-two", b"".join(parts(said(100, ODD), [len(SAID) - 1, 1, 1, 1]))),
    Case(
        "a-ping-between",
        b"".join([*parts(SAID, [5])[:1], frame(PING, b"x"), *parts(SAID, [5])[1:]]),
        ("pong", "pong frame x"),
    ),
    answered("a-pong-between", b"".join([*parts(SAID, [5])[:1], frame(PONG, b"x"), *parts(SAID, [5])[1:]])),
    failed("too-big-together", b"".join(parts(said(MAX_MESSAGE + 1), [100_000, 100_000])), 1009, everywhere=True),
    failed("continuation-first", frame(CONTINUATION, SAID)),
    failed("continuation-first-unfinished", frame(CONTINUATION, SAID, fin=False)),
    failed("continuation-after-a-whole-message", frame(PONG) + frame(CONTINUATION, SAID)),
    failed("a-message-inside-another", parts(SAID, [5])[0] + text(SAID)),
    failed("text-goes-on-as-binary", parts(SAID, [5])[0] + frame(BINARY, SAID)),
]
CONTROL = [
    Case("ping", frame(PING), ("pong frame",)),
    Case("ping-with-a-payload", frame(PING, b"payload"), ("pong frame payload",)),
    Case("ping-that-is-no-text", frame(PING, b"\x00\xff\xfe"), ("pong frame \x00\xff\xfe",)),
    Case("ping-of-125-bytes", frame(PING, b"x" * 125), ("pong frame " + "x" * 125,)),
    Case("ping-byte-by-byte", [bytes([byte]) for byte in frame(PING, b"slow")], ("pong frame slow",)),
    Case(
        "ten-pings",
        b"".join(frame(PING, b"%d" % number) for number in range(10)),
        tuple(f"pong frame {n}" for n in range(10)),
    ),
    answered("pong-unasked", frame(PONG, b"unasked") + text(SAID)),
    failed("ping-of-126-bytes", frame(PING, b"x" * 126)),
    failed("ping-in-parts", frame(PING, b"x", fin=False) + frame(CONTINUATION, b"y")),
    failed("pong-in-parts", frame(PONG, b"x", fin=False)),
    failed("close-in-parts", frame(CLOSE, b"\x03\xe8", fin=False)),
]
CLOSES = [
    Case("without-a-code", closing(), ("close without a code",)),
    *(Case(f"code-{code}", closing(code), (f"close {code}",)) for code in ALLOWED_CODES),
    *(failed(f"code-{code}", closing(code)) for code in FORBIDDEN_CODES),
    Case("with-a-reason", closing(1000, ODD.encode()), ("close 1000",)),
    Case("with-a-reason-of-123-bytes", closing(1000, b"x" * 123), ("close 1000",)),
    failed("with-a-reason-of-124-bytes", closing(1000, b"x" * 124)),
    failed("of-one-byte", frame(CLOSE, b"\x03")),
    failed("with-a-reason-that-is-no-text", closing(1000, b"\xff\xfe"), 1007),
    Case("with-data-behind-it", closing(1000) + text(SAID) + frame(PING), ("close 1000",)),
    Case("with-nonsense-behind-it", closing(1000) + b"\xff" * 100, ("close 1000",)),
    Case("twice", closing(1000) + closing(1001), ("close 1000",)),
]
ENCODING = [
    *(failed(name, text(b'{"type": "ping", "x": "' + wrong + b'"}'), 1007) for name, wrong in NO_UTF8.items()),
    *(failed(f"{name}-at-the-end", text(wrong), 1007) for name, wrong in NO_UTF8.items()),
    failed("not-completed-by-the-last-part", frame(TEXT, b"\xce", fin=False) + frame(CONTINUATION), 1007),
]
HEADERS = [
    *(failed(f"reserved-bits-{rsv}", text(SAID, rsv=rsv)) for rsv in range(1, 8)),
    *(failed(f"reserved-bits-{rsv}-of-a-ping", frame(PING, rsv=rsv)) for rsv in (1, 2, 4)),
    *(failed(f"opcode-{opcode}", frame(opcode, b"x")) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
    failed("unmasked", text(SAID, mask=None)),
    failed("unmasked-ping", frame(PING, mask=None)),
    failed("length-in-two-bytes-for-one", text(SAID, form="!H")),
    failed("length-in-eight-bytes-for-one", text(SAID, form="!Q")),
    failed("length-in-eight-bytes-for-two", text(said(300), form="!Q")),
    failed("length-with-the-highest-bit", text(SAID, length=1 << 63)),
    failed("length-that-nobody-has", text(b"x" * (MAX_MESSAGE + 1), length=1 << 62), 1009),
]
GROUPS = {"message": MESSAGES, "fragments": FRAGMENTS, "control": CONTROL, "close": CLOSES}
GROUPS |= {"encoding": ENCODING, "header": HEADERS}
CASES = {f"{group}-{case.name}": case for group, cases in GROUPS.items() for case in cases}
RUNS = [(server, name) for server in WSGI for name in CASES]
RUNS += [(server, name) for server in ASGI for name, case in CASES.items() if case.everywhere]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Site]]:
    """Return a function that returns the site on a server, started when first asked for."""
    sites: dict[str, Site] = {}

    def serve(server: str) -> Site:
        if server not in sites:
            sites[server] = start_site(tmp_path_factory.mktemp(server), SERVERS[server].kind, server)
        return sites[server]

    yield serve
    said = {name: site.server.output() for name, site in sites.items()}
    for site in sites.values():
        site.server.stop()
    assert [name for name, output in said.items() if "Traceback" in output] == []


@pytest.mark.parametrize(("server", "name"), RUNS, ids=map("-".join, RUNS))
def test_what_a_client_sends(serve: Callable[[str], Site], server: str, name: str) -> None:
    site = serve(server)
    case = CASES[name]
    with dial(site.server.port) as raw:
        raw.say(type="hello")
        assert str(raw.hear()) == "connected"
        send(raw, case.sent)
        assert sorted(str(raw.hear()) for _ in case.heard) == sorted(case.heard)
        if case.heard[-1].startswith("close"):
            raw.leave()
            assert raw.hear() is None, "the server hangs up, as it should (RFC 6455, 7.1.1)"
        else:
            raw.say(type="ping")
            assert str(raw.hear()) == "pong"


def send(raw: Raw, sent: Sent) -> None:
    """Send it, piece by piece where it is in pieces."""
    for piece in [sent] if isinstance(sent, bytes) else sent:
        raw.socket.sendall(piece)
