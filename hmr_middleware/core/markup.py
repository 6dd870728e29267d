"""HTML from texts: whatever is not markup already is escaped where it is put in."""

from collections.abc import Iterable
from html import escape

_VOID = frozenset({"br", "link", "meta", "wbr"})


class Markup(str):
    """Text that is HTML."""

    __slots__ = ()


Content = str | None | Iterable["Content"]  # nothing comes of None


def markup(content: Content) -> Markup:
    """Return *content* as HTML, its parts one after the other."""
    if content is None or isinstance(content, Markup):
        return content or Markup()
    if isinstance(content, str):
        return Markup(escape(content))
    return Markup("".join(markup(part) for part in content))


def element(tag: str, *content: Content, **attributes: str | bool | None) -> Markup:
    """Return the element *tag*, classes after dots ("p.quiet"), with *content*.

    Attributes are escaped; "_" in their names stands for "-", True for one without a value, False and None for none.
    """
    name, *classes = tag.split(".")
    given = {"class": " ".join(classes) or None, **{key.strip("_"): value for key, value in attributes.items()}}
    inside = "".join(_attribute(key.replace("_", "-"), value) for key, value in given.items())
    return Markup(f"<{name}{inside}>" if name in _VOID else f"<{name}{inside}>{markup(content)}</{name}>")


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
