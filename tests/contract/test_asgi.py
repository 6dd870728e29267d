"""What only ASGI has: lifespan, foreign sockets, extensions."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contract.interfaces import scope_of
from contract.sites import DOCUMENT, MODULE, untag
from hmr_middleware import HmrMiddleware

PAGE = b"<!doctype html><head><title>x</title>"
HTML = [(b"content-type", b"text/html")]
V = "1700000000000000"


@pytest.fixture
def wrap() -> Iterator[Callable[[Any], Any]]:
    """Return a function that wraps an app; what runs for it ends with the test."""
    wrapped: list[Any] = []

    def wrap(app: Any) -> Any:
        wrapped.append(HmrMiddleware(app, enabled=True))
        return wrapped[-1]

    yield wrap
    for app in wrapped:
        if running := app._service.ready():
            running.watcher.stop()


async def receive() -> dict[str, Any]:
    """Receive nothing."""
    return {"type": "http.request", "body": b""}


def ask(app: Any, scope: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what *app* sends for *scope*."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def app_that_sends(*messages: dict[str, Any], seen: list[dict[str, Any]] | None = None) -> Any:
    """Return an app that sends *messages*."""

    async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
        if seen is not None:
            seen.append(scope)
        for message in messages:
            await send(message)

    return app


START = {"type": "http.response.start", "status": 200, "headers": HTML}


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, id="lifespan"),
        pytest.param(scope_of("/", type="websocket", subprotocols=["chat"]), id="foreign-socket"),
        pytest.param(scope_of("/", type="websocket"), id="socket-without-subprotocols"),
        pytest.param({"type": "something-new"}, id="unknown"),
    ],
)
def test_what_is_not_ours_gets_the_very_same_arguments(wrap: Any, scope: dict[str, Any]) -> None:
    got: list[object] = []

    async def app(*args: object) -> None:
        got.extend(args)

    async def send(_message: object) -> None: ...

    asyncio.run(wrap(app)(scope, receive, send))
    assert [id(argument) for argument in got] == [id(scope), id(receive), id(send)]


def test_a_fault_of_lifespan_passes(wrap: Any) -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise NotImplementedError("lifespan")

    with pytest.raises(NotImplementedError):
        ask(wrap(app), {"type": "lifespan"})


def test_lifespan_starts_nothing(wrap: Any) -> None:
    app = wrap(app_that_sends())
    ask(app, {"type": "lifespan"})
    assert app._service.ready() is None


# Messages


def test_the_head_waits_until_it_is_final(wrap: Any) -> None:
    pieces = [b"<!doc", b"type html>", b"<head>", b"<p>"]
    bodies = [{"type": "http.response.body", "body": piece, "more_body": True} for piece in pieces]
    sent = ask(wrap(app_that_sends(START, *bodies, {"type": "http.response.body"})), scope_of("/"))
    assert [message["type"] for message in sent][:1] == ["http.response.start"]
    assert untag(b"".join(message.get("body", b"") for message in sent)) == (b"".join(pieces), 1)
    assert [message.get("more_body", False) for message in sent[1:]][-1] is False


@pytest.mark.parametrize(
    "body", [{}, {"body": b""}, {"body": b"", "more_body": False}], ids=["bare", "blank", "spelled-out"]
)
def test_an_empty_document(wrap: Any, body: dict[str, Any]) -> None:
    sent = ask(wrap(app_that_sends(START, {"type": "http.response.body", **body})), scope_of("/", headers={}))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[1]["body"] == b""


def test_messages_that_we_do_not_know_pass(wrap: Any) -> None:
    hint = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    sent = ask(wrap(app_that_sends(hint, START, {"type": "http.response.body", "body": PAGE})), scope_of("/"))
    assert sent[0] is hint


def test_other_fields_of_the_head_stay(wrap: Any) -> None:
    start = {**START, "trailers": True}
    sent = ask(wrap(app_that_sends(start, {"type": "http.response.body", "body": PAGE})), scope_of("/"))
    assert sent[0]["trailers"] is True


def test_what_passes_untouched_is_the_very_same_messages(wrap: Any) -> None:
    messages = [{**START, "headers": []}, {"type": "http.response.body", "body": PAGE, "more_body": False}]
    sent = ask(wrap(app_that_sends(*messages)), scope_of("/"))
    assert [id(message) for message in sent] == [id(message) for message in messages]


def test_headers_are_in_lower_case(wrap: Any) -> None:
    sent = ask(wrap(app_that_sends(START, {"type": "http.response.body", "body": PAGE})), scope_of("/"))
    assert all(name == name.lower() for name, _ in sent[0]["headers"])


# The scope


EXTENSIONS: dict[str, Any] = {"http.response.pathsend": {}, "http.response.zerocopysend": {}, "http.response.push": {}}


@pytest.mark.parametrize(
    ("target", "headers", "left"),
    [
        pytest.param("/static/a.js", MODULE, {"http.response.push"}, id="script"),
        pytest.param("/", {}, {"http.response.push"}, id="perhaps-a-document"),
        pytest.param("/a.png", {"Sec-Fetch-Dest": "image"}, set(EXTENSIONS), id="image"),
    ],
)
def test_what_we_must_see_is_not_sent_past_us(wrap: Any, target: str, headers: dict[str, str], left: set[str]) -> None:
    seen: list[dict[str, Any]] = []
    scope = scope_of(target, headers=headers, extensions=EXTENSIONS)
    ask(wrap(app_that_sends(START, {"type": "http.response.body"}, seen=seen)), scope)
    assert seen[0]["extensions"].keys() == left


@pytest.mark.parametrize("missing", ["extensions", "raw_path", "root_path", "query_string"])
def test_optional_parts_of_a_scope(wrap: Any, missing: str) -> None:
    scope = scope_of("/", headers=DOCUMENT)
    del scope[missing]
    sent = ask(wrap(app_that_sends(START, {"type": "http.response.body", "body": PAGE})), scope)
    assert untag(sent[1]["body"]) == (PAGE, 1)


def test_the_scope_of_the_server_is_not_changed(wrap: Any) -> None:
    scope = scope_of(f"/static/a.js?t={V}", headers={**MODULE, "Accept-Encoding": "gzip"})
    before = {**scope, "headers": list(scope["headers"]), "extensions": dict(scope["extensions"])}
    ask(wrap(app_that_sends(START, {"type": "http.response.body"})), scope)
    assert {key: scope[key] for key in before} == before


def test_all_headers_but_ours_reach_the_app(wrap: Any) -> None:
    seen: list[dict[str, Any]] = []
    scope = scope_of("/static/a.js", headers=MODULE)
    scope["headers"] += [(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept-encoding", b"br")]
    ask(wrap(app_that_sends(START, {"type": "http.response.body"}, seen=seen)), scope)
    assert [value for name, value in seen[0]["headers"] if name == b"cookie"] == [b"a=1", b"b=2"]
    assert [value for name, value in seen[0]["headers"] if name == b"accept-encoding"] == [b"identity"]


@pytest.mark.parametrize("path", ["/static/a.js", "/app/static/a.js"], ids=["below-the-root", "with-the-root"])
def test_both_ways_to_tell_the_path_below_a_root(wrap: Any, path: str) -> None:
    """Servers before and after ASGI 2.4's clarification leave the root out of the path, or put it in."""
    scope = scope_of("/", headers=MODULE) | {"root_path": "/app", "path": path, "raw_path": path.encode()}
    script = {**START, "headers": [(b"content-type", b"text/javascript")]}
    sent = ask(wrap(app_that_sends(script, {"type": "http.response.body", "body": b"import(x)"})), scope)
    assert b'"/app/static/a.js"' in sent[1]["body"]


def test_a_large_script_is_rewritten_as_well(wrap: Any) -> None:
    script = {**START, "headers": [(b"content-type", b"text/javascript")]}
    source = b"import.meta.hot.accept();\n" + b"a();\n" * 50_000
    sent = ask(
        wrap(app_that_sends(script, {"type": "http.response.body", "body": source})), scope_of("/a.js", headers=MODULE)
    )
    assert sent[1]["body"].endswith(source)
    assert len(sent[1]["body"]) > len(source)
