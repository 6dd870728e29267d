"""The wire protocol, both ways: JSON text over a WebSocket with the subprotocol `esm-hmr`.

A client that never says `hello` speaks plain ESM-HMR and is sent only what that specification names.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, NoReturn

SUBPROTOCOL = "esm-hmr"
TOKEN_PREFIX = "hmr-token."  # of a second subprotocol, which carries the token
TOKEN_HEADER = "x-hmr-token"  # carries it where there is no handshake
MAX_MESSAGE = 256 * 1024  # characters
MAX_DEPTH = 32  # a custom event may carry a structure
MAX_MODULES = 5_000  # in one message; a page with more says hello in parts
MAX_URL = 4_096
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # JavaScript's texts may hold one; no file name or log can


class MessageError(ValueError):
    """A message that means nothing to us; it is dropped, the connection lives."""


@dataclass(frozen=True, slots=True)
class HotAccept:
    """A module (of a stock ESM-HMR client) accepts updates."""

    type: ClassVar = "hotAccept"
    id: str
    deps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hello:
    """What a page has loaded; later ones add to it.

    *since* is when the page was served, in microseconds: what it loaded under a clean URL is no older. *more* announces
    another part, to be taken together with this one. *doubled* came at two versions, for files were saved meanwhile.
    *gone* has been pruned, and must run anew should it come back. *failed* are the modules that the page could not
    import, all of them each time, with the newest version that it knows of; *repeatable* are those of them that its
    user has asked for, and may ask for again.
    """

    type: ClassVar = "hello"
    page: str
    url: str
    modules: Mapping[str, int]
    entries: tuple[str, ...] = ()
    since: int = 0
    visible: bool = True
    more: bool = False
    doubled: tuple[str, ...] = ()
    gone: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    repeatable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invalidate:
    """A module gives its update up."""

    type: ClassVar = "invalidate"
    id: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """Something that the browser wants to be read in the terminal."""

    type: ClassVar = "log"
    text: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Is anybody there?"""

    type: ClassVar = "ping"


@dataclass(frozen=True, slots=True)
class Refused:
    """What a page could not link: these modules, at the versions it was told, will not do."""

    type: ClassVar = "refused"
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Custom:
    """An event of the app's own; it goes both ways."""

    type: ClassVar = "custom"
    event: str
    data: Any = None


@dataclass(frozen=True, slots=True)
class Linked:
    """What a page had refused, it has linked after all."""

    type: ClassVar = "linked"
    ids: tuple[str, ...]


ClientMessage = HotAccept | Hello | Invalidate | Refused | Linked | Custom | Log | Ping


@dataclass(frozen=True, slots=True)
class Connected:
    """The answer to a client's first hello."""

    type: ClassVar = "connected"
    session: str


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """Import *accepted* at *version* and hand it to the callbacks of *url*.

    *adopted* says of a stylesheet that modules import it as a CSS module script.
    """

    url: str
    accepted: str
    version: int
    bubbled: bool
    kind: str
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class UpdateMessage:
    """One batch. *versions* are the modules that run again, outermost first, with the version that is live then.

    *fresh* are modules that never ran in the page, with the version at which it may import them.

    *alone* is the part that what the page has refused before has nothing to do with, for the case that it must be
    refused again.
    """

    type: ClassVar = "update"
    url: str
    bubbled: bool
    updates: tuple[UpdateItem, ...]
    versions: Mapping[str, int]
    prunes: tuple[str, ...] = ()
    fresh: Mapping[str, int] = field(default_factory=dict)
    alone: "UpdateMessage | None" = None


@dataclass(frozen=True, slots=True)
class Reload:
    """The page must be loaded again; *reason* says why, *urls* are the modules that have to link.

    Where they do not, *alone* is what may be updated all the same. *again* says that nothing but what the page has
    refused before asks for it.
    """

    type: ClassVar = "reload"
    reason: str
    urls: tuple[str, ...] = ()
    alone: UpdateMessage | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """What pages are made of has changed: the page is to be fetched and compared. *paths* are for people."""

    type: ClassVar = "refresh"
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pong:
    """Yes."""

    type: ClassVar = "pong"


@dataclass(frozen=True, slots=True)
class Error:
    """A fault that the page should show."""

    type: ClassVar = "error"
    title: str
    errorMessage: str  # noqa: N815 (the specification's spelling)
    fileLoc: str = ""  # noqa: N815
    errorStackTrace: str = ""  # noqa: N815
    ids: tuple[str, ...] = field(default_factory=tuple)


ServerMessage = Connected | UpdateMessage | Reload | Refresh | Custom | Pong | Error


