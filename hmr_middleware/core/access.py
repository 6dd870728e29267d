"""Who may connect, and which pages may carry the client.

A page of another site must neither read the socket nor, by rebinding its name to this machine, the token in the HTML.
"""

import hmac
import ipaddress
import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from hmr_middleware.core.reasons import Reason, host_not_allowed, origin_not_own

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HTTP = {"ws": "http", "wss": "https"}
# Stricter than a URL parser, which takes "[::1]evil" for [::1]: what no browser sends is nobody's Host.
_AUTHORITY = re.compile(r"(?P<name>[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?", re.ASCII | re.I)
_OWN_SITES = ("", "same-origin", "none")  # "" is a browser or client that does not say


class _Authority(NamedTuple):
    name: str
    port: int | None


def host_allowed(host: str, allowed: Collection[str] = ()) -> bool:
    """Return whether a Host header is one that nobody can rebind: loopback, an IP address, or listed in *allowed*.

    An entry of *allowed* is a name, a name with a leading dot (it and all below it), or "*".
    """
    return _host_allowed(host, tuple(allowed))


@lru_cache(256)  # asked on every request
def _host_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    authority = _authority(host)
    if authority is None:
        return False
    name = authority.name.removesuffix(".")
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
    if token and hmac.compare_digest(token.encode(errors="replace"), expected.encode()):
        return None
    if origin is None or not is_same_origin(origin, host, scheme):
        return origin_not_own(origin, host, has_token=bool(token))
    return None


def is_of_another_site(site: str, destination: str) -> bool:
    """Return whether a browser says that a page of another origin asks for something (Fetch Metadata).

    *site* and *destination* are Sec-Fetch-Site and Sec-Fetch-Dest. A link that is followed is no such request: the page
    that it is on cannot read what opens.
    """
    return site not in _OWN_SITES and destination != "document"


def is_same_origin(origin: str, host: str, scheme: str) -> bool:
    """Return whether an Origin header names the *host* that is asked, by the *scheme* that it is asked by."""
    own_scheme, _, rest = origin.lower().partition("://")
    there, here = _authority(rest), _authority(host)
    if own_scheme not in _DEFAULT_PORTS or there is None or here is None:
        return False
    ports = there.port or _DEFAULT_PORTS[own_scheme], here.port or _DEFAULT_PORTS.get(_HTTP.get(scheme, scheme))
    return there.name == here.name and ports[0] == ports[1]


def _authority(text: str) -> _Authority | None:
    """Return the name and the port in *text*, or None where a browser could not have sent it."""
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        return None
    port = int(found["port"]) if found["port"] else None
    return _Authority(found["name"].lower(), port) if port is None or port < 65536 else None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.IPv6Address(name[1:-1]) if name.startswith("[") else ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def _matches(name: str, pattern: str) -> bool:
    if pattern.startswith("."):
        return name == pattern[1:] or name.endswith(pattern)
    return pattern in ("*", name)
