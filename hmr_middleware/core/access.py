"""Who may connect, and which pages may carry the client.

A page of another site must neither read the socket nor, by rebinding its name to this machine, the token in the HTML.
"""

import hmac
import ipaddress
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from hmr_middleware.core.reasons import Reason, host_not_allowed, origin_not_own

_DEFAULT_PORTS = {"http": 80, "https": 443}


def host_allowed(host: str, allowed: Collection[str] = ()) -> bool:
    """Return whether a Host header is one that nobody can rebind: loopback, an IP address, or listed in *allowed*.

    An entry of *allowed* is a name, a name with a leading dot (it and all below it), or "*".
    """
    return _host_allowed(host, tuple(allowed))


@lru_cache(256)  # asked on every request
def _host_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    name = _hostname(host)
    if name is None:
        return False
    if name == "localhost" or name.endswith(".localhost") or _is_ip(name):
        return True
    return any(_matches(name, pattern.lower().rstrip(".")) for pattern in allowed)


def why_refused(
    *, host: str, origin: str | None, scheme: str, token: str, expected: str, allowed: Collection[str] = ()
) -> Reason | None:
    """Return why a WebSocket handshake is refused, or None where it is welcome.

    The Host must be allowed. Then either the Origin is the page's own, port included, or the socket carries the token.
    """
    if not host_allowed(host, allowed):
        return host_not_allowed(host)
    if token and hmac.compare_digest(token.encode(), expected.encode()):
        return None
    if origin is None or not _same_origin(origin, host, scheme):
        return origin_not_own(origin, host, has_token=bool(token))
    return None


def _hostname(host: str) -> str | None:
    if not host or any(character in host for character in "@/\\?#, \t"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 (raises where the port is no number)
        name = parts.hostname
    except ValueError:
        return None
    return name.rstrip(".") if name else None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _matches(name: str, pattern: str) -> bool:
    if pattern.startswith("."):
        return name == pattern[1:] or name.endswith(pattern)
    return pattern in ("*", name)


def _same_origin(origin: str, host: str, scheme: str) -> bool:
    try:
        there, here = urlsplit(origin), urlsplit(f"//{host}")
        ports = there.port or _DEFAULT_PORTS.get(there.scheme), here.port or _DEFAULT_PORTS.get(_http(scheme))
    except ValueError:
        return False
    if there.scheme not in _DEFAULT_PORTS or there.hostname is None:
        return False
    return there.hostname == here.hostname and (ports[0] == ports[1])


def _http(scheme: str) -> str:
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)
