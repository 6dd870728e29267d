"""Save a stylesheet: it is swapped without a flash, and nothing else is touched."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import loads, mark, mark_of, page_errors, wait_connected, wait_until

RED, BLUE, GREEN = "rgb(200, 0, 0)", "rgb(0, 0, 200)", "rgb(0, 150, 0)"


def colour(page: Page, selector: str = "body") -> str:
    """Return the computed colour of an element."""
    value: str = page.evaluate("(selector) => getComputedStyle(document.querySelector(selector)).color", selector)
    return value


def wait_colour(page: Page, expected: str, selector: str = "body") -> None:
    """Wait until an element has the colour *expected*."""
    wait_until(page, lambda: colour(page, selector) == expected, f"{selector} in {expected}")


def body(value: str) -> str:
    """Return a stylesheet that colours the page."""
    return f"body {{ color: {value} }}\n"


@pytest.fixture
def opened(start: Callable[..., Site], page: Page) -> Callable[..., Site]:
    """Return a function that opens a page with this head and these static files, connected and marked."""

    def open_site(head: str, static: dict[str, str], kind: str = "flask", server: str = "werkzeug") -> Site:
        site = start(kind, server, pages={"/": document("<p>text</p>", head)}, static=static)
        page.goto(site.url)
        wait_connected(page)
        mark(page)
        return site

    return open_site


def link(attributes: str, name: str = "a.css") -> str:
    """Return a link element."""
    return f'<link rel="stylesheet" href="/static/{name}" {attributes}>'


def test_attributes_and_place_stay(opened: Callable[..., Site], page: Page) -> None:
    link = (
        '<link data-n="1" rel="stylesheet" href="/static/a.css?v=3" media="screen" title="main" class="x" id="theme">'
    )
    site = opened(f"{link}<style></style>", {"a.css": body(RED)})
    before = page.evaluate("document.querySelector('#theme').outerHTML")
    site.project.write_static("a.css", body(BLUE))
    wait_colour(page, BLUE)
    wait_until(page, lambda: page.evaluate("document.querySelectorAll('link[rel=stylesheet]').length") == 1, "one link")
    after = page.evaluate("document.querySelector('#theme').outerHTML")
    version = page.evaluate("new URL(document.querySelector('#theme').href).searchParams.get('t')")
    assert after.replace(f"&amp;t={version}", "") == before
    assert page.evaluate("document.querySelector('#theme').nextElementSibling.tagName") == "STYLE"
    assert mark_of(page) is not None and loads(page) == 1 and not page_errors(page)


def test_the_cascade_keeps_its_order(opened: Callable[..., Site], page: Page) -> None:
    site = opened(link("", "a.css") + link("", "b.css"), {"a.css": body(RED), "b.css": "p { color: inherit }"})
    site.project.write_static("b.css", f"p {{ color: {GREEN} }}")
    wait_colour(page, GREEN, "p")
    site.project.write_static("a.css", f"p {{ color: {BLUE} }} {body(BLUE)}")
    wait_colour(page, BLUE)
    assert colour(page, "p") == GREEN


def test_only_the_changed_sheet_is_fetched(opened: Callable[..., Site], page: Page) -> None:
    site = opened(link("", "a.css") + link("", "b.css"), {"a.css": body(RED), "b.css": "p { margin: 0 }"})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    site.project.write_static("a.css", body(BLUE))
    wait_colour(page, BLUE)
    apps = [url for url in asked if "/__hmr/" not in url]
    assert [url.partition("?")[0].rpartition("/")[2] for url in apps] == ["a.css"]


def test_every_link_that_shows_it_is_swapped(opened: Callable[..., Site], page: Page) -> None:
    site = opened(link('media="print"') + link('media="screen"'), {"a.css": body(RED)})
    site.project.write_static("a.css", body(BLUE))
    wait_colour(page, BLUE)
    page.emulate_media(media="print")
    wait_colour(page, BLUE)
    assert page.evaluate("[...document.querySelectorAll('link[rel=stylesheet]')].map((l) => l.media)") == [
        "print",
        "screen",
    ]


def test_no_flash(opened: Callable[..., Site], page: Page) -> None:
    site = opened(link(""), {"a.css": body(RED)})
    page.evaluate(
        """() => {
        globalThis.seen = []
        const look = () => {
          const value = getComputedStyle(document.body).color
          if (seen.at(-1) !== value) seen.push(value)
        }
        new MutationObserver(look).observe(document.head, { childList: true, attributes: true, subtree: true })
        const frame = () => { look(); requestAnimationFrame(frame) }
        frame()
      }"""
    )
    site.project.write_static("a.css", body(BLUE))
    wait_colour(page, BLUE)
    wait_until(page, lambda: page.evaluate("seen.at(-1)") == BLUE, "the last colour seen")
    assert page.evaluate("seen") == [RED, BLUE], "at no instant was the page without its style"


def test_a_sheet_that_a_sheet_imports(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        link("", "top.css"),
        {"top.css": '@import "parts/mid.css";', "parts/mid.css": "@import url(leaf.css);", "parts/leaf.css": body(RED)},
    )
    wait_colour(page, RED)
    site.project.write_static("parts/leaf.css", body(BLUE))
    wait_colour(page, BLUE)
    site.project.write_static("parts/mid.css", f"@import url(leaf.css); body {{ color: {GREEN} !important }}")
    wait_colour(page, GREEN)
    assert mark_of(page) is not None and loads(page) == 1


def test_a_link_that_a_script_adds_later(opened: Callable[..., Site], page: Page) -> None:
    site = opened("", {"late.css": body(RED)})
    page.evaluate(
        """() => {
        const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/static/late.css' })
        document.head.append(link)
      }"""
    )
    wait_colour(page, RED)
    site.project.write_static("late.css", body(BLUE))
    wait_colour(page, BLUE)
    assert loads(page) == 1


def test_a_sheet_that_no_page_uses_means_nothing(opened: Callable[..., Site], page: Page) -> None:
    site = opened(link(""), {"a.css": body(RED), "unused.css": body(GREEN)})
    site.project.write_static("unused.css", body(BLUE))
    site.project.write_static("a.css", body(BLUE))
    wait_colour(page, BLUE)
    assert loads(page) == 1


def test_after_a_manual_reload_nothing_is_fetched_twice(opened: Callable[..., Site], page: Page) -> None:
    site = opened(link(""), {"a.css": body(RED)})
    site.project.write_static("a.css", body(BLUE))
    wait_colour(page, BLUE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    wait_connected(page, count=2)
    assert colour(page) == BLUE
    site.project.write_static("a.css", body(GREEN))
    wait_colour(page, GREEN)
    assert sum("a.css" in url for url in asked) == 2, "once with the page, once for the last save"


def test_a_module_and_a_sheet_saved_together_are_one_update(opened: Callable[..., Site], page: Page) -> None:
    module = "document.body.title = 'one'; import.meta.hot.accept()"
    head = link("") + '<script type="module" src="/static/a.js"></script>'
    site = opened(head, {"a.css": body(RED), "a.js": module})
    site.project.write_static("a.css", body(BLUE))
    site.project.write_static("a.js", module.replace("one", "two"))
    wait_colour(page, BLUE)
    wait_until(page, lambda: page.evaluate("document.body.title") == "two", "the module")
    assert loads(page) == 1
