"""When is a saved file whole? Editors truncate and write, rename, or write in pieces."""

import re
from enum import Enum


class Unsettled(Enum):
    """Why a file is read again a little later; the value is for how long, in seconds, before it is taken as it is."""

    EMPTY = 0.3
    MISSING = 0.15
    HALF_WRITTEN = 0.08


_TAGS = ((b"{%", b"%}"), (b"{{", b"}}"), (b"{#", b"#}"))


def signs_of_an_end(content: bytes) -> frozenset[str]:
    """Return what shows that a page's source is whole; where one is lost by a save, more of the file may be coming."""
    signs = {
        "line": content.endswith(b"\n"),
        "markup": content.rfind(b"<") <= content.rfind(b">"),
        "document": b"<html" not in content or b"</html" in content,
        "template": all(content.count(opening) == content.count(closing) for opening, closing in _TAGS),
        "blocks": _starts(content, rb"block") <= _starts(content, rb"endblock"),
    }
    return frozenset(name for name, is_there in signs.items() if is_there)


def _starts(content: bytes, word: bytes) -> int:
    return len(re.findall(rb"\{%[-+]?[ \t]*" + word, content))


def judge(*, size: int, was_size: int, complete: bool, was_complete: bool) -> Unsettled | None:
    """Return why a file that has just changed should be waited for, or None where it may be taken as it is.

    A file that was empty or broken before may be so again: waiting would only delay it.
    """
    if not size and was_size:
        return Unsettled.EMPTY
    if was_complete and not complete:
        return Unsettled.HALF_WRITTEN
    return None