def encode(message: ServerMessage) -> str:
    """Return *message* as it goes over the wire."""
    return json.dumps(_fields(message), separators=(",", ":"))


def _fields(message: ServerMessage) -> dict[str, Any]:
    fields = {"type": message.type, **{name: getattr(message, name) for name in message.__slots__}}
    if isinstance(message, UpdateMessage):
        fields["updates"] = [asdict(item) for item in message.updates]
    alone = fields.pop("alone", None)
    return {**fields, "alone": _fields(alone)} if alone else fields


def encode_for_stock_client(message: ServerMessage, root: str = "") -> tuple[str, ...]:
    """Return *message* in the words of the ESM-HMR specification; some have none there.

    Such a client knows its modules by the whole path of their URLs, the app's *root* included.
    """
    match message:
        case UpdateMessage():
            items = {item.url: item.bubbled for item in message.updates if item.kind != "asset"}
            return tuple(
                json.dumps({"type": "update", "url": root + url, "bubbled": bubbled}) for url, bubbled in items.items()
            )
        case Reload():
            return ('{"type":"reload"}',)
        case Error():
            fields = {name: value for name, value in asdict(message).items() if name != "ids"}
            return (json.dumps({"type": message.type, **fields}),)
    return ()


def decode(text: str) -> ClientMessage:
    """Return the message in *text*.

    Raises MessageError for whatever is too large, nested too deep, not JSON, or not one of ours.
    """
    if len(text) > MAX_MESSAGE:
        raise MessageError(f"{len(text)} characters, more than {MAX_MESSAGE}")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"not JSON: {error}"[:200]) from None
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise MessageError("not an object with a type")
    if _is_deeper(value, MAX_DEPTH):
        raise MessageError(f"nested more than {MAX_DEPTH} deep")
    reader = _READERS.get(value["type"])
    if reader is None:
        raise MessageError(f"unknown type {value['type'][:40]!r}")
    return reader(value)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    """Return the number in *digits*; what becomes infinite could not be sent on."""
    number = float(digits)
    return number if math.isfinite(number) else _no_constant(digits[:40])


def _is_deeper(value: object, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_is_deeper(part, depth - 1) for part in parts)


def _text(value: Mapping[str, Any], key: str, default: str | None = None) -> str:
    found = value.get(key, default)
    if not isinstance(found, str) or len(found) > MAX_URL:
        raise MessageError(f"{key} must be a text of at most {MAX_URL} characters")
    return _LONE_SURROGATE.sub("\ufffd", found)


def _texts(value: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = value.get(key, [])
    if not isinstance(found, list) or len(found) > MAX_MODULES:
        raise MessageError(f"{key} must be a list of at most {MAX_MODULES}")
    return tuple(_text({key: item}, key) for item in found)


def _versions(value: Mapping[str, Any], key: str) -> dict[str, int]:
    found = value.get(key, {})
    if not isinstance(found, dict) or len(found) > MAX_MODULES:
        raise MessageError(f"{key} must be an object of at most {MAX_MODULES} entries")
    return {_text({key: url}, key): _number({key: version}, key) for url, version in found.items()}


def _number(value: Mapping[str, Any], key: str) -> int:
    found = value.get(key, 0)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 10**16:
        raise MessageError(f"{key} must be a whole number of microseconds")
    return found


def _flag(value: Mapping[str, Any], key: str, default: bool) -> bool:
    found = value.get(key, default)
    if not isinstance(found, bool):
        raise MessageError(f"{key} must be true or false")
    return found


def _read_hello(value: Mapping[str, Any]) -> Hello:
    return Hello(
        page=_text(value, "page", ""),
        url=_text(value, "url", ""),
        modules=_versions(value, "modules"),
        entries=_texts(value, "entries"),
        doubled=_texts(value, "doubled"),
        gone=_versions(value, "gone"),
        failed=_versions(value, "failed"),
        repeatable=_texts(value, "repeatable"),
        since=_number(value, "since"),
        visible=_flag(value, "visible", True),
        more=_flag(value, "more", False),
    )


_READERS: dict[str, Callable[[Mapping[str, Any]], ClientMessage]] = {
    "hello": _read_hello,
    "hotAccept": lambda value: HotAccept(_text(value, "id"), _texts(value, "deps")),
    "invalidate": lambda value: Invalidate(_text(value, "id"), _text(value, "message", "")),
    "refused": lambda value: Refused(_texts(value, "ids")),
    "linked": lambda value: Linked(_texts(value, "ids")),
    "custom": lambda value: Custom(_text(value, "event"), value.get("data")),
    "log": lambda value: Log(_text(value, "text")),
    "ping": lambda _value: Ping(),
}
