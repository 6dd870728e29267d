"""From the beginning of the write to the effect in the page: ours, the floor's, Vite's."""

import itertools
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.pages import browser, open_page, save
from benchmarks.sites import FLOOR, OURS, VITE_NAME, serve
from benchmarks.table import Table, short, verdict
from benchmarks.timing import interleave, p90

SAVES = 40
NAMES = (OURS, FLOOR, VITE_NAME)

ACCEPT = "\nif (import.meta.hot) import.meta.hot.accept()\n"
SHEET = ":root { --mark: MARK }\n"
PANEL = f'document.querySelector("#panel").textContent = "MARK"{ACCEPT}'
LEAF = 'export const text = "MARK"\n'
TREE = f'import {{ text }} from "./branch.js"\ndocument.querySelector("#tree").textContent = text{ACCEPT}'
PAGE = """<!doctype html>
<html>
<head>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/style.css">
<script type="module" src="/static/app.js"></script>
</head>
<body><p id="panel"></p><p id="tree"></p></body>
</html>
"""
FILES: Mapping[str, str] = {
    "index.html": PAGE,
    "static/style.css": SHEET,
    "static/app.js": 'import "./panel.js"\nimport "./tree.js"\n',
    "static/panel.js": PANEL,
    "static/tree.js": TREE,
    "static/branch.js": 'export { text } from "./twig.js"\n',
    "static/twig.js": 'export { text } from "./leaf.js"\n',
    "static/leaf.js": LEAF,
}
EDITS = {
    "stylesheet": ("static/style.css", SHEET),
    "module that accepts itself": ("static/panel.js", PANEL),
    "leaf, three levels below its boundary": ("static/leaf.js", LEAF),
}
_marks = itertools.count(1)


@contextmanager
def sites(names: tuple[str, ...]) -> Iterator[dict[str, tuple[Path, Page]]]:
    """Serve the site by each of *names* and open it; yield project folders and pages."""
    with tempfile.TemporaryDirectory() as folder, browser() as running, ExitStack() as stack:
        servers = {name: stack.enter_context(serve(name, Path(folder), FILES)) for name in names}
        yield {name: (server.directory, open_page(running, server.url)) for name, server in servers.items()}


def edit(project: Path, page: Page, file: str, source: str) -> tuple[float, float]:
    """Save *source* with a mark of its own and return when that began and took effect, in epoch milliseconds."""
    mark = f"mark{next(_marks)}"
    return save(page, project / file, source.replace("MARK", mark), mark)


def run(saves: int = SAVES) -> list[Table]:
    """Measure and compare."""
    with sites(NAMES) as opened:
        before = _lives(opened)
        samples = interleave(dict(_contenders(opened)), saves)
        if _lives(opened) != before:
            raise RuntimeError("a page was loaded again: these are no hot updates")
    rows = [_row(kind, {name: samples[f"{kind} {name}"] for name in NAMES}) for kind in EDITS]
    header = ("edit", *NAMES, "of Vite", "of the floor", "90th percentiles", "target: Vite, 2 floors")
    note = f"From before the write to the effect in the page, medians of {saves} saves in milliseconds."
    return [Table("Saved file to effect", header, rows, note)]


def _lives(opened: Mapping[str, tuple[Path, Page]]) -> list[float]:
    return [page.evaluate("observed.loaded") for _, page in opened.values()]


def _contenders(opened: Mapping[str, tuple[Path, Page]]) -> Iterator[tuple[str, Callable[[], float]]]:
    for kind, (file, source) in EDITS.items():
        for name, (project, page) in opened.items():
            yield f"{kind} {name}", partial(_latency, project, page, file, source)


def _latency(project: Path, page: Page, file: str, source: str) -> float:
    began, seen = edit(project, page, file, source)
    return seen - began


def _row(kind: str, samples: Mapping[str, list[float]]) -> list[str]:
    ours, floor, vite = (median(samples[name]) for name in NAMES)
    tails = " / ".join(short(p90(samples[name])) for name in NAMES)
    verdicts = f"{verdict(ours, vite)}, {verdict(ours, 2 * floor)}"
    return [kind, *map(short, (ours, floor, vite)), f"{ours / vite:.2f}", f"{ours / floor:.2f}", tails, verdicts]
