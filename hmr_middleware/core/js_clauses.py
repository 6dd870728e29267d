"""The clauses of JavaScript that tie modules together, each read at a known offset of the text."""

import re
from dataclasses import dataclass

from hmr_middleware.core.js_tokens import (
    BRACES,
    GAP,
    LITERAL,
    NAME,
    STRING,
    WORD,
    WORD_ENDS,
    decode_literal,
    decode_name,
    decode_text,
    name_pairs,
)

EVERYTHING = frozenset({"*"})
NOTHING: frozenset[str] = frozenset()
_DEFAULT = frozenset({"default"})

_ATTRIBUTES = rb"(?:" + GAP + rb"(?:with|assert)" + GAP + rb"(?P<attributes>" + BRACES + rb"))?"
_FROM = rb"from" + GAP + rb"(?P<specifier>" + STRING + rb")" + _ATTRIBUTES
_PHASE = rb"(?P<phase>defer|source)" + WORD_ENDS + GAP + rb"(?!,|from" + GAP + rb"[\"'])"
_BARE_IMPORT = re.compile(rb"(?P<specifier>" + STRING + rb")" + _ATTRIBUTES)
_IMPORT = re.compile(
    rb"(?:" + _PHASE + rb")?"
    rb"(?:(?P<default>" + WORD + rb")" + GAP + rb"(?:," + GAP + rb")?)?"
    rb"(?:(?:(?P<star>\*)" + GAP + rb"as" + GAP + WORD + rb"|(?P<braces>" + BRACES + rb"))" + GAP + rb")?" + _FROM
)
_EXPORT_STAR = re.compile(rb"\*" + GAP + rb"(?:as" + GAP + rb"(?P<name>" + NAME + rb")" + GAP + rb")?" + _FROM)
_EXPORT_LIST = re.compile(rb"(?P<braces>" + BRACES + rb")(?:" + GAP + _FROM + rb")?")
_EXPORT_DECLARATION = re.compile(
    rb"(?:(?:async" + GAP + rb")?function" + WORD_ENDS + GAP + rb"\*?|class" + WORD_ENDS + rb")"
    + GAP + rb"(?P<name>" + WORD + rb")|(?P<default>default)" + WORD_ENDS + rb"|(?P<decorated>@)"
)  # fmt: skip
_EXPORT_BINDINGS = re.compile(rb"(?:const|let|var)" + WORD_ENDS)
_BINDING = re.compile(GAP + rb"(?:(?P<name>" + WORD + rb")|(?P<pattern>[\[{]))")

