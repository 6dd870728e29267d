"""Scripts and stylesheets: as they are before any change, with live references after one."""

import gzip
import re
import zlib
from collections.abc import Callable

import pytest

from contract.interfaces import Result
from contract.sites import CLASSIC, LAST_MODIFIED, MODULE, STYLE, Site, etag_of
from hmr_middleware.core.rewriting import PREAMBLE

PLAIN = "export let a = 1; // ü\r\n"
USES_HOT = "let a = 1\nimport.meta.hot.accept()\n"
JAVASCRIPT = ("Content-Type", "text/javascript")
Log = Callable[[str], list[str]]


def check_length(result: Result) -> None:
    assert result.header("content-length") == str(len(result.body))


# Before any change


@pytest.mark.parametrize("name", ["a.js", "a.mjs"])
@pytest.mark.parametrize("headers", [MODULE, CLASSIC, {}], ids=["module", "classic", "unknown"])
def test_a_script_without_need_is_byte_identical(site: Site, name: str, headers: dict[str, str]) -> None:
    url = site.write(name, PLAIN)
    result = site.get(url, headers)
    body = (site.folder / name).read_bytes()
    assert (result.body, result.header("etag"), result.header("last-modified")) == (body, etag_of(body), LAST_MODIFIED)
    check_length(result)


def test_a_module_that_uses_the_hot_api_gets_the_preamble_on_its_first_line(site: Site) -> None:
    result = site.get(site.write("a.js", USES_HOT), MODULE)
    assert result.body == PREAMBLE + USES_HOT.encode()
    check_length(result)


def test_validators_describe_what_is_sent(site: Site) -> None:
    result = site.get(site.write("a.js", USES_HOT), MODULE)
    assert result.header("etag") != etag_of(USES_HOT.encode())
    assert result.names.isdisjoint({"last-modified", "accept-ranges", "content-encoding"})


@pytest.mark.parametrize("source", [PLAIN, USES_HOT], ids=["as-it-is", "rewritten"])
def test_browsers_ask_again(site: Site, source: str) -> None:
    assert site.get(site.write("a.js", source), MODULE).header("cache-control") == "no-cache"


def test_two_texts_have_two_etags(site: Site) -> None:
    tags = {site.get(site.write(f"{n}.js", f"{USES_HOT}{n}"), MODULE).header("etag") for n in range(3)}
    assert len(tags) == 3


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("export let a = {", id="broken-off"),
        pytest.param("<!doctype html><p>not found", id="html"),
        pytest.param("", id="empty"),
        pytest.param("import from 'x' {{{", id="no-grammar"),
        pytest.param('let s = "never closed\n', id="open-string"),
        pytest.param('import "http://[/x.js"; import "//[";', id="malformed-url"),
        pytest.param('import "./\\ud800.js"', id="half-a-surrogate-pair"),
        pytest.param("\0" * 99, id="binary"),
    ],
)
def test_what_is_no_module_passes_untouched(site: Site, log: Log, source: str) -> None:
    assert site.get(site.write("a.js", source), MODULE).body == source.encode()
    assert log("fault of ours") == []


def test_dynamic_imports_ask_the_client(site: Site) -> None:
    body = site.get(site.write("a.js", "export let f = x => import(x)"), MODULE).body
    assert re.fullmatch(rb"export let f = x => import\(\(.+__hmr__.+\)\(x\)\)", body)


@pytest.mark.parametrize(
    "mime",
    ["text/javascript", "application/javascript", "Text/JavaScript; charset=utf-8", "application/x-javascript"],
)
def test_types_of_scripts(site: Site, mime: str) -> None:
    site.answers(USES_HOT.encode(), ("Content-Type", mime))
    assert site.get("/made-by-the-app", MODULE).body == PREAMBLE + USES_HOT.encode()


@pytest.mark.parametrize(
    ("mime", "status"),
    [
        ("text/html", 200),
        ("application/json", 200),
        ("text/plain", 200),
        ("text/javascript", 404),
        ("text/javascript", 500),
    ],
)
def test_what_is_served_in_a_scripts_place_passes_untouched(site: Site, mime: str, status: int) -> None:
    headers = [("Content-Type", mime), ("ETag", '"x"'), ("Content-Length", str(len(USES_HOT)))]
    site.answers(USES_HOT.encode(), *headers, status=status)
    result = site.get("/static/a.js", MODULE)
    assert (result.body, result.status, len(result.headers)) == (USES_HOT.encode(), status, 3)


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_other_methods_pass_untouched(site: Site, method: str) -> None:
    site.answers(b"", JAVASCRIPT, ("ETag", '"x"'), ("Content-Length", "99"))
    result = site.get("/static/a.js", MODULE, method=method)
    assert (result.header("etag"), result.header("content-length")) == ('"x"', "99")


