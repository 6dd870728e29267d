"""A thousand sockets on one process: from the write until the last of them has the update."""

import json
import resource
import select
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from browser.servers import HOST, Recipe, Server

from benchmarks.floor import notifications, saved_name
from benchmarks.process import environment
from benchmarks.sites import FLOOR, write_files
from benchmarks.table import Table, short, verdict
from benchmarks.timing import interleave, p90

SAVES = 30
LIMITS = {100: 8.0, 1_000: 30.0}  # milliseconds until all of so many have it
SECONDS = 10.0
DESCRIPTORS = 4_096
WERKZEUG, UVICORN, BARE = "hmr_middleware, Werkzeug", "hmr_middleware, uvicorn", "bare uvicorn"

MODULE = "document.title = 'MARK'\nif (import.meta.hot) import.meta.hot.accept()\n"
WRAP = "\nfrom hmr_middleware import HmrMiddleware\n\napp = HmrMiddleware(app)\n"
FLASK = "from flask import Flask\n\napp = Flask(__name__)\n" + WRAP
FASTAPI = (
    "from fastapi import FastAPI\nfrom fastapi.staticfiles import StaticFiles\n\n"
    "app = FastAPI()\napp.mount('/static', StaticFiles(directory='static'))\n" + WRAP
)
BARE_UVICORN = """\
import asyncio
import json
from pathlib import Path

from benchmarks.floor import notifications, saved_name

TEXT = json.dumps({"type": "update", "filler": "x" * 250})
told = []
saves = 0


async def tell():
    for send in told:
        await send({"type": "websocket.send", "text": TEXT})


def saved():
    saved_name(saves)
    asyncio.ensure_future(tell())


async def app(scope, receive, send):
    global saves
    if scope["type"] == "websocket":
        saves = saves or watch()
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "esm-hmr"})
        told.append(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})


def watch():
    descriptor = notifications(Path("static"))
    asyncio.get_running_loop().add_reader(descriptor, saved)
    return descriptor
"""
HELLO = {"type": "hello", "modules": {"/static/panel.js": 0}, "entries": ["/static/panel.js"]}
UPDATE = b'"update"'  # in what every contender sends
PING, PONG = 0x89, 0x8A


@dataclass(frozen=True)
class Contender:
    """How one is served, and how its clients introduce themselves."""

    recipe: Recipe
    files: Mapping[str, str] = field(default_factory=dict)
    protocol: str = "esm-hmr"
    hello: bytes = b""


def _masked(opcode: int, payload: bytes) -> bytes:
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
    return bytes([opcode]) + size + bytes(4) + payload


_SAID = _masked(0x81, json.dumps(HELLO).encode())
_FLASK = Recipe("flask", ("-m", "flask", "--app", "app", "--debug", "run", "--no-reload", "--port", "{port}"))
_UVICORN = Recipe("fastapi", ("-m", "uvicorn", "--no-access-log", "--port", "{port}", "app:app"))
_FLOOR = Recipe("flask", ("-m", "benchmarks.sockets", "{port}"))
CONTENDERS: Mapping[str, Contender] = {
    WERKZEUG: Contender(_FLASK, {"app.py": FLASK}, hello=_SAID),
    UVICORN: Contender(_UVICORN, {"app.py": FASTAPI}, hello=_SAID),
    BARE: Contender(_UVICORN, {"app.py": BARE_UVICORN}),
    FLOOR: Contender(_FLOOR),
}


class Crowd:
    """So many connected clients, which read as soon as there is something to read."""

    def __init__(self, contender: Contender, server: Server, size: int) -> None:
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        for _ in range(size):
            client = _connect(contender, server)
            self._sockets[client.fileno()] = client
            self._poll.register(client, select.EPOLLIN)

    def wait(self, word: bytes) -> float:
        """Wait until every client has read *word*; return when that was. Raises RuntimeError."""
        missing = set(self._sockets)
        deadline = time.perf_counter() + SECONDS
        while missing:
            ready = self._poll.poll(deadline - time.perf_counter())
            if not ready:
                raise RuntimeError(f"{len(missing)} of {len(self._sockets)} clients were not told")
            missing -= {number for number, _ in ready if word in self._read(number)}
        return time.perf_counter()

    def settle(self) -> None:
        """Read whatever else has come."""
        while ready := self._poll.poll(0.05):
            for number, _ in ready:
                self._read(number)

    def _read(self, number: int) -> bytes:
        client = self._sockets[number]
        data = client.recv(65_536)
        if not data:
            raise RuntimeError("a client was disconnected")
        if data[0] == PING:
            client.sendall(_masked(PONG, data[2 : 2 + data[1]]))
        return data

    def close(self) -> None:
        """Hang up."""
        self._poll.close()
        for client in self._sockets.values():
            client.close()


