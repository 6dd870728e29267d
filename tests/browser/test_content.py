"""Pages follow content that is in no template: in the app's memory, and in files that are named in `watch=`."""

import os
import re
from collections.abc import Callable
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.test_pages import FORM, kept, open_page, text, wait_text

Start = Callable[..., Site]
PAGES = {"/": document(FORM.replace("one", "{{ word }}"))}

IN_MEMORY = """\
from flask import Flask, render_template
from hmr_middleware import HmrMiddleware, hmr

app = HmrMiddleware(Flask(__name__))
posts = ["one"]


@app.route("/")
def index():
    return render_template("index.html", word=posts[-1])


@app.route("/post/<word>")
def post(word):
    posts.append(word)
    hmr.refresh("posts")
    return "posted"
"""


def test_what_the_app_has_in_memory(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages=PAGES, files={"app.py": IN_MEMORY})
    open_page(site, page)
    for word in ("two", "three"):
        urlopen(f"{site.url}post/{word}").read()
        wait_text(page, word)
    assert kept(page)
    site.server.wait_for_output(re.compile(r"refresh posts -> 1 page, \d+ ms"))


COUNTING = IN_MEMORY.replace(
    "    return render", "    posts.append(f'{len(posts)} visits')\n    hmr.refresh('visits')\n    return render"
)


def test_a_view_that_changes_what_it_shows(start: Start, page: Page, open_tab: Callable[[], Page]) -> None:
    """A comparison is a visit, too: it must not lead to another one."""
    site = start("flask", "werkzeug", pages=PAGES, files={"app.py": COUNTING})
    open_page(site, page)
    seen = int(text(page).split()[0])
    other = open_tab()
    for visits in (2, 4):
        other.goto(site.url)
        wait_text(page, f"{seen + visits} visits")
    assert kept(page)
    assert site.server.output().count("refresh visits -> ") == 3


WATCHED = """\
from pathlib import Path

from flask import Flask, render_template
from hmr_middleware import HmrMiddleware

app = HmrMiddleware(Flask(__name__), watch=["content/**/*.md", ".env", "translations/*.po"])


@app.route("/")
def index():
    files = [".env", *sorted(Path("content").rglob("*.*")), "translations/de.po"]
    return render_template("index.html", word=" ".join(Path(file).read_text().strip() for file in files))
"""
FILES = {"app.py": WATCHED, "content/en/post.md": "post", ".env": "A=1", "translations/de.po": "msgid"}


def save(site: Site, name: str, text: str) -> None:
    """Write a file as it stands."""
    site.write(name, text)


def save_by_rename(site: Site, name: str, text: str) -> None:
    """Write a file as editors do."""
    os.replace(site.write(f"{name}.tmp", text), site.project.root / name)  # noqa: PTH105 (one word less)


@pytest.mark.parametrize("save_one", [save, save_by_rename])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("content/en/post.md", "A=1 new msgid", id="pattern"),
        pytest.param(".env", "new post msgid", id="file"),
        pytest.param("translations/de.po", "A=1 post new", id="pattern-of-one-folder"),
        pytest.param("content/en/a.md", "A=1 new post msgid", id="new-file"),
    ],
)
def test_what_is_watched_has_the_effect_of_a_template(
    start: Start, page: Page, save_one: Callable[[Site, str, str], None], name: str, expected: str
) -> None:
    site = start("flask", "werkzeug", pages=PAGES, files=FILES)
    open_page(site, page)
    save_one(site, name, "new")
    wait_text(page, expected)
    assert kept(page)


def test_what_no_pattern_means_is_not_watched(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages=PAGES, files=FILES)
    open_page(site, page)
    site.write("content/en/z.txt", "draft")
    site.write("content/en/post.md", "new")
    wait_text(page, "A=1 new draft msgid")  # by the second save: the first one is no news
    site.server.wait_for_output("-> 1 page")
    assert re.findall(r"refresh .*(?= ->)", site.server.output()) == ["refresh en/post.md"]
