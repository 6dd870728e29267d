"""Put one tag into a streamed HTML document, as bytes, and keep every other byte as it is.

Only what stands before ``<head>`` is ever read, by a table of states: each is a pattern that consumes all it can and
names the next state, so a document may arrive cut at any byte and no byte is read twice. The states follow the HTML
Standard: https://html.spec.whatwg.org/multipage/parsing.html#tokenization
"""

import re
from dataclasses import dataclass
from functools import lru_cache

LIMIT = 65_536  # bytes that are held back while it is unknown where the tag goes


def _state(pattern: bytes) -> re.Pattern[bytes]:
    # In the table a blank class stands for HTML's white space, which unlike \s has no vertical tab.
    return re.compile(pattern.replace(rb"\s", rb"\t\n\f\r ").replace(b"SPACE", rb"[\t\n\f\r ]*+"), re.IGNORECASE)


def _cut_short(*openers: bytes) -> bytes:
    """Return a look-ahead that refuses a start of one of *openers* at the end of what has arrived."""
    starts = {opener[:length] for opener in openers for length in range(1, len(opener) + 1)}
    # The first look-ahead is for speed alone: it settles most places without trying every start.
    return rb"(?!(?=<[!a-z-]{0,9}\Z)(?:%b)\Z)" % b"|".join(map(re.escape, sorted(starts)))


_PAGE = (b"<body", b"<title", b"<frameset")
_MARKUP = rb"(?P<comment><!--)|(?P<doctype><!doctype)|(?P<bogus><[!?])|(?P<head><head(?=[\s/>]))"
_PLACE = rb"(?P<page>(?=(?:%b)[\s/>]))|(?P<here>(?=[^\s]))" % b"|".join(_PAGE)
_UNFINISHED = _cut_short(b"<!--", b"<!doctype", b"<html", b"<head", *_PAGE)

# Possessive groups end in `(?!)`: see js_tokens.any_number.
# A group is named after the state (or the event, see _Finder) that follows it; no group: more bytes are needed.
_STATES = {
    "before_html": _state(rb"SPACE(?:%b(?:%b|(?P<html><html(?=[\s/>]))|%b))?" % (_UNFINISHED, _MARKUP, _PLACE)),
    "before_head": _state(rb"SPACE(?:%b(?:%b|%b))?" % (_UNFINISHED, _MARKUP, _PLACE)),
    "comment_start": _state(rb"(?:-?(?P<end>>)|(?!-?\Z)(?P<comment_text>))?"),
    "comment_text": _state(rb"(?:[^-]++|-(?!\Z|-!?(?:>|\Z))|(?!))*+(?:--!?(?P<end>>))?"),
    "until_bracket": _state(rb"[^>]*+(?P<end>>)?"),
    # The second alternative takes the usual attribute in one step.
    "attributes": _state(rb"""(?:[\s/]++|[^\s/>="']++="[^"]*+"|(?!))*+(?:(?P<end>>)|(?P<name>[^\s/>]))?"""),
    "name": _state(rb"[^\s/>=]*+(?:(?P<value>=)|(?P<after_name>[\s])|(?P<attributes>/)|(?P<end>>))?"),
    "after_name": _state(rb"SPACE(?:(?P<value>=)|(?P<attributes>/)|(?P<end>>)|(?P<name>[^\s/>=]))?"),
    "value": _state(rb"""SPACE(?:(?P<double>")|(?P<single>')|(?P<end>>)|(?P<unquoted>[^\s>"']))?"""),
    "double": _state(rb'[^"]*+(?P<attributes>")?'),
    "single": _state(rb"[^']*+(?P<attributes>')?"),
    "unquoted": _state(rb"[^\s>]*+(?:(?P<attributes>[\s])|(?P<end>>))?"),
    "neighbour": _state(rb"SPACE(?:%b(?:(?P<script><script(?=[\s/>]))|(?P<free>(?=[^\s]))))?" % _cut_short(b"<script")),
    "script": _state(rb"[^>]*+(?P<compare>>)?"),
}
_FIRST_STATE = {
    "comment": "comment_start",
    **dict.fromkeys(("doctype", "bogus"), "until_bracket"),
    **dict.fromkeys(("html", "head"), "attributes"),
}
_DOCUMENT_MARKUP = frozenset({"doctype", "html", "head", "page"})


