"""How we hang up: a client gets to read why, and cannot keep us by doing nothing."""

import pytest

from conformance.audience import Audience
from conformance.frames import SECONDS, closing, text
from hmr_middleware import websocket
from hmr_middleware.core.messages import MAX_MESSAGE
from hmr_middleware.websocket import Loop

NEVER = 3600.0  # seconds


@pytest.fixture
def audience() -> Audience:
    return Audience()


def test_a_client_that_is_still_sending_reads_why(audience: Audience, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "LINGER", NEVER)
    raw, client = audience.connect(Loop(every=NEVER))
    raw.socket.sendall(text("x" * 10 * MAX_MESSAGE))  # a reset in the middle of it would raise here
    assert str(raw.hear()) == "close 1009"
    assert raw.hear() is None
    assert audience.left.empty() and audience.heard.empty()
    raw.socket.close()
    assert audience.left.get(timeout=SECONDS) is client


def test_a_client_that_does_not_hang_up_is_not_waited_for(audience: Audience, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "LINGER", 0.01)
    raw, client = audience.connect(Loop(every=NEVER))
    raw.socket.sendall(closing(1000))
    assert str(raw.hear()) == "close 1000"
    assert audience.left.get(timeout=SECONDS) is client


def test_a_server_that_goes_says_so(audience: Audience) -> None:
    raw, client = audience.connect(Loop(every=NEVER))
    client.wire.close()
    assert str(raw.hear()) == "close 1001"
    client.wire.send("what comes too late is dropped")
    client.wire.close()
    raw.socket.sendall(closing(1001))
    assert raw.hear() is None
    raw.socket.close()
    assert audience.left.get(timeout=SECONDS) is client
