"""The lexical pieces of JavaScript as byte patterns, and how its literals and binding patterns are read.

Every repetition is possessive: a pattern that fails has tried each byte once, however hostile the text is.
"""

import re
import sys
from collections.abc import Iterator


def any_number(*alternatives: bytes) -> bytes:
    """Return the pattern of a possessive repetition of *alternatives*.

    CPython before 3.11.5 does not step back where the last try of a possessive repetition fails half-way (gh-106052).
    It does step back to try one more alternative, so there is one that always fails.
    """
    return rb"(?:" + rb"|".join(alternatives) + rb"|(?!))*+"


def some(*alternatives: bytes) -> bytes:
    """Return the pattern of a possessive repetition of *alternatives*, at least one."""
    return any_number(*alternatives)[:-2] + rb"++"


# Space_Separator and line terminators outside ASCII, as UTF-8 (ECMA-262, sections 12.2 and 12.3).
WIDE_SPACE = (
    rb"(?:\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf)"  # NBSP to BOM
)
REST_OF_LINE = any_number(rb"[^\r\n\xe2]++", rb"\xe2(?!\x80[\xa8\xa9])")
LINE_COMMENT = rb"//" + REST_OF_LINE
BLOCK_COMMENT = rb"/\*" + any_number(rb"[^*]++", rb"\*(?!/)") + rb"\*/"
COMMENT = rb"(?:" + LINE_COMMENT + rb"|" + BLOCK_COMMENT + rb")"
GAP = any_number(rb"\s++", COMMENT, WIDE_SPACE)

ESCAPED_LETTER = rb"\\u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]++\})"
WORD = some(rb"[\w$]++", rb"(?!" + WIDE_SPACE + rb")[\x80-\xff]", ESCAPED_LETTER)
WORD_ENDS = rb"(?![\w$\\]|(?!" + WIDE_SPACE + rb")[\x80-\xff])"

_ESCAPED = rb"\\(?:\r\n|[\s\S])"
_DOUBLE_QUOTED = rb'"' + any_number(rb'[^"\\\r\n]++', _ESCAPED) + rb'"'
_SINGLE_QUOTED = rb"'" + any_number(rb"[^'\\\r\n]++", _ESCAPED) + rb"'"
STRING = rb"(?:" + _DOUBLE_QUOTED + rb"|" + _SINGLE_QUOTED + rb")"
TEMPLATE_TEXT = any_number(rb"[^`\\$]++", rb"\\[\s\S]", rb"\$(?!\{)")
LITERAL = rb"(?:" + STRING + rb"|`" + TEMPLATE_TEXT + rb"`)"
NAME = rb"(?:" + WORD + rb"|" + STRING + rb")"
# `{ … }` as in import clauses and import attributes: names, strings and comments, no further braces.
BRACES = rb"\{" + any_number(rb"[^{}\"'/]++", STRING, COMMENT) + rb"\}"

_GAP = re.compile(GAP)
_LITERAL = re.compile(LITERAL)
_LIST_TOKEN = re.compile(COMMENT + rb"|(,|" + NAME + rb")")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_SINGLE_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_LINE_CONTINUATIONS = frozenset(("\n", "\r", "\r\n", "\u2028", "\u2029"))
_LAST_CODE_POINT = 0x10FFFF


def skip_gap(source: bytes, at: int) -> int:
    """Return the offset of the first byte at or after *at* that is neither white space nor in a comment."""
    gap = _GAP.match(source, at)
    return gap.end() if gap else at


def decode_text(raw: bytes) -> str:
    """Return *raw*, an identifier or what stands between quotes, with its escapes resolved (ECMA-262 12.9.4)."""
    text = raw.decode("utf-8", "replace")
    if "\\" not in text:
        return text
    return _join_surrogates(_ESCAPE.sub(_escaped, text))


def decode_literal(source: bytes, start: int = 0, end: int = sys.maxsize) -> str | None:
    """Return the value of the string literal or plain template in *source*, None where it is any other expression.

    A template with substitutions is not plain. The byte offsets *start* and *end* bound the expression.
    """
    found = _LITERAL.fullmatch(source, start, end)
    return decode_text(found[0][1:-1]) if found else None


def decode_name(raw: bytes) -> str:
    """Return the name that an identifier or a quoted module export name stands for."""
    return decode_text(raw[1:-1] if raw[:1] in (b'"', b"'") else raw)


def _escaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        point = int(digits, 16)
        return chr(point) if point <= _LAST_CODE_POINT else found[0]
    return "" if found[4] in _LINE_CONTINUATIONS else _SINGLE_ESCAPES.get(found[4], found[4])


def _join_surrogates(text: str) -> str:
    # "\ud83d\ude00" is one character in JavaScript; a half that stands alone has no UTF-8 form and would break later.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def name_pairs(braces: bytes) -> Iterator[tuple[str, str]]:
    """Yield (first name, last name) for each entry of `{a, b as c, default as "d"}`: `a, a`, `b, c`, `default, d`."""
    entry: list[bytes] = []
    for found in _LIST_TOKEN.finditer(braces + b","):
        if found[1] == b",":
            if entry:
                yield decode_name(entry[0]), decode_name(entry[-1])
            entry = []
        elif found[1]:
            entry.append(found[1])


# Longer ones do occur only in hostile text, where reading them would cost the square of their length.
_LONGEST_PATTERN = 500  # bytes
_PATTERN_NOISE = re.compile(rb"(" + STRING + rb")|" + COMMENT)
_INNERMOST = re.compile(r"[\[({]([^\[\](){}]*)[\])}]")
_ELEMENT = re.compile(r"(?:\.\.\.)?\s*(?:@?[\w$]+\s*:\s*)?(?P<group>@?)(?P<name>[\w$]+)\s*(?:=(?!=)[^,]*)?")
_UNREADABLE = frozenset("`/\\@")
UNKNOWN = frozenset({"*"})


def bound_names(pattern: bytes) -> frozenset[str]:
    """Return the names that a pattern such as `{a, b: [c = 1, ...d]}` binds, {"*"} where it is not readable."""
    if len(pattern) > _LONGEST_PATTERN:
        return UNKNOWN
    text = _PATTERN_NOISE.sub(_neutral, pattern).decode("utf-8", "replace")
    if not _UNREADABLE.isdisjoint(text):
        return UNKNOWN
    return _names_in_groups(_bracket_groups(text))


def _neutral(found: re.Match[bytes]) -> bytes:
    return b"_" if found[1] else b" "


def _bracket_groups(text: str) -> list[str]:
    """Return the contents of the brackets in *text*, innermost first, each with `@n` where group n stood in it."""
    groups: list[str] = []

    def fold(found: re.Match[str]) -> str:
        groups.append(found[1])
        return f"@{len(groups) - 1}"

    folded = 1
    while folded:
        text, folded = _INNERMOST.subn(fold, text)
    return groups


def _names_in_groups(groups: list[str]) -> frozenset[str]:
    names: set[str] = set()
    pending = groups[-1:]
    while pending:
        for element in filter(None, map(str.strip, pending.pop().split(","))):
            found = _ELEMENT.fullmatch(element)
            if found is None:
                return UNKNOWN
            if found["group"]:
                pending.append(groups[int(found["name"])])
            else:
                names.add(found["name"])
    return frozenset(names)
