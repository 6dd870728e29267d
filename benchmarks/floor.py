"""The floor: the least that can tell a page of a saved file. No debounce, no graph, no safety; not for use."""

import asyncio
import ctypes
import os
import re
import struct
import sys
import time
from pathlib import Path

from websockets.asyncio.server import ServerConnection, broadcast, serve

HOST = "127.0.0.1"
IN_CLOSE_WRITE, IN_MOVED_TO, IN_NONBLOCK = 0x8, 0x80, 0o4000
BOUNDARIES = {"leaf.js": "tree.js"}  # a graph for the poor
TYPES = {".html": b"text/html", ".js": b"text/javascript", ".css": b"text/css"}
CLIENT = b"""<script>
new WebSocket("ws://127.0.0.1:%d").onmessage = ({ data }) =>
  data.includes(".css") ? (document.querySelector("link[rel=stylesheet]").href = data) : import(data)
</script>"""


def notifications(folder: Path) -> int:
    """Return a descriptor from which the names of files saved in *folder* can be read."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor: int = libc.inotify_init1(IN_NONBLOCK)
    libc.inotify_add_watch(descriptor, os.fsencode(folder), IN_CLOSE_WRITE | IN_MOVED_TO)
    return descriptor


def saved_name(descriptor: int) -> str:
    """Return the name in the first event that waits at *descriptor*."""
    event = os.read(descriptor, 4096)
    length: int = struct.unpack_from("iIII", event)[3]
    return event[16 : 16 + length].rstrip(b"\0").decode()


class Floor:
    """One folder, served and watched."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clients: set[ServerConnection] = set()
        self.descriptor = notifications(root / "static")

    def tell(self) -> None:
        """Tell every page what to load anew."""
        name = saved_name(self.descriptor)
        broadcast(self.clients, f"/static/{BOUNDARIES.get(name, name)}?t={time.time_ns()}")

    async def join(self, client: ServerConnection) -> None:
        """Keep *client* until it leaves."""
        self.clients.add(client)
        await client.wait_closed()
        self.clients.discard(client)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        while line := await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.response(line.split()[1].decode()))

    def response(self, url: str) -> bytes:
        """Return the whole response for *url*."""
        name, _, query = url.partition("?")
        path = self.root / (name.lstrip("/") or "index.html")
        if not path.is_file():
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        body = path.read_bytes()
        if path.suffix == ".html":
            body = body.replace(b"<head>", b"<head>" + CLIENT % self.port)
        elif query:
            body = re.sub(rb'(from "\./\w+\.js)', rb"\1?" + query.encode(), body)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
        return head % (TYPES[path.suffix], len(body)) + body

    async def run(self, port: int) -> None:
        """Serve at *port* until the process ends."""
        async with serve(self.join, HOST, 0, compression=None) as sockets:
            self.port = next(iter(sockets.sockets)).getsockname()[1]
            asyncio.get_running_loop().add_reader(self.descriptor, self.tell)
            server = await asyncio.start_server(self.answer, HOST, port)
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(Floor(Path.cwd()).run(int(sys.argv[1])))
