"""What is shown of every server and framework: a page that is connected follows modules, styles and templates."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import loads, mark, mark_of, page_errors, wait_connected, wait_until

BODY = '<input id="typed"><p id="out"></p><p id="word">one</p><script type="module" src="/static/js/app.js"></script>'
HEAD = '<link rel="stylesheet" href="/static/css/site.css">'
PAGES = {"/": document(BODY, HEAD)}
STATIC = {
    "js/app.js": 'import { greet } from "./greet.js"\n'
    'document.querySelector("#out").textContent = greet()\n'
    "import.meta.hot?.accept()\n",
    "js/greet.js": 'export { word as greet } from "./words/word.js"\n',
    "js/words/word.js": 'export const word = () => "one"\n',
    "css/site.css": "body { color: rgb(1, 1, 1) }\n",
}


def connect(site: Site, page: Page) -> None:
    """Open the front page; what is typed there and its mark go with a reload."""
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    page.fill("#typed", "half a sentence")


def change_module(site: Site, page: Page, word: str = "two") -> None:
    """Save a module below the one that accepts."""
    site.project.write_static("js/words/word.js", f'export const word = () => "{word}"\n')
    wait_text(page, word)


def change_style(site: Site, page: Page, red: int = 2) -> None:
    """Save the stylesheet."""
    site.project.write_static("css/site.css", f"body {{ color: rgb({red}, 1, 1) }}\n")
    colour = f"rgb({red}, 1, 1)"
    wait_until(page, lambda: page.evaluate("getComputedStyle(document.body).color") == colour, colour)


def change_template(site: Site, page: Page, word: str = "two") -> None:
    """Save the page's template."""
    text = (site.project.templates / "index.html").read_text(encoding="utf-8")
    site.project.write_page("/", re.sub(r'(?<=id="word">).*?(?=<)', word, text))
    wait_text(page, word, "#word")


def open_ten_tabs(site: Site, tabs: Sequence[Page]) -> None:
    """Open ten more; the server answers as before, and each follows."""
    for tab in tabs:
        tab.goto(site.url, wait_until="commit")
    for tab in tabs:
        wait_connected(tab)
    # cheroot's ten threads wait ten seconds for the first word on each connection that a browser opens in advance.
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: urlopen(site.url, timeout=30).status, range(8)))
    assert answers == [200] * 8
    site.project.write_static("js/words/word.js", 'export const word = () => "to all"\n')
    for tab in tabs:
        wait_text(tab, "to all")


def wait_text(page: Page, expected: str, where: str = "#out") -> None:
    """Wait until the page shows *expected*."""
    wait_until(page, lambda: page.inner_text(where) == expected, f"the text {expected!r}")


def kept(page: Page) -> bool:
    """Return whether the page was not loaded again, has what was typed, and no error."""
    typed = page.input_value("#typed") == "half a sentence"
    return typed and mark_of(page) is not None and loads(page) == 1 and not page_errors(page)


# What each row of the table shows, in the words of the table.
EDITS: dict[str, Callable[[Site, Page], None]] = {
    "connect": connect,
    "module": change_module,
    "style": change_style,
    "template": change_template,
}
