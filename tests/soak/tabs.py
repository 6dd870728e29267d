"""Tabs without a browser: what our client says and what it makes of the answers, on one socket at a time."""

import socket
import struct
import time
from collections.abc import Collection
from typing import Any
from urllib.request import Request, urlopen

from conformance.frames import SECONDS, Raw, closing, dial

_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: what is unsent is dropped, and the other side is told so by a reset


def fetch(url: str) -> None:
    """Load a module as a browser does."""
    with urlopen(Request(url, headers={"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"}), timeout=SECONDS):
        pass


class Tab:
    """A page that has just been served, has loaded *modules* and keeps up with them."""

    def __init__(self, port: int, modules: Collection[str]) -> None:
        self.port = port
        self.live = dict.fromkeys(modules, 0)  # URL: the version that runs
        self._served = time.time_ns() // 1000
        self.reloads = 0
        self.events = 0
        self._raw: Raw | None = None
        self.connect()

    @property
    def raw(self) -> Raw:
        """The connection. Raises RuntimeError where there is none."""
        if self._raw is None:
            raise RuntimeError("the tab is not connected; call connect()")
        return self._raw

    def connect(self) -> None:
        """Connect and say hello; return once the server knows who this is."""
        self._raw = dial(self.port)
        self._raw.say(type="hello", modules=self.live, entries=list(self.live), since=self._served)
        while (message := self._raw.hear_message())["type"] != "connected":
            self._take(message)

    def leave(self, *, politely: bool) -> None:
        """Hang up: with a close frame, or by a reset."""
        if politely:
            self.raw.socket.sendall(closing(1001))
        else:
            self.raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.raw.socket.close()
        self._raw = None

    def catch_up(self, url: str, version: int) -> None:
        """Wait until *url* runs at *version* or a later one. Raises TimeoutError, ConnectionError."""
        while self.live[url] < version:
            self.hear()

    def sync(self) -> None:
        """Take everything that the server has said so far."""
        self.raw.say(type="ping")
        while self.hear()["type"] != "pong":
            pass

    def hear(self) -> Any:
        """Return the next message, and do what it says. Raises ConnectionError where the server has hung up."""
        message = self.raw.hear_message()
        if message is None:
            raise ConnectionError("the server has hung up")
        self._take(message)
        return message

    def _take(self, message: Any) -> None:
        if message["type"] == "update":
            strange = message["versions"].keys() - self.live.keys()
            assert not strange, f"told of {strange}, which this page has not loaded"
            older = {url for url, version in message["versions"].items() if version <= self.live[url]}
            assert not older, f"told again of {older}"
            self.live |= message["versions"]
        self.reloads += message["type"] == "reload"
        self.events += message["type"] == "custom"
