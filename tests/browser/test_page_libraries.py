"""htmx and Alpine, as people load them: what a template edit brings works, what is there keeps its state."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import wait_until
from browser.test_pages import FORM, kept, open_page, wait_text

Start = Callable[..., Site]
LIBRARIES = Path(__file__).parents[2] / ".tools" / "libraries" / "node_modules"
SCRIPT = '<script defer src="/static/library.js"></script>'


def library(path: str) -> dict[str, str]:
    """Return the static file of a library that `make` has installed."""
    return {"library.js": (LIBRARIES / path).read_text(encoding="utf-8")}


# htmx

HTMX = pytest.mark.parametrize("path", ["htmx2/dist/htmx.js", "htmx4/dist/htmx.js"], ids=["htmx-2", "htmx-4"])
COUNTING = """\
from itertools import count

from flask import Flask, render_template
from hmr_middleware import HmrMiddleware

app = HmrMiddleware(Flask(__name__))
asked = {name: count(1) for name in ("old", "new", "other")}


@app.route("/")
def index():
    return render_template("index.html")


@app.route("/ask/<name>")
def ask(name):
    return f"{name} {next(asked[name])}"
"""
OLD = '<button id="old" hx-get="/ask/old" hx-target="#heard">old</button><p id="heard"></p>'
NEW = '<section><button id="new" hx-get="/ask/new" hx-target="#heard-too">new</button></section><p id="heard-too"></p>'


@pytest.fixture
def asked(page: Page) -> list[str]:
    """Return what the page has asked the app for by htmx."""
    paths: list[str] = []
    page.on("request", lambda request: paths.append(urlsplit(request.url).path))
    return paths


def ask(page: Page, button: str, answer: str, place: str) -> None:
    """Click, and wait for what htmx puts in place."""
    page.click(button)
    wait_text(page, answer, place)


def asked_for(paths: list[str]) -> list[str]:
    return [path for path in paths if path.startswith("/ask/")]


@HTMX
def test_htmx_works_in_what_comes(start: Start, page: Page, asked: list[str], path: str) -> None:
    site = start(
        "flask", "werkzeug", static=library(path), pages={"/": document(FORM + OLD, SCRIPT)}, files={"app.py": COUNTING}
    )
    open_page(site, page)
    ask(page, "#old", "old 1", "#heard")
    site.project.write_page("/", document(FORM + NEW + OLD, SCRIPT))
    wait_until(page, page.locator("#new").count, "the new button")
    assert page.locator("#heard").inner_text() == "old 1"
    ask(page, "#new", "new 1", "#heard-too")
    ask(page, "#old", "old 2", "#heard")
    ask(page, "#new", "new 2", "#heard-too")  # whatever was asked twice has been queued, and is out by now
    assert asked_for(asked) == ["/ask/old", "/ask/new", "/ask/old", "/ask/new"]
    assert kept(page)


@HTMX
def test_htmx_follows_a_changed_attribute(start: Start, page: Page, asked: list[str], path: str) -> None:
    site = start(
        "flask", "werkzeug", static=library(path), pages={"/": document(FORM + OLD, SCRIPT)}, files={"app.py": COUNTING}
    )
    open_page(site, page)
    ask(page, "#old", "old 1", "#heard")
    site.project.replace("templates/index.html", "/ask/old", "/ask/other")
    wait_until(page, page.locator("[hx-get='/ask/other']").count, "the changed attribute")
    ask(page, "#old", "other 1", "#heard")
    ask(page, "#old", "other 2", "#heard")
    assert asked_for(asked) == ["/ask/old", "/ask/other", "/ask/other"]
    assert kept(page)


# Alpine


def component(name: str) -> str:
    """Return a component that counts, and tells when it begins and ends."""
    return f"""
<div id="{name}" x-data="{{ count: 0, destroy() {{ (window.story ??= []).push('end {name}') }} }}"
     x-init="(window.story ??= []).push('begin {name}')">
  <button @click="count++" x-text="count"></button>
  <ul><template x-for="n in count"><li x-text="n"></li></template></ul>
</div>
"""


def click(page: Page, name: str, count: int) -> None:
    """Click in a component once, and wait until it says *count*."""
    page.click(f"#{name} button")
    wait_text(page, str(count), f"#{name} button")
    wait_until(page, lambda: page.locator(f"#{name} li").count() == count, "as many items")


def test_alpine_works_in_what_comes(start: Start, page: Page) -> None:
    pages = {"/": document(FORM + component("old"), SCRIPT)}
    site = start("flask", "werkzeug", static=library("alpinejs/dist/cdn.js"), pages=pages)
    open_page(site, page)
    for count in (1, 2):
        click(page, "old", count)
    site.project.write_page("/", document(FORM + component("new") + component("old"), SCRIPT))
    wait_text(page, "0", "#new button")
    assert page.locator("#old").inner_text().split() == ["2", "1", "2"]
    click(page, "new", 1)
    click(page, "old", 3)
    assert page.evaluate("story") == ["begin old", "begin new"]
    site.project.write_page("/", pages["/"])
    wait_until(page, lambda: not page.locator("#new").count(), "the new one to go")
    click(page, "old", 4)
    assert page.evaluate("story") == ["begin old", "begin new", "end new"]
    assert kept(page)


def test_alpine_follows_a_changed_part_of_a_component(start: Start, page: Page) -> None:
    site = start(
        "flask",
        "werkzeug",
        static=library("alpinejs/dist/cdn.js"),
        pages={"/": document(FORM + component("old"), SCRIPT)},
    )
    open_page(site, page)
    click(page, "old", 1)
    site.project.replace("templates/index.html", "<ul>", '<em x-text="`${count} times`"></em><ul>')
    wait_text(page, "1 times", "em")
    click(page, "old", 2)
    wait_text(page, "2 times", "em")
    assert page.evaluate("story") == ["begin old"]
    assert kept(page)
