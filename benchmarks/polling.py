"""What looking at the files in use costs where events do not arrive, and how late a save is noticed."""

import json
import logging
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.process import apart, cpu_seconds
from benchmarks.table import Table, short, verdict
from benchmarks.timing import p90

COUNTS = (500, 5_000)
WAYS = {"polling": True, "events": False}
SECONDS = 10.0
SAVES = 40
LIMIT = 2.0  # percent of a core, for 500 files that somebody looks at


def run() -> list[Table]:
    """Measure polling and events with few files and many, each in a process of its own."""
    rows = [_row(way, count) for count in COUNTS for way in WAYS]
    header = ("", "a page is seen, %", "no page is seen, %", "save to report, ms", "90th percentile", "target: 2 %")
    note = (
        f"Percent of one core over {SECONDS:g} seconds without a save; medians of {SAVES} saves while a page is seen."
    )
    return [Table("Polling", header, rows, note)]


def _row(way: str, count: int) -> list[str]:
    figures = apart("benchmarks.polling", way, str(count))
    judged = verdict(figures["seen"], LIMIT) if WAYS[way] and count == COUNTS[0] else ""
    names = ("seen", "unseen", "median", "p90")
    return [f"{count:,} files, {way}", *(short(figures[name]) for name in names), judged]


class _Site:
    """Modules in use, watched, and when the last change was reported."""

    def __init__(self, folder: Path, count: int, *, poll: bool) -> None:
        from hmr_middleware.core.mounts import Mount, Mounts
        from hmr_middleware.core.urls import Origin
        from hmr_middleware.engine import Engine
        from hmr_middleware.files import Disk
        from hmr_middleware.watcher import Watcher

        self.paths = _modules(folder, count)
        self.reported = threading.Event()
        since = time.time_ns() // 1000
        mounts = Mounts([Mount("/static/", folder)])
        self.engine = engine = Engine(Disk(), mounts, since=since, now=lambda: time.time_ns() // 1000)
        engine.on_change = lambda _change: self.reported.set()
        report = lambda paths, impatient: engine.change(paths, impatient=impatient).unsettled  # noqa: E731
        self.watcher = Watcher([folder], report, engine.stale, poll=poll or None)
        engine.on_file = self.watcher.attend
        for path in self.paths:
            url = f"/static/{path.relative_to(folder).as_posix()}"
            engine.script(url, 0, path.read_bytes(), Origin(), as_module=True)
        self.watcher.hurry(True)
        self.watcher.start()
        self.watcher.ready.wait()


def _modules(folder: Path, count: int) -> Sequence[Path]:
    paths = [folder / f"part{number % 50}" / f"module{number}.js" for number in range(count)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text("export default 0\n")
    return paths


def measure(folder: Path, count: int, *, poll: bool) -> dict[str, float]:
    """Return all figures of *count* files."""
    site = _Site(folder, count, poll=poll)
    time.sleep(4)  # what is new by its times is looked at more closely for a while
    seen = _share()
    times = [_save(site, site.paths[number * 7 % count], number) for number in range(SAVES)]
    site.watcher.hurry(False)
    time.sleep(4)
    return {"seen": seen, "unseen": _share(), "median": median(times), "p90": p90(times)}


def _share() -> float:
    before = cpu_seconds(0)
    time.sleep(SECONDS)
    return 100 * (cpu_seconds(0) - before) / SECONDS


def _save(site: _Site, path: Path, number: int) -> float:
    time.sleep(0.137)  # saves come at no particular moment of a look's rhythm
    site.reported.clear()
    began = time.perf_counter()
    path.write_text(f"export default {number + 1}\n")
    site.reported.wait()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    logging.disable()
    with tempfile.TemporaryDirectory() as name:
        figures = measure(Path(name), int(sys.argv[2]), poll=WAYS[sys.argv[1]])
    sys.stdout.write(json.dumps(figures) + "\n")
