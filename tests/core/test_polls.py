"""What a page that polls asks: whatever is none of that is refused, and nothing else happens."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmr_middleware.core.messages import MAX_MESSAGE, MessageError
from hmr_middleware.core.polls import Poll, decode_poll, encode_answer

WHOLE = Poll("name", 2, 1, ("{}", "x"), ("socket",), True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{}", Poll()),
        ('{"unknown": 1, "bye": 1}', Poll()),
        (
            '{"session": "name", "received": 2, "sent": 1, "messages": ["{}", "x"], "tried": ["socket"], "bye": true}',
            WHOLE,
        ),
        (json.dumps({"messages": ["x" * MAX_MESSAGE]}), Poll(messages=("x" * MAX_MESSAGE,))),
    ],
    ids=["nothing", "unknown", "whole", "largest"],
)
def test_decode(body: str, expected: Poll) -> None:
    assert decode_poll(body.encode()) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "\xff",
        "[" * 100_000,
        '{"session": 1}',
        '{"session": "' + "x" * 101 + '"}',
        '{"received": -1}',
        '{"received": true}',
        '{"received": 1000000000}',
        '{"sent": 1.5}',
        '{"sent": 1e400}',
        '{"sent": ' + "1" * 10_000 + "}",
        '{"messages": "text"}',
        '{"messages": [{}]}',
        '{"messages": [' + '"",' * 1_000 + '""]}',
        '{"messages": ["' + "x" * (MAX_MESSAGE + 1) + '"]}',
        '{"tried": [null]}',
        '{"tried": {}}',
    ],
    ids=lambda body: body[:24],
)
def test_whatever_is_none_is_refused(body: str) -> None:
    with pytest.raises(MessageError):
        decode_poll(body.encode("latin-1"))


@given(st.binary() | st.recursive(st.none() | st.integers() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_nothing_else_is_raised(body: bytes | str) -> None:
    try:
        decode_poll(body if isinstance(body, bytes) else body.encode())
    except MessageError:
        return


@given(
    st.dictionaries(st.sampled_from(["session", "received", "sent", "messages", "tried"]), st.integers() | st.text())
)
def test_no_field_of_another_kind_gets_through(fields: dict[str, object]) -> None:
    try:
        poll = decode_poll(json.dumps(fields).encode())
    except MessageError:
        return
    assert isinstance(poll.session, str) and poll.received >= 0 and poll.sent >= 0
    assert not poll.messages and not poll.tried


def test_an_answer_carries_the_messages_as_they_are() -> None:
    said = json.loads(encode_answer("name", 1, 2, ['{"type":"pong"}']))
    assert said == {"session": "name", "received": 1, "sent": 2, "messages": ['{"type":"pong"}']}
