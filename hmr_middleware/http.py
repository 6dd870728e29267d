"""One request and one response head, the same for WSGI and ASGI."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hmr_middleware.core.urls import Origin, split_version

Headers = list[tuple[str, str]]
# On all that we answer ourselves: for pages of this origin only, and nothing but what its type says.
OWN: Headers = [
    ("Cache-Control", "no-cache"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
]
_OPAQUE_TAG = re.compile('"[^"]*"')


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the browser wrote it. *path* and *query* are still percent-encoded, *path* is below *root*."""

    method: str
    path: str
    query: str = ""
    root: str = ""
    scheme: str = "http"
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    why_no_socket: str = ""  # why a WebSocket could not have the connection that this came by; "" where it could

    @property
    def host(self) -> str:
        """The Host header."""
        return self.headers.get("host", "")

    @property
    def origin(self) -> Origin:
        """Where the app is mounted, as the browser sees it."""
        return Origin(self.root, self.host)

    @property
    def versioned_url(self) -> tuple[str, int]:
        """The URL below the root without our version, and that version."""
        return split_version(f"{self.path}?{self.query}" if self.query else self.path)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response of ours."""

    status: int
    headers: Headers
    body: bytes = b""


def get_header(headers: Iterable[tuple[str, str]], name: str) -> str:
    """Return the first value of the header *name* (in lower case), or "" where it is absent."""
    return next((value for key, value in headers if key.lower() == name), "")


def set_header(headers: Headers, name: str, value: str) -> Headers:
    """Return *headers* with exactly one header *name*."""
    return [*without(headers, name.lower()), (name, value)]


def without(headers: Headers, *names: str) -> Headers:
    """Return *headers* without those called *names* (in lower case)."""
    return [(key, value) for key, value in headers if key.lower() not in names]


def etag_matches(wanted: str, etag: str) -> bool:
    """Return whether an If-None-Match header names *etag*, compared weakly (RFC 9110, 13.1.2)."""
    if not etag:
        return False
    return wanted.strip() == "*" or etag.removeprefix("W/") in _OPAQUE_TAG.findall(wanted)
