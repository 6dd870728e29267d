"""One request on its way through the app: what the app is asked, and what becomes of its answer. No I/O."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from typing import Protocol

from hmr_middleware.core.csp import allow_client, nonce_of
from hmr_middleware.core.injection import Injector
from hmr_middleware.core.urls import is_script, is_stylesheet
from hmr_middleware.encodings import UndecodableError, decode
from hmr_middleware.engine import Engine
from hmr_middleware.http import Headers, Request, etag_matches, get_header, set_header, without

logger = logging.getLogger("hmr_middleware")

_HTML = frozenset({"text/html", "application/xhtml+xml"})
# The MIME Sniffing Standard's "JavaScript MIME type".
_JAVASCRIPT = frozenset(
    {
        "application/ecmascript",
        "application/javascript",
        "application/x-ecmascript",
        "application/x-javascript",
        "text/ecmascript",
        "text/javascript",
        "text/jscript",
        "text/livescript",
        "text/x-ecmascript",
        "text/x-javascript",
    }
)


class Kind(Enum):
    """What a request is for, as far as its headers and URL tell."""

    DOCUMENT = "document"
    SCRIPT = "script"
    STYLE = "style"
    UNKNOWN = "unknown"  # no Sec-Fetch-Dest: an older browser, a plain HTTP origin, a command-line client
    OTHER = "other"


_DESTINATIONS = {
    "document": Kind.DOCUMENT,
    "iframe": Kind.DOCUMENT,
    "frame": Kind.DOCUMENT,
    "script": Kind.SCRIPT,
    "worker": Kind.SCRIPT,
    "sharedworker": Kind.SCRIPT,
    "serviceworker": Kind.SCRIPT,
    "style": Kind.STYLE,
    "": Kind.UNKNOWN,
}


def kind_of(request: Request) -> Kind:
    """Return what *request* is for. Anything but GET is none of ours."""
    if request.method != "GET":
        return Kind.OTHER
    kind = _DESTINATIONS.get(request.headers.get("sec-fetch-dest", ""), Kind.OTHER)
    if kind in (Kind.UNKNOWN, Kind.OTHER):
        if is_script(request.path):
            return Kind.SCRIPT
        if is_stylesheet(request.path):
            return Kind.STYLE
    return kind


class Transform(Protocol):
    """A response on its way out. The head may be sent once *ready*; body bytes come from feed and finish."""

    status: int
    headers: Headers

    @property
    def ready(self) -> bool:
        """Whether status and headers are final."""

    def feed(self, chunk: bytes) -> bytes:
        """Return what may be sent after *chunk* came in."""

    def finish(self) -> bytes:
        """Return what is left to be sent at the end of the body."""


@dataclass(slots=True)
class Exchange:
    """See the module. *tag* makes the client's script tag for a nonce; without it documents are left alone."""

    request: Request
    engine: Engine
    tag: Callable[[str | None], bytes] | None
    sources: tuple[str, str] = ("", "")  # what a Content-Security-Policy has to let through: scripts, socket
    kind: Kind = field(init=False)
    url: str = field(init=False)
    asked: int = field(init=False)

    def __post_init__(self) -> None:
        self.kind = kind_of(self.request)
        self.url, self.asked = self.request.versioned_url

    @property
    def query(self) -> str:
        """The query that the app sees: without our version."""
        return self.url.partition("?")[2]

    def changed_headers(self) -> Mapping[str, str | None]:
        """Return the request headers that the app sees otherwise, by lower-case name; None removes one."""
        if self.kind is Kind.OTHER or (
            self.kind is Kind.UNKNOWN and "html" not in self.request.headers.get("accept", "")
        ):
            return {}
        changed: dict[str, str | None] = {}
        if "accept-encoding" in self.request.headers:
            changed["accept-encoding"] = "identity"
        if self.kind in (Kind.SCRIPT, Kind.STYLE):
            changed |= dict.fromkeys(("if-none-match", "if-modified-since", "range", "if-range"))
        elif "if-modified-since" in self.request.headers or "if-none-match" in self.request.headers:
            changed |= {"if-modified-since": None, "if-none-match": None}  # every page is served with its own tag
        return {name: value for name, value in changed.items() if name in self.request.headers}

    def begin(self, status: int, headers: Headers) -> Transform | None:
        """Return what the response goes through, or None where it passes untouched."""
        if status != 200 and self.kind in (Kind.SCRIPT, Kind.STYLE):
            return None
        if status in (204, 206, 304) or status < 200 or "attachment" in get_header(headers, "content-disposition"):
            return None
        mime, charset = _content_type(headers)
        if mime in _HTML and self.kind in (Kind.DOCUMENT, Kind.UNKNOWN) and self.tag:
            return self._document(status, headers, charset)
        if mime in _JAVASCRIPT and self.kind is Kind.SCRIPT:
            return Whole(status, headers, self._script, self.request.headers, self.url)
        if mime == "text/css" and self.kind is Kind.STYLE:
            return Whole(status, headers, self._stylesheet, self.request.headers, self.url)
        return None

    def _document(self, status: int, headers: Headers, charset: str | None) -> Transform | None:
        assert self.tag is not None
        policy = get_header(headers, "content-security-policy")
        tag = self.tag(nonce_of(policy) if policy else None)
        injector = Injector(tag, is_document=self.kind is Kind.DOCUMENT, charset=charset)
        return Document(status, headers, injector, self)

    def document_headers(self, headers: Headers, added: int) -> Headers:
        """Return *headers* for a document that grew by *added* bytes."""
        length = get_header(headers, "content-length")
        headers = without(headers, "etag", "last-modified", "content-md5", "digest", "content-digest", "accept-ranges")
        if length.isdigit():
            headers = set_header(headers, "Content-Length", str(int(length) + added))
        script, socket = self.sources
        return [
            (name, allow_client(value, script=script, socket=socket))
            if name.lower() == "content-security-policy"
            else (name, value)
            for name, value in headers
        ]

    def _script(self, body: bytes) -> bytes:
        request = self.request
        as_module = (
            request.headers.get("sec-fetch-dest") == "script" and request.headers.get("sec-fetch-mode") == "cors"
        )
        return self.engine.script(self.url, self.asked, body, request.origin, as_module=as_module)

    def _stylesheet(self, body: bytes) -> bytes:
        return self.engine.stylesheet(self.url, body, self.request.origin)