class _Finder:
    """Reads the start of a document, piece by piece, and finds where the tag goes.

    ``mark`` is where the tag goes if nothing more can be learned: the start of the construct that is open. ``place`` is
    where it goes for certain, ``document`` whether this is a document, ``marked`` whether it carries the tag already.
    """

    def __init__(self, start: int, limit: int, trusted: bool, early: bool, marker: bytes | None) -> None:
        self.pos = self.mark = start
        self.place: int | None = None
        self.document = self.marked = False
        self._limit, self._trusted, self._early, self._marker = limit, trusted, early, marker
        self._state = self._content = "before_html"
        self._item = ""

    @property
    def end(self) -> int:
        """Where reading ends: it depends on the text alone, not on how it was cut."""
        return self._limit + (self.mark if self._early and self.document else 0)

    def advance(self, text: bytes | bytearray) -> None:
        """Read on until the place is known or *text* is used up."""
        while self.place is None and (match := _STATES[self._state].match(text, self.pos, self.end)):
            self.pos = match.end()
            if (event := match.lastgroup) is None:
                if self._state == self._content:
                    self.mark = self.pos
                return
            if event in _STATES:
                self._state = event
            elif event in _FIRST_STATE:
                self._open(event, match.start(event))
            elif event == "end":
                self._close()
            elif event == "compare":
                self.marked = self._marker is not None and self._marker in text[self.mark : self.pos]
                self.place = self.mark
            else:
                self._found(event)

    def give_up(self) -> None:
        """Settle for what is known when no more can be read."""
        # Nothing may come before a doctype, not even one that never ends: quirks mode would change the whole page.
        if self._trusted and (self._item != "doctype" or self._state == self._content):
            self.document = True
        self.place = self.mark

    def release(self) -> None:
        """Forget what precedes the mark: it has been sent."""
        self.pos, self.mark = self.pos - self.mark, 0

    def _open(self, item: str, start: int) -> None:
        self._item, self._state, self.mark = item, _FIRST_STATE[item], start
        if self._trusted and item != "doctype":
            self.document = True

    def _close(self) -> None:
        self.mark = self.pos
        self.document = self.document or self._item in _DOCUMENT_MARKUP
        if self._item == "html":
            self._content = "before_head"
        self._state = self._content
        if self._item == "head":
            self._found("head")

    def _found(self, event: str) -> None:
        if event != "free":
            self.mark = self.pos
            self.document = self.document or self._trusted or event in _DOCUMENT_MARKUP
            if self._marker and self.document:
                self._state = "neighbour"
                return
        self.place = self.mark


@dataclass(frozen=True, slots=True)
class _Encoding:
    """How ASCII stands in a document: *width* bytes each, by the Python codec *codec*."""

    codec: str
    width: int
    low_byte: int = 0


_BYTES = _Encoding("ascii", 1)
_UTF_16_LE = _Encoding("utf-16-le", 2, low_byte=0)
_UTF_16_BE = _Encoding("utf-16-be", 2, low_byte=1)
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": _BYTES, b"\xff\xfe": _UTF_16_LE, b"\xfe\xff": _UTF_16_BE}
_SNIFFED = 4
# The labels are those of https://encoding.spec.whatwg.org/#names-and-labels: plain "utf-16" is little-endian there.
_LITTLE_ENDIAN = ("utf-16", "utf-16le", "utf-16-le", "csunicode", "iso-10646-ucs-2", "ucs-2", "unicode")
_BIG_ENDIAN = ("utf-16be", "utf-16-be", "unicodefffe")
_WIDE_LABELS = {**dict.fromkeys(_LITTLE_ENDIAN, _UTF_16_LE), **dict.fromkeys(_BIG_ENDIAN, _UTF_16_BE)}
_STATEFUL = "iso-2022"
# Without the backslash and the tilde, which some Japanese encodings replace and no markup needs.
_ASCII = bytes(byte for byte in range(0x20, 0x7E) if byte != ord("\\"))


@lru_cache(maxsize=64)
def _encoding_of(label: str) -> _Encoding | None:
    """Return how ASCII stands under a charset *label*, or None where it cannot (EBCDIC, UTF-7, UTF-32)."""
    if wide := _WIDE_LABELS.get(label):
        return wide
    try:
        return _BYTES if _ASCII.decode(label) == _ASCII.decode("ascii") else None
    except UnicodeError:
        return None
    except (LookupError, ValueError):
        # What browsers know and Python does not keeps ASCII; what browsers do not know either, they ignore.
        return _BYTES


def _sniff(start: bytes, label: str) -> tuple[_Encoding | None, int]:
    """Return the encoding of a document that begins with *start*, and the bytes of its byte order mark."""
    mark = next(filter(start.startswith, _BYTE_ORDER_MARKS), b"")
    encoding = _BYTE_ORDER_MARKS[mark] if mark else _encoding_of(label) if label else _BYTES
    # No document begins with a NUL. This is UTF-32, or UTF-16 that nobody declared: our tag would tear it apart.
    if encoding and b"\0" * encoding.width in start:
        encoding = None
    return encoding, len(mark)


def _narrow(wide: bytes, encoding: _Encoding) -> bytes:
    """Return one byte for each whole UTF-16 code unit of *wide*; 0xFF, which no markup has, for all beyond Latin-1."""
    low, high = wide[encoding.low_byte :: 2], wide[1 - encoding.low_byte :: 2]
    return bytes(0xFF if above else below for below, above in zip(low, high, strict=False))


