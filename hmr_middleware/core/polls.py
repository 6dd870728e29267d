"""What a page that polls asks and is answered: the messages of a socket, counted, so that none is lost or doubled."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from hmr_middleware.core.messages import MAX_MESSAGE, MessageError

MAX_BODY = 4 * MAX_MESSAGE  # bytes; a character of a message may take four
_MAX_MESSAGES = 1_000
_MAX_NAME = 100  # characters
_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Poll:
    """One request. Both sides count: a message that comes twice is known by its number, one that is lost comes again.

    *session* is "" where one is to begin, *received* how many of our messages have come, *sent* how many of its own the
    page has sent before these. *tried* are the ways that did not lead to us, *bye* says that the page goes.
    """

    session: str = ""
    received: int = 0
    sent: int = 0
    messages: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    bye: bool = False


def decode_poll(body: bytes) -> Poll:
    """Return the Poll in *body*. Raises MessageError for whatever is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"not JSON: {error}"[:200]) from None
    if not isinstance(value, dict):
        raise MessageError("not an object")
    return Poll(
        session=_texts("session", [value.get("session", "")], _MAX_NAME)[0],
        received=_count("received", value.get("received", 0)),
        sent=_count("sent", value.get("sent", 0)),
        messages=_texts("messages", value.get("messages", []), MAX_MESSAGE),
        tried=_texts("tried", value.get("tried", []), _MAX_NAME),
        bye=value.get("bye") is True,
    )


def _count(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
        raise MessageError(f"{name} must be a number of messages")
    return value


def _texts(name: str, value: object, longest: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MAX_MESSAGES:
        raise MessageError(f"{name} must be a list of at most {_MAX_MESSAGES}")
    if not all(isinstance(item, str) and len(item) <= longest for item in value):
        raise MessageError(f"{name} must hold texts of at most {longest} characters")
    return tuple(value)


def encode_answer(session: str, received: int, sent: int, messages: Iterable[str]) -> str:
    """Return the answer to a Poll: *received* counts the page's messages, *sent* ours before these."""
    return json.dumps({"session": session, "received": received, "sent": sent, "messages": list(messages)})


# The session is another worker's: asked again, the server may choose that one.
ELSEWHERE = json.dumps({"elsewhere": True})
# There is no such session any more: the page begins another one, and is told what it has missed.
GONE = json.dumps({"gone": True})
