"""Documents get the client's tag, byte for byte as they were otherwise; everything else passes."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from contract.interfaces import Answer, Interface, Result, ignore
from contract.sites import DOCUMENT, LAST_MODIFIED, Site, untag
from hmr_middleware import HmrMiddleware

HTML = ("Content-Type", "text/html; charset=utf-8")
PAGE = "<!doctype html>\n<html><head>\n<title>ü</title></head><body>x</body></html>\r\n".encode()
Log = Callable[[str], list[str]]


def check_tagged(result: Result, page: bytes = PAGE) -> None:
    assert untag(result.body) == (page, 1)


def check_untouched(result: Result, body: bytes, *headers: tuple[str, str]) -> None:
    assert result.body == body
    assert [(name.lower(), value) for name, value in result.headers] == [
        (name.lower(), value) for name, value in headers
    ]


# The tag


def test_the_tag_stands_first_in_the_head(site: Site) -> None:
    site.answers(PAGE, HTML)
    assert site.get("/").body.startswith(b'<!doctype html>\n<html><head><script src="/__hmr/client.js"')


@pytest.mark.parametrize("root", ["", "/app", "/a/b"])
def test_the_tag_leads_below_the_root(site: Site, root: str) -> None:
    site.answers(PAGE, HTML)
    assert f'<script src="{root}/__hmr/client.js"'.encode() in site.get("/page", root=root).body


def test_a_root_beyond_ascii_is_encoded(site: Site) -> None:
    site.answers(PAGE, HTML)
    assert b'src="/%C3%BC/__hmr/client.js"' in site.get("/", root="/ü").body


def test_the_tag_carries_the_token_of_the_session(site: Site) -> None:
    site.answers(PAGE, HTML)
    assert re.search(rb'data-hmr="\d{16}\.token"', site.get("/").body)


@pytest.mark.parametrize("status", [200, 201, 400, 404, 500])
def test_a_document_with_any_status_is_tagged(site: Site, status: int) -> None:
    site.answers(PAGE, HTML, status=status)
    result = site.get("/")
    check_tagged(result)
    assert result.status == status


@pytest.mark.parametrize("mime", ["text/html", "TEXT/HTML;charset=UTF-8", "application/xhtml+xml"])
def test_types_of_documents(site: Site, mime: str) -> None:
    site.answers(PAGE, ("Content-Type", mime))
    check_tagged(site.get("/"))


def test_wrapping_again_changes_nothing(site: Site) -> None:
    assert HmrMiddleware(site.app, enabled=True) is site.app


def test_one_around_another_with_something_between_tags_once(interface: Interface, site: Site) -> None:
    site.answers(PAGE, HTML)
    outer = HmrMiddleware(with_middleware(site.app, interface.name), enabled=True)
    check_tagged(interface.ask(outer, "/", method="GET", headers={}, root="", notice=ignore))
    outer._service.ready().watcher.stop()


def with_middleware(app: Any, interface: str) -> Any:
    """Return somebody else's middleware around *app*."""
    if interface == "wsgi":
        return lambda environ, start_response: app(environ, start_response)

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    return middleware


# Headers


def test_the_length_is_that_of_what_is_sent(site: Site) -> None:
    site.answers(PAGE, HTML, ("Content-Length", str(len(PAGE))))
    result = site.get("/")
    assert result.header("content-length") == str(len(result.body))


def test_no_length_is_made_up_for_a_stream(site: Site) -> None:
    site.answers(PAGE, HTML)
    assert site.get("/").header("content-length") is None


@pytest.mark.parametrize(
    "header",
    [
        ("ETag", '"x"'),
        ("Last-Modified", LAST_MODIFIED),
        ("Accept-Ranges", "bytes"),
        ("Digest", "x"),
        ("Content-MD5", "x"),
    ],
    ids=lambda header: header[0],
)
def test_what_described_the_document_of_the_app_is_gone(site: Site, header: tuple[str, str]) -> None:
    site.answers(PAGE, HTML, header)
    assert header[0].lower() not in site.get("/").names


def test_all_other_headers_stay_in_order(site: Site) -> None:
    headers = [
        HTML,
        ("Set-Cookie", "a=1"),
        ("X-Y", "ü".encode().decode("latin-1")),
        ("Set-Cookie", "b=2"),
        ("Vary", "*"),
    ]
    site.answers(PAGE, *headers)
    assert [(name.lower(), value) for name, value in site.get("/").headers] == [
        (name.lower(), value) for name, value in headers
    ]