# After a change


def test_a_changed_module_is_forwarded_to_its_live_url(site: Site) -> None:
    url = site.write("a.js", "export default 1")
    site.get(url, MODULE)
    version = site.edit("a.js", "export default 2")
    forward = site.get(url, MODULE)
    expected = f'export * from "{url}?t={version}";\nexport {{ default }} from "{url}?t={version}";'
    assert forward.body == expected.encode()
    assert forward.header("server-timing") == "hmr-forwards"
    check_length(forward)
    live = site.get(f"{url}?t={version}", MODULE)
    assert (live.body, live.header("server-timing")) == (b"export default 2", None)


def test_below_a_root_the_forward_leads_below_it(site: Site) -> None:
    url = site.write("a.js", "export {}")
    site.get(url, MODULE, root="/app")
    version = site.edit("a.js", "export { }")
    assert site.get(url, MODULE, root="/app").body == f'export * from "/app{url}?t={version}";'.encode()


def test_importers_carry_the_live_version(site: Site) -> None:
    url, importer = (
        site.write("a.js", "export {}"),
        site.write("b.js", 'import "./a.js"; import.meta.hot.accept("./a.js")'),
    )
    site.get(url, MODULE), site.get(importer, MODULE)
    version = site.edit("a.js", "export { }")
    assert f'import "./a.js?t={version}";'.encode() in site.get(importer, MODULE).body


@pytest.mark.parametrize("headers", [CLASSIC, {}], ids=["classic", "unknown"])
def test_what_may_be_a_classic_script_is_never_forwarded(site: Site, headers: dict[str, str]) -> None:
    url = site.write("a.js", "let a = 1")
    site.get(url, headers)
    site.edit("a.js", "let a = 2")
    assert site.get(url, headers).body == b"let a = 2"


@pytest.mark.parametrize(
    "headers",
    [CLASSIC, {"Sec-Fetch-Dest": "worker", "Sec-Fetch-Mode": "cors"}, {}],
    ids=["classic", "worker", "unknown"],
)
def test_only_what_is_surely_loaded_as_a_module_is_forwarded(site: Site, headers: dict[str, str]) -> None:
    url = site.write("a.js", "export let a = 1")
    site.get(url, headers)
    site.edit("a.js", "export let a = 2")
    assert site.get(url, headers).body == b"export let a = 2"


def test_stylesheets_carry_the_live_version_of_what_they_import(site: Site) -> None:
    url, base = site.write("a.css", '@import "base.css";'), site.write("base.css", "a {}")
    assert site.get(url, STYLE).body == b'@import "base.css";'
    site.get(base, STYLE)
    version = site.edit("base.css", "b {}")
    result = site.get(url, STYLE)
    assert result.body == f'@import "base.css?t={version}";'.encode()
    check_length(result)


@pytest.mark.parametrize(
    ("mime", "target", "headers"),
    [("text/css", "/static/a.js", MODULE), ("text/javascript", "/static/a.css", STYLE)],
    ids=["style-for-a-script", "script-for-a-style"],
)
def test_what_is_of_the_other_kind_is_left_alone(site: Site, mime: str, target: str, headers: dict[str, str]) -> None:
    theirs = [("content-type", mime), ("etag", '"x"'), ("cache-control", "max-age=9")]
    site.answers(USES_HOT.encode(), *theirs)
    result = site.get(target, headers)
    assert (result.body, result.headers) == (USES_HOT.encode(), theirs)


# Conditional requests


SOURCES = [("a.js", PLAIN, MODULE), ("a.js", USES_HOT, MODULE), ("a.css", "a { }", STYLE)]


@pytest.mark.parametrize(("name", "source", "headers"), SOURCES, ids=["as-it-is", "rewritten", "stylesheet"])
def test_what_the_browser_has_is_not_sent_again(site: Site, name: str, source: str, headers: dict[str, str]) -> None:
    url = site.write(name, source)
    etag = site.get(url, headers).header("etag")
    assert etag
    again = site.get(url, {**headers, "If-None-Match": etag})
    assert (again.status, again.body, again.header("etag")) == (304, b"", etag)
    assert again.names.isdisjoint({"content-length", "content-type"})


@pytest.mark.parametrize("wanted", ['"old"', '"old", "older"', "x"])
def test_what_the_browser_has_of_old_is_sent(site: Site, wanted: str) -> None:
    result = site.get(site.write("a.js", PLAIN), {**MODULE, "If-None-Match": wanted})
    assert (result.status, result.body) == (200, (site.folder / "a.js").read_bytes())


