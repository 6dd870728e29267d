"""A WebSocket client that may send anything: frames by the byte, over a raw socket."""

import contextlib
import json
import os
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN, MASKED = 0x80, 0x80
SECONDS = 30.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPTED = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, 1.3


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = b"\x37\xfa\x21\x3d",
    form: str | None = None,
    length: int | None = None,
) -> bytes:
    """Return a frame as a client sends it (RFC 6455, 5.2).

    *mask* None leaves it unmasked; *form* is a format of `struct` for a length that is not in its shortest form;
    *length* claims another one.
    """
    size = len(payload) if length is None else length
    form = form or ("" if size < 126 else "!H" if size < 65_536 else "!Q")
    short = {"": size, "!H": 126, "!Q": 127}[form]
    head = bytes([opcode | (FIN if fin else 0) | rsv << 4, short | (0 if mask is None else MASKED)])
    head += struct.pack(form, size) if form else b""
    return head + (payload if mask is None else mask + masked(payload, mask))


def masked(payload: bytes, mask: bytes) -> bytes:
    """Return *payload* under *mask*; the same again takes it off."""
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(len(payload))


def text(payload: str | bytes, **more: Any) -> bytes:
    """Return a text frame."""
    return frame(TEXT, payload.encode() if isinstance(payload, str) else payload, **more)


def closing(code: int | None = None, reason: bytes = b"") -> bytes:
    """Return a close frame."""
    return frame(CLOSE, (b"" if code is None else struct.pack("!H", code)) + reason)


def parts(payload: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Return one text message in frames of these sizes, the rest in the last one."""
    frames: list[bytes] = []
    at = 0
    for size in sizes:
        frames.append(frame(CONTINUATION if frames else TEXT, payload[at : at + size], fin=False))
        at += size
    return [*frames, frame(CONTINUATION if frames else TEXT, payload[at:])]


@dataclass(frozen=True)
class Heard:
    """A frame of the server's."""

    opcode: int
    payload: bytes

    def __str__(self) -> str:
        if self.opcode == CLOSE:
            return f"close {struct.unpack('!H', self.payload[:2])[0] if self.payload else 'without a code'}"
        if self.opcode == TEXT:
            return str(json.loads(self.payload)["type"])
        return f"{ {PING: 'ping', PONG: 'pong frame'}[self.opcode] } {self.payload.decode('latin-1')}".strip()


def dial(port: int, *, receive_buffer: int | None = None) -> "Raw":
    """Connect to a server and shake hands. Raises ConnectionRefusedError with its answer where it will not."""
    connected = socket.socket()
    if receive_buffer:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connected.settimeout(SECONDS)
    connected.connect(("127.0.0.1", port))
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    own = f"127.0.0.1:{port}"
    lines = (
        *("GET /__hmr/socket HTTP/1.1", f"Host: {own}", f"Origin: http://{own}", "Connection: Upgrade"),
        *("Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"),
        "Sec-WebSocket-Protocol: esm-hmr",
    )
    connected.sendall("\r\n".join((*lines, "", "")).encode())
    return Raw(connected)


class Raw:
    """One connection, from the server's answer to the handshake on."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._unread = b""
        while b"\r\n\r\n" not in self._unread:
            self._unread += self._receive() or b"\r\n\r\n"
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101") or ACCEPTED not in head:
            raise ConnectionRefusedError(head.decode("latin-1"))

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def _receive(self) -> bytes:
        try:
            return self.socket.recv(65_536)
        except ConnectionResetError:
            return b""

    def say(self, **message: Any) -> None:
        """Send a message of our protocol."""
        self.socket.sendall(text(json.dumps(message), mask=os.urandom(4)))

    def leave(self) -> None:
        """Send a close, unless the server has hung up already."""
        with contextlib.suppress(OSError):
            self.socket.sendall(closing(1000))

    def hear(self) -> Heard | None:
        """Return the server's next frame, or None where it has hung up. Raises TimeoutError."""
        while (size := self._size()) is None or len(self._unread) < size:
            more = self._receive()
            if not more:
                return None
            self._unread += more
        whole, self._unread = self._unread[:size], self._unread[size:]
        assert whole[0] & 0xF0 == FIN and not whole[1] & MASKED, "one whole frame, unmasked (RFC 6455, 5.1)"
        return Heard(whole[0] & 0x0F, whole[_head_size(whole) :])

    def hear_message(self) -> Any:
        """Return the server's next message of our protocol, or None where it has hung up."""
        while (heard := self.hear()) is not None and heard.opcode != TEXT:
            if heard.opcode == PING:
                self.socket.sendall(frame(PONG, heard.payload))
        return heard and json.loads(heard.payload)

    def _size(self) -> int | None:
        """Return the size of the next frame, or None where that is not known yet."""
        unread = self._unread
        if len(unread) < 2 or len(unread) < _head_size(unread):
            return None
        form = {126: "!H", 127: "!Q"}.get(unread[1])
        length: int = struct.unpack_from(form, unread, 2)[0] if form else unread[1]
        return _head_size(unread) + length


def _head_size(unread: bytes) -> int:
    return {126: 4, 127: 10}.get(unread[1], 2)
