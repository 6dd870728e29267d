"""What pages of other origins get: nothing of ours, and the app as if we were not there."""

import hashlib
import os
from collections.abc import Callable
from typing import Any

import pytest

from contract.interfaces import scope_of
from contract.sites import DOCUMENT, MODULE, SINCE, STYLE, Site, untag
from hmr_middleware.asgi import read_request
from hmr_middleware.endpoints import client_files
from hmr_middleware.exchange import Exchange
from hmr_middleware.service import Running

PAGE = b"<!doctype html><title>x</title><p>"
HTML = ("Content-Type", "text/html")
OURS = ["client.js", "status", "base?page=x", "probe.js", "nowhere"]
EVIL = {"host": "evil.test"}
Log = Callable[[str], list[str]]


# A Host that could be rebound


@pytest.mark.parametrize("host", ["evil.test", "", "localhost,evil.test", "localhost.evil.test", "[::1]evil.test"])
@pytest.mark.parametrize("name", OURS)
def test_under_another_host_nothing_of_ours_is_there(site: Site, host: str, name: str) -> None:
    result = site.get(f"/__hmr/{name}", {"host": host})
    assert (result.status, result.body) == (403, b"this Host is not allowed; list it in allowed_hosts")
    assert result.header("cross-origin-resource-policy") == "same-origin"


@pytest.mark.parametrize("forwarded", ["x-forwarded-host", "forwarded", "x-host", "x-original-host"])
def test_what_a_proxy_says_of_the_host_counts_for_nothing(site: Site, forwarded: str) -> None:
    assert site.get("/__hmr/status.json", {**EVIL, forwarded: "localhost"}).status == 403
    assert site.get("/__hmr/status.json", {forwarded: "evil.test"}).status == 200


FILES = [("a.js", "import.meta.hot.accept()", MODULE), ("a.css", "@import './b.css'", STYLE), ("a.json", "{}", {})]


@pytest.mark.parametrize(("name", "source", "headers"), FILES, ids=["module", "stylesheet", "data"])
def test_under_another_host_nothing_is_rewritten(site: Site, name: str, source: str, headers: dict[str, str]) -> None:
    site.write("b.css", "")
    url = site.write(name, source)
    site.get("/static/b.css", STYLE)
    site.edit("b.css", "p {}")
    given = {**headers, **EVIL, "accept-encoding": "br", "if-none-match": '"x"', "x-hmr-refresh": "1"}
    result = site.get(f"{url}?t=1700000000000000", given)
    assert result.body == source.encode()
    assert result.header("etag") == f'"app-{hashlib.md5(source.encode()).hexdigest()}"'
    assert result.header("cache-control") is None
    assert site.seen[-1].query == "t=1700000000000000"
    assert site.seen[-1].headers.items() >= {key.lower(): value for key, value in given.items()}.items()


# Pages of other sites


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("fetched", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}])
@pytest.mark.parametrize("destination", ["script", "empty", "iframe", "image"])
def test_pages_of_other_sites_are_refused(site: Site, name: str, fetched: dict[str, str], destination: str) -> None:
    result = site.get(f"/__hmr/{name}", {**fetched, "sec-fetch-dest": destination})
    assert (result.status, result.body) == (403, b"only for pages of this origin")


@pytest.mark.parametrize("fetched", ["same-origin", "none", "cross-site"])
def test_whoever_opens_the_status_sees_it(site: Site, fetched: str) -> None:
    assert site.get("/__hmr/status.json", {"sec-fetch-site": fetched, **DOCUMENT}).status == 200


@pytest.mark.parametrize(
    ("headers", "tags"),
    [
        pytest.param({"origin": "http://evil.test"}, 0, id="another"),
        pytest.param({"origin": "null"}, 0, id="null"),
        pytest.param({"origin": "http://localhost:5000"}, 1, id="own"),
        pytest.param({"origin": "http://evil.test", **DOCUMENT}, 1, id="a-form-that-is-sent"),
        pytest.param({}, 1, id="none"),
    ],
)
def test_what_a_script_of_another_origin_may_read_has_no_token(site: Site, headers: dict[str, str], tags: int) -> None:
    site.answers(PAGE, HTML, ("Access-Control-Allow-Origin", "*"))
    assert untag(site.get("/", headers).body) == (PAGE, tags)


@pytest.mark.parametrize("path", ["/", "/static/a.js", "/static/a.css", "/__hmr/client.js", "/__hmr/status.json"])
def test_no_answer_is_ever_shared_with_other_origins(site: Site, path: str) -> None:
    site.write("a.js", "import.meta.hot")
    site.write("a.css", "")
    names = site.get(path, {"origin": "http://evil.test"}).names | site.get(path, method="OPTIONS").names
    assert not {name for name in names if name.startswith("access-control-")}


def test_the_token_stands_in_documents_only(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_HMR_SESSION", f"{SINCE}.0123456789abcdef.{os.getpid()}")
    site.answers(PAGE, HTML)
    paths = ["/", *(f"/__hmr/{name}" for name in (*client_files(), "status", "nowhere", "base?page=x"))]
    assert [path for path in paths if b"0123456789abcdef" in site.get(path).body] == ["/"]


def test_two_headers_of_a_name_are_a_list() -> None:
    headers = [(b"host", b"localhost"), (b"host", b"evil.test"), (b"origin", b"a"), (b"Origin", b"b")]
    request = read_request({**scope_of("/"), "headers": headers})
    assert (request.host, request.headers["origin"]) == ("localhost,evil.test", "a,b")


# Faults of ours


@pytest.mark.parametrize(("owner", "name"), [(Running, "_handle"), (Exchange, "_begin")])
def test_a_fault_of_ours_is_none_of_the_page(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    def fail(*_args: object) -> Any:
        raise LookupError

    monkeypatch.setattr(owner, name, fail)
    site.answers(PAGE, HTML)
    result = site.get("/", DOCUMENT)
    assert (result.status, result.body) == (200, PAGE)
    assert len(log("a fault of ours")) == 1


def test_what_is_logged_of_a_target_is_one_visible_line(site: Site, log: Log) -> None:
    site.answers(b"\xff\xfex", HTML)
    site.get("/\x1b[31m\u0085", DOCUMENT)
    (line,) = log("UTF-16")
    assert line.isprintable() and "/%1B[31m" in line
