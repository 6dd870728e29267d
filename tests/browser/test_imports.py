"""References that are not plain: import maps, policies, prefixes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.stories import LOG, story, wait_story
from browser.tabs import loads, mark, mark_of, page_errors, wait_connected, wait_until

MAP = '<script type="importmap">{"imports": {"lib": "/static/vendor/lib.js", "parts/": "/static/parts/"}}</script>'


def test_bare_specifiers_of_an_import_map(start: Callable[..., Site], page: Page) -> None:
    static = {
        "app.js": LOG + "import { v } from 'lib'; import { p } from 'parts/p.js'; log(`app ${v} ${p}`);"
        "import.meta.hot.accept('parts/p.js', ({ p }) => log(`accepted ${p}`)); import.meta.hot.accept();"
        "document.querySelector('p').onclick = async () => log(`late ${(await import('lib')).v}`)",
        "vendor/lib.js": "export const v = 1",
        "parts/p.js": "export const p = 1",
    }
    body = '<p>text</p><script type="module" src="/static/app.js"></script>'
    site = start("flask", "werkzeug", pages={"/": document(body, MAP)}, static=static)
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    site.project.write_static("vendor/lib.js", "export const v = 2")
    wait_story(page, ["app 1 1", "app 2 1"])
    site.project.write_static("parts/p.js", "export const p = 2")
    wait_story(page, ["app 1 1", "app 2 1", "accepted 2"])
    page.click("p")
    wait_story(page, ["app 1 1", "app 2 1", "accepted 2", "late 2"])
    page.reload()
    wait_connected(page, count=2)
    assert story(page) == ["app 2 2"]
    site.project.write_static("vendor/lib.js", "export const v = 3")
    wait_story(page, ["app 2 2", "app 3 2"])
    assert loads(page) == 2 and not page_errors(page)


POLICIES = {
    "self": "default-src 'self'",
    "nonce": "default-src 'none'; script-src 'nonce-abc'; style-src 'self'; img-src data:",
    "trusted types": "script-src 'nonce-abc'; require-trusted-types-for 'script'; trusted-types app",
    "trusted types without a nonce": "default-src 'self'; require-trusted-types-for 'script'; trusted-types app",
    "strict-dynamic": "script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'",
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_under_a_content_security_policy(start: Callable[..., Site], page: Page, policy: str) -> None:
    app = (
        "from flask import Flask, render_template\n"
        "from hmr_middleware import HmrMiddleware\n"
        "app = Flask(__name__)\n"
        "@app.get('/')\n"
        "def front():\n"
        f"    return render_template('index.html'), 200, {{'Content-Security-Policy': {policy!r}}}\n"
        "app = HmrMiddleware(app)\n"
    )
    body = '<p>text</p><script type="module" nonce="abc" src="/static/app.js"></script>'
    head = '<link rel="stylesheet" href="/static/a.css">'
    static = {"app.js": LOG + "log('one'); import.meta.hot.accept()", "a.css": "body { color: rgb(1, 1, 1) }"}
    files = {"app.py": app, "templates/index.html": document(body, head)}
    site = start("flask", "werkzeug", static=static, files=files)
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    site.project.write_static("app.js", LOG + "log('two'); import.meta.hot.accept()")
    wait_story(page, ["one", "two"])
    site.project.write_static("app.js", "log('broken'")
    site.server.wait_for_output("update /static/app.js")
    site.project.write_static("app.js", LOG + "log('three'); import.meta.hot.accept()")
    wait_story(page, ["one", "two", "three"])
    site.project.write_static("a.css", "body { color: rgb(2, 1, 1) }")
    wait_until(page, lambda: page.evaluate("getComputedStyle(document.body).color") == "rgb(2, 1, 1)", "the style")
    assert mark_of(page) is not None and not page_errors(page)


def test_an_app_that_is_mounted_below_a_prefix(start: Callable[..., Site], page: Page) -> None:
    main = (
        "from fastapi import FastAPI\n"
        "from fastapi.responses import HTMLResponse\n"
        "from fastapi.staticfiles import StaticFiles\n"
        "from hmr_middleware import HmrMiddleware\n"
        "inner = FastAPI()\n"
        "inner.mount('/static', StaticFiles(directory='static'))\n"
        "@inner.get('/')\n"
        "def front():\n"
        "    return HTMLResponse(open('templates/index.html').read())\n"
        "app = FastAPI()\n"
        "app.mount('/below', HmrMiddleware(inner))\n"
    )
    body = '<script type="module" src="/below/static/app.js"></script>'
    static = {
        "app.js": LOG + "import { v } from './leaf.js'; log(`app ${v}`); import.meta.hot.accept()",
        "leaf.js": "export const v = 1",
    }
    files = {"main.py": main, "app.py": main, "templates/index.html": document(body)}
    site = start("fastapi", "uvicorn", static=static, files=files)
    page.goto(f"{site.url}below/")
    wait_connected(page)
    mark(page)
    site.project.write_static("leaf.js", "export const v = 2")
    wait_story(page, ["app 1", "app 2"])
    page.reload()
    wait_connected(page, count=2)
    assert story(page) == ["app 2"]
    site.project.write_static("leaf.js", "export const v = 3")
    wait_story(page, ["app 2", "app 3"])