# Which requests are for documents


@pytest.mark.parametrize(
    ("destination", "body", "tagged"),
    [
        ("document", PAGE, True),
        ("iframe", PAGE, True),
        ("frame", PAGE, True),
        ("document", b"hello", True),
        ("empty", PAGE, False),
        ("object", PAGE, False),
        ("image", PAGE, False),
        ("script", PAGE, False),
        (None, PAGE, True),
        (None, b"<body>x", True),
        (None, b"<title>x</title>", True),
        (None, b"<div>x</div>", False),
        (None, b"hello <html>", False),
    ],
)
def test_destination(site: Site, destination: str | None, body: bytes, tagged: bool) -> None:
    site.answers(body, HTML)
    result = site.get("/", {"Sec-Fetch-Dest": destination} if destination else {})
    assert untag(result.body) == (body, int(tagged))


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_pass_untouched(site: Site, method: str) -> None:
    headers = [HTML, ("Content-Length", str(len(PAGE))), ("ETag", '"x"')]
    body = b"" if method == "HEAD" else PAGE
    site.answers(body, *headers)
    check_untouched(site.get("/", method=method), body, *headers)


def test_a_page_that_came_from_a_post_is_tagged(site: Site) -> None:
    site.answers(PAGE, HTML)
    check_tagged(site.get("/", DOCUMENT, method="POST"))


# What passes untouched


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(PAGE, [("Content-Type", "application/json")], 200, id="json"),
        pytest.param(PAGE, [("Content-Type", "text/plain")], 200, id="text"),
        pytest.param(PAGE, [], 200, id="no-type"),
        pytest.param(b"<div>x</div>", [HTML], 200, id="fragment"),
        pytest.param(b"", [HTML], 200, id="empty"),
        pytest.param(PAGE, [HTML, ("Content-Disposition", "attachment; filename=x.html")], 200, id="download"),
        pytest.param(b"", [("ETag", '"x"')], 204, id="no-content"),
        pytest.param(PAGE, [HTML, ("Content-Range", "bytes 0-9/99")], 206, id="part"),
        pytest.param(b"", [("ETag", '"x"'), HTML], 304, id="not-modified"),
        pytest.param(b"", [("Location", "/"), HTML], 302, id="redirect"),
    ],
)
def test_untouched(site: Site, body: bytes, headers: list[tuple[str, str]], status: int) -> None:
    headers = [*headers, ("Content-Length", str(len(body)))]
    site.answers(body, *headers, status=status)
    result = site.get("/")
    check_untouched(result, body, *headers)
    assert result.status == status


def test_a_page_to_be_shown_is_no_download(site: Site) -> None:
    site.answers(PAGE, HTML, ("Content-Disposition", "inline; filename=x.html"))
    check_tagged(site.get("/"))


@pytest.mark.parametrize(
    ("disposition", "tagged"), [("Attachment; filename=x", 0), ("inline; filename=attachment.html", 1)]
)
def test_disposition_by_its_grammar(site: Site, disposition: str, tagged: int) -> None:
    site.answers(PAGE, HTML, ("Content-Disposition", disposition))
    assert untag(site.get("/").body) == (PAGE, tagged)


@pytest.mark.parametrize(
    ("body", "charset", "why"),
    [
        pytest.param("\ufeff<!doctype html><head>".encode("utf-16-le"), "", "UTF-16", id="utf-16-le"),
        pytest.param("\ufeff<!doctype html><head>".encode("utf-16-be"), "", "UTF-16", id="utf-16-be"),
        pytest.param("<!doctype html><head>".encode("utf-16-le"), "utf-16", "not text", id="utf-16-without-mark"),
        pytest.param(b"<!doctype html>\0\1\2" * 9, "utf-8", "not text", id="binary"),
        pytest.param(b"<!doctype html><head>" + b"\xff" * 99, "utf-8", "not utf-8", id="not-what-its-type-says"),
        pytest.param(b"<!doctype html><head>\xff", "klingon", "'klingon'", id="unknown-charset"),
    ],
)
def test_unreadable_documents_pass_with_one_log_line(site: Site, log: Log, body: bytes, charset: str, why: str) -> None:
    headers = [("Content-Type", f"text/html; charset={charset}"), ("Content-Length", str(len(body))), ("ETag", '"x"')]
    site.answers(body, *headers)
    check_untouched(site.get("/page"), body, *headers)
    assert len(log("/page is served without the client")) == len(log(why)) == 1


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "shift_jis"])
def test_other_charsets_are_tagged_byte_for_byte(site: Site, charset: str) -> None:
    text = (
        "<!doctype html><head><title>日本</title>"
        if charset == "shift_jis"
        else "<!doctype html><head><title>é</title>"
    )
    site.answers(text.encode(charset), ("Content-Type", f"text/html; charset={charset}"))
    check_tagged(site.get("/"), text.encode(charset))


