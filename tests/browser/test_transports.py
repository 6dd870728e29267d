"""Pages that have no socket of the server's: the same job over the side port and by polling."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import (
    console_lines,
    loads,
    mark,
    mark_of,
    page_errors,
    record_of,
    wait_connected,
    wait_until,
)

POLLING = {"HMR_TRANSPORT": "polling"}
SIDE_PORT = " over the side port"
BY = {"polling": " by polling", "side-port": SIDE_PORT}
SCRIPT = '<script type="module" src="/static/app.js"></script>'
STYLE = '<link rel="stylesheet" href="/static/site.css">'
PAGES = {"/": document(f'<h1>first</h1><input id="typed"><p id="out"></p>{SCRIPT}', STYLE)}
APP = 'document.querySelector("#out").textContent = "one"\nimport.meta.hot?.accept()\n'
STATIC = {"app.js": APP, "site.css": "body { color: rgb(1, 1, 1) }\n"}
# Each question comes to any of them: with the connection kept, one would answer all.
THREE_WORKERS = {**POLLING, "WEB_CONCURRENCY": "3", "GUNICORN_CMD_ARGS": "--keep-alive 0"}
# Which of several workers served a page is not known when its document is asked for.
NOT_KEPT = "error: Failed to load resource: the server responded with a status of 404 (Not Found)"
WAYS = [
    pytest.param("flask", "waitress", {}, SIDE_PORT, id="waitress"),
    pytest.param("flask", "granian-wsgi", {}, SIDE_PORT, id="granian-wsgi"),
    pytest.param("flask", "werkzeug", {"HMR_TRANSPORT": "side-port"}, SIDE_PORT, id="side-port-werkzeug"),
    pytest.param("fastapi", "uvicorn", {"HMR_TRANSPORT": "side-port"}, SIDE_PORT, id="side-port-uvicorn"),
    pytest.param("flask", "werkzeug", POLLING, " by polling", id="polling-werkzeug"),
    pytest.param("fastapi", "uvicorn", POLLING, " by polling", id="polling-uvicorn"),
    pytest.param("flask", "gunicorn-gthread", THREE_WORKERS, " by polling", id="polling-three-workers"),
]


def say(site: Site, word: str) -> None:
    """Let the page's module show *word*."""
    site.project.write_static("app.js", APP.replace("one", word))


def shows(page: Page, selector: str, text: str) -> None:
    """Wait until *selector* shows *text*; with several workers that takes a few questions more."""
    wait_until(page, lambda: page.inner_text(selector) == text, f"{text!r} in {selector}", seconds=30)


def has_colour(page: Page, red: int) -> None:
    """Wait until the page's text has this share of red."""
    colour = f"rgb({red}, 1, 1)"
    wait_until(page, lambda: page.evaluate("getComputedStyle(document.body).color") == colour, colour)


def opened(page: Page, site: Site, how: str) -> None:
    """Open the front page and wait until it is connected in this way."""
    page.goto(site.url)
    wait_connected(page)
    assert [line for line in console_lines(page) if "[hmr] connected" in line] == [f"info: [hmr] connected{how}"]
    mark(page)


def connections(page: Page) -> int:
    """Return how often the page has connected."""
    return sum("[hmr] connected" in line for line in console_lines(page))


@pytest.mark.parametrize(("kind", "server", "env", "how"), WAYS)
def test_a_page_follows_without_a_socket_of_the_server(
    start: Callable[..., Site], page: Page, kind: str, server: str, env: dict[str, str], how: str
) -> None:
    site = start(kind, server, pages=PAGES, static=STATIC, env=env)
    opened(page, site, how)
    page.fill("#typed", "half a sentence")
    say(site, "two")
    shows(page, "#out", "two")
    site.project.write_static("site.css", "body { color: rgb(2, 1, 1) }\n")
    has_colour(page, 2)
    if "WEB_CONCURRENCY" not in env:  # else the page may have no base to compare with yet
        site.project.replace("templates/index.html", "<h1>first</h1>", "<h1>second</h1>")
        shows(page, "h1", "second")
    say(site, "three")
    shows(page, "#out", "three")
    assert page.input_value("#typed") == "half a sentence"
    assert mark_of(page) is not None and loads(page) == connections(page) == 1, record_of(page)
    lines = {line for line in console_lines(page) if not line.startswith("info: [hmr]")}
    assert lines <= ({NOT_KEPT} if "WEB_CONCURRENCY" in env else set()), "the console has no noise"
    said = re.findall(
        r"\[hmr\] (?:open pages poll|side port 127\.0\.0\.1:\d+ for open pages) \(.+\)", site.server.output()
    )
    assert 1 <= len(said) <= int(env.get("WEB_CONCURRENCY", 1)), "each process says once what it uses, and why"


