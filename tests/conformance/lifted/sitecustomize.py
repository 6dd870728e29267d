"""Python runs this first in every server of test_autobahn.py: our connections echo, whatever is sent and how much."""

from typing import Any

from wsproto.events import BytesMessage, TextMessage

from hmr_middleware import service, side_port, websocket
from hmr_middleware.http import Request
from hmr_middleware.hub import Client

NO_LIMIT = 1 << 40


class Echo(websocket.Connection):
    """What the fuzzing client expects: every message comes back as it was."""

    max_message = NO_LIMIT
    max_unsent = NO_LIMIT

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._parts: list[bytes] = []

    def on_text(self, text: str) -> None:
        """Send *text* back, at once: what comes behind it may end the connection."""
        self._write(TextMessage(data=text))

    def on_bytes(self, event: BytesMessage) -> None:
        """Send a binary message back once it is whole."""
        self._parts.append(bytes(event.data))
        if event.message_finished:
            whole, self._parts = b"".join(self._parts), []
            self._write(BytesMessage(data=whole))


class Open(side_port.SidePort):
    """A side port that asks nobody for a ticket: the fuzzing client has none."""

    def admit(self, request: Request) -> websocket.Connection:
        """Let whoever comes in."""
        return Echo(self._hub, Client, request.headers["sec-websocket-key"], self._loop)


websocket.Connection = Echo  # type: ignore[misc]
service.SidePort = Open  # type: ignore[misc]
