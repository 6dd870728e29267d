"""Read a JavaScript module's text: what it imports and exports, and what it says to `import.meta.hot`.

The scan is not a parser. It never fails: of a text that is no valid module it reads what it recognises.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from hmr_middleware.core import js_clauses as clauses
from hmr_middleware.core.js_lexer import BRACE, CALL, CLOSE_PAREN, COMMA, DECLARATION, Lexer
from hmr_middleware.core.js_tokens import REST_OF_LINE, bound_names, decode_literal, decode_text, skip_gap


class ImportKind(StrEnum):
    """How a module refers to another."""

    STATIC = "static"
    REEXPORT = "reexport"
    DYNAMIC = "dynamic"


@dataclass(frozen=True, slots=True)
class Import:
    """One reference to another module; *start* and *end* are byte offsets.

    They enclose the specifier inside its quotes or, for a dynamic import, the whole first argument, quotes included.
    """

    kind: ImportKind
    start: int
    end: int
    specifier: str | None  # None: a dynamic import of something other than a literal
    names: frozenset[str]  # as the other module exports them; "*" is all of them; none for a side effect
    type: str | None = None  # the import attribute

    @property
    def is_sheet(self) -> bool:
        """Whether this imports a stylesheet as a CSSStyleSheet."""
        return self.type == "css"


@dataclass(frozen=True, slots=True)
class HotCall:
    """One use of a member of `import.meta.hot`."""

    method: str
    strings: tuple[str, ...]  # the first argument, or the literals that begin the list that it is
    is_list: bool  # the first argument is an array literal
    called: bool
    opaque: bool = False  # the first argument begins as a string, but its value is not in the text

    @property
    def names_nothing(self) -> bool:
        """Whether the first argument names no dependency, so that the call speaks of the module itself."""
        return not (self.strings or self.is_list or self.opaque)


@dataclass(frozen=True, slots=True)
class ModuleScan:
    """What the text of one module says, in the order of the text."""

    imports: tuple[Import, ...]
    exports: frozenset[str]  # "*" where the set is open: `export * from`, or a pattern that is not readable
    hot: tuple[HotCall, ...]
    uses_hot: bool  # `import.meta.hot` is mentioned, or may be reached because `import.meta` is handed on whole
    uses_env: bool  # the same of `import.meta.env`
    is_module: bool  # the text holds a static import, an export or `import.meta`
    complete: bool  # brackets balance and nothing is left open; otherwise it looks like a half-written file
    preamble_at: int  # byte offset on the first line of code at which an expression may be inserted

    @property
    def self_accepting(self) -> bool:
        """Whether the module accepts its own updates (an array, even an empty one, accepts only what it lists)."""
        return any(call.names_nothing for call in self._calls("accept"))

    @property
    def accepted(self) -> frozenset[str]:
        """The specifiers of the dependencies whose updates the module accepts."""
        return _strings(self._calls("accept"))

    @property
    def declines_self(self) -> bool:
        """Whether a change of the module is to reload the page."""
        return any(call.names_nothing for call in self._calls("decline"))

    @property
    def declined(self) -> frozenset[str]:
        """The specifiers of the dependencies whose change is to reload the page."""
        return _strings(self._calls("decline"))

    @property
    def accepted_exports(self) -> frozenset[str] | None:
        """The exports whose update the module accepts, None where it calls no `acceptExports`."""
        calls = tuple(self._calls("acceptExports"))
        return _strings(calls) if calls else None

    def _calls(self, method: str) -> Iterator[HotCall]:
        return (call for call in self.hot if call.called and call.method == method)


def _strings(calls: Iterable[HotCall]) -> frozenset[str]:
    return frozenset(chain.from_iterable(call.strings for call in calls))


def scan_module(source: bytes) -> ModuleScan:
    """Return what *source*, the UTF-8 text of a JavaScript module, imports, exports and says to `import.meta.hot`.

    Total: any bytes give a scan, in time proportional to their number. What cannot be recognised is left out, and
    `complete` is False where the text breaks off. Source: ECMA-262 chapters 12 and 16.2, the proposals for import
    attributes, deferred imports and source phase imports, and Vite's rules for `import.meta.hot`.
    """
    return _Reader(source).read()


_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?(?:#!" + REST_OF_LINE + rb"(?:\r\n|[\r\n]|\xe2\x80[\xa8\xa9])?)?")


def _preamble_at(source: bytes) -> int:
    opening = _OPENING.match(source)
    return opening.end() if opening else 0


@dataclass(slots=True)
class _Call:
    """A dynamic import whose parenthesis is open."""

    start: int
    perhaps_method: bool
    end: int = 0
    type: str | None = None


class _Reader:
    """Collects a ModuleScan from the events of a Lexer."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.preamble_at = _preamble_at(source)
        self.lexer = Lexer(source, self.preamble_at)
        self.imports: list[Import] = []
        self.exports: set[str] = set()
        self.hot: list[HotCall] = []
        self.uses_hot = self.uses_env = False
        self.is_module = False
        self.calls: list[_Call] = []
        self.pattern_at: int | None = None

    def read(self) -> ModuleScan:
        for at in self.lexer.events():
            _READERS[self.source[at]](self, at)
        return ModuleScan(
            imports=tuple(sorted(self.imports, key=lambda found: found.start)),
            exports=frozenset(self.exports),
            hot=tuple(self.hot),
            uses_hot=self.uses_hot,
            uses_env=self.uses_env,
            is_module=self.is_module,
            complete=self.lexer.balanced,
            preamble_at=self.preamble_at,
        )

    def _import(self, _at: int) -> None:
        if self._is_member():
            return
        after = skip_gap(self.source, self.lexer.pos)
        paren = clauses.dynamic_import_paren(self.source, after)
        if paren is not None:
            self._enter_call(paren)
        elif (meta_end := clauses.meta_end(self.source, after)) is not None:
            self._meta(meta_end)
        elif self.lexer.at_top_level and (found := clauses.import_clause(self.source, after)):
            self._reference(ImportKind.STATIC, found)

    def _export(self, _at: int) -> None:
        if self._is_member() or not self.lexer.at_top_level:
            return
        self.lexer.declare(False)
        after = skip_gap(self.source, self.lexer.pos)
        if found := clauses.export_from_clause(self.source, after):
            self.exports |= found.exports
            self._reference(ImportKind.REEXPORT, found)
        elif (names := clauses.exported_names(self.source, after)) is not None:
            self.exports |= names
            self.is_module = True
        elif (first := clauses.bindings_at(self.source, after)) is not None:
            self.is_module = True
            self.lexer.declare(True)
            self._bind(first)

    def _is_member(self) -> bool:
        """Whether the keyword is a property's name: `a.import`, `this.#export`; a spread `...import(x)` is none."""
        before = self.source[max(0, self.lexer.prior - 3) : self.lexer.prior]
        return before.endswith((b".", b"#")) and before != b"..."

    def _reference(self, kind: ImportKind, found: clauses.Clause) -> None:
        specifier = decode_text(self.source[found.start : found.end])
        self.imports.append(Import(kind, found.start, found.end, specifier, found.names, found.type))
        self.is_module = True
        self.lexer.declare(False)
        self.lexer.end_statement(found.resume)

    def _bind(self, at: int) -> None:
        found = clauses.binding(self.source, at)
        if isinstance(found, str):
            self.exports.add(found)
        self.pattern_at = found if isinstance(found, int) else None

    def _separator(self, at: int) -> None:
        """A comma or semicolon directly inside a dynamic import or an exported declaration."""
        is_comma = self.source[at] == COMMA
        if self.lexer.inside == CALL:
            if is_comma and not self.calls[-1].end:
                self.calls[-1].end = self.lexer.prior
                self.calls[-1].type = clauses.call_type(self.source, at + 1)
        elif is_comma:
            self._bind(at + 1)
        else:
            self.lexer.declare(False)

    def _line_break(self, at: int) -> None:
        if self.lexer.inside == DECLARATION and clauses.declaration_ends(self.source, self.lexer.prior, at):
            self.lexer.declare(False)

    def _closer(self, at: int) -> None:
        if self.lexer.closed[0] == CALL:
            call = self.calls.pop()
            if self.source[at] == CLOSE_PAREN:
                self._dynamic_import(call)
        elif self.pattern_at is not None and self.lexer.inside == DECLARATION:
            self.exports |= bound_names(self.source[self.pattern_at : at + 1])
            self.pattern_at = None

    def _enter_call(self, paren: int) -> None:
        perhaps_method = self.lexer.inside == BRACE
        self.lexer.enter_call(paren)
        self.calls.append(_Call(skip_gap(self.source, paren + 1), perhaps_method))

    def _dynamic_import(self, call: _Call) -> None:
        end = call.end or self.lexer.prior
        is_method = call.perhaps_method and self.source.startswith(b"{", skip_gap(self.source, self.lexer.pos))
        if end > call.start and not is_method:
            specifier = decode_literal(self.source, call.start, end)
            self.imports.append(Import(ImportKind.DYNAMIC, call.start, end, specifier, clauses.EVERYTHING, call.type))

    def _meta(self, end: int) -> None:
        self.is_module = True
        self.lexer.skip_value(end)
        found = clauses.member(self.source, end)
        self.uses_hot |= found is None or found[0] == "hot"
        self.uses_env |= found is None or found[0] == "env"
        if found and found[0] == "hot" and (method := clauses.member(self.source, found[1])):
            self.hot.append(_hot_call(*method, source=self.source))


def _hot_call(method: str, end: int, *, source: bytes) -> HotCall:
    argument = clauses.first_argument(source, end)
    if argument is None:
        return HotCall(method, (), is_list=False, called=False)
    return HotCall(method, argument.strings, argument.is_list, called=True, opaque=argument.opaque)


_READERS: dict[int, Callable[[_Reader, int], None]] = {
    ord("i"): _Reader._import,
    ord("e"): _Reader._export,
    **dict.fromkeys(b",;", _Reader._separator),
    **dict.fromkeys(b"\r\n", _Reader._line_break),
    **dict.fromkeys(b")]}", _Reader._closer),
}