def _connect(contender: Contender, server: Server) -> socket.socket:
    client = socket.create_connection((HOST, server.port), SECONDS)
    lines = (
        *("GET / HTTP/1.1", f"Host: {HOST}:{server.port}", f"Origin: {server.url}", "Connection: Upgrade"),
        *("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        *(f"Sec-WebSocket-Protocol: {contender.protocol}", "", ""),
    )
    client.sendall("\r\n".join(lines).encode())
    answer = client.recv(4_096)
    if not answer.startswith(b"HTTP/1.1 101"):
        raise RuntimeError(f"{server.url} does not take a socket: {answer!r}")
    client.sendall(contender.hello)
    return client


def run(saves: int = SAVES) -> list[Table]:
    """Measure crowds of each size, the contenders in turns."""
    _allow_descriptors(DESCRIPTORS)
    rows = [row for size in LIMITS for row in _measure(size, saves)]
    header = ("sockets", "contender", "best", "median", "90th percentile", "of the floor", "target")
    note = f"From before the write until the last client has read the update, {saves} saves, in milliseconds. "
    note += "The clients are one process that does nothing else. The floor sends from one thread, socket by socket."
    return [Table("An update to many sockets", header, rows, note)]


def _measure(size: int, saves: int) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        samples = {
            name: stack.enter_context(_sampling(contender, Path(folder, name.replace(" ", "-")), size))
            for name, contender in CONTENDERS.items()
        }
        found = {name: [value * 1000 for value in values] for name, values in interleave(samples, saves).items()}
    floor = median(found[FLOOR])
    for name, values in found.items():
        judged = verdict(median(values), LIMITS[size]) if name in (WERKZEUG, UVICORN) else ""
        figures = map(short, (min(values), median(values), p90(values)))
        yield [str(size), name, *figures, f"{median(values) / floor:.2f}", judged]


@contextmanager
def _sampling(contender: Contender, folder: Path, size: int) -> Iterator[Callable[[], float]]:
    """Serve a site, connect a crowd, and yield what saves a module and returns the seconds until all have it."""
    write_files(folder, {"static/panel.js": MODULE, **contender.files})
    server = Server(contender.recipe, folder, folder.with_suffix(".log"), {**environment(), "HMR_ENABLED": "1"})
    server.start()
    crowd: Crowd | None = None
    try:
        with urlopen(Request(f"{server.url}/static/panel.js", headers={"Sec-Fetch-Dest": "script"}), timeout=SECONDS):
            pass
        crowd = Crowd(contender, server, size)
        yield partial(_save, crowd, folder / "static" / "panel.js")
    finally:
        if crowd:
            crowd.close()
        server.stop()


def _save(crowd: Crowd, file: Path) -> float:
    crowd.settle()
    began = time.perf_counter()
    file.write_text(MODULE.replace("MARK", str(began)))
    return crowd.wait(UPDATE) - began


def _allow_descriptors(count: int) -> None:
    """Let this process and those that it starts open *count* files and sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def serve_floor(port: int) -> None:
    """The floor: whoever connects is accepted, and every save is told to all, socket by socket."""
    payload = json.dumps({"type": "update", "filler": "x" * 250}).encode()
    frame = struct.pack("!BBH", 0x81, 126, len(payload)) + payload
    saves = notifications(Path("static"))
    clients: list[socket.socket] = []
    with socket.create_server((HOST, port), backlog=1_024) as listening, select.epoll() as poll:
        poll.register(listening, select.EPOLLIN)
        poll.register(saves, select.EPOLLIN)
        while True:
            for number, _ in poll.poll():
                if number == saves:
                    saved_name(saves)
                    for client in clients:
                        client.send(frame)
                elif _greet(client := listening.accept()[0]):
                    clients.append(client)


def _greet(client: socket.socket) -> bool:
    """Answer what a client asks first; return whether it stays."""
    asked = client.recv(4_096)
    if b"Upgrade: websocket" in asked:
        client.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        return True
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    client.close()
    return False


if __name__ == "__main__":
    serve_floor(int(sys.argv[1]))
