"""A folder of 50,000 files in 5,000 folders: how long until it is watched, and what that holds up."""

import json
import logging
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.process import apart, resident
from benchmarks.table import Table, short, verdict
from benchmarks.timing import elapsed

FOLDERS, FILES = 5_000, 10
READY, MEMORY = 1_000.0, 20.0  # milliseconds, megabytes
ROUNDS = 5
SETTLED = 1.0  # seconds after which the last event of making the files has been read


def run() -> list[Table]:
    """Measure the large folder and a small one in turns, each time in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        small, large = (_tree(Path(name, str(folders)), folders) for folders in (1, FOLDERS))
        found = [[apart("benchmarks.watching", str(folder)) for folder in (small, large)] for _ in range(ROUNDS)]
    rows = [_row(what, key, limit, found) for what, key, limit in ROWS]
    header = ("", f"{FILES} files", f"{FOLDERS * FILES:,} files", "target", "")
    return [Table("Watching 50,000 files", header, rows, f"Medians of {ROUNDS} processes each.")]


ROWS = (
    ("until the watcher is ready, ms", "ready", READY),
    ("memory added, MB", "added", MEMORY),
    ("first request of the process, ms", "first", None),
    ("longest that a later request waits in the first second, ms", "slowest", None),
    ("saved file to report, ms", "report", None),
)


def _tree(root: Path, folders: int) -> Path:
    for number in range(folders):
        folder = root / f"part{number % 50}" / f"folder{number}"
        folder.mkdir(parents=True)
        for name in range(FILES):
            (folder / f"file{name}.js").touch()
    return root


def _row(what: str, key: str, limit: float | None, found: list[list[dict[str, float]]]) -> list[str]:
    small, large = (median(figures[key] for figures in column) for column in zip(*found, strict=True))
    judged = [f"{limit:g}", verdict(large, limit)] if limit else ["", ""]
    return [what, short(small), short(large), *judged]


class _Watched:
    """A watcher of *folder* that notes when it is ready and when it reports."""

    def __init__(self, folder: Path) -> None:
        from hmr_middleware.watcher import Watcher

        self.ready, self.reported = threading.Event(), threading.Event()
        self.watcher = Watcher([folder], self._report, self._stale)
        self.watcher.hurry(True)

    def _report(self, _paths: Iterable[Path], _impatient: Mapping[Path, Any]) -> dict[Path, Any]:
        self.reported.set()
        return {}

    def _stale(self) -> list[Path]:
        self.ready.set()  # asked for as soon as the watches are laid
        return []


def measure(folder: Path) -> dict[str, float]:
    """Return all figures of one folder."""
    first, slowest = _first_requests(folder)
    watched = _Watched(folder)
    before, began = resident(), time.perf_counter()
    watched.watcher.start()
    watched.ready.wait()
    ready, added = (time.perf_counter() - began) * 1000, resident() - before
    return {"first": first, "slowest": slowest, "ready": ready, "added": added, "report": _report(watched, folder)}


def _first_requests(folder: Path) -> tuple[float, float]:
    """Return the milliseconds of the first request, which starts engine and watcher, and of the slowest after it."""
    from benchmarks.injection import page_app
    from benchmarks.inprocess import DOCUMENT, fetching, wrapped

    fetch = fetching(wrapped(page_app([b"<!doctype html><p>Text"]), folder, started=False), DOCUMENT)
    first, slowest = elapsed(fetch), 0.0
    last = time.perf_counter()
    end = last + SETTLED
    while last < end:
        time.sleep(0.001)  # a request that arrives meanwhile waits as long as this thread
        fetch()
        now = time.perf_counter()
        slowest, last = max(slowest, now - last), now
    return first * 1000, slowest * 1000


def _report(watched: _Watched, folder: Path) -> float:
    time.sleep(SETTLED)
    watched.reported.clear()
    file = next(folder.glob("*/*/file0.js"))
    file.write_text("changed")
    return elapsed(partial(watched.reported.wait, 10)) * 1000


if __name__ == "__main__":
    logging.disable()
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]))) + "\n")
