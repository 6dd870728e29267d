"""A real folder with a real engine and watcher, without a server: what was saved, and what the engine made of it."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from hmr_middleware.core.changes import Change
from hmr_middleware.core.mounts import Mount, Mounts
from hmr_middleware.core.urls import Origin
from hmr_middleware.engine import Engine
from hmr_middleware.files import Disk
from hmr_middleware.service import _now as now
from hmr_middleware.templates import Templates
from hmr_middleware.watcher import Watcher

SECONDS = 60.0


class Watched:
    """Modules in static/ and templates in templates/ below *root*, watched; *changes* are those so far."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.static, self.templates = root / "static", root / "templates"
        for folder in (self.static, self.templates):
            folder.mkdir(exist_ok=True)
        self.changes: list[Change] = []
        self._happened = threading.Condition()
        self.watcher = Watcher([self.static, self.templates], self._report, self._stale, **options)

    @cached_property
    def engine(self) -> Engine:
        """The engine, for which everything is old that was there before its first use."""
        served = Mounts([Mount("/static/", self.static)])
        templates = Templates(Disk(), [self.templates], served=[self.static], now=now)
        engine = Engine(Disk(), served, since=now(), now=now, templates=templates)
        engine.on_change = self._note
        engine.on_file = self.watcher.attend
        return engine

    def _report(self, paths: Iterable[Path], impatient: Mapping[Path, Any]) -> Mapping[Path, Any]:
        return self.engine.change(paths, impatient=impatient).unsettled

    def _stale(self) -> list[Path]:
        return self.engine.stale()

    def _note(self, change: Change) -> None:
        with self._happened:
            self.changes.append(change)
            self._happened.notify_all()

    def start(self) -> None:
        """Begin to watch, for somebody who looks, and return once it has begun."""
        self.watcher.hurry(True)
        self.watcher.start()
        assert self.watcher.ready.wait(SECONDS)

    def use(self, *names: str) -> None:
        """Let a page load the modules *names* in static/."""
        for name in names:
            self.engine.script(f"/static/{name}", 0, (self.static / name).read_bytes(), Origin(), as_module=True)

    @property
    def changed(self) -> list[str]:
        """What has changed so far, in order: URLs of modules, names of templates."""
        return [name for change in self.changes for name in (*change.urls, *change.templates)]

    def wait(self, what: str, *, times: int = 1) -> None:
        """Wait until *what* has changed so many *times*."""
        self.wait_until(lambda: self.changed.count(what) >= times, f"{what} changed {times} times")

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until *condition* holds, looked at with every change."""
        with self._happened:
            assert self._happened.wait_for(condition, SECONDS), f"never: {what}; {self.changed}"


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as a warning, or worse."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def saves_are_noticed(watched: Watched) -> None:
    """Save a module and a template, and wait until both are noticed."""
    for name, path in (("/static/a.js", watched.static / "a.js"), ("page.html", watched.templates / "page.html")):
        times = watched.changed.count(name) + 1
        path.write_text(f"<p>{times + 1}</p>\n")
        watched.wait(name, times=times)
