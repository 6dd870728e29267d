"""From the beginning of a template's or a view's write to the effect in the page, form and all."""

import itertools
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from browser.projects import Kind
from browser.servers import SERVERS
from browser.sites import Site, start_site
from playwright.sync_api import Page

from benchmarks.pages import browser, open_page, save
from benchmarks.table import Table, short, verdict
from benchmarks.timing import p90

SAVES = 40
RESTARTS = 10
ALLOWED = 15  # milliseconds beside the app's own render time
ALLOWED_AFTER_RESTART = 100
SIZE = 50_000  # bytes
SERVED: dict[Kind, str] = {"flask": "werkzeug", "fastapi": "uvicorn", "django": "runserver-noreload"}
RELOADING = ("werkzeug-reload", "uvicorn-reload", "runserver")
_ROW = "<li>One of many things that this page has to tell of, each on a line of its own</li>\n"
PAGE = (
    '<!doctype html>\n<html><head><link rel="icon" href="data:,"></head><body><input id="typed">\n'
    '<p id="mark">MARK</p>\n<ul>\n' + _ROW * (SIZE // len(_ROW)) + "</ul></body></html>\n"
)
# A view's word, and where it is said.
WORDS = {
    "flask": ("app.py", 'render_template("index.html"', 'render_template("index.html", word="{}"'),
    "fastapi": ("app.py", '(request, "index.html"', '(request, "index.html", {{"word": "{}"}}'),
    "django": ("website/views.py", 'render(request, "index.html"', 'render(request, "index.html", {{"word": "{}"}}'),
}
_marks = itertools.count(1)


@contextmanager
def served(server: str, page: str, *, middleware: bool = True) -> Iterator[Site]:
    """Start *server* with one page."""
    with tempfile.TemporaryDirectory() as folder:
        site = start_site(Path(folder), SERVERS[server].kind, server, pages={"/": page}, middleware=middleware)
        try:
            yield site
        finally:
            site.server.stop()


@contextmanager
def opened(server: str, page: str) -> Iterator[tuple[Site, Page]]:
    """Start *server* with one page, open that, and type into it."""
    with served(server, page) as site, browser() as running:
        tab = open_page(running, site.url)
        tab.fill("#typed", "mine")
        tab.wait_for_timeout(1_000)  # what follows is loaded when the page is idle
        yield site, tab
        if tab.input_value("#typed") != "mine":
            raise RuntimeError("our page was loaded again: these are no patches")


def template_latency(server: str, saves: int) -> list[float]:
    """Return the latencies of saves of a template, in milliseconds."""
    with opened(server, PAGE) as (site, tab):
        taken = []
        for _ in range(saves):
            mark = f"mark{next(_marks)}"
            began, seen = save(tab, site.project.templates / "index.html", PAGE.replace("MARK", mark), mark)
            if seen is None:
                raise RuntimeError(f"no effect of {mark}; the server said:\n{site.server.output()}")
            taken.append(seen - began)
        return taken


def render_time(server: str, saves: int) -> list[float]:
    """Return how long the same app takes without us to answer after a save of its template, in milliseconds."""
    with served(server, PAGE, middleware=False) as site:
        taken = []
        for number in range(saves):
            site.project.write_page("/", PAGE.replace("MARK", f"word{number}"))
            time.sleep(0.05)
            began = time.perf_counter()
            urlopen(site.url).read()
            taken.append((time.perf_counter() - began) * 1000)
        return taken


def restart_latency(server: str, restarts: int) -> tuple[list[float], list[float]]:
    """Return the latencies of edits of a view, and when the same server answered anew, from the write on."""
    kind = SERVERS[server].kind
    file, call, template = WORDS[kind]
    with opened(server, PAGE.replace("MARK", "{{ word }}")) as (site, tab):
        path, plain = site.project.root / file, (site.project.root / file).read_text()
        taken, answered = [], []
        for _ in range(restarts):
            mark = f"mark{next(_marks)}"
            tab.wait_for_timeout(1_500)  # Django's reloader looks once in a second
            text = plain.replace(call, template.format(mark))
            began = time.time_ns() / 1_000_000
            path.write_text(text)
            answered.append(_answers(site, mark) - began)
            seen = tab.evaluate("mark => observed.effect(mark)", mark)
            if seen is None:
                raise RuntimeError(f"no effect of {mark}; the server said:\n{site.server.output()}")
            taken.append(seen - began)
        return taken, answered


def _answers(site: Site, mark: str) -> float:
    """Return when the site answers with *mark*, asked a hundred times a second, in epoch milliseconds."""
    while True:
        try:
            with urlopen(site.url, timeout=10) as response:
                if re.search(rf">{mark}<", response.read().decode()):
                    return time.time_ns() / 1_000_000
        except OSError:
            pass
        time.sleep(0.01)


def run(saves: int = SAVES, restarts: int = RESTARTS) -> list[Table]:
    """Measure both."""
    return [_templates(saves), _python(restarts)]


def _templates(saves: int) -> Table:
    rows = [_row(name, template_latency(name, saves), render_time(name, saves), ALLOWED) for name in SERVED.values()]
    note = f"From before the write to the patched page of {SIZE // 1000} KB, medians of {saves} saves in milliseconds."
    header = ("server", "patched after", "the app itself", "ours", "90th percentile", f"target: {ALLOWED} more")
    return Table("Saved template to patched page", header, rows, note)


def _python(restarts: int) -> Table:
    rows = [_row(server, *restart_latency(server, restarts), ALLOWED_AFTER_RESTART) for server in RELOADING]
    note = f"From before the write of a view to the patched page, medians of {restarts} restarts in milliseconds; "
    note += "the server itself is asked a hundred times a second when it answers with the new word."
    header = (
        "server",
        "patched after",
        "answers after",
        "ours",
        "90th percentile",
        f"target: {ALLOWED_AFTER_RESTART} more",
    )
    return Table("Saved view to patched page", header, rows, note)


def _row(server: str, taken: list[float], alone: list[float], allowed: float) -> list[str]:
    whole, own = median(taken), median(alone)
    return [server, short(whole), short(own), short(whole - own), short(p90(taken)), verdict(whole, own + allowed)]
