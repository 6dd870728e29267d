"""Connections on a loop of ours, without a server: who comes, speaks and goes is noted."""

import queue
import socket

from conformance.frames import KEY, SECONDS, Raw
from hmr_middleware.hub import Client
from hmr_middleware.websocket import Connection, Loop


class Audience:
    """A hub that only listens."""

    def __init__(self) -> None:
        self.clients: queue.Queue[Client] = queue.Queue()
        self.heard: queue.Queue[tuple[Client, str]] = queue.Queue()
        self.left: queue.Queue[Client] = queue.Queue()

    def join(self, client: Client) -> None:
        self.clients.put(client)

    def receive(self, client: Client, text: str) -> None:
        self.heard.put((client, text))

    def leave(self, client: Client) -> None:
        self.left.put(client)

    def connect(self, loop: Loop) -> tuple[Raw, Client]:
        """Return the browser's end of a connection on *loop*, and who it is to the hub."""
        ours, browsers = socket.socketpair()
        ours.setblocking(False)
        browsers.settimeout(SECONDS)
        loop.adopt(ours, lambda: Connection(self, Client, KEY, loop))  # type: ignore[arg-type]
        return Raw(browsers), self.clients.get(timeout=SECONDS)
