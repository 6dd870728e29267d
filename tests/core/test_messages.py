"""The wire protocol: what is said, what is understood, and what is dropped."""

import json
from dataclasses import replace

import pytest

from hmr_middleware.core.messages import (
    MAX_DEPTH,
    MAX_MESSAGE,
    MAX_MODULES,
    MAX_URL,
    ClientMessage,
    Connected,
    Custom,
    Error,
    Hello,
    HotAccept,
    Invalidate,
    Linked,
    Log,
    MessageError,
    Ping,
    Pong,
    Refresh,
    Refused,
    Reload,
    ServerMessage,
    UpdateItem,
    UpdateMessage,
    decode,
    encode,
    encode_for_stock_client,
)

EMPTY_HELLO = Hello(page="", url="", modules={})
ITEMS = (
    UpdateItem("/app.js", "/a.js", 7, True, "js"),
    UpdateItem("/app.js", "/b.js", 7, True, "js"),
    UpdateItem("/c.css", "/c.css", 8, False, "css"),
    UpdateItem("/d.png", "/d.png", 8, False, "asset"),  # what a stock client would take for a module
)
UPDATE = UpdateMessage("/app.js", True, ITEMS, {"/a.js": 7}, ("/old.js",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"type":"ping"}', Ping(), id="ping"),
        pytest.param('{"type":"ping","more":[1]}', Ping(), id="unknown-fields-are-left-out"),
        pytest.param('{"type":"custom","event":"a:b"}', Custom("a:b"), id="custom"),
        pytest.param('{"type":"custom","event":"e","data":{"x":[1]}}', Custom("e", {"x": [1]}), id="custom-data"),
        pytest.param('{"type":"log","text":"ü"}', Log("ü"), id="log"),
        pytest.param('{"type":"log","text":"a\\ud800"}', Log("a\ufffd"), id="half-a-surrogate-pair"),
        pytest.param('{"type":"hotAccept","id":"/a.js"}', HotAccept("/a.js"), id="hotAccept"),
        pytest.param('{"type":"hotAccept","id":"/a","deps":["/b"]}', HotAccept("/a", ("/b",)), id="hotAccept-deps"),
        pytest.param('{"type":"invalidate","id":"/a.js"}', Invalidate("/a.js"), id="invalidate"),
        pytest.param('{"type":"invalidate","id":"/a","message":"m"}', Invalidate("/a", "m"), id="invalidate-message"),
        pytest.param('{"type":"refused","ids":["/a.js"]}', Refused(("/a.js",)), id="refused"),
        pytest.param('{"type":"linked","ids":["/a.js"]}', Linked(("/a.js",)), id="linked"),
        pytest.param('{"type":"hello"}', EMPTY_HELLO, id="hello-empty"),
        pytest.param(
            '{"type":"hello","page":"p","url":"/","modules":{"/a.js":7},"entries":["/a.js"],"since":5,"visible":false,'
            '"more":true,"failed":{"/b.js":0,"/c.js":7},"repeatable":["/c.js"]}',
            Hello(
                "p",
                "/",
                {"/a.js": 7},
                ("/a.js",),
                since=5,
                visible=False,
                more=True,
                failed={"/b.js": 0, "/c.js": 7},
                repeatable=("/c.js",),
            ),
            id="hello-full",
        ),
    ],
)
def test_decode(text: str, expected: ClientMessage) -> None:
    assert decode(text) == expected


def hello(**fields: object) -> str:
    return json.dumps({"type": "hello", **fields})


def nested(depth: int) -> str:
    return f'{{"type":"ping","x":{"[" * (depth - 1)}{"]" * (depth - 1)}}}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "not JSON", id="empty"),
        pytest.param("{", "not JSON", id="broken"),
        pytest.param('{"type":"ping"}x', "not JSON", id="something-behind"),
        pytest.param('{"type":"ping","x":NaN}', "not JSON", id="nan"),
        pytest.param('{"type":"ping","x":' + "9" * 5000 + "}", "not JSON", id="huge-number"),
        pytest.param("[" * 100_000, "not JSON", id="bottomless"),
        pytest.param(nested(MAX_DEPTH + 1), "nested", id="too-deep"),
        pytest.param("null", "not an object", id="null"),
        pytest.param('"ping"', "not an object", id="text"),
        pytest.param("[]", "not an object", id="list"),
        pytest.param("{}", "not an object with a type", id="no-type"),
        pytest.param('{"type":1}', "not an object with a type", id="type-is-a-number"),
        pytest.param('{"type":"update"}', "unknown type 'update'", id="a-server's-message"),
        pytest.param('{"type":"log"}', "text", id="field-missing"),
        pytest.param('{"type":"custom","data":1}', "event", id="event-missing"),
        pytest.param('{"type":"log","text":1}', "text", id="field-of-another-kind"),
        pytest.param('{"type":"hotAccept","id":"/a","deps":"/b"}', "deps", id="text-for-a-list"),
        pytest.param('{"type":"hotAccept","id":"/a","deps":[1]}', "deps", id="list-of-numbers"),
        pytest.param('{"type":"hotAccept","id":null}', "id", id="null-for-a-text"),
        pytest.param('{"type":"refused","ids":"/a.js"}', "ids", id="refused-no-list"),
        pytest.param('{"type":"linked","ids":[{}]}', "ids", id="linked-no-texts"),
        pytest.param(hello(modules=[]), "modules", id="list-for-an-object"),
        pytest.param(hello(modules={"/a": "7"}), "modules", id="text-for-a-version"),
        pytest.param(hello(modules={"/a": -1}), "modules", id="negative-version"),
        pytest.param(hello(modules={"/a": 1.5}), "modules", id="half-a-version"),
        pytest.param(hello(modules={"/a": True}), "modules", id="true-for-a-version"),
        pytest.param(hello(modules={"/a": 10**16}), "modules", id="version-with-17-digits"),
        pytest.param(hello(failed={"/a": "7"}), "failed", id="text-for-a-failed-version"),
        pytest.param(hello(repeatable="/a"), "repeatable", id="text-for-repeatable"),
        pytest.param(hello(since="now"), "since", id="text-for-a-time"),
        pytest.param(hello(visible=1), "visible", id="number-for-a-flag"),
        pytest.param(hello(more=None), "more", id="null-for-a-flag"),
        pytest.param(hello(url="x" * (MAX_URL + 1)), "url", id="long-url"),
        pytest.param(hello(entries=["/a"] * (MAX_MODULES + 1)), "entries", id="many-entries"),
        pytest.param(hello(modules={str(n): 0 for n in range(MAX_MODULES + 1)}), "modules", id="many-modules"),
        pytest.param('{"type":"ping"}' + " " * MAX_MESSAGE, "characters", id="long-message"),
    ],
)
def test_what_means_nothing_is_an_error(text: str, why: str) -> None:
    with pytest.raises(MessageError, match=why):
        decode(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(nested(MAX_DEPTH), id="depth"),
        pytest.param(hello(url="x" * MAX_URL), id="url"),
        pytest.param(hello(entries=["/a"] * MAX_MODULES), id="entries"),
        pytest.param(hello(modules={str(n): 10**16 - 1 for n in range(MAX_MODULES)}), id="modules"),
        pytest.param('{"type":"ping"}'.ljust(MAX_MESSAGE), id="size"),
    ],
)
def test_limits_may_be_reached(text: str) -> None:
    decode(text)


