"""URLs as browsers write them, and the version in their query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmr_middleware.core.urls import (
    Origin,
    add_version,
    is_relative,
    is_script,
    is_stylesheet,
    path_of,
    quote_path,
    resolve,
    split_version,
)

V = 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("url", "clean", "version"),
    [
        pytest.param("/a.js", "/a.js", 0, id="no-query"),
        pytest.param(f"/a.js?t={V}", "/a.js", V, id="alone"),
        pytest.param(f"/a.js?x=1&t={V}", "/a.js?x=1", V, id="last"),
        pytest.param(f"/a.js?t={V}&x=1", "/a.js?x=1", V, id="first"),
        pytest.param(f"/a.js?x=1&t={V}&y=2", "/a.js?x=1&y=2", V, id="between"),
        pytest.param(f"/a.js?t={V}&t={V + 1}", f"/a.js?t={V + 1}", V, id="only-one"),
        pytest.param("/a.js?t=5", "/a.js?t=5", 0, id="the-app's-own-number"),
        pytest.param("/a.js?t=now", "/a.js?t=now", 0, id="the-app's-own-word"),
        pytest.param(f"/a.js?t={V}0", f"/a.js?t={V}0", 0, id="one-digit-too-many"),
        pytest.param(f"/a.js?cat={V}", f"/a.js?cat={V}", 0, id="another-name"),
        pytest.param(f"/t={V}", f"/t={V}", 0, id="in-the-path"),
    ],
)
def test_split_version(url: str, clean: str, version: int) -> None:
    assert split_version(url) == (clean, version)


@pytest.mark.parametrize(
    ("url", "version", "expected"),
    [
        pytest.param("/a.js", 0, "/a.js", id="version-0-is-clean"),
        pytest.param("/a.js", V, f"/a.js?t={V}", id="no-query"),
        pytest.param("/a.js?x=1", V, f"/a.js?x=1&t={V}", id="behind-a-query"),
        pytest.param("/a.svg#icon", V, f"/a.svg?t={V}#icon", id="before-the-fragment"),
        pytest.param("/a.svg?x#y?z", V, f"/a.svg?x&t={V}#y?z", id="question-mark-in-the-fragment"),
        pytest.param("./a.js", V, f"./a.js?t={V}", id="relative"),
    ],
)
def test_add_version(url: str, version: int, expected: str) -> None:
    assert add_version(url, version) == expected


PATHS = st.text("abt/.=12", max_size=12)
QUERIES = st.lists(st.text("abt=19", min_size=1, max_size=6), max_size=3).map("&".join)


@given(path=PATHS, query=QUERIES, version=st.integers(10**15, 10**16 - 1))
def test_a_version_that_was_added_can_be_split_off(path: str, query: str, version: int) -> None:
    url = f"/{path}?{query}" if query else f"/{path}"
    assert split_version(add_version(url, version)) == (url, version)


@pytest.mark.parametrize(
    ("specifier", "importer", "expected"),
    [
        pytest.param("./b.js", "/js/a.js", "/js/b.js", id="sibling"),
        pytest.param("../b.js", "/js/a.js", "/b.js", id="parent"),
        pytest.param("../../../b.js", "/js/a.js", "/b.js", id="above-the-top"),
        pytest.param("/b.js", "/js/a.js", "/b.js", id="absolute"),
        pytest.param("./b.js?x=1", "/a.js", "/b.js?x=1", id="query"),
        pytest.param("./b.js#x", "/a.js", "/b.js", id="fragment-is-dropped"),
        pytest.param("./b c.js", "/a.js", "/b%20c.js", id="space"),
        pytest.param("./ü.js", "/a.js", "/%C3%BC.js", id="beyond-ascii"),
        pytest.param("./%C3%BC.js", "/a.js", "/%C3%BC.js", id="encoded-already"),
        pytest.param("./b.js?q=ü x", "/a.js", "/b.js?q=%C3%BC%20x", id="query-beyond-ascii"),
        pytest.param("./[id]~(1).js", "/a.js", "/[id]~(1).js", id="characters-that-stay"),
        pytest.param("./\ud800.js", "/a.js", "/%EF%BF%BD.js", id="half-a-surrogate-pair"),
        pytest.param("http://page:1/b.js", "/a.js", "/b.js", id="own-host"),
        pytest.param("//page:1/b.js", "/a.js", "/b.js", id="own-host-without-scheme"),
        pytest.param("http://other/b.js", "/a.js", None, id="other-host"),
        pytest.param("http://page:2/b.js", "/a.js", None, id="other-port"),
        pytest.param("data:text/javascript,1", "/a.js", None, id="data"),
        pytest.param("blob:http://page:1/x", "/a.js", None, id="blob"),
        pytest.param("http://[", "/a.js", None, id="malformed"),
        pytest.param("//[x/b.js", "/a.js", None, id="malformed-without-scheme"),
    ],
)
def test_resolve(specifier: str, importer: str, expected: str | None) -> None:
    assert resolve(specifier, importer, "page:1") == expected


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        pytest.param("./b.js", "/js/b.js", id="relative"),
        pytest.param("/app/b.js", "/b.js", id="absolute-below-the-root"),
        pytest.param("/b.js", None, id="absolute-outside-the-root"),
        pytest.param("/application/b.js", None, id="longer-name"),
        pytest.param("../../b.js", None, id="climbs-out-of-the-root"),
        pytest.param("http://page/app/b.js", "/b.js", id="own-host"),
        pytest.param(f"./b.js?t={V}", "/js/b.js", id="version-is-dropped"),
    ],
)
def test_resolve_below_a_root(specifier: str, expected: str | None) -> None:
    assert Origin("/app", "page").resolve(specifier, "/js/a.js") == expected


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [("./a", True), ("../a", True), ("/a", True), (".", True), ("..", True), ("a", False), (".a", False), ("", False)],
)
def test_is_relative(specifier: str, expected: bool) -> None:
    assert is_relative(specifier) is expected


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/a%20b.js?x#y", "/a b.js"),
        ("/%C3%BC", "/ü"),
        ("/%FF", "/\udcff"),
        ("/a%2Fb", "/a/b"),
        ("/a%", "/a%"),
    ],
    ids=["space", "utf-8", "not-utf-8", "slash", "lone-percent"],
)
def test_path_of(url: str, path: str) -> None:
    assert path_of(url) == path


@pytest.mark.parametrize("path", ["/a b.js", "/ü/漢.js", "/[x](y)'z.js", "/\udcff.js"])
def test_quoted_path_reads_back(path: str) -> None:
    assert path_of(quote_path(path)) == path


@pytest.mark.parametrize(
    ("url", "script", "stylesheet"),
    [
        ("/a.js", True, False),
        ("/a.mjs?x=1", True, False),
        ("/a.css", False, True),
        ("/a.css?x.js", False, True),
        ("/a.json", False, False),
        ("/a?b=c.js", False, False),
    ],
)
def test_kind_by_name(url: str, script: bool, stylesheet: bool) -> None:
    assert (is_script(url), is_stylesheet(url)) == (script, stylesheet)
