"""Pages follow content that is in no template: in the app's memory, and in files that are named in `watch=`."""

import re
from collections.abc import Callable
from urllib.request import urlopen

from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.test_pages import FORM, kept, open_page, wait_text

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
