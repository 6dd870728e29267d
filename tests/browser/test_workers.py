"""Several workers: any of them may serve a module, hold a page's socket, and go."""

import os
import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from browser.checks import PAGES, STATIC, change_module, change_style, change_template, connect, kept
from browser.servers import SERVERS
from browser.sites import Site
from browser.table import Row, row_of
from browser.tabs import CONNECTED, console_lines
from browser.witness import add_witness, ask_all, modules_of_all

WORKERS = ("gunicorn-workers", "gunicorn-gthread-workers", "uvicorn-workers")
CHECKS = ("one worker after the other", "versions agree")
MODULES = ("/static/js/app.js", "/static/js/greet.js", "/static/js/words/word.js")


@pytest.fixture
def begin(start: Callable[..., Site]) -> Callable[[str], Site]:
    """Return a function that starts one of WORKERS."""
    return lambda name: start(SERVERS[name].kind, name, pages=PAGES, static=STATIC, prepare=add_witness)


@pytest.mark.parametrize("name", WORKERS)
def test_workers_go_and_the_page_stays(
    name: str, begin: Callable[[str], Site], page: Page, shown: Callable[[Row], None]
) -> None:
    row = row_of("workers", WORKERS, name, SERVERS[name])
    site = begin(name)
    connect(site, page)
    change_module(site, page)
    for number, process in enumerate(ask_all(site), 3):
        os.kill(process, signal.SIGKILL)
        change_module(site, page, f"word {number}")
        change_style(site, page, number)
        change_template(site, page, f"template {number}")
        assert process not in ask_all(site)
    assert kept(page)
    assert len([line for line in console_lines(page) if CONNECTED in line]) > 1, "one of them had the socket"
    assert "Traceback" not in site.server.output()
    versions_agree(site)
    row.shown += CHECKS
    shown(row)


def versions_agree(site: Site) -> None:
    """Whoever answers, a module that has changed is live at one version, and so is what imports it."""
    told = {text for url in MODULES for text in modules_of_all(site, url).values()}
    versions = {re.sub(r'export \* from ".*\?t=(\d{16})";', r"\1", text) for text in told}
    assert len(told) == len(MODULES) and len(versions) == 1, told


def test_a_worker_that_comes_late_gives_the_same_versions(begin: Callable[[str], Site]) -> None:
    site = begin("gunicorn-workers")
    ask_all(site)
    for word in ("two", "three"):
        site.project.write_static("js/words/word.js", f'export const word = () => "{word}"\n')
    for process in ask_all(site):
        os.kill(process, signal.SIGKILL)
        assert process not in ask_all(site)
    versions_agree(site)