@dataclass(slots=True)
class Whole:
    """A script or stylesheet: taken whole, rewritten, with validators that describe what is sent."""

    status: int
    headers: Headers
    rewrite: Callable[[bytes], bytes]
    asked: Mapping[str, str]
    url: str
    ready: bool = False
    _parts: list[bytes] = field(default_factory=list)

    def feed(self, chunk: bytes) -> bytes:
        """Keep *chunk*; nothing is sent before the end."""
        self._parts.append(chunk)
        return b""

    def finish(self) -> bytes:
        """Return the whole body, or nothing where the browser has it already."""
        self.ready = True
        received = b"".join(self._parts)
        try:
            body = decode(received, get_header(self.headers, "content-encoding"))
            served = self.rewrite(body)
        except UndecodableError as error:
            logger.warning("left %s as it is: %s", self.url, error)
            return received
        except Exception:
            logger.exception("left %s as it is: a fault of ours", self.url)
            return received
        return self._describe(received, body, served)

    def _describe(self, received: bytes, body: bytes, served: bytes) -> bytes:
        headers = set_header(self.headers, "Cache-Control", "no-cache")
        headers = without(headers, "accept-ranges", "content-encoding", "expires")
        if served is not body or body is not received:
            headers = without(headers, "last-modified", "etag", "content-md5", "digest", "content-digest")
            headers.append(("ETag", f'"hmr-{hash_of(served)}"'))
        self.headers = set_header(headers, "Content-Length", str(len(served)))
        return b"" if self._browser_has_it() else served

    def _browser_has_it(self) -> bool:
        wanted, since = self.asked.get("if-none-match"), self.asked.get("if-modified-since")
        if wanted is not None:
            matches = etag_matches(wanted, get_header(self.headers, "etag"))
        else:
            matches = since is not None and since == get_header(self.headers, "last-modified")
        if matches:
            self.status = 304
            self.headers = without(self.headers, "content-length", "content-type")
        return matches


def hash_of(body: bytes) -> str:
    """Return a short digest of *body* for an ETag."""
    return hashlib.blake2b(body, digest_size=10).hexdigest()


@dataclass(slots=True)
class Document:
    """An HTML document: streamed through, with the client's tag spliced in."""

    status: int
    headers: Headers
    injector: Injector
    exchange: Exchange
    ready: bool = False
    _untouched: bool = False
    _seen: bool = False
    _encoded: list[bytes] | None = None

    def __post_init__(self) -> None:
        encoding = get_header(self.headers, "content-encoding")
        if encoding and encoding.strip().lower() != "identity":
            self._encoded = []

    def feed(self, chunk: bytes) -> bytes:
        """Return what may be sent after *chunk*: everything before the tag's place goes out at once."""
        if self._untouched:
            return chunk
        if self._encoded is not None:
            self._encoded.append(chunk)
            return b""
        if not self._seen and chunk:
            self._seen = True
            if reason := self._unreadable(chunk):
                return self._leave(chunk, reason)
        out = self.injector.feed(chunk)
        self._settle()
        return out

    def finish(self) -> bytes:
        """Return the rest of the document."""
        if self._untouched:
            return b""
        out = b""
        if self._encoded is not None:
            received, self._encoded = b"".join(self._encoded), None
            try:
                body = decode(received, get_header(self.headers, "content-encoding"))
            except UndecodableError as error:
                return self._leave(received, str(error))
            self.headers = set_header(without(self.headers, "content-encoding"), "Content-Length", str(len(body)))
            out = self.feed(body)
            if self._untouched:
                return out
        out += self.injector.finish()
        self._settle()
        self.ready = True
        return out

    def _settle(self) -> None:
        if not self.ready and self.injector.decided:
            self.ready = True
            if self.injector.injected:
                self.headers = self.exchange.document_headers(self.headers, self.injector.added)

    def _leave(self, body: bytes, reason: str) -> bytes:
        logger.warning("%s is served without the client: %s", self.exchange.request.path, reason)
        self._untouched = self.ready = True
        return body

    def _unreadable(self, chunk: bytes) -> str:
        """Return why *chunk* is not text that we may add to, or "" where it is."""
        if chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "it is UTF-16"
        if b"\0" in chunk[:1024]:
            return "it is not text"
        charset = _content_type(self.headers)[1]
        if charset is None or chunk.isascii():
            return ""
        try:
            chunk[:65536].decode(charset)
        except LookupError:
            return f"its charset {charset!r} is unknown"
        except UnicodeDecodeError as error:
            if error.end < min(len(chunk), 65536) - 4:
                return f"it is not {charset}, as its Content-Type says"
        return ""


def _content_type(headers: Headers) -> tuple[str, str | None]:
    value = get_header(headers, "content-type")
    mime, separator, _ = value.partition(";")
    if not separator:
        return mime.strip().lower(), None
    message = Message()
    message["content-type"] = value
    return mime.strip().lower(), message.get_content_charset()
