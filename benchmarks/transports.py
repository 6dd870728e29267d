"""From the beginning of the write to the effect in the page: by each of the ways that lead from us to a page."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.pages import browser, open_page
from benchmarks.sites import OURS, POLLING, SIDE_PORT, serve
from benchmarks.table import Table, short
from benchmarks.timing import interleave, p90
from benchmarks.update_latency import EDITS, FILES, edit

SAVES = 40
WAYS = {"socket": OURS, "side port": SIDE_PORT, "polling": POLLING}


@contextmanager
def _pages() -> Iterator[dict[str, tuple[Path, Page]]]:
    """Serve the site by each way and open it; yield project folders and pages."""
    with tempfile.TemporaryDirectory() as folder, browser() as running, ExitStack() as stack:
        opened = {}
        for way, name in WAYS.items():
            server = stack.enter_context(serve(name, Path(folder), FILES))
            opened[way] = server.directory, open_page(running, server.url, until="load")  # who polls is never idle
        yield opened


def _latency(project: Path, page: Page, file: str, source: str) -> float:
    page.bring_to_front()  # who is not seen asks seldom
    began, seen, _lost = edit(project, page, file, source)
    return seen - began


def run(saves: int = SAVES) -> list[Table]:
    """Measure and compare."""
    with _pages() as opened:
        contenders: dict[str, Callable[[], float]] = {
            f"{kind} {way}": partial(_latency, *place, file, source)
            for kind, (file, source) in EDITS.items()
            for way, place in opened.items()
        }
        samples = interleave(contenders, saves)
    rows = [_row(kind, [samples[f"{kind} {way}"] for way in WAYS]) for kind in EDITS]
    header = ("edit", *WAYS, "side port of socket", "polling of socket", "90th percentiles")
    note = f"From before the write to the effect in the page, medians of {saves} saves in milliseconds. "
    note += "The page that polls was told of another save a moment before; "
    note += "after a quarter of a minute it asks every 400 ms."
    return [Table("Transports", header, rows, note)]


def _row(kind: str, samples: list[list[float]]) -> list[str]:
    socket, side_port, polling = map(median, samples)
    tails = " / ".join(short(p90(taken)) for taken in samples)
    ratios = [f"{side_port / socket:.2f}", f"{polling / socket:.2f}"]
    return [kind, *map(short, (socket, side_port, polling)), *ratios, tails]
