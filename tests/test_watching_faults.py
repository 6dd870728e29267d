"""What becomes of watching when a part of it fails: it starts again, has missed nothing, and says so in one line."""

import ctypes
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watched import SECONDS, Watched, messages, saves_are_noticed
from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from hmr_middleware.core.urls import Origin


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """Return a folder with a module in use and a template, that is to be watched."""
    watched = Watched(tmp_path)
    (watched.static / "a.js").write_text("1")
    (watched.templates / "page.html").write_text("<p>1</p>\n")
    watched.use("a.js")
    yield watched
    watched.watcher.stop()


def threads(name: str) -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == name}


def kill(thread: threading.Thread) -> None:
    """Let *thread* raise SystemExit, wherever it is."""
    assert thread.ident
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)) == 1


def test_a_killed_watcher(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    watched.start()
    saves_are_noticed(watched)
    kill(watched.watcher._thread)
    watched.watcher.ready.clear()
    watched.watcher.hurry(False)  # wakes it, to find that it was killed
    assert watched.watcher.ready.wait(SECONDS)
    saves_are_noticed(watched)
    assert messages(caplog) == ["the file watcher failed and starts again: SystemExit()"]


def exit_now(*_arguments: object) -> None:
    raise SystemExit


def test_a_watcher_that_is_dead_is_started_when_the_next_page_connects(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("hmr_middleware.watcher.Watcher._run", lambda _: None)
        watched.watcher.start()
        watched.watcher._thread.join(SECONDS)
    (watched.templates / "page.html").write_text("<p>while it was dead</p>\n")
    watched.watcher.hurry(True)
    saves_are_noticed(watched)
    assert not messages(caplog)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_killed_listener(watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    before = threads("hmr-inotify")
    watched.start()
    saves_are_noticed(watched)
    with monkeypatch.context() as patched:
        patched.setattr("hmr_middleware.inotify.Ears._hear", exit_now)
        (watched.static / "a.js").write_text("while it dies")
        for thread in threads("hmr-inotify") - before:
            thread.join(1)
    saves_are_noticed(watched)
    watched.watcher.hurry(False)
    saves_are_noticed(watched)
    assert not messages(caplog)


class Failing:
    """watchfiles, which fails with each of some errors once."""

    def __init__(self, errors: list[BaseException]) -> None:
        self.errors = errors

    def open(self, *arguments: Any) -> Any:
        """Return what stands for a RustNotify."""
        real = RustNotify(*arguments)
        failing = self

        class Notify:
            def watch(self, *arguments: Any) -> Any:
                if failing.errors:
                    real.watch(*arguments)  # what it has gathered is lost
                    raise failing.errors.pop(0)
                return real.watch(*arguments)

            def close(self) -> None:
                real.close()

        return Notify()


class PanicError(BaseException):
    """As what a panic in Rust becomes: it is no Exception."""


FAULTS = [
    pytest.param(WatchfilesRustInternalError("error in underlying watcher"), id="internal"),
    pytest.param(OSError(5, "Input/output error"), id="system"),
    pytest.param(PanicError("called `Option::unwrap()` on a `None` value"), id="panic"),
    pytest.param(MemoryError("none left"), id="memory"),
]


@pytest.mark.parametrize("error", FAULTS)
def test_watchfiles_fails(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    """It takes along what it knew of: new files as well, in folders where somebody uses files."""
    failing = Failing([error])
    monkeypatch.setattr("hmr_middleware.events.RustNotify", failing.open)
    monkeypatch.setattr("hmr_middleware.inotify.Ears.listen_in", lambda *_: False)
    watched.engine.script("/static/b.js", 0, b"import './late.js'\n", Origin(), as_module=True)
    watched.start()
    (watched.static / "late.js").write_text("1")
    (watched.templates / "new.html").write_text("<p>new</p>\n")
    (watched.templates / "page.html").unlink()
    saves = ["/static/late.js", "new.html", "page.html"]
    for name in saves:
        watched.wait(name)
    saves_are_noticed(watched)
    assert messages(caplog) == [f"the file watcher failed and starts again: {error}"]


def test_watchfiles_fails_again_and_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing = Failing([OSError(5, "Input/output error") for _ in range(100)])
    monkeypatch.setattr("hmr_middleware.events.RustNotify", failing.open)
    monkeypatch.setattr("hmr_middleware.inotify.Ears.listen_in", lambda *_: False)
    monkeypatch.setattr("hmr_middleware.watcher.TURN", 0.05)
    watched.start()
    saves_are_noticed(watched)
    while not watched.watcher.why_polling:
        saves_are_noticed(watched)
    assert messages(caplog) == [
        "the file watcher failed and starts again: [Errno 5] Input/output error",
        "polling the files in use: file events failed 4 times in a minute (HMR_POLL=1 always does, HMR_POLL=0 never)",
    ]


def test_a_fault_of_ours_ends_nothing(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    change = watched.engine.change

    def fail_for_templates(paths: Any, **options: Any) -> Any:
        if any(path.suffix == ".html" for path in paths):
            raise ZeroDivisionError("of ours")
        return change(paths, **options)

    watched.start()
    with monkeypatch.context() as patched:
        patched.setattr(watched.engine, "change", fail_for_templates)
        (watched.templates / "page.html").write_text("<p>2</p>\n")
        (watched.static / "a.js").write_text("2")
        watched.wait("/static/a.js")
    saves_are_noticed(watched)
    assert set(messages(caplog)) <= {"a fault of ours"} and len(messages(caplog)) <= 1