_TYPE = re.compile(rb"""(?<![\w$])type["']?""" + GAP + rb":" + GAP + rb"(" + STRING + rb")")
_CALL = re.compile(rb"(?:\." + GAP + rb"(?:defer|source)" + WORD_ENDS + GAP + rb")?\(")
_CALL_TYPE = re.compile(
    GAP + rb"\{" + GAP + rb"""["']?(?:with|assert)["']?""" + GAP + rb":" + GAP + rb"(" + BRACES + rb")"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """An import or export clause: where its specifier stands inside its quotes, and where the clause ends."""

    start: int
    end: int
    names: frozenset[str]
    exports: frozenset[str]
    type: str | None
    resume: int


def import_clause(source: bytes, at: int) -> Clause | None:
    """Return what follows the keyword of a static import, at the offset *at*."""
    if bare := _BARE_IMPORT.match(source, at):
        return _clause(bare, NOTHING)
    found = _IMPORT.match(source, at)
    return _clause(found, _imported_names(found)) if found else None


def _imported_names(found: re.Match[bytes]) -> frozenset[str]:
    # A deferred namespace, or a module's source: nothing says which exports will be used.
    if found["star"] or found["phase"]:
        return EVERYTHING | _DEFAULT if found["default"] and not found["phase"] else EVERYTHING
    default = _DEFAULT if found["default"] else NOTHING
    return default | {first for first, _ in name_pairs(found["braces"] or b"")}


def export_from_clause(source: bytes, at: int) -> Clause | None:
    """Return the `* from`, `* as ns from` or `{…} from` that follows the keyword `export`."""
    if star := _EXPORT_STAR.match(source, at):
        return _clause(star, EVERYTHING, frozenset({decode_name(star["name"])}) if star["name"] else EVERYTHING)
    listed = _EXPORT_LIST.match(source, at)
    if listed is None or listed["specifier"] is None:
        return None
    pairs = tuple(name_pairs(listed["braces"]))
    return _clause(listed, frozenset(first for first, _ in pairs), frozenset(last for _, last in pairs))


def _clause(found: re.Match[bytes], names: frozenset[str], exports: frozenset[str] = NOTHING) -> Clause:
    start, end = found.span("specifier")
    return Clause(start + 1, end - 1, names, exports, _attribute_type(found["attributes"]), found.end())


def exported_names(source: bytes, at: int) -> frozenset[str] | None:
    """Return the names of the local export at the offset *at*, after the keyword; None where it is none of these.

    These are a list, a function, a class and the default. What a decorated class is called is not known: "*".
    """
    if listed := _EXPORT_LIST.match(source, at):
        return frozenset(last for _, last in name_pairs(listed["braces"]))
    found = _EXPORT_DECLARATION.match(source, at)
    if found is None:
        return None
    if found["name"]:
        return frozenset({decode_text(found["name"])})
    return _DEFAULT if found["default"] else EVERYTHING


def bindings_at(source: bytes, at: int) -> int | None:
    """Return the offset after `const`, `let` or `var` at the offset *at*."""
    found = _EXPORT_BINDINGS.match(source, at)
    return found.end() if found else None


def binding(source: bytes, at: int) -> str | int | None:
    """Return the name that is declared at the offset *at*, or the offset at which a destructuring pattern opens."""
    found = _BINDING.match(source, at)
    if found is None:
        return None
    return decode_text(found["name"]) if found["name"] else found.start("pattern")


def dynamic_import_paren(source: bytes, at: int) -> int | None:
    """Return the offset of the parenthesis of `import(`, `import.defer(` or `import.source(`, after the keyword."""
    found = _CALL.match(source, at)
    return found.end() - 1 if found else None


def call_type(source: bytes, at: int) -> str | None:
    """Return the `type` in a dynamic import's second argument, `{with: {type: "json"}}`, at the offset *at*."""
    found = _CALL_TYPE.match(source, at)
    return _attribute_type(found[1]) if found else None


def _attribute_type(braces: bytes | None) -> str | None:
    found = _TYPE.search(braces or b"")
    return decode_literal(found[1]) if found else None


# What may begin a statement, and what the operand before a line break may end with (ECMA-262 12.10: a line break ends
# a statement where the next token cannot continue it).
_NEW_STATEMENT = re.compile(
    GAP + rb"(?!(?:in|instanceof|extends)" + WORD_ENDS + rb")(?:[@#\"']|" + WORD + rb")"
)  # fmt: skip
_OPERAND_ENDS = re.compile(rb"(?:[)\]}\"'`\w$\x80-\xff]|\+\+|--|/)\Z")
_OPERAND_FOLLOWS = re.compile(
    rb"(?<![\w$.])(?:typeof|delete|void|in|instanceof|new|yield|await|class|function|extends|async|const|let|var)\Z"
)
_LONGEST_WORD = 12  # bytes, of those in _OPERAND_FOLLOWS, and one before


def declaration_ends(source: bytes, before: int, at: int) -> bool:
    """Return whether a line break ends a declaration; *before* is the end of the last token, *at* follows the break."""
    tail = source[max(0, before - _LONGEST_WORD) : before]
    if not _OPERAND_ENDS.search(tail) or _OPERAND_FOLLOWS.search(tail):
        return False
    return _NEW_STATEMENT.match(source, at) is not None


_META = re.compile(rb"\." + GAP + rb"meta" + WORD_ENDS)
_MEMBER = re.compile(
    GAP + rb"(?:\??\." + GAP + rb"(?P<word>" + WORD + rb")"
    rb"|(?:\?\." + GAP + rb")?\[" + GAP + rb"(?P<string>" + LITERAL + rb")" + GAP + rb"\])"
)  # fmt: skip
_CALLED = re.compile(GAP + rb"(?:\?\." + GAP + rb")?\(" + GAP)
_LONE_STRING = re.compile(rb"(" + LITERAL + rb")" + GAP + rb"[,)]")
_LIST_ITEM = re.compile(GAP + rb"(" + LITERAL + rb")" + GAP + rb"(?:,|(?=\]))")


@dataclass(frozen=True, slots=True)
class Argument:
    """The first argument of a call, as far as it is text."""

    strings: tuple[str, ...] = ()
    is_list: bool = False
    opaque: bool = False


def meta_end(source: bytes, at: int) -> int | None:
    """Return the offset after `.meta` at the offset *at*."""
    found = _META.match(source, at)
    return found.end() if found else None


def member(source: bytes, at: int) -> tuple[str, int] | None:
    """Return the name in `.name`, `?.name` or `["name"]` at the offset *at*, and where it ends."""
    found = _MEMBER.match(source, at)
    if found is None:
        return None
    name = decode_text(found["word"]) if found["word"] else decode_literal(found["string"])
    return name or "", found.end()


def first_argument(source: bytes, at: int) -> Argument | None:
    """Return the first argument of the call whose parenthesis follows the offset *at*, None where none is called."""
    called = _CALLED.match(source, at)
    if called is None:
        return None
    at = called.end()
    if source.startswith(b"[", at):
        return Argument(_list_strings(source, at + 1), is_list=True)
    if found := _LONE_STRING.match(source, at):
        return Argument((decode_literal(found[1]) or "",))
    return Argument(opaque=source[at : at + 1] in (b'"', b"'", b"`"))


def _list_strings(source: bytes, at: int) -> tuple[str, ...]:
    strings = []
    while found := _LIST_ITEM.match(source, at):
        strings.append(decode_literal(found[1]) or "")
        at = found.end()
    return tuple(strings)
