"""Where events do not arrive, the files in use are looked at: when that begins, what is said of it, what it notices."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from watched import SECONDS, Watched, messages, saves_are_noticed
from watchfiles._rust_notify import WatchfilesRustInternalError

from hmr_middleware.core.pacing import Pace
from hmr_middleware.files import Disk, FileState

TESTS = Path(__file__).resolve().parent
LATER = time.time_ns() // 1000 + 3_600_000_000  # microseconds; servers of files have clocks of their own


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Return what watches a folder with a module in use and a template."""
    made: list[Watched] = []

    def make_one(**options: Any) -> Watched:
        watched = Watched(tmp_path, **options)
        made.append(watched)
        (watched.static / "a.js").write_text("1")
        (watched.templates / "page.html").write_text("<p>1</p>\n")
        watched.use("a.js")
        return watched

    yield make_one
    for watched in made:
        watched.watcher.stop()


def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no event arrive, as on a network share: nothing fails, nothing comes."""
    monkeypatch.setattr("hmr_middleware.events.RustNotify", Silence)
    monkeypatch.setattr("hmr_middleware.inotify.Ears.listen_in", lambda *_: False)


class Silence:
    """What stands for watchfiles and never tells of anything."""

    def __init__(self, *_arguments: object) -> None:
        self._never = threading.Event()

    def watch(self, _debounce: int, _step: int, timeout: int, wake: threading.Event) -> str:
        return "stop" if wake.wait(timeout / 1000) else "timeout"

    def close(self) -> None:
        """Nothing was open."""


def exhausted(error: Exception) -> Callable[..., Any]:
    """Return what stands for watchfiles on a system that has no more to give."""

    def refuse(*_arguments: object) -> Any:
        raise error

    return refuse


def test_a_silent_file_system_is_polled(
    make: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    deaf(monkeypatch)
    monkeypatch.setattr("hmr_middleware.watcher.silent_folder", lambda _folders: "/srv/app is on 9p")
    watched = make()
    watched.start()
    saves_are_noticed(watched)
    assert messages(caplog) == [
        "polling the files in use: /srv/app is on 9p, where file events may not arrive "
        "(HMR_POLL=1 always does, HMR_POLL=0 never)"
    ]


def test_a_file_system_whose_events_do_arrive_is_listened_to_besides(
    make: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hmr_middleware.watcher.silent_folder", lambda _folders: "/srv/app is on nfs4")
    monkeypatch.setattr("hmr_middleware.watcher.Watcher._look_around", lambda *_: None)
    watched = make()
    watched.start()
    saves_are_noticed(watched)
    assert watched.watcher.why_polling


def test_events_that_do_not_arrive_are_missed(
    make: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing says that they will not; the save is noticed all the same, and the next ones soon."""
    deaf(monkeypatch)
    monkeypatch.setattr("hmr_middleware.watcher.LATE", 0.2)
    monkeypatch.setattr("hmr_middleware.watcher.pace", lambda **_: Pace.POLLING)  # not in three seconds
    watched = make()
    watched.start()
    while not watched.watcher.why_polling:  # what is half written when it is looked at proves nothing
        saves_are_noticed(watched)
    saves_are_noticed(watched)
    assert len(messages(caplog)) == 1
    assert f"polling the files in use: no event told that {watched.static.parent}" in messages(caplog)[0]


