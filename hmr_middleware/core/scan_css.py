"""A stylesheet's text -> what it imports and which files it shows, as byte spans.

One regex finds what can hold a reference or hide one; every token begins with one of six characters, so all else is
skipped at the speed of a plain search. The grammar is that of https://drafts.csswg.org/css-syntax-3/#tokenization
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class ReferenceKind(StrEnum):
    """How a stylesheet refers to a file."""

    IMPORT = "import"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Reference:
    """A URL in a stylesheet.

    *start* and *end* are the bytes of its text, quotes left out; *url* is that text, decoded.
    """

    kind: ReferenceKind
    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class SheetScan:
    """What a stylesheet refers to, in order.

    *complete* is False for a text that ends inside a comment, a string, a URL or a block: it looks half-written.
    """

    references: tuple[Reference, ...]
    complete: bool

    @property
    def imports(self) -> tuple[str, ...]:
        """The URLs of the stylesheets that are imported, as written."""
        return tuple(item.url for item in self.references if item.kind is ReferenceKind.IMPORT)

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs of all other files, as written."""
        return tuple(item.url for item in self.references if item.kind is ReferenceKind.URL)


_NAME = rb"\w\\\x80-\xff-"  # what a name is made of, as the inside of a class
# Each possessive group ends in an alternative that always fails: CPython before 3.11.5 does not step back where the
# last try of such a group fails half-way (gh-106052), but does so to try one more alternative.
_SPACE = rb"[ \t\n\f\r]*+"
_BLANKS = rb"(?:[ \t\n\f\r]++|/\*(?:[^*]++|\*(?!/)|(?!))*+\*/|(?!))*+"
_ESCAPE = rb"\\(?:\r\n|[\s\S]|\Z)"
_HEX = rb"[0-9a-fA-F]{1,6}+(?:\r\n|[ \t\n\f\r]|(?!))?+"
_BARE = rb"(?:[^\s\"'()\\\x00-\x08\x0b\x0e-\x1f\x7f]++|\\(?:%b|[^\n\f\r])|(?!))++" % _HEX


def _after(*names: bytes) -> bytes:
    """Return a pattern for the parenthesis that opens one of the functions *names*."""
    return rb"\((?:%b)" % b"|".join(rb"(?<=(?<![%b])(?i:%b)\()" % (_NAME, name) for name in names)


# A group's name is that of a handler (see _HANDLERS). A group with text ends where its closing mark begins, if any.
_TOKENS = (
    rb"/\*(?P<comment>(?:[^*]++|\*(?!/)|(?!))*+)(?:\*/)?",
    rb'"(?P<double>(?:[^"\\\n\f\r]++|%b|(?!))*+)"?' % _ESCAPE,
    rb"'(?P<single>(?:[^'\\\n\f\r]++|%b|(?!))*+)'?" % _ESCAPE,
    rb"\\(?P<brace>[{}])",
    _ESCAPE,  # outside a string, too, it takes its meaning from a quote: .content-\[\'x\'\]
    rb"@(?i:import)(?![%b])%b(?P<rule>)" % (_NAME, _BLANKS),
    _after(b"url") + rb"%b(?:(?P<call>(?=[\"']))|(?P<bare>%b)%b(?:\)|\Z))" % (_SPACE, _BARE, _SPACE),
    # What is no URL is skipped to the parenthesis, quotes and all ("consume the remnants of a bad url").
    _after(b"url") + rb"(?P<bad>(?:[^)\\]++|%b|(?!))*+)\)?" % _ESCAPE,
    _after(b"src") + rb"%b(?P<source>(?=[\"']))" % _BLANKS,
    _after(b"image-set", b"-webkit-image-set") + rb"(?P<set>)",
)
_TOKEN = re.compile(b"|".join(_TOKENS))
# Inside image-set() parentheses count as well: its own strings are URLs, those of type() in it are not.
_TOKEN_IN_SET = re.compile(b"|".join((*_TOKENS, rb"\((?P<open>)", rb"\)(?P<close>)")))
_NO_FILE = re.compile(rb"\s*(?:#|(?i:data:)|\Z)")


