"""The ways from a page to us, best first."""

from enum import StrEnum
from functools import cache

AUTO = "auto"  # the setting that leaves the choice to us


class Transport(StrEnum):
    """How a page is told of changes; `docs/transports.md` compares the three."""

    SOCKET = "socket"  # a WebSocket to the app's own server
    SIDE_PORT = "side-port"  # a WebSocket to a port of ours
    POLLING = "polling"  # short requests to the app's own server


ALL = tuple(Transport)


@cache
def order_for(setting: str, why_no_socket: str) -> tuple[Transport, ...]:
    """Return the ways that a page is to try, in this order, by the *setting* and what keeps the server's sockets off.

    *why_no_socket* is "" where the server gives its sockets.
    """
    if setting != AUTO:
        return (Transport(setting),)
    return ALL[1 if why_no_socket else 0 :]


def why_used(setting: str, why_no_socket: str, tried: tuple[str, ...]) -> str:
    """Return why a page that has *tried* other ways in vain does not use a plain socket."""
    if setting != AUTO:
        return f"transport is set to {setting!r}"
    if Transport.SIDE_PORT in tried:
        return "the browser does not reach the side port"
    if Transport.SOCKET in tried:
        return "WebSockets do not get through to the server"
    return why_no_socket or "the page asked for it"
