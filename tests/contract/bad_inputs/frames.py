"""Frames that no client of ours sends (RFC 6455): how the socket ends, or that it lives."""

from dataclasses import dataclass, field

from contract.bad_inputs.peers import BINARY, CLOSE, PING, PONG, TEXT, frame

LIVES, GONE = "pong", "closed"


def closed(code: int) -> str:
    """Return how a socket ends with this code."""
    return f"closed with {code}"


@dataclass(frozen=True)
class Frames:
    """What is sent after the hello; *then* is what the peer does; *by* are servers with another outcome."""

    sent: bytes
    expected: str
    then: str = ""
    by: dict[str, str] = field(default_factory=dict)


PROTOCOL_ERROR, NO_TEXT, TOO_BIG = closed(1002), closed(1007), closed(1009)
WRONG = (PROTOCOL_ERROR, NO_TEXT)  # some servers just close then
EURO = '{"type":"log","text":"€"}'.encode()
CUT = EURO.index("€".encode()) + 1

HUGE = b"\x81\xff" + (1 << 62).to_bytes(8, "big") + bytes(4) + b" " * 300_000

FRAMES: dict[str, Frames] = {
    "unmasked": Frames(frame(b"{}", mask=False), PROTOCOL_ERROR),
    "rsv-1": Frames(frame(b"{}", rsv=4), PROTOCOL_ERROR),
    "rsv-2": Frames(frame(b"{}", rsv=2), PROTOCOL_ERROR),
    "opcode-3": Frames(frame(b"{}", 3), PROTOCOL_ERROR),
    "opcode-11": Frames(frame(b"{}", 11), PROTOCOL_ERROR),
    "length-huge": Frames(HUGE, TOO_BIG, "end", by={"uvicorn-h11": GONE}),
    "length-with-the-sign": Frames(b"\x81\xff\xff" + bytes(7) + bytes(4), PROTOCOL_ERROR, by={"uvicorn": TOO_BIG}),
    "length-not-minimal": Frames(b"\x81\xfe\x00\x02" + bytes(4) + b"{}", PROTOCOL_ERROR, by={"uvicorn": LIVES}),
    "message-too-big": Frames(frame(b" " * 300_000), TOO_BIG),
    "message-too-big-in-parts": Frames(
        frame(b" " * 200_000, fin=False) + frame(b" " * 200_000, 0, fin=False) + frame(b"", 0), TOO_BIG
    ),
    "ping-of-126": Frames(frame(b"x" * 126, PING), PROTOCOL_ERROR),
    "ping-in-parts": Frames(frame(b"x", PING, fin=False), PROTOCOL_ERROR),
    "pong-unasked": Frames(frame(b"x", PONG), LIVES),
    "pings": Frames(frame(b"x" * 125, PING) * 1_000, LIVES),
    "continuation-first": Frames(frame(b"x", 0), PROTOCOL_ERROR),
    "continuations-that-are-empty": Frames(
        frame(b"{}", fin=False) + frame(b"", 0, fin=False) * 5_000 + frame(b"", 0), LIVES, by={"uvicorn": TOO_BIG}
    ),
    "continuations-of-one-byte": Frames(
        frame(b"{", fin=False) + frame(b" ", 0, fin=False) * 5_000 + frame(b"}", 0), LIVES, by={"uvicorn": TOO_BIG}
    ),
    "text-in-text": Frames(frame(b"{", fin=False) + frame(b"}"), PROTOCOL_ERROR),
    "utf-8-cut-in-two": Frames(frame(EURO[:CUT], fin=False) + frame(EURO[CUT:], 0), LIVES),
    "utf-8-never-ended": Frames(frame(EURO[:CUT]), NO_TEXT),
    "utf-8-surrogate": Frames(frame(b"\xed\xa0\x80"), NO_TEXT),
    "utf-8-none": Frames(frame(b"\xff\xfe"), NO_TEXT),
    "binary": Frames(frame(b"{}", BINARY), closed(1003)),
    "close-1005": Frames(frame((1005).to_bytes(2, "big"), CLOSE), PROTOCOL_ERROR),
    "close-0": Frames(frame(bytes(2), CLOSE), PROTOCOL_ERROR),
    "close-of-one-byte": Frames(frame(b"x", CLOSE), PROTOCOL_ERROR),
    "close-with-noise": Frames(frame(b"\x03\xe8\xff", CLOSE), NO_TEXT),
    "close-and-data": Frames(frame((1000).to_bytes(2, "big"), CLOSE) + frame(b"{}") * 3, closed(1000)),
    "close-empty": Frames(frame(b"", CLOSE), closed(0)),
    "http": Frames(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", PROTOCOL_ERROR),
    "leaves-in-a-frame": Frames(b"\x81\xfe\xff", GONE, "end"),
    "resets-in-a-frame": Frames(b"\x81\xfe\xff", "", "reset"),
    "resets-in-a-message": Frames(frame(b"{", TEXT, fin=False), "", "reset"),
}
