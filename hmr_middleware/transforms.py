"""A response of the app on its way out: scripts and stylesheets whole, documents as a stream. No I/O."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hmr_middleware.core import reasons
from hmr_middleware.core.injection import Injector
from hmr_middleware.core.reasons import Reason
from hmr_middleware.core.rewriting import ForwardingModule
from hmr_middleware.encodings import UndecodableError, decode
from hmr_middleware.errors import TornError
from hmr_middleware.http import Headers, etag_matches, get_header, set_header, without

Leave = Callable[[Reason], object]  # is told why a response passes as it is
FORWARDS = ("Server-Timing", "hmr-forwards")  # the one header that a page sees of what it imports
KEPT = 8 * 1024 * 1024  # bytes; of a document that is larger nobody needs the rest


class Transform(Protocol):
    """A response on its way out. The head may be sent once *ready*; body bytes come from feed and finish."""

    @property
    def status(self) -> int:
        """The status to be sent."""

    @property
    def headers(self) -> Headers:
        """The headers to be sent."""

    @property
    def ready(self) -> bool:
        """Whether status and headers are final."""

    def feed(self, chunk: bytes) -> bytes:
        """Return what may be sent after *chunk* came in."""

    def finish(self) -> bytes:
        """Return what is left to be sent at the end of the body."""


@dataclass(slots=True)
class Whole:
    """A script or stylesheet: taken whole, rewritten, with validators that describe what is sent.

    *leave* hears why it is not.
    """

    status: int
    headers: Headers
    rewrite: Callable[[bytes], bytes]
    asked: Mapping[str, str]
    leave: Leave
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
        except TornError:
            self.status, self.headers = 503, set_header(self.headers, "Cache-Control", "no-store")
            self.headers = without(set_header(self.headers, "Content-Length", "0"), "etag", "last-modified")
            return b""
        except UndecodableError as error:
            self.leave(reasons.undecodable(error))
            return received
        except Exception:
            self.leave(reasons.OUR_FAULT)
            return received
        return self._describe(received, body, served)

    def _describe(self, received: bytes, body: bytes, served: bytes) -> bytes:
        headers = set_header(self.headers, "Cache-Control", "no-cache")
        headers = without(headers, "accept-ranges", "content-encoding", "expires")
        if served is not body or body is not received:
            headers = without(headers, "last-modified", "etag", "content-md5", "digest", "content-digest")
            headers.append(("ETag", f'"hmr-{hash_of(served)}"'))
        if isinstance(served, ForwardingModule):
            headers.append(FORWARDS)
        self.headers = set_header(headers, "Content-Length", str(len(served)))
        return b"" if self._browser_has_it() else bytes(served)  # wsgiref takes no subclass of it

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


@dataclass(frozen=True, slots=True)
class Labelled:
    """A response with other headers; its body passes as it comes."""

    status: int
    headers: Headers
    ready: bool = True

    def feed(self, chunk: bytes) -> bytes:
        """Return *chunk*."""
        return chunk

    def finish(self) -> bytes:
        """Return nothing: there is no more."""
        return b""


def hash_of(body: bytes) -> str:
    """Return a short digest of *body* for an ETag."""
    return hashlib.blake2b(body, digest_size=10).hexdigest()


@dataclass(slots=True)
class Tagged:
    """An HTML document: streamed through, with the client's tag spliced in.

    *describe* makes the headers of a document that grew by so many bytes; *seen* is given the app's own bytes at the
    end: all of them, or more than KEPT. *leave* hears why it has no tag, *unplaced* is the reason where it has no place
    for one; None where that is as it should be.
    """

    status: int
    headers: Headers
    injector: Injector
    describe: Callable[[Headers, int], Headers]
    seen: Callable[[bytes], None]
    leave: Leave
    unplaced: Reason | None = None
    charset: str | None = None
    ready: bool = False
    _untouched: bool = False
    _kept: list[bytes] = field(default_factory=list)
    _size: int = 0

    def feed(self, chunk: bytes) -> bytes:
        """Return what may be sent after *chunk*: everything before the tag's place goes out at once."""
        if self._untouched:
            return chunk
        if not self._size and chunk and (reason := _why_unreadable(chunk, self.charset)):
            return self._leave(chunk, reason)
        if self._size <= KEPT:
            self._kept.append(chunk)
        self._size += len(chunk)
        out = self.injector.feed(chunk)
        self._settle()
        return out

    def finish(self) -> bytes:
        """Return the rest of the document."""
        if self._untouched:
            return b""
        out = self.injector.finish()
        self._settle()
        self.ready = True
        self.seen(b"".join(self._kept))
        return out

    def _settle(self) -> None:
        if not self.ready and self.injector.decided:
            self.ready = True
            if self.injector.injected:
                self.headers = self.describe(self.headers, self.injector.added)
            elif self.unplaced and self._size:
                self.leave(self.unplaced)

    def _leave(self, body: bytes, reason: Reason) -> bytes:
        self.leave(reason)
        self._untouched = self.ready = True
        return body


