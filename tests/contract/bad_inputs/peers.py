"""Both ends of a raw connection: a server process, and a peer that sends it whatever it likes."""

import json
import os
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

TESTS = Path(__file__).resolve().parents[2]
SECONDS = 20  # a machine that is busy answers late; what is awaited does come
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class ServerProcess:
    """A server in a process of its own, on a socket that is there before it."""

    def __init__(self, command: list[str], folder: Path, **environ: str) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.log = folder / "log"
        self._command = [part.format(fd=self.listener.fileno()) for part in command]
        self._folder, self._environ = folder, environ
        self.start()

    def start(self) -> None:
        """Start the process; connections wait until it is there."""
        given = {**os.environ, "PYTHONPATH": str(TESTS), "PYTHONUNBUFFERED": "1", **self._environ}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self._command],
                cwd=self._folder,
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[self.listener.fileno()],
                start_new_session=True,
            )

    def stop(self) -> None:
        """End the process, but keep the socket: it may be started again."""
        self.process.terminate()
        self.process.wait(SECONDS)

    def close(self) -> None:
        """End all of it."""
        self.stop()
        self.listener.close()

    def said(self, since: int = 0) -> str:
        """Return what the process has printed after so many bytes."""
        return self.log.read_bytes()[since:].decode("utf-8", "replace")


class Peer:
    """A connection to a server, of which every byte is ours."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        self.file: BinaryIO = self.socket.makefile("rb")
        self.heard = b""  # of messages

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send *data*; a server that has closed meanwhile is none of the caller's business: reading will tell."""
        try:
            self.socket.sendall(data)
        except (ConnectionError, TimeoutError):
            return

    def reset(self) -> None:
        """Leave without a word."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    # HTTP

    def head(self) -> tuple[int, dict[str, str]]:
        """Return status and headers of an answer; the status is 0 where the server has closed instead."""
        try:
            line = self.file.readline()
            status = int(line.split()[1]) if line.startswith(b"HTTP/1.") else 0
            headers: dict[str, str] = {}
            while (line := self.file.readline().strip()) and status:
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
        except ConnectionError:
            return 0, {}
        return status, headers

    def body(self, headers: Mapping[str, str]) -> bytes:
        """Return the body that comes after such *headers*."""
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b""
            while size := int(self.file.readline(), 16):
                body += self.file.read(size + 2)[:-2]
            self.file.readline()
            return body
        return self.file.read(int(headers["content-length"])) if "content-length" in headers else self.file.read()

    # WebSocket

    def frame(self) -> tuple[int, bytes] | None:
        """Return the opcode and the payload of the next frame, or None where the server has closed."""
        try:
            head = self.file.read(2)
            if len(head) < 2:
                return None
            length = head[1]
            if length >= 126:
                length = int.from_bytes(self.file.read(2 if length == 126 else 8), "big")
            return head[0] & 0x0F, self.file.read(length)
        except ConnectionError:
            return None

    def say(self, **message: object) -> None:
        """Send a message of the protocol."""
        self.send(frame(json.dumps(message).encode()))

    def hear(self, *passing: str) -> str:
        """Return the type of the next message that is none of *passing*, or how the socket ended."""
        while (found := self.frame()) is not None:
            opcode, payload = found
            if opcode == PING:
                self.send(frame(payload, PONG))
            self.heard += payload
            if opcode == TEXT and (said := str(json.loads(payload)["type"])) not in passing:
                return said
            if opcode == CLOSE:
                return f"closed with {int.from_bytes(payload[:2], 'big')}"
        return "closed"


def frame(payload: bytes = b"", opcode: int = TEXT, *, fin: bool = True, mask: bool = True, rsv: int = 0) -> bytes:
    """Return a frame as a client sends it, masked with zeros."""
    size = len(payload)
    length = bytes([size]) if size < 126 else struct.pack("!BH", 126, size) if size < 65536 else b""
    length = length or struct.pack("!BQ", 127, size)
    masked = bytes([length[0] | (0x80 if mask else 0)]) + length[1:] + (bytes(4) if mask else b"")
    return bytes([(0x80 if fin else 0) | rsv << 4 | opcode]) + masked + payload


def lines(request_line: str, headers: Mapping[str, object]) -> bytes:
    """Return a request's head; None leaves a header out, a list sends it again and again."""
    sent = [request_line]
    for name, value in headers.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        sent += [f"{name}: {item}" for item in values]
    return "\r\n".join([*sent, "", ""]).encode("latin-1")


def upgrade(host: str, changed: Mapping[str, object] | None = None, line: str = "GET / HTTP/1.1") -> bytes:
    """Return a handshake of a page of the app's own, but for what is *changed*."""
    own: dict[str, object] = {
        "Host": host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Protocol": "esm-hmr",
        "Origin": f"http://{host}",
    }
    return lines(line, {**own, **(changed or {})})


def get(host: str, path: str, **headers: str) -> bytes:
    """Return a request as a browser sends it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lines(f"GET {path} HTTP/1.1", {"Host": host, **named})


def fetch(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send *request* over a connection of its own; return the answer."""
    with Peer(port) as peer:
        peer.send(request)
        status, headers = peer.head()
        return status, headers, peer.body(headers) if status and request[:5] != b"HEAD " else b""


def token_of(page: bytes) -> str:
    """Return the token that a page carries."""
    found = re.search(rb'data-hmr="\d+\.([0-9a-f]+)"', page)
    assert found, page
    return found[1].decode()
