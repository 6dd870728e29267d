"""Middleware that is often about: what compresses, and what serves static files; inside and outside of ours."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from browser.checks import EDITS, PAGES, STATIC, kept
from browser.servers import SERVERS, Recipe
from browser.sites import Site
from browser.table import Row, row_of

HMR = "from hmr_middleware import HmrMiddleware\n"
INSTALLED = "app = HmrMiddleware(app)\n"
WHITENOISE = """\
from whitenoise import WhiteNoise

app.wsgi_app = WhiteNoise(app.wsgi_app, root="static", prefix="static", autorefresh=True)

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
    "WhiteNoise outside, Flask": _beside(
        "werkzeug", ("app.py", INSTALLED, INSTALLED + WHITENOISE), packages=("whitenoise",)
    ),
    "WhiteNoise, Django": _beside("runserver-noreload", *DJANGO_WHITENOISE, packages=("whitenoise",)),
    "GZip inside, Starlette": _beside("uvicorn", ("app.py", HMR, GZIP + HMR)),
    "GZip outside, Starlette": _beside("uvicorn", ("app.py", INSTALLED, INSTALLED + GZIP_AROUND)),
    "GZip, Django": _beside("runserver-noreload", DJANGO_GZIP),
}


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
