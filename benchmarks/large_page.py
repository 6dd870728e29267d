"""A page of 1,000 modules, loaded with an empty cache and again: bare Flask, ours, Vite."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.pages import browser
from benchmarks.rewriting import module_text
from benchmarks.sites import BARE, OURS, VITE_NAME, serve
from benchmarks.table import Table, short
from benchmarks.timing import Sample, interleave

ROUNDS = 7
GROUPS, MEMBERS = 27, 36
SIZE = 1_000  # bytes of a module
NAMES = (BARE, OURS, VITE_NAME)
PATIENCE = 60_000  # milliseconds
PAGE = """<!doctype html>
<html>
<head><link rel="icon" href="data:,"><script type="module" src="/static/entry.js"></script></head>
<body></body>
</html>
"""
LOADED = "globalThis.loadedAt !== undefined"


def module_files(groups: int, members: int, size: int, shared: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and texts: an entry that accepts itself imports *groups*, each of which imports its *members*.

    Every member imports the module *shared*, if one is named.
    """
    below = [f"./{shared}"] if shared else []
    names = [f"./group{group}.js" for group in range(groups)]
    accept = "globalThis.loadedAt = performance.now()\nif (import.meta.hot) import.meta.hot.accept()\n"
    yield "entry.js", module_text(0, names) + accept
    for group in range(groups):
        own = [f"./member{group}-{member}.js" for member in range(members)]
        yield f"group{group}.js", module_text(0, own)
        for name in own:
            yield name.removeprefix("./"), f"// {name}\n{module_text(size, below)}"


def run(rounds: int = ROUNDS) -> list[Table]:
    """Load the page by each contender in turns."""
    files = {f"static/{name}": text for name, text in module_files(GROUPS, MEMBERS, SIZE)}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = stack.enter_context(browser())
        servers = [stack.enter_context(serve(name, Path(folder), {"index.html": PAGE, **files})) for name in NAMES]
        urls = {name: server.url for name, server in zip(NAMES, servers, strict=True)}
        very_first = {name: _load_anew(running, url) for name, url in urls.items()}
        cold = interleave({name: partial(_load_anew, running, url) for name, url in urls.items()}, rounds)
        again = interleave(_reloads(running, urls), rounds)
    rows = [
        _row("first since the server started", {name: [time] for name, time in very_first.items()}),
        _row(f"empty cache, median of {rounds}", cold),
        _row(f"loaded again, median of {rounds}", again),
    ]
    note = f"Milliseconds until {len(files):,} modules of {SIZE / 1000:g} KB have run; Werkzeug with threads."
    return [Table("A page of 1,000 modules", ("load", *NAMES, "of bare", "of Vite"), rows, note)]


def _load_anew(running: Browser, url: str) -> float:
    with running.new_context() as context:
        page = context.new_page()
        page.goto(url, timeout=PATIENCE)
        return _loaded_at(page)


def _reloads(running: Browser, urls: Mapping[str, str]) -> dict[str, Sample]:
    pages = {name: running.new_context().new_page() for name in urls}
    for name, page in pages.items():
        page.goto(urls[name])
        _loaded_at(page)
    return {name: partial(_reload, page) for name, page in pages.items()}


def _reload(page: Page) -> float:
    page.reload(timeout=PATIENCE)
    return _loaded_at(page)


def _loaded_at(page: Page) -> float:
    page.wait_for_function(LOADED, polling=50, timeout=PATIENCE)
    return float(page.evaluate("loadedAt"))


def _row(name: str, samples: Mapping[str, list[float]]) -> list[str]:
    bare, ours, vite = (median(samples[name]) for name in NAMES)
    return [name, *map(short, (bare, ours, vite)), f"{ours / bare:.2f}", f"{ours / vite:.2f}"]
