"""A client that does not read is cut off, never waited for: the others are told meanwhile, and nothing piles up."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contract.interfaces import HOST, INTERFACES, scope_of
from contract.sites import Site

from conformance.audience import Audience
from conformance.frames import SECONDS
from hmr_middleware import asgi, websocket
from hmr_middleware.websocket import Loop

LARGE = "x" * 100_000
Warnings = Callable[[], list[str]]


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Warnings:
    caplog.set_level(logging.INFO, logger="hmr_middleware")
    return lambda: [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def test_under_wsgi_it_is_disconnected(warnings: Warnings) -> None:
    loop, audience = Loop(every=3600), Audience()
    (_unread, deaf), (reading, attentive) = audience.connect(loop), audience.connect(loop)
    for number in range(2 * websocket.MAX_UNSENT // len(LARGE)):
        for client in (deaf, attentive):
            client.wire.send(json.dumps({"type": "custom", "event": str(number), "data": LARGE}))
        assert reading.hear_message()["event"] == str(number)
    assert audience.left.get(timeout=SECONDS) is deaf
    assert audience.left.empty()
    assert warnings() == ["a client does not read; its socket is closed"]


class DeafServer:
    """An ASGI server whose client takes the answer to its hello, and nothing more."""

    def __init__(self) -> None:
        self._received = [{"type": "websocket.receive", "text": '{"type": "hello"}'}, {"type": "websocket.connect"}]
        self.welcomed = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        return self._received.pop() if self._received else await asyncio.Future()

    async def send(self, message: dict[str, Any]) -> None:
        if self.welcomed.is_set():
            await asyncio.Future()
        if "connected" in message.get("text", ""):
            self.welcomed.set()


def test_under_asgi_we_return_which_disconnects_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings: Warnings
) -> None:
    monkeypatch.setenv("HMR_POLL", "1")
    site = Site(INTERFACES["asgi"], tmp_path)
    asyncio.run(asyncio.wait_for(be_deaf(site), SECONDS))
    assert warnings() == ["a client does not read; its socket is closed"]
    assert len(site.app._service.ready().hub) == 0
    site.stop()


async def be_deaf(site: Site) -> None:
    """Let *site* send more than it keeps to a client that does not read, and wait until it has had enough."""
    server = DeafServer()
    headers = {"origin": f"http://{HOST}", "sec-websocket-protocol": "esm-hmr"}
    scope = scope_of("/", headers=headers, type="websocket", scheme="ws", subprotocols=["esm-hmr"])
    serving = asyncio.ensure_future(site.app(scope, server.receive, server.send))
    await server.welcomed.wait()
    for _ in range(asgi.MAX_UNSENT // len(LARGE) + 2):
        site.app._service.ready().hub.broadcast("large", LARGE)
    await serving