def test_an_error_is_short_enough_for_a_log_line() -> None:
    with pytest.raises(MessageError) as caught:
        decode(json.dumps({"type": "x" * 10_000}))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(Connected("s"), {"type": "connected", "session": "s"}, id="connected"),
        pytest.param(Pong(), {"type": "pong"}, id="pong"),
        pytest.param(Custom("e", [1]), {"type": "custom", "event": "e", "data": [1]}, id="custom"),
        pytest.param(Reload("why"), {"type": "reload", "reason": "why", "urls": [], "again": False}, id="reload"),
        pytest.param(Refresh(("page.html",)), {"type": "refresh", "paths": ["page.html"]}, id="refresh"),
        pytest.param(
            UPDATE,
            {
                "type": "update",
                "url": "/app.js",
                "bubbled": True,
                "updates": [
                    {
                        "url": "/app.js",
                        "accepted": "/a.js",
                        "version": 7,
                        "bubbled": True,
                        "kind": "js",
                        "adopted": False,
                    },
                    {
                        "url": "/app.js",
                        "accepted": "/b.js",
                        "version": 7,
                        "bubbled": True,
                        "kind": "js",
                        "adopted": False,
                    },
                    {
                        "url": "/c.css",
                        "accepted": "/c.css",
                        "version": 8,
                        "bubbled": False,
                        "kind": "css",
                        "adopted": False,
                    },
                    {
                        "url": "/d.png",
                        "accepted": "/d.png",
                        "version": 8,
                        "bubbled": False,
                        "kind": "asset",
                        "adopted": False,
                    },
                ],
                "versions": {"/a.js": 7},
                "prunes": ["/old.js"],
                "fresh": {},
            },
            id="update",
        ),
    ],
)
def test_encode(message: ServerMessage, expected: object) -> None:
    assert json.loads(encode(message)) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(Connected("s"), [], id="connected"),
        pytest.param(Pong(), [], id="pong"),
        pytest.param(Custom("e", 1), [], id="custom"),
        pytest.param(Reload("why"), [{"type": "reload"}], id="reload"),
        pytest.param(Refresh(("page.html",)), [], id="refresh"),
        pytest.param(
            UPDATE,
            [
                {"type": "update", "url": "/app.js", "bubbled": True},
                {"type": "update", "url": "/c.css", "bubbled": False},
            ],
            id="one-update-for-each-boundary",
        ),
    ],
)
def test_a_stock_client_hears_only_what_its_specification_names(message: ServerMessage, expected: list[object]) -> None:
    assert [json.loads(text) for text in encode_for_stock_client(message)] == expected


def test_an_error_has_the_fields_of_the_specification() -> None:
    told = json.loads(encode_for_stock_client(Error("Syntax", "bad", "a.js:1:2", "at a.js"))[0])
    assert told == {
        "type": "error",
        "title": "Syntax",
        "errorMessage": "bad",
        "fileLoc": "a.js:1:2",
        "errorStackTrace": "at a.js",
    }


def test_a_stock_client_knows_its_modules_below_the_root() -> None:
    told = [json.loads(text)["url"] for text in encode_for_stock_client(UPDATE, "/shop")]
    assert told == ["/shop/app.js", "/shop/c.css"]


@pytest.mark.parametrize("whole", [UpdateMessage("/a", False, (), {"/a": 2}), Reload("why", ("/a",))])
def test_the_part_that_can_be_applied_alone_goes_along(whole: UpdateMessage | Reload) -> None:
    alone = UpdateMessage("/b", False, (UpdateItem("/b", "/b", 1, False, "js"),), {"/b": 1})
    assert "alone" not in json.loads(encode(whole))
    assert json.loads(encode(replace(whole, alone=alone)))["alone"] == json.loads(encode(alone))