def scan_stylesheet(source: bytes) -> SheetScan:
    """Return the references in *source*, whatever it holds, in linear time.

    They are those of ``@import``, ``url()``, ``src()`` and ``image-set()``, without ``data:`` URLs and mere fragments.
    """
    scanner = _Scanner(source)
    scanner.run()
    return SheetScan(tuple(scanner.references), scanner.complete)


class _Scanner:
    def __init__(self, source: bytes) -> None:
        self.references: list[Reference] = []
        self._source = source
        self._open = False  # the text ends inside a token
        self._depth = 0  # of parentheses, inside image-set()
        self._braces = source.count(b"{") - source.count(b"}")
        self._rule_end = -1
        self._awaited: tuple[int, ReferenceKind] | None = None  # where a string would be a URL

    @property
    def complete(self) -> bool:
        return not (self._open or self._depth or self._braces)

    def run(self) -> None:
        position = 0
        while found := (_TOKEN_IN_SET if self._depth else _TOKEN).search(self._source, position):
            position = found.end()
            if found.lastgroup:
                _HANDLERS[found.lastgroup](self, found)

    def text(self, found: re.Match[bytes]) -> bool:
        """Take a token's text for what it is and return whether the token is closed; braces in it are no braces."""
        token = found[0]
        if b"{" in token or b"}" in token:
            self._braces -= token.count(b"{") - token.count(b"}")
        closed = bool(self._source[found.end(found.lastgroup or 0) : found.end()].strip())
        self._open = self._open or (not closed and found.end() == len(self._source))
        return closed

    def brace(self, found: re.Match[bytes]) -> None:
        self._braces -= 1 if found[0] == b"\\{" else -1

    def string(self, found: re.Match[bytes]) -> None:
        if not self.text(found) and not self._open:
            return  # broken off by the end of the line
        start, end = found.span(found.lastgroup or 0)
        if self._awaited and self._awaited[0] == found.start():
            self._refer(self._awaited[1], start, end)
        elif self._depth == 1:
            self._refer(ReferenceKind.URL, start, end)

    def rule(self, found: re.Match[bytes]) -> None:
        self._rule_end = found.end()
        self._awaited = (found.end(), ReferenceKind.IMPORT)

    def call(self, found: re.Match[bytes]) -> None:
        self._awaited = (found.end(), self._kind(found))
        self._depth += bool(self._depth)

    def bare(self, found: re.Match[bytes]) -> None:
        self.text(found)
        self._refer(self._kind(found), *found.span("bare"))

    def deeper(self, _: re.Match[bytes]) -> None:
        self._depth += 1

    def close(self, _: re.Match[bytes]) -> None:
        self._depth -= 1

    def _kind(self, found: re.Match[bytes]) -> ReferenceKind:
        name_start = found.start() - len("url")
        return ReferenceKind.IMPORT if name_start == self._rule_end else ReferenceKind.URL

    def _refer(self, kind: ReferenceKind, start: int, end: int) -> None:
        if not _NO_FILE.match(self._source, start, end):
            self.references.append(Reference(kind, start, end, _decode(self._source[start:end])))


_HANDLERS: dict[str, Callable[[_Scanner, re.Match[bytes]], object]] = {
    "comment": _Scanner.text,
    "double": _Scanner.string,
    "single": _Scanner.string,
    "brace": _Scanner.brace,
    "rule": _Scanner.rule,
    "call": _Scanner.call,
    "source": _Scanner.call,
    "bare": _Scanner.bare,
    "bad": _Scanner.text,
    "set": _Scanner.deeper,
    "open": _Scanner.deeper,
    "close": _Scanner.close,
}
_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\f\r])?|\r\n|[\n\f\r]|([\s\S])|\Z)")


def _decode(text: bytes) -> str:
    decoded = text.decode("utf-8", "replace")
    return _ESCAPED.sub(_unescaped, decoded) if "\\" in decoded else decoded


def _unescaped(found: re.Match[str]) -> str:
    """Source: CSS Syntax, "consume an escaped code point"; an escaped line break in a string is nothing."""
    if found[1]:
        code = int(found[1], 16)
        return "\ufffd" if code in (0, *range(0xD800, 0xE000)) or code > 0x10FFFF else chr(code)
    return found[2] or ""
