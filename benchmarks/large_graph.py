"""A graph of 10,000 modules beside one of 100: from the noticed change to the message, and the memory it takes."""

import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.large_page import module_files
from benchmarks.process import apart, resident
from benchmarks.table import Table, short, verdict
from benchmarks.timing import elapsed

GRAPHS = {"100": (7, 13), "10,000": (100, 99)}  # groups, members of each
EDITED = {"leaf": "member0-0.js", "shared": "shared.js"}
EDITS = 15
PLAN, MEMORY = 5.0, 150.0  # milliseconds, megabytes
PART = 2_000  # modules in one hello
SHARED = "export function unit0() {}\n"


def run() -> list[Table]:
    """Measure each graph in a process of its own."""
    found = {name: apart("benchmarks.large_graph", *map(str, shape)) for name, shape in GRAPHS.items()}
    rows = [
        _row(what, key, {name: figures[key] for name, figures in found.items()}, limit) for what, key, limit in ROWS
    ]
    note = f"In process, with one page that has loaded everything; medians of {EDITS} edits in milliseconds."
    return [Table("A graph of 10,000 modules", ("", *(f"{name} modules" for name in GRAPHS), "target", ""), rows, note)]


ROWS = (
    ("leaf: change to message", "change leaf", None),
    ("leaf: plan alone", "plan leaf", PLAN),
    ("module that all members import: change to message", "change shared", None),
    ("module that all members import: plan alone", "plan shared", PLAN),
    ("memory of the process, MB", "resident", MEMORY),
    ("of these for the graph, MB", "added", None),
)


def _row(what: str, _key: str, values: dict[str, float], limit: float | None) -> list[str]:
    judged = [f"{limit:g}", verdict(values["10,000"], limit)] if limit else ["", ""]
    return [what, *map(short, values.values()), *judged]


@dataclass(slots=True)
class _Wire:
    """A way to a client that only notes when it was used."""

    sent: list[float] = field(default_factory=list)

    def send(self, _text: str) -> None:
        """Note the time."""
        self.sent.append(time.perf_counter())

    def close(self) -> None:
        """Do nothing."""


class _Case:
    """An engine with one page that has loaded all modules of *folder*."""

    def __init__(self, folder: Path) -> None:
        from hmr_middleware.core.mounts import Mount, Mounts
        from hmr_middleware.engine import Engine
        from hmr_middleware.files import Disk
        from hmr_middleware.hub import Client, Hub

        self.folder = folder
        since = time.time_ns() // 1000
        self.engine = Engine(Disk(), Mounts([Mount("/static/", folder)]), since=since, now=_now)
        self.hub = Hub(self.engine, "session")
        self.wire = _Wire()
        self.client = Client(self.wire)
        self.hub.join(self.client)

    def load(self, names: list[str]) -> None:
        """Serve all modules and let the page say that it has them."""
        for name in names:
            body = (self.folder / name).read_bytes()
            self.engine.script(f"/static/{name}", 0, body, self.client.origin, as_module=True)
        for message in _hellos([f"/static/{name}" for name in names]):
            self.hub.receive(self.client, json.dumps(message))
        while self.client.page is None or len(self.client.page.modules) < len(names):
            time.sleep(0.01)

    def change(self, name: str, number: int) -> float:
        """Save another text in the file *name*; return the milliseconds from its notice to the message."""
        path = self.folder / name
        path.write_text(f"// edit {number}\n{path.read_text()}")
        began = time.perf_counter()
        self.engine.change([path])
        return (self.wire.sent[-1] - began) * 1000

    def plan(self, name: str) -> float:
        """Return the milliseconds that the plan alone takes."""
        assert self.client.page is not None
        return elapsed(partial(self.engine.pages.plan, self.client.page, [f"/static/{name}"])) * 1000


def _hellos(urls: list[str]) -> Iterator[dict[str, Any]]:
    for at in range(0, len(urls), PART):
        modules = dict.fromkeys(urls[at : at + PART], 0)
        said = {"type": "hello", "page": "page", "url": "/", "since": _now(), "visible": True}
        yield {**said, "modules": modules, "entries": ["/static/entry.js"], "more": at + PART < len(urls)}


def _now() -> int:
    return time.time_ns() // 1000


def measure(folder: Path, groups: int, members: int) -> dict[str, float]:
    """Return all figures of one graph."""
    names = ["shared.js"]
    (folder / "shared.js").write_text(SHARED)
    for name, text in module_files(groups, members, 300, "shared.js"):
        (folder / name).write_text(text)
        names.append(name)
    case, before = _Case(folder), resident()
    case.load(names)
    figures = {"resident": resident(), "added": resident() - before}
    for what, name in EDITED.items():
        figures[f"change {what}"] = median(case.change(name, number) for number in range(EDITS))
        figures[f"plan {what}"] = median(case.plan(name) for _ in range(EDITS))
    return figures


if __name__ == "__main__":
    logging.disable()
    with tempfile.TemporaryDirectory() as directory:
        sys.stdout.write(json.dumps(measure(Path(directory), *map(int, sys.argv[1:]))) + "\n")
