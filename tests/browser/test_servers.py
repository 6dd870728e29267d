"""Every server: a page follows, open tabs cost nothing, Ctrl+C ends it; a restart with edits made meanwhile."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from browser.checks import EDITS, PAGES, STATIC, change_module, change_style, connect, kept, open_ten_tabs, wait_text
from browser.servers import SERVERS
from browser.sites import Site
from browser.table import Row, row_of
from browser.tabs import console_lines, wait_connected, wait_for_console, wait_until
from browser.witness import add_witness, ask_all

# Those of which nothing else could tell a restart from the others.
RESTARTED = (
    *("werkzeug", "werkzeug-reload", "wsgiref", "gunicorn-sync", "gunicorn-gthread", "gunicorn-gevent", "uvicorn"),
    *("uvicorn-reload", "fastapi-dev", "runserver", "runserver-noreload", "gunicorn-django", "uvicorn-django"),
)
RELOADING = ("werkzeug-reload", "uvicorn-reload", "runserver", "runserver-daphne")
NOISE = re.compile(r"Traceback|Exception|BrokenPipe|ConnectionReset|Bad file descriptor|ERROR", re.IGNORECASE)
# One each: who hears of saves, who speaks WebSocket where the server does not, and who answers what clients say.
OUR_THREADS = {
    *("inotify._listen", "native._run", "watcher._run", "websocket._run"),
    "django.management.commands.runserver.handle",  # the whole server
}


# What each server has to show, in the words of the table.
CHECKS = (*EDITS, "ten tabs", "no thread more", "Ctrl+C")


@pytest.mark.parametrize("name", SERVERS)
def test_a_server(
    name: str,
    start: Callable[..., Site],
    page: Page,
    open_tab: Callable[[], Page],
    shown: Callable[[Row], None],
) -> None:
    row = row_of("servers", SERVERS, name, SERVERS[name])
    site = start(SERVERS[name].kind, name, pages=PAGES, static=STATIC, prepare=add_witness)
    for what, edit in EDITS.items():
        edit(site, page)
        row.shown.append(what)
    open_ten_tabs(site, [open_tab() for _ in range(10)])
    wait_text(page, "to all")
    row.shown.append("ten tabs")
    wait_until(page, lambda: are_ours(ask_all(site)), "no thread that holds a page")
    row.shown.append("no thread more")
    speaking = [threads for threads in ask_all(site).values() if "websocket._run" in threads]
    assert bool(speaking) is not site.server.recipe.speaks_websocket
    assert kept(page)
    page.wait_for_load_state("networkidle")  # what is cut off in the middle of an answer is an error to gunicorn
    began = time.monotonic()
    assert site.server.stop(), "Ctrl+C ended every process"
    row.ended_after = time.monotonic() - began
    assert not faults_in(site), site.server.output()
    assert said_what_it_does(site)
    row.shown.append("Ctrl+C")
    shown(row)


def faults_in(site: Site) -> list[str]:
    """Return what the terminal tells of faults, beyond what the server says of itself when it is stopped."""
    said, words = site.server.output(), site.server.recipe.last_words
    return NOISE.findall(re.sub(words, "", said) if words else said)


def are_ours(processes: dict[int, list[str]]) -> bool:
    """Return whether our code runs in our threads only, each there once."""
    return all(len(set(threads)) == len(threads) and set(threads) <= OUR_THREADS for threads in processes.values())


def said_what_it_does(site: Site) -> bool:
    """Return whether the terminal has what a developer looks for there, once from each process."""
    said = site.server.output()
    update = r"\[hmr\] update /static/js/words/word\.js -> 1 boundary, \d+ clients?, \d+ ms"
    found = r"\[hmr\] static /static/ -> .*static", r"\[hmr\] templates .*templates", r"\[hmr\] watching "
    counts = {len(re.findall(line, said)) for line in found}
    return bool(re.search(update, said)) and counts == {site.server.recipe.workers}


@pytest.mark.parametrize("name", RESTARTED)
def test_a_restart_and_edits_made_meanwhile(name: str, start: Callable[..., Site], page: Page) -> None:
    site = start(SERVERS[name].kind, name, pages=PAGES, static=STATIC)
    connect(site, page)
    site.project.write_static("js/greet.js", 'export { word as greet } from "./words/word.js"; export const more = 1\n')
    wait_for_console(page, re.compile(r"\[hmr\] update"))
    site.server.stop()
    site.project.write_static("js/words/word.js", 'export const word = () => "while away"\n')
    site.server.start()
    wait_text(page, "while away")
    wait_connected(page, count=2)
    updates = [line for line in console_lines(page) if "[hmr] update" in line]
    assert len(updates) == 2, "one net difference"
    change_style(site, page, 3)
    change_module(site, page, "afterwards")
    assert kept(page)


@pytest.mark.parametrize("name", RELOADING)
def test_a_python_edit_restarts_the_process_and_not_the_page(name: str, start: Callable[..., Site], page: Page) -> None:
    site = start(SERVERS[name].kind, name, pages=PAGES, static=STATIC)
    connect(site, page)
    change_module(site, page, "before")
    module = next(path for path in ("app.py", "website/urls.py") if (site.project.root / path).exists())
    site.write(module, (site.project.root / module).read_text() + "\n# touched\n")
    wait_connected(page, count=2)
    change_module(site, page, "after")
    assert kept(page)