# Encodings

RAW = zlib.compressobj(wbits=-15)
ENCODED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    "Deflate": RAW.compress(PAGE) + RAW.flush(),
    "deflate, gzip": gzip.compress(zlib.compress(PAGE)),
    "identity": PAGE,
}


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "in-pieces"])
def test_encoded_documents_are_decoded_and_tagged(site: Site, encoding: str, whole: bool) -> None:
    encoded = ENCODED[encoding]
    body = encoded if whole else [encoded[at : at + 10] for at in range(0, len(encoded), 10)]
    site.answers(body, HTML, ("Content-Encoding", encoding), ("Content-Length", str(len(encoded))))
    result = site.get("/")
    check_tagged(result)
    assert result.header("content-encoding") in (None, "identity")
    assert result.header("content-length") == str(len(result.body))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        pytest.param("gzip", gzip.compress(PAGE)[:-9], id="gzip-cut-short"),
        pytest.param("gzip", PAGE, id="not-gzip"),
        pytest.param("deflate", PAGE, id="not-deflate"),
        pytest.param("compress", PAGE, id="unknown"),
        pytest.param("dcb", PAGE, id="with-a-dictionary"),
    ],
)
def test_undecodable_documents_pass_with_one_log_line(site: Site, log: Log, encoding: str, body: bytes) -> None:
    headers = [HTML, ("Content-Encoding", encoding), ("Content-Length", str(len(body))), ("ETag", '"x"')]
    site.answers(body, *headers)
    check_untouched(site.get("/page"), body, *headers)
    assert len(log("/page is served without the client")) == len(log(encoding)) == 1


# Streaming


def test_a_stream_is_passed_on_piece_by_piece(site: Site) -> None:
    events: list[object] = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"<!doctype html><head>", b"<title>x</title>", b"<p>y"):
            events.append(f"made {piece.decode()}")
            yield piece

    site.respond = lambda _seen: Answer(pieces(), (HTML,))
    result = site.get("/", notice=lambda piece: events.append(untag(piece)[0].decode()) if piece else None)
    assert events == [
        "made <!doctype html><head>",
        "<!doctype html><head>",
        "made <title>x</title>",
        "<title>x</title>",
        "made <p>y",
        "<p>y",
    ]
    check_tagged(result, b"<!doctype html><head><title>x</title><p>y")


def test_what_passes_untouched_is_not_held_back_either(site: Site) -> None:
    events: list[object] = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"data: 1", b"data: 2"):
            events.append(f"made {piece.decode()}")
            yield piece

    site.respond = lambda _seen: Answer(pieces(), (("Content-Type", "text/event-stream"),))
    site.get("/", notice=lambda piece: events.append(piece.decode()) if piece else None)
    assert events == ["made data: 1", "data: 1", "made data: 2", "data: 2"]


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_document_in_tiny_pieces(site: Site, size: int) -> None:
    site.answers([PAGE[at : at + size] for at in range(0, len(PAGE), size)], HTML)
    check_tagged(site.get("/"))


def test_empty_pieces_end_nothing(site: Site) -> None:
    site.answers([b"", b"<!doctype html>", b"", b"<head>", b""], HTML)
    check_tagged(site.get("/"), b"<!doctype html><head>")


# Content-Security-Policy


@pytest.mark.parametrize(
    ("policy", "nonce"),
    [
        pytest.param("script-src 'nonce-abc'", "abc", id="nonce"),
        pytest.param("default-src 'nonce-abc' 'strict-dynamic'", "abc", id="nonce-by-default"),
        pytest.param("script-src 'self'", None, id="no-nonce"),
        pytest.param("style-src 'nonce-abc'", None, id="nonce-of-styles"),
    ],
)
def test_the_nonce_is_on_the_tag(site: Site, policy: str, nonce: str | None) -> None:
    site.answers(PAGE, HTML, ("Content-Security-Policy", policy))
    found = re.search(rb'nonce="([^"]*)"', site.get("/").body)
    assert (found[1].decode() if found else None) == nonce


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("default-src 'self'", "default-src 'self'"),
        (
            "default-src 'none'",
            "default-src 'none'; script-src http://localhost:5000/__hmr/; connect-src ws://localhost:5000 http://localhost:5000",
        ),
        ("connect-src 'none'", "connect-src ws://localhost:5000 http://localhost:5000"),
    ],
)
def test_the_policy_lets_the_client_through(site: Site, policy: str, expected: str) -> None:
    site.answers(PAGE, HTML, ("Content-Security-Policy", policy))
    assert site.get("/").header("content-security-policy") == expected


