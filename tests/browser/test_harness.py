"""The harness itself: what it starts answers, what it records happened, what it waits for can fail."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser import chromium
from browser.chromium import Chromium, NoChromiumError, find_chromium
from browser.projects import Kind, document
from browser.servers import SERVERS, servers_for
from browser.sites import Site, start_site
from browser.tabs import console_lines, loads, mark, mark_of, page_errors, wait_for_console, wait_for_loads, wait_until

HELLO = document("<h1>Hello</h1><script src='/static/hello.js'></script>")
SCRIPT = {"hello.js": "document.title = 'script ran'"}


@pytest.mark.parametrize("server", ["werkzeug", "uvicorn", "runserver"])
def test_server_serves_page_and_script(server: str, start: Callable[..., Site], page: Page) -> None:
    site = start(SERVERS[server].kind, server, pages={"/": HELLO}, static=SCRIPT, middleware=False)
    response = page.goto(site.url)
    assert response is not None
    assert (response.status, page.inner_text("h1"), page.title()) == (200, "Hello", "script ran")
    assert console_lines(page) == []


@pytest.mark.parametrize("kind", ["flask", "fastapi", "django"])
def test_every_page_of_a_project_is_routed(kind: Kind, start: Callable[..., Site], page: Page) -> None:
    pages = {"/": "front", "/about": "about", "/shop/cart-2": "cart"}
    site = start(kind, servers_for(kind)[0], pages=pages, middleware=False)
    shown = {}
    for url in pages:
        page.goto(site.server.url + url)
        shown[url] = page.inner_text("body")
    assert shown == pages


def test_restart_keeps_the_port_and_the_output(start: Callable[..., Site], page: Page) -> None:
    site = start("fastapi", "uvicorn", middleware=False)
    site.server.wait_for_output("Application startup complete")
    before = len(site.server.output())
    site.server.restart()
    site.server.wait_for_output("Application startup complete", after=before)
    page.goto(site.url)
    assert page.inner_text("h1") == "It works"


def test_server_that_cannot_start_shows_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="broken on purpose"):
        start_site(tmp_path, "flask", "wsgiref", files={"app.py": "raise SystemExit('broken on purpose')"})


def test_output_that_never_comes_fails_with_the_output(start: Callable[..., Site]) -> None:
    site = start("flask", "werkzeug", middleware=False)
    with pytest.raises(RuntimeError, match="Serving Flask app"):
        site.server.wait_for_output("no such line", seconds=0.2)


def test_server_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="serves fastapi projects, got 'flask'"):
        start_site(tmp_path, "flask", "uvicorn")


def test_tab_records_console_and_errors(page: Page) -> None:
    page.set_content("<script>console.info('hello', 1); throw new Error('oh no')</script>")
    assert wait_for_console(page, "hello 1") == ["info: hello 1"]
    assert wait_until(page, lambda: page_errors(page), "an error") == ["oh no"]


def test_waiting_for_what_never_happens_fails(page: Page) -> None:
    with pytest.raises(AssertionError, match="seconds for 1 console line"):
        wait_for_console(page, "never", seconds=0.1)


def test_reload_takes_the_mark_and_is_counted(start: Callable[..., Site], page: Page) -> None:
    page.goto(start("flask", "werkzeug", middleware=False).url)
    marked = mark(page)
    assert (mark_of(page), loads(page)) == (marked, 1)
    page.evaluate("location.reload()")
    wait_for_loads(page, 2)
    assert mark_of(page) is None


def test_replace_wants_exactly_one(start: Callable[..., Site]) -> None:
    site = start("flask", "werkzeug", pages={"/": "a b b"}, middleware=False)
    site.project.replace("templates/index.html", "a", "c")
    with pytest.raises(ValueError, match="2 times 'b'"):
        site.project.replace("templates/index.html", "b", "c")


def test_missing_browser_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HMR_CHROMIUM", raising=False)
    with pytest.raises(NoChromiumError, match="HMR_CHROMIUM"):
        find_chromium(bundled=str(tmp_path / "chrome"))


def test_a_browser_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch, browser: Chromium) -> None:
    monkeypatch.setattr(chromium, "CLOSING", 0.1)  # seconds
    hanging, stuck = browser.process, browser.new_context()
    os.kill(hanging, signal.SIGSTOP)
    browser.close_context(stuck)
    fresh = browser.new_context()
    assert fresh.new_page().evaluate("1 + 1") == 2
    assert browser.process != hanging
    browser.close_context(fresh)