def test_the_etag_of_the_app_means_nothing_for_what_was_rewritten(site: Site) -> None:
    result = site.get(site.write("a.js", USES_HOT), {**MODULE, "If-None-Match": etag_of(USES_HOT.encode())})
    assert result.status == 200


@pytest.mark.parametrize(
    ("source", "headers", "status"),
    [
        pytest.param(PLAIN, {"If-Modified-Since": LAST_MODIFIED}, 304, id="as-it-is"),
        pytest.param(PLAIN, {"If-Modified-Since": "Tue, 31 Dec 2019 00:00:00 GMT"}, 200, id="older"),
        pytest.param(USES_HOT, {"If-Modified-Since": LAST_MODIFIED}, 200, id="rewritten"),
        pytest.param(PLAIN, {"If-Modified-Since": LAST_MODIFIED, "If-None-Match": '"x"'}, 200, id="the-etag-counts"),
    ],
)
def test_if_modified_since(site: Site, source: str, headers: dict[str, str], status: int) -> None:
    assert site.get(site.write("a.js", source), {**MODULE, **headers}).status == status


def test_a_change_makes_a_new_etag_for_the_importer(site: Site) -> None:
    url, importer = (
        site.write("a.js", "export {}"),
        site.write("b.js", 'import "./a.js"; import.meta.hot.accept("./a.js")'),
    )
    site.get(url, MODULE)
    etag = site.get(importer, MODULE).header("etag")
    site.edit("a.js", "export { }")
    assert site.get(importer, {**MODULE, "If-None-Match": str(etag)}).status == 200


# What the app is asked


@pytest.mark.parametrize(
    ("target", "query"),
    [
        ("/static/a.js", ""),
        ("/static/a.js?t=1700000000000000", ""),
        ("/static/a.js?x=1&t=1700000000000000", "x=1"),
        ("/static/a.js?t=1700000000000000&x=1", "x=1"),
        ("/static/a.js?t=5", "t=5"),
        ("/static/a.js?x=%20+ü".encode().decode("latin-1"), "x=%20+ü".encode().decode("latin-1")),
    ],
)
def test_the_app_never_sees_our_version(site: Site, target: str, query: str) -> None:
    if site.interface.name == "asgi" and not target.isascii():
        pytest.skip("a server encodes the query")
    site.get(target, MODULE)
    assert (site.seen[-1].path, site.seen[-1].query) == ("/static/a.js", query)


@pytest.mark.parametrize("headers", [MODULE, STYLE, {}], ids=["script", "style", "unknown"])
def test_what_is_rewritten_is_asked_for_whole_and_plain(site: Site, headers: dict[str, str]) -> None:
    theirs = {
        "Accept-Encoding": "gzip",
        "If-None-Match": '"x"',
        "If-Modified-Since": LAST_MODIFIED,
        "Range": "bytes=0-1",
    }
    site.get("/static/a.css" if headers is STYLE else "/static/a.js", {**headers, **theirs})
    seen = site.seen[-1].headers
    assert seen["accept-encoding"] == "identity"
    assert seen.keys().isdisjoint({"if-none-match", "if-modified-since", "range"})


# Encodings


RAW = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("gzip", gzip.compress(USES_HOT.encode())),
        ("deflate", zlib.compress(USES_HOT.encode())),
        ("deflate", RAW.compress(USES_HOT.encode()) + RAW.flush()),
    ],
    ids=["gzip", "deflate", "raw-deflate"],
)
def test_encoded_scripts_are_decoded_and_rewritten(site: Site, encoding: str, encoded: bytes) -> None:
    site.answers(encoded, JAVASCRIPT, ("Content-Encoding", encoding), ("Content-Length", str(len(encoded))))
    result = site.get("/static/a.js", MODULE)
    assert result.body == PREAMBLE + USES_HOT.encode()
    assert result.header("content-encoding") is None
    check_length(result)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(b"x" * 99)[:-9]), ("gzip", b"let a"), ("deflate", b"let a"), ("dcb", b"let a")],
    ids=["gzip-cut-short", "not-gzip", "not-deflate", "unknown"],
)
def test_undecodable_scripts_pass_with_one_log_line(site: Site, log: Log, encoding: str, body: bytes) -> None:
    headers = [JAVASCRIPT, ("Content-Encoding", encoding), ("Content-Length", str(len(body))), ("ETag", '"x"')]
    site.answers(body, *headers)
    result = site.get("/static/a.js", MODULE)
    assert result.body == body
    assert [(name.lower(), value) for name, value in result.headers] == [(n.lower(), value) for n, value in headers]
    assert len(log("left /static/a.js as it is")) == len(log(encoding)) == 1
