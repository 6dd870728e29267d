"""Walk the tokens of a JavaScript text and stop where something can be imported or exported.

One pattern hops from event to event (a bracket, a slash, a template, `import`, `export`) and swallows strings, comments
and ordinary tokens on the way. Whether a slash divides or opens a regular expression follows from the token before it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from hmr_middleware.core.js_tokens import COMMENT, STRING, TEMPLATE_TEXT, WIDE_SPACE, WORD, WORD_ENDS, any_number, some

# What an open bracket is. Where it is code, the number is the bracket's own byte.
BASE: Final = 0  # no bracket: the top level of the module
DECLARATION: Final = 1  # the top level, inside `export const …`
CALL: Final = 2  # the parenthesis of `import(`
SUBSTITUTION: Final = 3  # `${` in a template
PAREN, BRACKET, BRACE = b"([{"
CLOSE_PAREN, CLOSE_BRACKET, CLOSE_BRACE = b")]}"
BACKTICK, COMMA = b"`,"

_CLOSERS = {
    PAREN: CLOSE_PAREN,
    BRACKET: CLOSE_BRACKET,
    BRACE: CLOSE_BRACE,
    CALL: CLOSE_PAREN,
    SUBSTITUTION: CLOSE_BRACE,
}

# kind of bracket, end of the token before it, and where that token is a `)`: end of the token before its `(`.
Frame = tuple[int, int, int]
Hop = Callable[[bytes, int], re.Match[bytes] | None]


def _hop(*, spaces: bytes, separators: bytes) -> Hop:
    """Compile the step to the next event: group 1 is the tokens on the way, group 2 the event."""
    keyword = rb"(?:import|export)" + WORD_ENDS
    punctuation = rb"[^\s\w$\x80-\xff\"'`/(){}\[\]\\" + separators + rb"]++"
    # `[i]` is by far the most common use of square brackets: not worth a stop.
    tokens = rb"(?!" + keyword + rb")" + WORD + rb"|" + punctuation + rb"|" + STRING + rb"|\[[\w$]*+\]"
    between = (spaces + rb"++", COMMENT, WIDE_SPACE)
    tokens = any_number(tokens, some(*between) + rb"(?:" + tokens + rb")")
    return re.compile(rb"(" + tokens + rb")" + any_number(*between) + rb"(import|export|[\s\S])").match


_PLAIN = _hop(spaces=rb"\s", separators=b"")
_WATCHING = _hop(spaces=rb"[ \t\f\v]", separators=b",;")
_HOPS = {
    BASE: _PLAIN,
    PAREN: _PLAIN,
    BRACKET: _PLAIN,
    BRACE: _PLAIN,
    SUBSTITUTION: _PLAIN,
    DECLARATION: _WATCHING,
    CALL: _WATCHING,
}

_TEMPLATE_PART = re.compile(TEMPLATE_TEXT + rb"(`|\$\{)?")
_REGEX_CLASS = rb"\[" + any_number(rb"[^\]\\\r\n]++", rb"\\[^\r\n]") + rb"\]"
_REGEX = re.compile(rb"/" + some(rb"[^/\\\[\r\n]++", rb"\\[^\r\n]", _REGEX_CLASS) + rb"/[a-z]*+")
_LINE_END = re.compile(rb"[\r\n]|\Z")

_WORD_BYTES = frozenset(b"$_" + bytes(range(0x30, 0x3A)) + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B))) | {
    *range(0x80, 0x100)
}
_KEYWORD_STARTS = rb"(?:(?<![\w$.#\\\x80-\xff])|(?<=\.\.\.))"
_EXPRESSION_WORDS = rb"return|typeof|case|delete|void|in|instanceof|new|throw|yield|await|default"
_BEFORE_EXPRESSION = re.compile(_KEYWORD_STARTS + rb"(?:" + _EXPRESSION_WORDS + rb")\Z")
_BEFORE_REGEX = re.compile(_KEYWORD_STARTS + rb"(?:" + _EXPRESSION_WORDS + rb"|else|do)\Z")
_CONTROL_HEAD = re.compile(_KEYWORD_STARTS + rb"(?:if|while|with|for(?:\s+await)?)\Z")
_FOR_HEAD = re.compile(_KEYWORD_STARTS + rb"for(?:\s+await)?\Z")
_LOOP_OF = re.compile(rb"[\w$\]}\x80-\xff]\s+of\Z|[\]}]of\Z")
_FUNCTION_HEAD = re.compile(rb"(?:\basync\s+)?\bfunction\b\s*\*?\s*[\w$\x80-\xff]*+\Z")
_OPERAND_FOLLOWS = re.compile(
    rb"(?:[=(,\[?:&|!~+\-*%<>^]|" + _KEYWORD_STARTS + rb"(?:" + _EXPRESSION_WORDS.replace(b"|default", b"") + rb"))"
    rb"\s*+(?:/\*[^*]*+\*/\s*+)?\Z"
)
_LONGEST_KEYWORD_TAIL = 24  # bytes; "for   await" with room to spare
_LONGEST_FUNCTION_HEAD = 120  # bytes


class Lexer:
    """A walk over *source* from the offset *start*; `events` yields where to look.

    While an event is handled, `prior` is the end of the token before it (0: a statement begins here), `pos` is where
    the walk goes on, and `stack` holds a frame for each open bracket above the base.
    """

    __slots__ = (
        "_hop",
        "_no_regex_before",
        "_regex_end",
        "balanced",
        "before",
        "closed",
        "pos",
        "prior",
        "source",
        "stack",
    )

    def __init__(self, source: bytes, start: int) -> None:
        self.source = source
        self.pos = start
        self.before = 0
        self.prior = 0
        self.balanced = True
        self.stack: list[Frame] = [(BASE, 0, 0)]
        self.closed: Frame = (BASE, 0, 0)
        self._hop = _PLAIN
        self._regex_end = -1
        self._no_regex_before = 0

    def events(self) -> Iterator[int]:
        """Yield the offset of each `import` and `export`, and of separators and closers where they are watched."""
        source = self.source
        while found := self._hop(source, self.pos):
            last_token = found.end(1)
            if last_token > self.pos:
                self.before = last_token
            at, self.pos = found.span(2)
            if _HANDLERS.get(source[at], Lexer._stray)(self, at):
                yield at
        self.balanced = self.balanced and len(self.stack) == 1

    @property
    def at_top_level(self) -> bool:
        return len(self.stack) == 1

    @property
    def inside(self) -> int:
        """The kind of the innermost open bracket."""
        return self.stack[-1][0]

    def declare(self, declaring: bool) -> None:
        """Begin or end watching the top level for the separators of `export const a = 1, b = 2`."""
        self.stack[0] = (DECLARATION if declaring else BASE, 0, 0)
        self._hop = _HOPS[self.inside]

    def end_statement(self, at: int) -> None:
        """Go on at the offset *at* with a new statement."""
        self.pos = at
        self.before = 0

    def skip_value(self, end: int) -> None:
        """Go on at the offset *end*, right after an operand."""
        self.pos = self.before = end

    def enter_call(self, paren: int) -> None:
        """Go on inside the parenthesis of a dynamic import, at the offset *paren*."""
        self.stack.append((CALL, self.pos, 0))
        self._hop = _WATCHING
        self.pos = self.before = paren + 1

    def _keyword(self, _at: int) -> bool:
        self.prior, self.before = self.before, self.pos
        return True

    def _line_break(self, _at: int) -> bool:
        self.prior = self.before
        return True

    def _stray(self, at: int) -> bool:
        # A quote arrives here only where its string is not closed on its line.
        self.balanced = self.balanced and self.source[at] not in b"\"'"
        self.before = self.pos
        return False

    def _open(self, at: int) -> bool:
        before = self.before
        head = self.closed[1] if before and self.source[before - 1] == CLOSE_PAREN else 0
        self.stack.append((self.source[at], before, head))
        self._hop = _PLAIN
        self.before = self.pos
        return False

    def _close(self, at: int) -> bool:
        kind = self.stack[-1][0]
        if _CLOSERS.get(kind) != self.source[at]:
            self.balanced = False
        if len(self.stack) == 1:
            return False
        self.closed = self.stack.pop()
        self._hop = _HOPS[self.stack[-1][0]]
        self.prior, self.before = self.before, self.pos
        if kind == SUBSTITUTION:
            return self._template(at)
        return kind == CALL or self._hop is _WATCHING

    def _template(self, _at: int) -> bool:
        part = _TEMPLATE_PART.match(self.source, self.pos)
        if part is None or part[1] is None:
            self.balanced = False
            self.pos = len(self.source)
            return False
        self.pos = self.before = part.end()
        if part[1] != b"`":
            self.stack.append((SUBSTITUTION, self.pos, 0))
            self._hop = _PLAIN
        return False

    def _slash(self, at: int) -> bool:
        if self.source.startswith(b"/*", at):
            self.balanced = False
            self.pos = len(self.source)
        elif at >= self._no_regex_before and self._begins_regex():
            self._regex(at)
        self.before = self.pos
        return False

    def _regex(self, at: int) -> None:
        literal = _REGEX.match(self.source, at)
        if literal:
            self.pos = self._regex_end = literal.end()
        elif line_end := _LINE_END.search(self.source, at):
            # Not closed on its line: to try again at each slash of the line would cost the square of its length.
            self._no_regex_before = line_end.start()

    def _begins_regex(self) -> bool:
        before = self.before
        if not before:
            return True
        if before == self._regex_end:
            return False
        rule = _SLASH_AFTER.get(self.source[before - 1])
        return rule is None or rule(self)

    def _after_value(self) -> bool:
        return False

    def _after_word(self) -> bool:
        tail = _tail(self.source, self.before)
        if _LOOP_OF.search(tail):
            kind, before, _ = self.stack[-1]
            return kind == PAREN and bool(_FOR_HEAD.search(_tail(self.source, before)))
        return bool(_BEFORE_REGEX.search(tail))

    def _after_sign(self) -> bool:
        sign = self.source[self.before - 1 : self.before]
        return self.source[self.before - 2 : self.before] != sign * 2

    def _after_dot(self) -> bool:
        return not self.source[self.before - 2 : self.before - 1].isdigit()

    def _after_paren(self) -> bool:
        return bool(_CONTROL_HEAD.search(_tail(self.source, self.closed[1])))

    def _after_brace(self) -> bool:
        """Return whether the brace closed a block: an operand cannot be divided where a statement has just ended."""
        _, before, head = self.closed
        last = self.source[before - 1] if before else 0
        if last == CLOSE_PAREN:
            return not _is_function_expression(self.source, head)
        if last in _WORD_BYTES:
            return not _BEFORE_EXPRESSION.search(_tail(self.source, before))
        return last in b"\0;:{}" or self.source[before - 2 : before] == b"=>"


def _tail(source: bytes, end: int) -> bytes:
    return source[max(0, end - _LONGEST_KEYWORD_TAIL) : end]


def _is_function_expression(source: bytes, end: int) -> bool:
    """Return whether the function head that ends at *end* (before its parameters) stands where an operand is due."""
    head = _FUNCTION_HEAD.search(source, max(0, end - _LONGEST_FUNCTION_HEAD), end)
    if head is None:
        return False
    return bool(_OPERAND_FOLLOWS.search(source, max(0, head.start() - _LONGEST_FUNCTION_HEAD), head.start()))


_SLASH_AFTER: dict[int, Callable[[Lexer], bool]] = {
    **dict.fromkeys(b"\"'`]", Lexer._after_value),
    **dict.fromkeys(_WORD_BYTES, Lexer._after_word),
    **dict.fromkeys(b"+-", Lexer._after_sign),
    ord("."): Lexer._after_dot,
    CLOSE_PAREN: Lexer._after_paren,
    CLOSE_BRACE: Lexer._after_brace,
}

# A handler says whether the reader wants to see the event.
_HANDLERS: dict[int, Callable[[Lexer, int], bool]] = {
    **dict.fromkeys(b"([{", Lexer._open),
    **dict.fromkeys(b")]}", Lexer._close),
    **dict.fromkeys(b"ie,;", Lexer._keyword),
    **dict.fromkeys(b"\r\n", Lexer._line_break),
    ord("/"): Lexer._slash,
    BACKTICK: Lexer._template,
}
