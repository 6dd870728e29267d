"""nginx before a server: a page follows below a prefix, with TLS, and where the server is told another Host."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.checks import EDITS, PAGES, STATIC, kept
from browser.nginx import nginx_version
from browser.proxies import Nginx, Proxying
from browser.servers import SERVERS, Recipe
from browser.sites import Site
from browser.table import Row, row_of

INSTALLED = "app = HmrMiddleware(app)\n"
# It has to stand outside: what is inside of it knows the prefix.
PROXY_FIX = f"""{INSTALLED}
from werkzeug.middleware.proxy_fix import ProxyFix

app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)
"""
WERKZEUG, UVICORN = SERVERS["werkzeug"], SERVERS["uvicorn"]
BELOW = Proxying("/shop", headers="proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Prefix /shop;")
TLS = Proxying(tls=True)
ANOTHER_HOST = Proxying(headers="")  # nginx's own way: the name and port that it asks
PROXIES: dict[str, tuple[Proxying, Recipe]] = {
    "Werkzeug, a prefix": (BELOW, replace(WERKZEUG, edits=(("app.py", INSTALLED, PROXY_FIX),))),
    "Werkzeug, TLS": (TLS, WERKZEUG),
    "Werkzeug, another Host": (ANOTHER_HOST, WERKZEUG),
    "uvicorn, a prefix": (BELOW, replace(UVICORN, arguments=(*UVICORN.arguments, "--root-path", "/shop"))),
    "uvicorn, TLS": (TLS, UVICORN),
    "uvicorn, another Host": (ANOTHER_HOST, UVICORN),
}
# A page that may be anywhere refers to its files from where it is.
ANYWHERE = {url: text.replace('"/static/', '"static/') for url, text in PAGES.items()}


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    """Return an nginx that is not started yet."""
    found = Nginx(tmp_path / "nginx")
    yield found
    found.stop()


@pytest.mark.parametrize("name", PROXIES)
def test_behind_nginx(
    name: str, start: Callable[..., Site], page: Page, nginx: Nginx, shown: Callable[[Row], None]
) -> None:
    proxying, recipe = PROXIES[name]
    row = row_of("proxies", PROXIES, name, recipe)
    row.versions = f"{nginx_version()}, {row.versions}"
    site = nginx.start(start(recipe.kind, recipe, pages=ANYWHERE, static=STATIC), proxying)
    for what, edit in EDITS.items():
        edit(site, page)
        row.shown.append(what)
    assert kept(page)
    assert "Traceback" not in site.server.output() and "refused" not in site.server.output()
    assert "[error]" not in nginx.errors()
    shown(row)
