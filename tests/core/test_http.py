"""Requests and response heads, the same for both interfaces."""

import pytest

from hmr_middleware.core.urls import Origin
from hmr_middleware.http import Headers, Request, etag_matches, get_header, set_header, without

V = 1_700_000_000_000_000
HEADERS: Headers = [("Content-Type", "text/html"), ("ETag", '"a"'), ("Set-Cookie", "x=1"), ("set-cookie", "y=2")]


@pytest.mark.parametrize(
    ("path", "query", "url", "version"),
    [
        pytest.param("/a.js", "", "/a.js", 0, id="no-query"),
        pytest.param("/a.js", "x=1", "/a.js?x=1", 0, id="query"),
        pytest.param("/a.js", f"t={V}", "/a.js", V, id="version"),
        pytest.param("/a.js", f"x=1&t={V}", "/a.js?x=1", V, id="both"),
        pytest.param("/a%3Ft=1", "", "/a%3Ft=1", 0, id="question-mark-in-the-path"),
    ],
)
def test_versioned_url(path: str, query: str, url: str, version: int) -> None:
    assert Request("GET", path, query).versioned_url == (url, version)


def test_origin() -> None:
    assert Request("GET", "/", root="/app", headers={"host": "h:1"}).origin == Origin("/app", "h:1")


def test_a_request_without_a_host() -> None:
    assert Request("GET", "/").host == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("content-type", "text/html"), ("etag", '"a"'), ("set-cookie", "x=1"), ("vary", "")],
)
def test_get_header(name: str, expected: str) -> None:
    assert get_header(HEADERS, name) == expected


def test_set_header_leaves_exactly_one() -> None:
    assert set_header(HEADERS, "Set-Cookie", "z=3") == [*HEADERS[:2], ("Set-Cookie", "z=3")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), HEADERS),
        (("vary",), HEADERS),
        (("etag",), [HEADERS[0], *HEADERS[2:]]),
        (("set-cookie", "etag"), HEADERS[:1]),
    ],
)
def test_without(names: tuple[str, ...], expected: Headers) -> None:
    assert without(HEADERS, *names) == expected


def test_headers_are_not_changed_in_place() -> None:
    headers = list(HEADERS)
    set_header(headers, "ETag", '"b"')
    without(headers, "etag")
    assert headers == HEADERS


@pytest.mark.parametrize(
    ("wanted", "etag", "expected"),
    [
        ('"a"', '"a"', True),
        ('"a"', '"b"', False),
        ('"b", "a"', '"a"', True),
        ('W/"a"', '"a"', True),
        ('"a"', 'W/"a"', True),
        ("*", '"a"', True),
        (" * ", '"a"', True),
        ("*", "", False),
        ("", '"a"', False),
        ("a", '"a"', False),
        ('"a,b"', '"a,b"', True),
        ('"x,", "a,b"', '"a,b"', True),
    ],
)
def test_etag_matches(wanted: str, etag: str, expected: bool) -> None:
    assert etag_matches(wanted, etag) is expected
