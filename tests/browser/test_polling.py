"""Where no events are to be had, the page follows all the same: HMR_POLL=1."""

from collections.abc import Callable

from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import loads, mark, mark_of, page_errors, wait_connected, wait_until

MODULE = "(globalThis.story ??= []).push('{}'); import.meta.hot.accept()\n"
HEAD = '<link rel="stylesheet" href="/static/a.css">'
BODY = '<p id="text">{}</p><script type="module" src="/static/a.js"></script>'


def test_a_module_a_style_and_a_template(start: Callable[..., Site], page: Page) -> None:
    static = {"a.js": MODULE.format("1"), "a.css": "p { opacity: 0.1 }\n"}
    pages = {"/": document(BODY.format("1"), HEAD)}
    site = start("flask", "werkzeug", pages=pages, static=static, env={"HMR_POLL": "1"})
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    for number in "23":
        follows(site, page, number)
    assert page.evaluate("story") == ["1", "2", "3"]
    assert mark_of(page) is not None and loads(page) == 1 and not page_errors(page)


def follows(site: Site, page: Page, number: str) -> None:
    """Save a module, a style and a template, one after the other, and wait for the effect of each."""
    site.project.write_static("a.js", MODULE.format(number))
    wait_until(page, lambda: page.evaluate("story.at(-1)") == number, f"module {number}")
    site.project.write_static("a.css", f"p {{ opacity: 0.{number} }}\n")
    opacity = "getComputedStyle(document.querySelector('p')).opacity"
    wait_until(page, lambda: page.evaluate(opacity) == f"0.{number}", f"style {number}")
    site.project.write_page("/", document(BODY.format(number), HEAD))
    wait_until(page, lambda: page.text_content("#text") == number, f"template {number}")
