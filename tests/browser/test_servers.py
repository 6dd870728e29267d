"""Every server: a module, a stylesheet, open tabs, a restart with edits made meanwhile, and what the terminal says."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.servers import SERVERS
from browser.sites import Site
from browser.tabs import (
    console_lines,
    loads,
    mark,
    mark_of,
    page_errors,
    wait_connected,
    wait_for_console,
    wait_until,
)

ALL = [(recipe.kind, name) for name, recipe in SERVERS.items()]
PAGES = {
    "/": document(
        '<input id="typed"><p id="out"></p><script type="module" src="/static/js/app.js"></script>',
        '<link rel="stylesheet" href="/static/css/site.css">',
    )
}
STATIC = {
    "js/app.js": 'import { greet } from "./greet.js"\n'
    'document.querySelector("#out").textContent = greet()\n'
    "import.meta.hot?.accept()\n",
    "js/greet.js": 'export { word as greet } from "./words/word.js"\n',
    "js/words/word.js": 'export const word = () => "one"\n',
    "css/site.css": "body { color: rgb(1, 1, 1) }\n",
}
NOISE = re.compile(r"Traceback|Exception|BrokenPipe|ConnectionReset|Bad file descriptor|ERROR", re.IGNORECASE)
# Python's own last words where a script does not catch Ctrl+C.
INTERRUPTED = re.compile(r"Traceback \(most recent call last\):\n(?:  .*\n)+KeyboardInterrupt\n")


@pytest.fixture(params=ALL, ids=[name for _, name in ALL])
def site(request: pytest.FixtureRequest, start: Callable[..., Site], page: Page) -> Site:
    """Return a site on each server in turn, its page opened and marked."""
    kind, server = request.param
    site = start(kind, server, pages=PAGES, static=STATIC)
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    return site


def wait_text(page: Page, expected: str) -> None:
    """Wait until the page shows *expected*."""
    wait_until(page, lambda: page.inner_text("#out") == expected, f"the text {expected!r}")


def wait_colour(page: Page, red: int) -> None:
    """Wait until the page's text has this share of red."""
    colour = f"rgb({red}, 1, 1)"
    wait_until(page, lambda: page.evaluate("getComputedStyle(document.body).color") == colour, colour)


def test_the_main_job(site: Site, page: Page) -> None:
    page.fill("#typed", "half a sentence")
    site.project.write_static("js/words/word.js", 'export const word = () => "one more"\n')
    wait_text(page, "one more")  # whatever the page has to say of itself is said by now
    said = len(site.server.output())
    site.project.write_static("js/words/word.js", 'export const word = () => "two"\n')
    wait_text(page, "two")
    site.project.write_static("css/site.css", "body { color: rgb(2, 1, 1) }\n")
    wait_colour(page, 2)
    assert page.input_value("#typed") == "half a sentence"
    assert mark_of(page) is not None and loads(page) == 1 and not page_errors(page)

    update = r"\[hmr\] update /static/js/words/word\.js -> 1 boundary, 1 client, \d+ ms"
    site.server.wait_for_output(re.compile(update), after=said)
    wait_for_console(page, re.compile(r"\[hmr\] update .*app\.js"))
    assert re.search(r"\[hmr\] static /static/ -> .*static", site.server.output())
    assert re.search(r"\[hmr\] templates .*templates", site.server.output())
    assert re.search(r"\[hmr\] watching ", site.server.output())
    assert len(re.findall(r"\[hmr\] watching ", site.server.output())) == 1, "nobody watches twice"


def test_a_restart_and_edits_made_meanwhile(site: Site, page: Page) -> None:
    site.project.write_static("js/greet.js", 'export { word as greet } from "./words/word.js"; export const more = 1\n')
    wait_for_console(page, re.compile(r"\[hmr\] update"))
    site.server.stop()
    site.project.write_static("js/words/word.js", 'export const word = () => "while away"\n')
    site.server.start()
    wait_text(page, "while away")
    wait_connected(page, count=2)
    updates = [line for line in console_lines(page) if "[hmr] update" in line]
    assert len(updates) == 2, "one net difference"
    site.project.write_static("css/site.css", "body { color: rgb(3, 1, 1) }\n")
    wait_colour(page, 3)
    site.project.write_static("js/words/word.js", 'export const word = () => "afterwards"\n')
    wait_text(page, "afterwards")
    assert mark_of(page) is not None and loads(page) == 1 and not page_errors(page)


def test_open_tabs_cost_no_worker(site: Site, page: Page, open_tab: Callable[[], Page]) -> None:
    tabs = [open_tab() for _ in range(5)]
    for tab in tabs:
        tab.goto(site.url)
        wait_connected(tab)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: urlopen(site.url, timeout=5).status, range(8)))
    assert answers == [200] * 8
    site.project.write_static("js/words/word.js", 'export const word = () => "to all"\n')
    for tab in (page, *tabs):
        wait_text(tab, "to all")
    assert not NOISE.search(site.server.output()), site.server.output()


def test_ctrl_c_ends_it_with_a_tab_open(site: Site, page: Page) -> None:
    page.wait_for_load_state("networkidle")  # what is cut off in the middle of an answer is an error to gunicorn
    assert site.server.stop(), "Ctrl+C was enough"
    assert not NOISE.search(INTERRUPTED.sub("", site.server.output())), site.server.output()
    assert loads(page) == 1


@pytest.mark.parametrize(
    ("kind", "server"), [("flask", "werkzeug-reload"), ("fastapi", "uvicorn-reload"), ("django", "runserver")]
)
def test_a_python_edit_restarts_the_process_and_not_the_page(
    start: Callable[..., Site], page: Page, kind: str, server: str
) -> None:
    site = start(kind, server, pages=PAGES, static=STATIC)
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    site.project.write_static("js/words/word.js", 'export const word = () => "before"\n')
    wait_text(page, "before")
    module = next(
        path
        for path in ("app.py", "main.py", "website/urls.py", "website/views.py")
        if (site.project.root / path).exists()
    )
    text = (site.project.root / module).read_text()
    site.write(module, text + "\n# touched\n")
    wait_connected(page, count=2)
    site.project.write_static("js/words/word.js", 'export const word = () => "after"\n')
    wait_text(page, "after")
    assert mark_of(page) is not None and loads(page) == 1 and not page_errors(page)
