"""Which ways a page is to try, and what the terminal says of it."""

import pytest

from hmr_middleware.core.transports import AUTO, Transport, order_for, why_used

NO_WAY = "the server gives no way to its sockets"
SOCKET, SIDE_PORT, POLLING = Transport


@pytest.mark.parametrize(
    ("setting", "why_no_socket", "expected"),
    [
        (AUTO, "", (SOCKET, SIDE_PORT, POLLING)),
        (AUTO, NO_WAY, (SIDE_PORT, POLLING)),
        ("socket", "", (SOCKET,)),
        ("socket", NO_WAY, (SOCKET,)),
        ("side-port", "", (SIDE_PORT,)),
        ("polling", NO_WAY, (POLLING,)),
    ],
)
def test_order(setting: str, why_no_socket: str, expected: tuple[Transport, ...]) -> None:
    assert order_for(setting, why_no_socket) == expected


@pytest.mark.parametrize(
    ("setting", "why_no_socket", "tried", "expected"),
    [
        ("polling", NO_WAY, (), "transport is set to 'polling'"),
        (AUTO, NO_WAY, (), NO_WAY),
        (AUTO, NO_WAY, ("side-port",), "the browser does not reach the side port"),
        (AUTO, "", ("socket",), "WebSockets do not get through to the server"),
        (AUTO, "", ("socket", "side-port"), "the browser does not reach the side port"),
        (AUTO, "", ("nonsense",), "the page asked for it"),
    ],
)
def test_why(setting: str, why_no_socket: str, tried: tuple[str, ...], expected: str) -> None:
    assert why_used(setting, why_no_socket, tried) == expected
