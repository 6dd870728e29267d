"""From the beginning of the write to the effect in the page: ours, the floor's, Vite's."""

import itertools
import tempfile
from collections import Counter
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
ATTEMPTS = 6
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
Opened = Mapping[str, tuple[Path, Page]]
_marks = itertools.count(1)


@contextmanager
def sites(names: tuple[str, ...]) -> Iterator[dict[str, tuple[Path, Page]]]:
    """Serve the site by each of *names* and open it; yield project folders and pages."""
    with tempfile.TemporaryDirectory() as folder, browser() as running, ExitStack() as stack:
        servers = {name: stack.enter_context(serve(name, Path(folder), FILES)) for name in names}
        yield {name: (server.directory, open_page(running, server.url)) for name, server in servers.items()}


def edit(project: Path, page: Page, file: str, source: str) -> tuple[float, float, int]:
    """Save *source* with a mark of its own until that takes effect.

    Return when it began and took effect, in epoch milliseconds, and how many saves before it were lost: a server that
    reads a file while it is empty, between its truncation and the write, has nothing to show.
    """
    for lost in range(ATTEMPTS):
        mark = f"mark{next(_marks)}"
        began, seen = save(page, project / file, source.replace("MARK", mark), mark)
        if seen is not None:
            return began, seen, lost
    raise RuntimeError(f"{ATTEMPTS} saves of {project / file} had no effect in {page.url}")


def run(saves: int = SAVES) -> list[Table]:
    """Measure and compare."""
    lost: Counter[str] = Counter()
    with sites(NAMES) as opened:
        before = _lives(opened)
        samples = interleave(dict(_contenders(opened, lost)), saves)
        reloaded = [name for name, life in _lives(opened).items() if life != before[name]]
        if OURS in reloaded:
            raise RuntimeError("our page was loaded again: these are no hot updates")
    rows = [_row(kind, {name: samples[f"{kind} {name}"] for name in NAMES}) for kind in EDITS]
    header = ("edit", *NAMES, "of Vite", "of the floor", "90th percentiles", "target: Vite, 2 floors")
    note = f"From before the write to the effect in the page, medians of {saves} saves in milliseconds. "
    note += f"Saves without effect: {_counted(lost)}. Pages loaded again meanwhile: {', '.join(reloaded) or 'none'}."
    return [Table("Saved file to effect", header, rows, note)]


def _counted(lost: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in lost.items() if count) or "none"


def _lives(opened: Opened) -> dict[str, float]:
    return {name: page.evaluate("observed.loaded") for name, (_, page) in opened.items()}


def _contenders(opened: Opened, lost: Counter[str]) -> Iterator[tuple[str, Callable[[], float]]]:
    for kind, (file, source) in EDITS.items():
        for name, place in opened.items():
            yield f"{kind} {name}", partial(_latency, lost, name, *place, file, source)


def _latency(lost: Counter[str], name: str, project: Path, page: Page, file: str, source: str) -> float:
    began, seen, times = edit(project, page, file, source)
    lost[name] += times
    return seen - began


def _row(kind: str, samples: Mapping[str, list[float]]) -> list[str]:
    ours, floor, vite = (median(samples[name]) for name in NAMES)
    tails = " / ".join(short(p90(samples[name])) for name in NAMES)
    verdicts = f"{verdict(ours, vite)}, {verdict(ours, 2 * floor)}"
    return [kind, *map(short, (ours, floor, vite)), f"{ours / vite:.2f}", f"{ours / floor:.2f}", tails, verdicts]
