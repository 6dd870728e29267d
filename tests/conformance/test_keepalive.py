"""Who is gone without a word (a laptop asleep, a cable pulled) is noticed: no answer to a ping."""

import pytest

from conformance.audience import Audience
from conformance.frames import PING, PONG, SECONDS, frame
from hmr_middleware.websocket import PING_EVERY, Loop

GONE_WITHIN = 45.0  # seconds


@pytest.fixture
def audience() -> Audience:
    return Audience()


def test_a_client_that_answers_no_ping_is_gone_with_the_next(audience: Audience) -> None:
    loop = Loop(every=3600)
    (mute, silent), (lively, speaking) = audience.connect(loop), audience.connect(loop)
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
    raw, _ = audience.connect(loop)
    for _ in range(3):
        loop.call(loop.beat)
        assert str(raw.hear()) == "ping"
        raw.socket.sendall(frame(PING, b"you?"))
        assert str(raw.hear()) == "pong frame you?"


def test_it_is_asked_by_itself_and_often_enough(audience: Audience) -> None:
    raw, _ = audience.connect(Loop(every=0.01))
    assert str(raw.hear()) == "ping"
    assert 2 * PING_EVERY <= GONE_WITHIN, "silent from just after one ping to the next but one"
