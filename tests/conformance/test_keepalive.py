"""Who is gone without a word (a laptop asleep, a cable pulled) is noticed: no answer to a ping."""

import queue
import socket

import pytest

from conformance.frames import KEY, PING, PONG, SECONDS, Raw, frame
from hmr_middleware.hub import Client
from hmr_middleware.websocket import PING_EVERY, Connection, Loop

GONE_WITHIN = 45.0  # seconds


class Audience:
    """A hub that notes who comes, speaks and goes."""

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


@pytest.fixture
def audience() -> Audience:
    return Audience()


def connect(loop: Loop, audience: Audience) -> tuple[Raw, Client]:
    """Return the browser's end of a connection on *loop*, and who it is to the hub."""
    ours, browsers = socket.socketpair()
    ours.setblocking(False)
    browsers.settimeout(SECONDS)
    loop.adopt(ours, lambda: Connection(audience, Client, KEY, loop))  # type: ignore[arg-type]
    return Raw(browsers), audience.clients.get(timeout=SECONDS)


def test_a_client_that_answers_no_ping_is_gone_with_the_next(audience: Audience) -> None:
    loop = Loop(every=3600)
    (mute, silent), (lively, speaking) = connect(loop, audience), connect(loop, audience)
    for _ in range(3):
        loop.call(loop.beat)
        assert str(lively.hear()) == "ping"
        lively.socket.sendall(frame(PONG))
        lively.say(type="ping")
        assert audience.heard.get(timeout=SECONDS)[0] is speaking
    assert audience.left.get(timeout=SECONDS) is silent
    assert audience.left.empty() and loop.connections == {speaking.wire}
    assert str(mute.hear()) == "ping" and mute.hear() is None


def test_whatever_a_client_sends_is_a_sign_of_life(audience: Audience) -> None:
    loop = Loop(every=3600)
    raw, _ = connect(loop, audience)
    for _ in range(3):
        loop.call(loop.beat)
        assert str(raw.hear()) == "ping"
        raw.socket.sendall(frame(PING, b"you?"))
        assert str(raw.hear()) == "pong frame you?"


def test_it_is_asked_by_itself_and_often_enough(audience: Audience) -> None:
    raw, _ = connect(Loop(every=0.01), audience)
    assert str(raw.hear()) == "ping"
    assert 2 * PING_EVERY <= GONE_WITHIN, "silent from just after one ping to the next but one"
