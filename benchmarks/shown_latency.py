"""From the beginning of the write to the effect in the page: what a page shows besides linked stylesheets."""

import itertools
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.pages import browser, open_page, save
from benchmarks.sites import OURS, serve
from benchmarks.table import Table, short
from benchmarks.timing import interleave, p90

SAVES = 40
SHEET = ":root { --mark: MARK }\n"
IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="NUMBER" height="10"><!-- MARK --></svg>\n'
LINK = '<link rel="stylesheet" href="/static/top.css">'
DEEP = {"top.css": '@import "one.css";', "one.css": '@import "two.css";', "two.css": '@import "file.css";'}
PAGE = '<!doctype html>\n<html>\n<head><link rel="icon" href="data:,">{head}</head>\n<body>{body}</body>\n</html>\n'
_numbers = itertools.count(1_000)


@dataclass(frozen=True)
class Kind:
    """One page, and the file in it that is saved."""

    file: str
    text: str
    head: str = ""
    body: str = ""
    static: Mapping[str, str] | None = None

    def files(self) -> dict[str, str]:
        """Return the site's files."""
        static = {**(self.static or {}), self.file: self.text.replace("NUMBER", "10")}
        page = PAGE.format(head=self.head, body=self.body)
        return {"index.html": page} | {f"static/{name}": text for name, text in static.items()}


LINKED = "linked stylesheet"
KINDS = {
    LINKED: Kind("top.css", SHEET, LINK),
    "stylesheet, three imports below a link": Kind("file.css", SHEET, LINK, static=DEEP),
    "stylesheet that a `<style>` imports": Kind("file.css", SHEET, "<style>@import '/static/file.css'</style>"),
    "image in `<img>`": Kind("a.svg", IMAGE, body='<img src="/static/a.svg">'),
    "image in `<img>` and three imports below a link": Kind(
        "a.svg",
        IMAGE,
        LINK,
        '<img src="/static/a.svg">',
        {**DEEP, "file.css": "body { background: url(a.svg) }"},
    ),
}


@contextmanager
def _pages() -> Iterator[dict[str, tuple[Path, Page]]]:
    with tempfile.TemporaryDirectory() as folder, browser() as running, ExitStack() as stack:
        opened = {}
        for number, (name, kind) in enumerate(KINDS.items()):
            place = Path(folder, str(number))
            place.mkdir()
            server = stack.enter_context(serve(OURS, place, kind.files()))
            opened[name] = server.directory / "static" / kind.file, open_page(running, server.url)
        yield opened


def _latency(path: Path, page: Page, text: str) -> float:
    number = str(next(_numbers))
    page.bring_to_front()  # nobody draws what nobody sees
    began, seen = save(page, path, text.replace("MARK", number).replace("NUMBER", number), number)
    if seen is None:
        raise RuntimeError(f"a save of {path} had no effect in {page.url}")
    return seen - began


def run(saves: int = SAVES) -> list[Table]:
    """Measure and compare."""
    with _pages() as opened:
        contenders: dict[str, Callable[[], float]] = {
            name: partial(_latency, *place, KINDS[name].text) for name, place in opened.items()
        }
        samples = interleave(contenders, saves)
    base = median(samples[LINKED])
    rows = [
        [name, short(median(taken)), f"{median(taken) / base:.2f}", short(p90(taken))]
        for name, taken in samples.items()
    ]
    note = f"From before the write to the effect in the page, medians of {saves} saves in milliseconds."
    return [Table("What else a page shows", ("edit", OURS, "of the linked stylesheet", "90th percentile"), rows, note)]
