"""Frameworks of which nothing is known: the user names the folders, and a page follows as anywhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from browser.checks import EDITS, PAGES, STATIC, kept
from browser.servers import FRAMEWORKS
from browser.sites import Site
from browser.table import Row, row_of


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework(name: str, start: Callable[..., Site], page: Page, shown: Callable[[Row], None]) -> None:
    row = row_of("frameworks", FRAMEWORKS, name, FRAMEWORKS[name])
    site = start(FRAMEWORKS[name].kind, name, pages=PAGES, static=STATIC)
    for what, edit in EDITS.items():
        edit(site, page)
        row.shown.append(what)
    assert kept(page)
    assert "Traceback" not in site.server.output()
    shown(row)