class Injector:
    """Inserts a tag once into a document that is fed in pieces: after ``<head>``, or where the HTML parser implies it.

    White space, comments, doctype, ``<?...>`` and one ``<html>`` tag are skipped on the way. A body passes untouched if
    LIMIT bytes do not show that it is a document; in UTF-7, UTF-32, EBCDIC, or UTF-16 neither marked nor declared;
    in ISO-2022-JP that leaves ASCII before the place. A construct longer than LIMIT gets the tag in front of it.

    Args:
        tag: the markup to insert, in ASCII.
        is_document: the browser asks for a document, so a body that looks like a fragment gets the tag as well.
        charset: the charset of the Content-Type header; a byte order mark overrules it.
        marker: text in a script tag at the place that shows that the document has the tag already.

    Attributes:
        decided: it is known whether the tag is inserted, so headers may be sent; until then nothing is returned.
        injected: the tag is inserted, or certainly will be.

    Raises:
        ValueError: *tag* is not ASCII.
    """

    def __init__(
        self, tag: bytes, *, is_document: bool = False, charset: str | None = None, marker: bytes | None = None
    ) -> None:
        if not tag.isascii():
            raise ValueError(f"tag must be ASCII to stand in every encoding, got {tag!r}; use percent-encoding in URLs")
        self.decided = self.injected = False
        self._tag = tag
        self._is_document = is_document
        self._charset = charset.strip(" \t\"'").lower() if charset else ""
        self._marker = marker
        self._held: bytes | bytearray | None = b""  # None: the rest passes
        self._wide_text = bytearray()
        self._encoding = _BYTES
        self._finder: _Finder | None = None

    @property
    def added(self) -> int:
        """Bytes by which the document grows; valid once decided."""
        return len(self._tag) if self.injected else 0

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes of the body and return those that may be sent now."""
        if self._held is None:
            return chunk
        self._hold(chunk)
        return self._proceed(final=False)

    def finish(self) -> bytes:
        """Return what is still held, at the end of the body."""
        return b"" if self._held is None else self._proceed(final=True)

    def _hold(self, chunk: bytes) -> None:
        if isinstance(self._held, bytearray):
            self._held += chunk  # in place: joining bytes would copy all of them for every chunk
        else:
            self._held = bytearray(self._held) + chunk if self._held else chunk

    def _proceed(self, *, final: bool) -> bytes:
        held = self._held or b""
        if self._finder is None and len(held) < _SNIFFED and not final:
            return b""
        finder = self._finder or self._start(bytes(held[:_SNIFFED]))
        if finder is None:
            return self._pass()
        text = self._readable(held)
        finder.advance(text)
        if finder.place is None and (final or len(text) >= finder.end):
            finder.give_up()
        if finder.place is not None:
            return self._insert(finder.place) if self._wanted(finder, text) else self._pass()
        return self._release(finder) if finder.document and self._early else b""

    def _start(self, start: bytes) -> _Finder | None:
        """Settle the encoding by the first bytes; return None where it cannot be read."""
        encoding, mark = _sniff(start, self._charset)
        if encoding is None or not start:
            return None
        self._encoding, width = encoding, encoding.width
        self._tag = self._tag.decode("ascii").encode(encoding.codec) if width > 1 else self._tag
        # Whether a document gets the tag for certain, so that what precedes the place can go out before it is known.
        self._early = encoding is _BYTES and self._marker is None and not self._charset.startswith(_STATEFUL)
        self._finder = _Finder(mark // width, LIMIT // width, self._is_document, self._early, self._marker)
        return self._finder

    def _readable(self, held: bytes | bytearray) -> bytes | bytearray:
        """Return the code units that the finder may read, one byte each."""
        if self._encoding is _BYTES:
            return held
        self._wide_text += _narrow(bytes(held[2 * len(self._wide_text) : LIMIT]), self._encoding)
        return self._wide_text

    def _wanted(self, finder: _Finder, text: bytes | bytearray) -> bool:
        # After an escape, what looks like the end of a comment may be one half of a Japanese letter.
        escaped = self._charset.startswith(_STATEFUL) and b"\x1b" in text[: finder.place]
        return finder.document and not finder.marked and not escaped

    def _pass(self) -> bytes:
        held, self._held, self.decided = self._held or b"", None, True
        return bytes(held)

    def _insert(self, place: int) -> bytes:
        at, whole = place * self._encoding.width, memoryview(self._held or b"")
        self._held = None
        self.decided = self.injected = True
        return b"".join((whole[:at], self._tag, whole[at:]))

    def _release(self, finder: _Finder) -> bytes:
        self.decided = self.injected = True
        if not finder.mark or not self._held:
            return b""  # before the copy below: a long comment may arrive in a thousand pieces
        released, self._held = bytes(self._held[: finder.mark]), bytearray(self._held[finder.mark :])
        finder.release()
        return released
