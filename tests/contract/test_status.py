"""The status: who may see it, and what it says of what was left out."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from contract.interfaces import Answer
from contract.sites import DOCUMENT, MODULE, SINCE, TOKEN, Site
from contract.test_sockets import Log, connect, guess
from hmr_middleware import HmrMiddleware
from hmr_middleware.http import Request

PAGE, JSON = "/__hmr/", "/__hmr/status.json"
HTML = ("Content-Type", "text/html")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"  # the Accept of one that goes to a page
UTF_16 = "\ufeff<!doctype html><title>x".encode("utf-16-le")
FEW = [PAGE, JSON]


def facts(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.get(JSON).body)
    return found


def why_not(site: Site) -> list[tuple[str, ...]]:
    """Return topic, subject, reason and setting of all that was left out."""
    return [tuple(it[key] for key in ("topic", "subject", "why", "setting")) for it in facts(site)["why_not"]]


# What it is


def test_the_page_needs_no_script(site: Site) -> None:
    result = site.get(PAGE)
    assert (result.status, result.header("content-type")) == (200, "text/html; charset=utf-8")
    page = BeautifulSoup(result.body, "html.parser")
    assert [heading.get_text() for heading in page.select("h2")] == [
        "Open pages",
        "Last updates",
        "Files",
        "Modules and boundaries",
    ]
    assert "/static/" in page.get_text()


def test_what_the_page_refers_to_is_there(site: Site) -> None:
    page = BeautifulSoup(site.get(PAGE).body, "html.parser")
    urls = [it.get("src") or it.get("href") for it in page.select("script, link, a")]
    assert [site.get(PAGE + url).status for url in urls] == [200] * 4


def test_nothing_of_the_page_is_inline(site: Site) -> None:
    page = BeautifulSoup(site.get(PAGE).body, "html.parser")
    assert page.select("style, [style], script:not([src])") == []
    assert [name for it in page.find_all(True) for name in it.attrs if name.startswith("on")] == []


@pytest.mark.parametrize(
    ("target", "accept", "mime"),
    [
        (PAGE, None, "text/html; charset=utf-8"),
        (PAGE, BROWSER, "text/html; charset=utf-8"),
        (PAGE, "application/json", "application/json"),
        (PAGE, "application/json, text/plain, */*", "application/json"),
        (PAGE, "text/html, application/json", "text/html; charset=utf-8"),
        (JSON, BROWSER, "application/json"),
        (JSON, None, "application/json"),
    ],
)
def test_page_or_json(site: Site, target: str, accept: str | None, mime: str) -> None:
    result = site.get(target, {"Accept": accept} if accept else {})
    assert (result.status, result.header("content-type"), result.header("vary")) == (200, mime, "Accept")


def test_what_the_json_says(site: Site) -> None:
    said = facts(site)
    assert (said["pid"], said["since"], said["watched_by"]) == (os.getpid(), SINCE, "polling")
    assert [it["prefix"] for it in said["static"]] == ["/static/"]
    assert (said["why_not"], said["updates"], said["pages"], said["modules"]) == ([], [], [], [])


def test_modules_and_updates(site: Site) -> None:
    main = site.write("main.js", 'import "./a.js"')
    leaf = site.write("a.js", "import.meta.hot.accept()")
    for url in (main, leaf):
        site.get(url, MODULE)
    site.edit("a.js", "import.meta.hot.accept(); 1")
    said = facts(site)
    assert [(it["url"], it["boundary"], it["importers"], it["save"]) for it in said["modules"]] == [
        (leaf, "accepts itself", [main], "update"),
        (main, "", [], "reload"),
    ]
    assert [(it["kind"], it["changed"], it["pages"]) for it in said["updates"]] == [("unused", [leaf], 0)]


# Who may see it


@pytest.mark.parametrize("target", FEW)
def test_it_is_for_its_own_site_only(site: Site, target: str) -> None:
    result = site.get(target)
    assert result.header("cache-control") == "no-store"
    assert result.header("cross-origin-resource-policy") == "same-origin"
    assert result.header("x-content-type-options") == "nosniff"
    assert result.header("x-frame-options") == "DENY"
    policy = result.header("content-security-policy") or ""
    assert policy.startswith("default-src 'self';") and "frame-ancestors 'none'" in policy
    assert not [name for name in result.names if name.startswith("access-control")]


@pytest.mark.parametrize("target", FEW)
@pytest.mark.parametrize(
    ("headers", "status", "says"),
    [
        pytest.param({"host": "evil.test"}, 403, b"list it in allowed_hosts", id="host"),
        pytest.param({"host": ""}, 403, b"allowed_hosts", id="no-host"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, b"only for pages of this origin", id="other-site"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, b"static", id="own-site"),
        pytest.param({"Sec-Fetch-Site": "none"}, 200, b"static", id="typed"),
        pytest.param({"host": "listed.test"}, 200, b"static", id="listed"),
    ],
)
def test_who_may_see_it(site: Site, target: str, headers: dict[str, str], status: int, says: bytes) -> None:
    site.settings["allowed_hosts"] = ["listed.test"]
    result = site.get(target, headers)
    assert (result.status, says in result.body) == (status, True)
    if status == 403:
        assert result.header("cross-origin-resource-policy") == "same-origin"
        assert result.body.count(b"\n") == 0


@pytest.mark.parametrize("target", FEW)
def test_it_tells_no_secret(site: Site, target: str) -> None:
    site.answers(UTF_16, HTML)
    site.get("/reset?key=hidden", DOCUMENT)
    connect(site, {"Origin": None, **guess("wrong")})
    body = site.get(target).body
    assert b"reset" in body
    assert str(site.folder).encode() not in body
    assert b"key=" not in body and f'"{TOKEN}"'.encode() not in body and f".{TOKEN}".encode() not in body


@pytest.mark.parametrize("target", FEW)
def test_what_the_browser_has_is_not_sent_again(site: Site, target: str) -> None:
    etag = str(site.get(target).header("etag"))
    assert site.get(target, {"If-None-Match": etag}).status == 304
    site.answers(UTF_16, HTML)
    site.get("/wide", DOCUMENT)
    assert site.get(target, {"If-None-Match": etag}).status == 200


def test_the_page_is_no_page_of_the_app(site: Site) -> None:
    """Nor is the watcher in a hurry for it."""
    assert b"client.js" not in site.get(PAGE, DOCUMENT).body
    assert (site.seen, facts(site)["pages"]) == ([], [])
    assert site.app._service.ready().watcher._quick is False


# Why not


def test_where_all_is_well_nothing_is_left_out(site: Site) -> None:
    site.answers(b"<!doctype html><p>", HTML)
    site.get("/", DOCUMENT)
    assert why_not(site) == []


KLINGON, UTF_7 = (("Content-Type", f"text/html; charset={name}") for name in ("klingon", "utf-7"))
LZMA = ("Content-Encoding", "lzma")
PASSED_BY = [
    pytest.param(UTF_16, [HTML], {}, "it is UTF-16", id="utf-16"),
    pytest.param(b"<!doctype html>\0", [HTML], {}, "it is not text", id="binary"),
    pytest.param(b"<p>\xff", [KLINGON], {}, "its charset 'klingon' is unknown", id="charset"),
    pytest.param(b"<!doctype html", [UTF_7], {}, "its encoding has no place for a tag", id="no-place"),
    pytest.param(b"<!doctype html>", [], {}, "it has no Content-Type", id="no-type"),
    pytest.param(b"x", [HTML, LZMA], {}, "no way to decode Content-Encoding 'lzma'", id="encoding"),
    pytest.param(b"<p>", [HTML], {"host": "a.test"}, "the Host 'a.test' is not allowed", id="host"),
]


@pytest.mark.parametrize(("body", "headers", "asked", "why"), PASSED_BY)
def test_a_page_without_the_client(
    site: Site, log: Log, body: bytes, headers: list[tuple[str, str]], asked: dict[str, str], why: str
) -> None:
    site.answers(body, *headers)
    for _ in range(2):
        site.get("/old?key=1", {**DOCUMENT, **asked})
    setting = "allowed_hosts" if "host" in asked else ""
    assert why_not(site) == [("page", "/old", why, setting)]
    assert facts(site)["why_not"][0]["count"] == 2
    assert len(log(f"/old is served without the client: {why}")) == 1


NOT_LEFT_OUT = [
    pytest.param(b'{"a": 1}', [("Content-Type", "application/json")], 200, {}, id="json"),
    pytest.param(b"a,b", [("Content-Type", "text/csv")], 200, {}, id="csv"),
    pytest.param(b"x", [HTML, ("Content-Disposition", "attachment")], 200, {}, id="download"),
    pytest.param(b"", [("Location", "/x")], 302, {}, id="redirect"),
    pytest.param(b"", [("Content-Length", "0")], 200, {}, id="empty"),
    pytest.param(b"", [HTML], 200, {}, id="empty-page"),
    pytest.param(b"", [], 204, {}, id="no-content"),
    pytest.param(b"{}", [("Content-Type", "application/json")], 200, {"host": "a.test"}, id="json-of-another-host"),
]


@pytest.mark.parametrize(("body", "headers", "status", "asked"), NOT_LEFT_OUT)
def test_what_needs_no_client(
    site: Site, body: bytes, headers: list[tuple[str, str]], status: int, asked: dict[str, str]
) -> None:
    site.answers(body, *headers, status=status)
    site.get("/", {**DOCUMENT, **asked})
    assert why_not(site) == []


@pytest.mark.parametrize(
    ("accept", "body", "expected"),
    [
        pytest.param(BROWSER, b"<p>part", ["it does not begin like a document"], id="page"),
        pytest.param("text/html, */*", b"<p>part", [], id="fragment-for-a-script"),
        pytest.param("*/*", b"<p>part", [], id="anything"),
        pytest.param(BROWSER, b"<!doctype html><p>", [], id="whole"),
    ],
)
def test_where_the_browser_does_not_say_what_for(site: Site, accept: str, body: bytes, expected: list[str]) -> None:
    """Over plain HTTP and under a name it sends no Sec-Fetch-Dest."""
    site.answers(body, HTML)
    site.get("/", {"Accept": accept})
    assert [why for _, _, why, _ in why_not(site)] == expected


@pytest.mark.parametrize(("accept", "expected"), [(BROWSER, 1), ("text/html, */*", 0)])
def test_another_host_over_plain_http(site: Site, log: Log, accept: str, expected: int) -> None:
    site.answers(b"<!doctype html><p>", HTML)
    site.get("/", {"Accept": accept, "host": "a.test"})
    assert len(why_not(site)) == len(log("list it in allowed_hosts")) == expected


def test_a_script_that_passes_as_it_is(site: Site) -> None:
    body = ("Content-Type", "text/javascript"), ("Content-Encoding", "br")
    site.respond = lambda _seen: Answer(b"no brotli", body)
    site.get("/static/a.js", MODULE)
    ((topic, subject, why, _),) = why_not(site)
    assert (topic, subject) == ("text", "/static/a.js") and " br" in why


def test_a_body_that_is_decoded_is_not_left_out(site: Site) -> None:
    site.answers(gzip.compress(b"<!doctype html><p>"), HTML, ("Content-Encoding", "gzip"))
    site.get("/", DOCUMENT)
    assert why_not(site) == []


@pytest.mark.parametrize(
    ("headers", "why", "setting"),
    [
        pytest.param({"Host": "evil.test"}, "the Host 'evil.test'", "allowed_hosts", id="host"),
        pytest.param({}, "the Origin 'http://evil.test'", "", id="origin"),
        pytest.param(guess("x"), "its token is not this server's", "", id="token"),
    ],
)
def test_a_refused_socket(site: Site, headers: dict[str, str | None], why: str, setting: str) -> None:
    for _ in range(2):
        assert connect(site, {"Origin": "http://evil.test", **headers}) == 403
    ((topic, subject, said, named),) = why_not(site)
    assert (topic, subject, why in said, named) == ("socket", "from http://evil.test", True, setting)
    assert facts(site)["why_not"][0]["count"] == 2


def test_a_server_without_sockets(site: Site, log: Log) -> None:
    running = site.app._service.running()
    for _ in range(2):
        running.has_no_socket(Request("GET", "/", headers={"origin": "http://localhost:5000"}))
    ((topic, subject, why, _),) = why_not(site)
    assert (topic, subject, why) == ("socket", "from http://localhost:5000", "this server gives no way to its sockets")
    assert len(log("transport='auto'")) == 1


def save(site: Site, *paths: Path) -> None:
    """Save files while the app runs, and let that be known as the watcher does."""
    running = site.app._service.running()
    for path in paths:
        path.write_text("1")
    running._report(paths, {})


def test_a_saved_file_that_no_page_has_loaded(site: Site) -> None:
    save(site, *(site.folder / name for name in ("draft.js", ".hidden.js", "draft.js~")))
    site.app._service.running()._report([site.folder / "gone.js", site.folder], {})
    assert why_not(site) == [("file", "/static/draft.js", "it was saved, and no page has loaded it", "static")]


def test_a_saved_file_that_is_loaded_later_is_not_left_out(site: Site) -> None:
    save(site, site.folder / "draft.js")
    site.get("/static/draft.js", MODULE)
    assert why_not(site) == []


def test_a_file_that_is_only_mentioned_is_not_left_out(site: Site) -> None:
    """When a folder was moved in, or there were too many events, all that is in it is looked at."""
    running, old = site.app._service.running(), site.folder / "old.js"
    running._began = SINCE
    save(site, old)
    assert why_not(site) == []


def test_a_saved_file_that_no_url_leads_to(site: Site, tmp_path: Path) -> None:
    stray = tmp_path / "stray.js"
    save(site, stray, stray)
    ((topic, subject, why, setting),) = why_not(site)
    assert (topic, why, setting) == ("file", "it was saved, and no URL leads to it", "static")
    assert subject.endswith("/stray.js") and str(tmp_path) not in subject
    assert facts(site)["why_not"][0]["count"] == 1


def test_what_a_page_is_made_of_is_not_left_out(site: Site, tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    site.settings["templates"] = [templates]
    page = templates / "page.html"
    save(site, page)
    assert why_not(site) == []
    assert [it["kind"] for it in facts(site)["updates"]] == ["refresh"]


def test_nothing_to_watch(interface: Any, log: Log) -> None:
    app = HmrMiddleware(interface.app(lambda _seen: Answer(b"")), enabled=True)
    result = interface.ask(app, JSON, method="GET", headers={}, root="", notice=lambda _piece: None)
    app._service.ready().watcher.stop()
    assert [(it["topic"], it["setting"]) for it in json.loads(result.body)["why_not"]] == [("setup", "static")]
    assert len(log("nothing to watch; name the folders")) == 1


def test_a_fault_of_ours_is_left_out_and_told(site: Site, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> bytes:
        raise KeyError("x")

    url = site.write("a.js", "1")
    monkeypatch.setattr(site.app._service.running().engine, "script", fail)
    assert site.get(url, MODULE).body == b"1"
    assert why_not(site) == [("text", url, "a fault of ours", "")]
    assert len(log(f"left {url} as it is: a fault of ours")) == 1
