"""What a page needs to follow its template: the document that it was served, and what it would be served now."""

import re
import threading

import pytest

from contract.interfaces import Answer
from contract.sites import DOCUMENT, MODULE, Site, untag
from hmr_middleware import hmr

HTML = ("Content-Type", "text/html; charset=iso-8859-1")
PAGE = b"<!doctype html><html><head><title>\xfc</title></head><body>x</body></html>"
REFRESH = {"X-HMR-Refresh": "1", "Sec-Fetch-Dest": "empty", "Accept": "text/html", "Accept-Encoding": "gzip"}


def attributes(body: bytes) -> dict[str, str]:
    """Return what the tag in *body* tells of the page."""
    return {key.decode(): value.decode() for key, value in re.findall(rb'data-(page|status|method)="([^"]*)"', body)}


def base_of(body: bytes) -> str:
    return f"/__hmr/base?page={attributes(body)['page']}"


# The document that was served


@pytest.mark.parametrize("pieces", [PAGE, [PAGE[:9], PAGE[9:30], b"", PAGE[30:]]], ids=["whole", "streamed"])
def test_a_page_gets_its_own_document_without_the_tag(site: Site, pieces: bytes | list[bytes]) -> None:
    site.answers(pieces, HTML)
    served = site.get("/", DOCUMENT)
    assert untag(served.body) == (PAGE, 1)
    result = site.get(base_of(served.body))
    assert (result.status, result.body) == (200, PAGE)
    assert result.header("content-type") == HTML[1]


def test_it_is_read_and_never_shown(site: Site) -> None:
    site.answers(PAGE, HTML)
    result = site.get(base_of(site.get("/", DOCUMENT).body))
    assert result.header("content-security-policy") == "sandbox"
    assert result.header("cache-control") == "no-store"
    assert result.header("cross-origin-resource-policy") == "same-origin"
    assert "access-control-allow-origin" not in result.names


def test_each_page_has_its_own(site: Site) -> None:
    bodies = []
    for text in (b"<html>one", b"<html>two"):
        site.answers(text, HTML)
        bodies.append(site.get("/", DOCUMENT).body)
    assert [site.get(base_of(body)).body for body in bodies] == [b"<html>one", b"<html>two"]


@pytest.mark.parametrize("query", ["", "?page=", "?page=nowhere", "?page=a&page=b"])
def test_of_an_unknown_page_there_is_nothing(site: Site, query: str) -> None:
    """Another worker may have it; a 404 would stand in the console of every such page."""
    result = site.get(f"/__hmr/base{query}")
    assert (result.status, result.body) == (204, b"")


def test_what_gets_no_tag_is_not_kept(site: Site) -> None:
    site.answers(PAGE, HTML)
    site.get("/", {**DOCUMENT, "host": "rebound.example"})
    site.get("/", {"Sec-Fetch-Dest": "empty"})
    assert len(site.app._service.running().documents) == 0


def test_a_document_of_many_megabytes_passes_and_is_not_kept(site: Site) -> None:
    piece = b"x" * 2**20
    site.answers([b"<html>", *([piece] * 9)], HTML)
    result = site.get("/", DOCUMENT)
    assert untag(result.body) == (b"<html>" + piece * 9, 1)
    assert site.get(base_of(result.body)).status == 204


@pytest.mark.parametrize(
    ("method", "status", "told"),
    [
        pytest.param("GET", 200, {}, id="usual"),
        pytest.param("GET", 404, {"status": "404"}, id="error"),
        pytest.param("POST", 200, {"method": "POST"}, id="form"),
        pytest.param("POST", 500, {"method": "POST", "status": "500"}, id="form-that-failed"),
    ],
)
def test_the_tag_tells_what_is_not_usual(site: Site, method: str, status: int, told: dict[str, str]) -> None:
    site.answers(PAGE, HTML, status=status)
    found = attributes(site.get("/", DOCUMENT, method=method).body)
    assert found.pop("page") and found == told


# The document as it would be served now


def test_a_refresh_is_what_the_app_says(site: Site) -> None:
    site.answers(PAGE, HTML, ("Content-Length", str(len(PAGE))), ("ETag", '"app"'), ("X-App", "1"))
    result = site.get("/", REFRESH)
    assert (result.status, result.body) == (200, PAGE)
    assert {(name.lower(), value) for name, value in result.headers} == {
        ("content-type", HTML[1]),
        ("content-length", str(len(PAGE))),
        ("etag", '"app"'),
        ("x-app", "1"),
    }