@pytest.mark.parametrize(
    ("body", "header"),
    [
        pytest.param(b"<div>", "Content-Security-Policy", id="fragment"),
        pytest.param(PAGE, "Content-Security-Policy-Report-Only", id="report-only"),
    ],
)
def test_other_policies_stay(site: Site, body: bytes, header: str) -> None:
    site.answers(body, HTML, (header, "default-src 'none'"))
    assert site.get("/").header(header.lower()) == "default-src 'none'"


def test_the_nonce_may_be_in_the_second_policy(site: Site) -> None:
    site.answers(
        PAGE,
        HTML,
        ("Content-Security-Policy", "img-src *"),
        ("Content-Security-Policy", "script-src 'nonce-abc'"),
    )
    assert b'nonce="abc"' in site.get("/").body


# Hosts


@pytest.mark.parametrize(
    ("host", "tagged"),
    [("localhost:5000", 1), ("127.0.0.1", 1), ("app.localhost", 1), ("listed.test", 1), ("evil.test", 0), ("", 0)],
)
def test_a_host_that_could_be_rebound_gets_no_token(site: Site, host: str, tagged: int) -> None:
    site.settings["allowed_hosts"] = ["listed.test"]
    site.answers(PAGE, HTML)
    assert untag(site.get("/", {"host": host}).body) == (PAGE, tagged)


def test_the_setting_that_would_allow_a_host_is_named(site: Site, log: Log) -> None:
    site.answers(PAGE, HTML)
    site.get("/", {"host": "evil.test", **DOCUMENT})
    assert len(log("allowed_hosts")) == 1


# What the app is asked


def asked(site: Site, headers: Mapping[str, str]) -> Mapping[str, str]:
    site.answers(PAGE, HTML)
    site.get("/", headers)
    return site.seen[-1].headers


def test_a_document_is_asked_for_without_an_encoding(site: Site) -> None:
    assert asked(site, {**DOCUMENT, "accept-encoding": "gzip, br"})["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Dest": "font"},
        {"Accept": "application/json"},
        {},
    ],
    ids=["image", "fetch", "font", "json", "unknown"],
)
def test_what_is_not_ours_is_asked_for_as_the_browser_did(site: Site, headers: dict[str, str]) -> None:
    theirs = {"accept-encoding": "gzip, br", "if-none-match": '"x"', "range": "bytes=0-9"}
    assert asked(site, {**headers, **theirs}).items() >= theirs.items()


def test_no_encoding_is_asked_for_where_none_was(site: Site) -> None:
    assert "accept-encoding" not in asked(site, DOCUMENT)


def test_a_part_of_a_document_may_be_asked_for(site: Site) -> None:
    assert asked(site, {**DOCUMENT, "range": "bytes=0-9"})["range"] == "bytes=0-9"


def test_a_document_is_always_asked_for_anew(site: Site) -> None:
    seen = asked(site, {**DOCUMENT, "if-none-match": '"x"', "if-modified-since": LAST_MODIFIED})
    assert seen.keys().isdisjoint({"if-none-match", "if-modified-since"})


# Faults of the app


class AppError(Exception):
    """A fault of the app."""


def test_a_fault_before_the_response_passes(site: Site) -> None:
    def respond(_seen: object) -> Answer:
        raise boom

    boom, site.respond = AppError(), respond
    with pytest.raises(AppError) as caught:
        site.get("/")
    assert caught.value is boom


@pytest.mark.parametrize("sent", [[], [b"<!doctype html>"], [b"<!doctype html><head>", b"<p>"]], ids=len)
@pytest.mark.parametrize("mime", ["text/html", "text/javascript", "text/plain"])
def test_a_fault_in_the_middle_of_a_response_passes(site: Site, sent: list[bytes], mime: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield from sent
        raise boom

    boom = AppError()
    site.respond = lambda _seen: Answer(pieces(), (("Content-Type", mime),))
    with pytest.raises(AppError) as caught:
        site.get("/static/a.js" if "script" in mime else "/")
    assert caught.value is boom
