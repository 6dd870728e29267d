"""The status page in a browser: it follows what happens, and says why something does not."""

import http.client
import re
from collections.abc import Callable
from itertools import product
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from browser.projects import document
from browser.sites import Site
from browser.tabs import loads, mark, mark_of, page_errors, wait_connected, wait_until

Start = Callable[..., Site]
PAGES = {
    "/": document('<script type="module" src="/static/main.js"></script><link rel="stylesheet" href="/static/a.css">')
}
STATIC = {"main.js": "import.meta.hot.accept()", "a.css": "p { color: red }", "unused.js": "1"}
WIDE = """\
from flask import Flask, Response, jsonify, render_template
from hmr_middleware import HmrMiddleware

app = HmrMiddleware(Flask(__name__))


@app.route("/")
def index():
    return render_template("index.html")


@app.route("/wide")
def wide():
    return Response("\\ufeff<!doctype html><title>wide".encode("utf-16-le"), content_type="text/html")


@app.route("/data")
def data():
    return jsonify(a=1)
"""
VISIT = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
HANDSHAKE = {
    "Connection": "Upgrade",
    "Origin": "http://elsewhere.test",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "esm-hmr",
    "Sec-WebSocket-Version": "13",
    "Upgrade": "websocket",
}


def open_status(site: Site, tab: Page) -> Page:
    """Open the status page, and return it once it follows."""
    tab.goto(f"{site.url}__hmr/")
    expect(tab.locator(".live")).to_have_text("live")
    return tab


def section(tab: Page, name: str) -> str:
    """Return what a section of the page says, on one line; "" where it is not there."""
    found = tab.locator(f"section[aria-labelledby={name}]")
    return " ".join(found.inner_text().split()) if found.count() else ""


def wait_for(tab: Page, name: str, *texts: str, come_back: bool = True) -> None:
    """Wait until a section of the page says all of these; whoever comes *back* to the page need not wait for it."""

    def is_there() -> bool:
        if come_back:
            tab.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        return all(text in section(tab, name) for text in texts)

    wait_until(tab, is_there, f"{texts} in {name!r}")