@pytest.mark.parametrize("destination", ["empty", "document", ""], ids=lambda value: value or "unknown")
def test_a_refresh_gets_no_tag_whatever_else_it_says(site: Site, destination: str) -> None:
    site.answers(PAGE, HTML)
    assert site.get("/", {**REFRESH, "Sec-Fetch-Dest": destination}).body == PAGE


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_a_refresh_that_fails_is_what_the_app_says(site: Site, status: int) -> None:
    site.answers(PAGE, HTML, status=status)
    result = site.get("/", REFRESH)
    assert (result.status, result.body) == (status, PAGE)


def test_the_app_may_know_a_refresh(site: Site) -> None:
    site.answers(PAGE, HTML)
    site.get("/", REFRESH)
    assert site.seen[0].headers["x-hmr-refresh"] == "1"
    assert site.seen[0].headers["accept-encoding"] == "identity"


def test_a_refresh_is_not_kept(site: Site) -> None:
    site.answers(PAGE, HTML)
    site.get("/", REFRESH)
    assert len(site.app._service.running().documents) == 0


def test_the_import_map_of_a_refresh_is_taken_notice_of(site: Site) -> None:
    site.write("main.js", 'import "shop"')
    site.write("shop.js", "")
    body = b'<html><script type="importmap">{"imports": {"shop": "/static/shop.js"}}</script>'
    site.answers(body, HTML)
    site.get("/", REFRESH)
    read = threading.Event()
    site.app._service.running().hub.later(read.set)
    assert read.wait(5)
    site.respond = site.serve_file
    for name in ("main.js", "shop.js"):
        site.get(f"/static/{name}", MODULE)
    version = site.edit("shop.js", "1")
    served = site.get(f"/static/main.js?t={version}", MODULE)
    assert f'"/static/shop.js?t={version}"'.encode() in served.body


@pytest.mark.parametrize(("headers", "is_heard"), [(DOCUMENT, True), (REFRESH, False)], ids=["visit", "comparison"])
def test_a_page_that_is_only_compared_asks_for_no_comparison(
    site: Site, headers: dict[str, str], is_heard: bool
) -> None:
    """Else a view that counts its visits would go round in circles."""
    engine = site.app._service.running().engine

    def count_visit(_seen: object) -> Answer:
        hmr.refresh("visits")
        return Answer(PAGE, (HTML,))

    site.respond = count_visit
    before = engine.pages_changed_at
    assert site.get("/", headers).status == 200
    assert (engine.pages_changed_at > before) is is_heard
    after = engine.pages_changed_at
    hmr.refresh()
    assert engine.pages_changed_at > after  # the request is over


# Template caches


def test_caches_are_refreshed_before_a_page_is_made_of_a_changed_template(site: Site) -> None:
    """Another worker has told the page; the events of this one are late."""
    templates = site.folder.parent / "templates"
    templates.mkdir()
    (templates / "page.html").write_text("one\n")
    site.settings["templates"] = [templates]
    site.answers(PAGE, HTML)
    engine = site.app._service.running().engine
    engine.stale()
    done: list[str] = []
    engine.refreshers = (lambda: done.append("refreshed"),)
    site.get("/", REFRESH)
    assert done == []
    (templates / "page.html").write_text("two!\n")
    site.get("/", REFRESH)
    assert done == ["refreshed"]


def test_of_a_template_that_is_being_saved_nothing_is_believed(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = tmp_path_factory.mktemp("templates") / "page.html"
    page.write_text("one\n")
    site.settings["templates"] = [page.parent]
    site.app._service.running().engine.stale()
    site.answers(PAGE, HTML)
    said = []
    for text in ("", "two\n"):
        page.write_text(text)
        said.append(site.get("/", REFRESH))
    assert [result.header("x-hmr-unsettled") for result in said] == ["1", None]
    assert [result.body for result in said] == [PAGE, PAGE]


def test_a_cache_that_fails_harms_nothing(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    templates = tmp_path_factory.mktemp("templates")
    (templates / "page.html").write_text("one\n")
    site.settings["templates"] = [templates]
    engine = site.app._service.running().engine
    engine.stale()
    done: list[str] = []

    def fail() -> None:
        raise RuntimeError

    engine.refreshers = (fail, lambda: done.append("refreshed"))
    (templates / "page.html").write_text("two!\n")
    assert engine.change([templates / "page.html"]).templates == ("page.html",)
    assert done == ["refreshed"]