@pytest.mark.parametrize(
    ("kind", "server", "env"),
    [
        pytest.param("flask", "werkzeug", POLLING, id="werkzeug"),
        pytest.param("flask", "gunicorn-gthread", THREE_WORKERS, id="three-workers"),
    ],
)
def test_a_page_that_polls_outlives_a_restart_and_edits_made_meanwhile(
    start: Callable[..., Site], page: Page, kind: str, server: str, env: dict[str, str]
) -> None:
    site = start(kind, server, pages=PAGES, static=STATIC, env=env)
    opened(page, site, BY["polling"])
    say(site, "before")
    shows(page, "#out", "before")
    site.server.stop()
    say(site, "while away")
    site.server.start()
    shows(page, "#out", "while away")
    wait_connected(page, count=2)
    say(site, "afterwards")
    shows(page, "#out", "afterwards")
    assert mark_of(page) is not None and loads(page) == 1 and not page_errors(page)
    assert sum("[hmr] update" in line for line in console_lines(page)) == 3, "one net difference, and none twice"


POLICIES = [
    # the template's own policy cannot be changed, the header's is
    pytest.param(
        "<meta http-equiv='Content-Security-Policy' content=\"connect-src 'self'\">", "", "polling", id="meta"
    ),
    pytest.param("", "connect-src 'self'", "side-port", id="header"),
]
WITH_POLICY = """

@app.after_request
def with_policy(response):
    response.headers["Content-Security-Policy"] = "{policy}"
    return response
"""


@pytest.mark.parametrize(("meta", "header", "way"), POLICIES)
def test_a_policy_that_refuses_the_side_port_leads_to_polling(
    start: Callable[..., Site], page: Page, meta: str, header: str, way: str
) -> None:
    site = start("flask", "waitress", pages={"/": document(f"<p id='out'></p>{SCRIPT}", meta)}, static=STATIC)
    site.server.stop()
    text = (site.project.root / "app.py").read_text()
    if header:
        site.write("app.py", text.replace("\n\nfrom hmr", f"{WITH_POLICY.format(policy=header)}\n\nfrom hmr"))
    site.server.start()
    opened(page, site, BY[way])
    say(site, "two")
    shows(page, "#out", "two")
    assert mark_of(page) is not None and loads(page) == 1
    reason = "the browser does not reach the side port" if meta else "the server gives no way to its sockets"
    assert f"({reason})" in site.server.output()


REDIRECTED = """
    WebSocket = class extends WebSocket {{
        constructor(url, offered) {{ super(url.startsWith("{begin}") ? "ws://127.0.0.1:1/" : url, offered) }}
    }}
"""  # what begins like that leads to a port that nobody listens at


def test_a_side_port_that_nobody_reaches_leads_to_polling(start: Callable[..., Site], page: Page) -> None:
    """As from outside of a container: the port of the page is led in, and the side port is not."""
    site = start("flask", "waitress", pages=PAGES, static=STATIC)
    page.add_init_script(REDIRECTED.format(begin="ws://127.0.0.1:"))
    opened(page, site, BY["polling"])
    say(site, "two")
    shows(page, "#out", "two")


def test_a_proxy_that_lets_no_socket_through_leads_to_the_side_port(start: Callable[..., Site], page: Page) -> None:
    site = start("fastapi", "uvicorn", pages=PAGES, static=STATIC)
    page.add_init_script(REDIRECTED.format(begin=f"ws://127.0.0.1:{site.server.port}/"))
    opened(page, site, SIDE_PORT)
    say(site, "two")
    shows(page, "#out", "two")
    site.server.wait_for_output("(WebSockets do not get through to the server)")


def test_many_tabs_poll_on_few_threads(start: Callable[..., Site], page: Page, open_tab: Callable[[], Page]) -> None:
    """waitress has four threads; none of ten tabs holds one."""
    site = start("flask", "waitress", pages=PAGES, static=STATIC, env=POLLING)
    tabs = [page, *(open_tab() for _ in range(9))]
    for tab in tabs:
        tab.goto(site.url)
        wait_connected(tab)
    say(site, "to all")
    for tab in tabs:
        tab.bring_to_front()  # who is not seen asks seldom
        shows(tab, "#out", "to all")
    assert site.server.stop(), "Ctrl+C was enough"
    assert "Traceback" not in site.server.output()