def ask(site: Site, path: str, headers: dict[str, str]) -> int:
    """Return the status of a request that no page of a browser would make."""
    connection = http.client.HTTPConnection("127.0.0.1", site.server.port, timeout=10)
    connection.request("GET", path, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


SERVERS = [pytest.param("flask", "werkzeug", id="werkzeug"), pytest.param("fastapi", "uvicorn", id="uvicorn")]


@pytest.mark.parametrize(("kind", "server"), SERVERS)
def test_it_follows_what_happens(
    start: Start, page: Page, open_tab: Callable[[], Page], kind: str, server: str
) -> None:
    site = start(kind, server, pages=PAGES, static=STATIC)
    status = open_status(site, open_tab())
    before = mark(status)
    assert "No page is connected" in section(status, "pages")
    page.goto(site.url)
    wait_connected(page)
    wait_for(status, "pages", "visible / by socket", come_back=False)
    wait_for(status, "modules", "/static/main.js", "accepts itself", "/static/a.css a save is swapped in place")
    site.project.write_static("main.js", "import.meta.hot.accept(); document.title = 'new'")
    wait_for(status, "updates", "update /static/main.js → /static/main.js · 1 page · ")
    site.project.write_static("unused.js", "2")
    wait_for(
        status, "why-not", "file /static/unused.js", "Open a page that uses it, or correct where it is served in static"
    )
    site.project.write_page("/", PAGES["/"].replace("<body>", "<body><p>more"))
    wait_for(status, "updates", "refresh index.html compared with what the server says now · 1 page")
    page.goto("about:blank")
    wait_for(status, "pages", "No page is connected")
    assert (mark_of(status), loads(status), page_errors(status)) == (before, 1, [])


def test_it_says_why_not(start: Start, page: Page, open_tab: Callable[[], Page]) -> None:
    site = start("flask", "werkzeug", pages=PAGES, static=STATIC, files={"app.py": WIDE})
    status = open_status(site, open_tab())
    assert section(status, "why-not") == ""
    for path in ("wide", "data"):
        page.goto(f"{site.url}{path}")
    wait_for(status, "why-not", "page /wide", "It is UTF-16. Serve it as UTF-8.")
    assert ask(site, "/", {**VISIT, "Host": "elsewhere.test"}) == 200
    wait_for(status, "why-not", "page / ", "The Host 'elsewhere.test' is not allowed. List it in allowed_hosts.")
    assert ask(site, "/__hmr/socket", HANDSHAKE) == 403
    wait_for(status, "why-not", "socket from http://elsewhere.test", "the token is missing", "Load the page again")
    assert "/data" not in section(status, "why-not")
    assert status.title() == "(3) Status · hmr_middleware"


def test_it_is_no_page_of_the_app(start: Start, page: Page, open_tab: Callable[[], Page]) -> None:
    site = start("flask", "werkzeug", pages=PAGES, static=STATIC)
    status = open_status(site, open_tab())
    page.goto(site.url)
    wait_connected(page)
    wait_for(status, "pages", "visible")
    assert page.request.get(f"{site.url}__hmr/status.json").json()["pages"] == [
        {"url": "/", "is_visible": True, "transport": "socket", "modules": 2, "refused": [], "is_stock": False}
    ]
    assert status.evaluate("() => [typeof __hmr__, document.querySelectorAll('script').length]") == ["undefined", 1]


def test_it_says_that_the_server_is_away_and_follows_the_next(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages=PAGES, static=STATIC)
    status = open_status(site, page)
    since, footer = status.locator("footer time"), status.locator("footer").inner_text()
    assert re.fullmatch(r"\d\d:\d\d:\d\d", since.inner_text())
    assert since.inner_text() == since.evaluate("it => new Date(it.dateTime).toTimeString().slice(0, 8)")
    site.server.stop()
    expect(status.locator(".live")).to_have_text("the server does not answer; this is what was so")
    site.server.start()
    expect(status.locator(".live")).to_have_text("live")
    wait_until(status, lambda: status.locator("footer").inner_text() != footer, "another process")
    assert loads(status) == 1


def test_it_can_be_read(start: Start, page: Page) -> None:
    """Nothing is wider than the window, and every text stands out from what is behind it (WCAG 2.2, 1.4.3)."""
    name = f"{'long-' * 30}.js"
    site = start("flask", "werkzeug", pages=PAGES, static={**STATIC, name: "1"})
    page.goto(site.url)
    wait_connected(page)
    site.project.write_static(name, "2")
    ask(site, "/", {**VISIT, "Host": f"{'elsewhere-' * 9}.test"})
    status = open_status(site, page)
    wait_for(status, "why-not", "elsewhere-", "long-")
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme, width in product(schemes, (320, 1200)):
        status.emulate_media(color_scheme=scheme)
        status.set_viewport_size({"width": width, "height": 700})
        assert status.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert status.evaluate(CONTRASTS) == []


CONTRASTS = """() => {
    const light = ([r, g, b]) => [r, g, b].map((it) => it / 255)
        .map((it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)
        .reduce((sum, it, at) => sum + it * [0.2126, 0.7152, 0.0722][at], 0)
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number)
    const behind = (element) => {
        const colour = parts(getComputedStyle(element).backgroundColor)
        return colour.length === 4 && !colour[3] ? behind(element.parentElement) : colour
    }
    const says = (element) => [...element.childNodes].some((child) => child.data?.trim())
    return [...document.querySelectorAll("body *")].filter(says)
        .map((it) => [it, light(parts(getComputedStyle(it).color)), light(behind(it))])
        .map(([it, one, other]) => [it.outerHTML, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)])
        .filter(([, contrast]) => contrast < 4.5)
}"""