def test_an_event_that_is_late_is_no_reason_to_poll(
    make: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The look comes first, then the event: here it is told of by hand."""
    deaf(monkeypatch)
    monkeypatch.setattr("hmr_middleware.watcher.LATE", 600)
    monkeypatch.setattr("hmr_middleware.watcher.pace", lambda **_: Pace.POLLING)
    watched = make()
    watched.start()
    awaited = watched.watcher._unheard
    while not awaited:
        saves_are_noticed(watched)
    told = [*awaited]
    watched.watcher._heard(told)
    assert awaited.keys().isdisjoint(told) and not messages(caplog)


ERRORS = [
    pytest.param(OSError(28, "No space left on device"), "fs.inotify.max_user_watches", id="watches"),
    pytest.param(OSError(24, "Too many open files"), "fs.inotify.max_user_instances", id="instances"),
    pytest.param(OSError("OS file watch limit reached. about ['/']"), "fs.inotify.max_user_watches", id="watchfiles"),
    pytest.param(WatchfilesRustInternalError("out of luck"), "(out of luck)", id="anything-else"),
]


@pytest.mark.parametrize(("error", "words"), ERRORS)
def test_where_no_events_are_to_be_had_files_are_polled(
    make: Callable[..., Watched],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    words: str,
) -> None:
    deaf(monkeypatch)
    monkeypatch.setattr("hmr_middleware.events.RustNotify", exhausted(error))
    watched = make()
    watched.start()
    saves_are_noticed(watched)
    (message,) = messages(caplog)
    assert message.startswith("polling the files in use: no file events can be had") and words in message


def test_polling_may_be_forbidden(
    make: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("hmr_middleware.watcher.silent_folder", lambda _folders: "/srv/app is on 9p")
    looked: list[object] = []
    monkeypatch.setattr("hmr_middleware.watcher.Watcher._look_around", lambda *_: looked.append(1))
    watched = make(poll=False)
    watched.start()
    saves_are_noticed(watched)
    assert not looked and not watched.watcher.why_polling
    assert messages(caplog) == [
        "/srv/app is on 9p, where file events may not arrive, and polling is forbidden: saves may go unnoticed; "
        "poll=None or HMR_POLL=1 would help"
    ]


def test_polling_may_be_forced(
    make: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Then nothing of the system's is asked for."""
    monkeypatch.setattr("hmr_middleware.events.RustNotify", exhausted(AssertionError("asked for events")))
    monkeypatch.setattr("hmr_middleware.attention.Ears", exhausted(AssertionError("asked for events")))
    watched = make(poll=True)
    watched.start()
    saves_are_noticed(watched)
    assert watched.watcher.why_polling == "it was asked for" and not messages(caplog)


def test_a_save_that_leaves_size_and_times_as_they_were(
    make: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the second one within two seconds on FAT, or within a tick of the kernel's clock."""
    watched = make(poll=True)
    monkeypatch.setattr("hmr_middleware.files.Disk.stat", with_coarse_times(Disk.stat))
    watched.start()
    for number in range(2, 8):
        (watched.static / "a.js").write_text(str(number))
        watched.wait("/static/a.js", times=number - 1)
        (watched.templates / "page.html").write_text(f"<p>{number}</p>\n")
        watched.wait("page.html", times=number - 1)


def with_coarse_times(stat: Callable[[Disk, Path], FileState | None]) -> Callable[[Disk, Path], FileState | None]:
    """Return a `stat` whose clock stands still."""

    def coarse(disk: Disk, path: Path) -> FileState | None:
        found = stat(disk, path)
        return replace(found, mtime=LATER, ctime=LATER) if found else None

    return coarse


# With a kernel that really is silent, or has no more to give: in a namespace of its own, so that nobody else is

_OVERLAY = """
mount -t tmpfs none {at}/upper && mkdir {at}/upper/files {at}/upper/work &&
mount -t overlay none -o lowerdir={at}/lower,upperdir={at}/upper/files,workdir={at}/upper/work {at}/seen
"""
_LIMITS = (
    "echo {watches} > /proc/sys/user/max_inotify_watches && echo {instances} > /proc/sys/user/max_inotify_instances"
)

_CHILD = """
import json, logging, sys
from pathlib import Path
from watched import Watched

class Kept(logging.Handler):
    def emit(self, record):
        messages.append(record.getMessage())

messages = []
logging.getLogger("hmr_middleware").addHandler(Kept())
seen, saved = map(Path, sys.argv[1:])
(saved / "static").mkdir(); (saved / "templates").mkdir()
(saved / "static/a.js").write_text("1")
(saved / "templates/page.html").write_text("<p>1</p>")
watched = Watched(seen)
watched.use("a.js")
watched.start()
for number in range(2, 100):
    (saved / "static/a.js").write_text(str(number))
    watched.wait("/static/a.js", times=number - 1)
    (saved / "templates/page.html").write_text(f"<p>{number}</p>")
    watched.wait("page.html", times=number - 1)
    if number > 4 and watched.watcher.why_polling:
        break
print(json.dumps([watched.watcher.why_polling, messages]))
"""


def apart(setup: str, *arguments: Path) -> tuple[str, list[str]]:
    """Save files where *setup* has been run, in namespaces of their own; return why they were polled, and the log."""
    run = partial(subprocess.run, capture_output=True, text=True, check=False, timeout=2 * SECONDS)
    may = run(["unshare", "-Urm", "sh", "-c", setup])
    if may.returncode:
        pytest.skip(f"not allowed here: {may.stderr.strip()[:200]}")
    command = ["unshare", "-Urm", "sh", "-c", f'{setup}\nexec "$@"', "sh", sys.executable, "-c", _CHILD]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    done = run([*command, *map(str, arguments)], env=environment)
    assert done.returncode == 0, done.stderr
    why, messages = json.loads(done.stdout.splitlines()[-1])
    return why, messages


linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")


@linux
def test_an_overlay_whose_lower_layer_is_edited(tmp_path: Path) -> None:
    """The kernel tells nobody, and the type of the file system says nothing."""
    for name in ("lower", "upper", "seen"):
        (tmp_path / name).mkdir()
    why, messages = apart(_OVERLAY.format(at=tmp_path), tmp_path / "seen", tmp_path / "lower")
    assert why.startswith("no event told that") and len(messages) == 1


@linux
@pytest.mark.parametrize(("watches", "instances"), [(1, 100), (2, 100), (100, 0), (100, 1)])
def test_an_exhausted_inotify(tmp_path: Path, watches: int, instances: int) -> None:
    why, messages = apart(_LIMITS.format(watches=watches, instances=instances), tmp_path, tmp_path)
    assert why.startswith("no file events can be had (the limit fs.inotify.max_user_") and len(messages) == 1
