"""Middleware that is often about: what compresses, and what serves static files; inside and outside of ours."""

import os
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from browser.checks import EDITS, PAGES, STATIC, change_module, change_style, change_template, connect, kept
from browser.projects import Project
from browser.servers import SERVERS, Recipe
from browser.sites import Site
from browser.table import Row, row_of
from browser.tabs import console_lines, loads, page_errors, wait_connected

HMR = "from hmr_middleware import HmrMiddleware\n"
INSTALLED = "app = HmrMiddleware(app)\n"
WHITENOISE = """\
from whitenoise import WhiteNoise

app.wsgi_app = WhiteNoise(app.wsgi_app, root="static", prefix="static", autorefresh=True, max_age=0)

"""
GZIP = """\
from starlette.middleware.gzip import GZipMiddleware

app.add_middleware(GZipMiddleware, minimum_size=1)

"""
GZIP_AROUND = GZIP.replace("app.add_middleware(GZipMiddleware,", "app = GZipMiddleware(app,")
COMMON = '"django.middleware.common.CommonMiddleware"'
DJANGO_GZIP = ("website/settings.py", COMMON, f'"django.middleware.gzip.GZipMiddleware", {COMMON}')
DJANGO_WHITENOISE = (
    ("website/settings.py", COMMON, f'"whitenoise.middleware.WhiteNoiseMiddleware", {COMMON}'),
    ("website/settings.py", "'hmr_middleware.django', ", "'hmr_middleware.django', 'whitenoise.runserver_nostatic', "),
)


def _beside(server: str, *edits: tuple[str, str, str], packages: tuple[str, ...] = ()) -> Recipe:
    recipe = SERVERS[server]
    return replace(recipe, edits=edits, packages=(*recipe.packages, *packages))


MIDDLEWARE: dict[str, Recipe] = {
    "WhiteNoise inside, Flask": _beside("werkzeug", ("app.py", HMR, WHITENOISE + HMR), packages=("whitenoise",)),
    "WhiteNoise, Django": _beside("runserver-noreload", *DJANGO_WHITENOISE, packages=("whitenoise",)),
    "GZip inside, Starlette": _beside("uvicorn", ("app.py", HMR, GZIP + HMR)),
    "GZip outside, Starlette": _beside("uvicorn", ("app.py", INSTALLED, INSTALLED + GZIP_AROUND)),
    "GZip, Django": _beside("runserver-noreload", DJANGO_GZIP),
}
OUTSIDE = _beside("werkzeug", ("app.py", INSTALLED, INSTALLED + WHITENOISE), packages=("whitenoise",))


@pytest.mark.parametrize("name", MIDDLEWARE)
def test_beside(name: str, start: Callable[..., Site], page: Page, shown: Callable[[Row], None]) -> None:
    recipe = MIDDLEWARE[name]
    row = row_of("middleware", MIDDLEWARE, name, recipe)
    site = start(recipe.kind, recipe, pages=PAGES, static=STATIC)
    for what, edit in EDITS.items():
        edit(site, page)
        row.shown.append(what)
    assert kept(page)
    assert "Traceback" not in site.server.output()
    shown(row)


def make_old(project: Project) -> None:
    """Let the files be an hour old: a browser asks WhiteNoise for what is newer by the second."""
    for name in STATIC:
        os.utime(project.static / name, (time.time() - 3600,) * 2)


def test_static_files_that_pass_by_us(start: Callable[..., Site], page: Page) -> None:
    """There a module cannot be replaced: the page is loaded again, and both terminals say why."""
    site = start("flask", OUTSIDE, pages=PAGES, static=STATIC, prepare=make_old)
    connect(site, page)
    change_style(site, page)
    change_template(site, page)
    assert kept(page)
    change_module(site, page)
    wait_connected(page, count=2)
    assert loads(page) == 2 and not page_errors(page)
    reason = "/static/js/app.js passes by hmr_middleware: let that stand outside of what serves static files"
    assert [line for line in console_lines(page) if reason in line]
    site.server.wait_for_output(f"[hmr] browser: {reason}")