@dataclass(slots=True)
class Noticed:
    """A response that passes as it is; *seen* is given its body, or the beginning of it, at the end."""

    status: int
    headers: Headers
    seen: Callable[[bytes], None] = lambda _body: None
    ready: bool = True
    _kept: list[bytes] = field(default_factory=list)
    _size: int = 0

    def feed(self, chunk: bytes) -> bytes:
        """Return *chunk*."""
        if self._size <= KEPT:
            self._kept.append(chunk)
        self._size += len(chunk)
        return chunk

    def finish(self) -> bytes:
        """Return nothing: all has passed."""
        self.seen(b"".join(self._kept))
        return b""


@dataclass(slots=True)
class Decoded:
    """A document that comes encoded although it was asked not to: taken whole, decoded, then as any other."""

    document: Tagged
    _parts: list[bytes] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The document's status."""
        return self.document.status

    @property
    def headers(self) -> Headers:
        """The document's headers."""
        return self.document.headers

    @property
    def ready(self) -> bool:
        """Whether the document's head is final."""
        return self.document.ready

    def feed(self, chunk: bytes) -> bytes:
        """Keep *chunk*; nothing is sent before the end."""
        self._parts.append(chunk)
        return b""

    def finish(self) -> bytes:
        """Return the whole document, decoded, or as it came where that is not possible."""
        received, headers = b"".join(self._parts), self.headers
        try:
            body = decode(received, get_header(headers, "content-encoding"))
        except UndecodableError as error:
            self.document.leave(reasons.undecodable(error))
            self.document.ready = True
            return received
        decoded = set_header(without(headers, "content-encoding"), "Content-Length", str(len(body)))
        self.document.headers = decoded
        out = self.document.feed(body)
        return out + self.document.finish()


def _why_unreadable(chunk: bytes, charset: str | None) -> Reason | None:
    """Return why *chunk*, the first of a document, is not text that we may add to, or None where it is."""
    if chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
        return reasons.UTF_16
    if b"\0" in chunk[:1024]:
        return reasons.NOT_TEXT
    if charset is None or chunk.isascii():
        return None
    try:
        chunk[:65536].decode(charset)
    except LookupError:
        return reasons.charset_unknown(charset)
    except UnicodeDecodeError as error:
        if error.end < min(len(chunk), 65536) - 4:  # else a character may only be cut in two
            return reasons.charset_wrong(charset)
    return None


def content_type(headers: Headers) -> tuple[str, str | None]:
    """Return the MIME type and the charset of a response, both in lower case."""
    mime, *parameters = get_header(headers, "content-type").lower().split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    charset = next((value.strip().strip("\"'") for name, _, value in pairs if name.strip() == "charset"), None)
    return mime.strip(), charset or None
