"""Ten thousand files at once, as of a branch switch, are one change."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watched import Watched

FILES = 10_000
GIT = ["git", "-c", "user.name=Nobody", "-c", "user.email=nobody@localhost", "-c", "init.defaultBranch=one"]


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time."""
    monkeypatch.setattr("hmr_middleware.repositories.STALE", 600)
    monkeypatch.setattr("hmr_middleware.core.storms.LONGEST", 600)
    monkeypatch.setattr("hmr_middleware.core.storms.LOCKED", 600)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return an empty folder, in memory where that is possible: ten thousand files take their time on a busy disk."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        yield Path(name)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[[bool | None], Watched]]:
    """Return what watches the folder by one of the WAYS, with two modules in use."""
    started: list[Watched] = []

    def start_one(poll: bool | None = None) -> Watched:
        watched = Watched(folder, poll=poll)
        started.append(watched)
        watched.use("lib7/x7.js", "lib9/x9.js")
        watched.start()
        return watched

    yield start_one
    for watched in started:
        watched.watcher.stop()


WAYS = [pytest.param(None, id="events"), pytest.param(True, id="polling")]


def write_all(root: Path, text: str, count: int) -> None:
    """Write modules in a hundred folders and a template."""
    for number in range(count):
        path = root / "static" / f"lib{number % 100}" / f"x{number}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"export default '{text}'\n")
    (root / "templates").mkdir(exist_ok=True)
    (root / "templates" / "page.html").write_text(f"<p>{text}</p>\n")


EXPECTED = {"/static/lib7/x7.js", "/static/lib9/x9.js", "page.html"}


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_branch_switch_is_one_change(start: Callable[[], Watched], folder: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run([*GIT, *arguments], cwd=folder, check=True, capture_output=True)

    git("init")
    for branch in ("one", "two"):
        git("checkout", "-B", branch)
        write_all(folder, branch, FILES)
        for name in ("one", "two"):
            (folder / "templates" / f"{name}.html").unlink(missing_ok=True)
        (folder / "templates" / f"{branch}.html").write_text("<p>\n")
        git("add", ".")
        git("commit", "-m", branch)
    watched = start()
    git("checkout", "one")
    everything = EXPECTED | {"one.html", "two.html"}
    watched.wait_until(lambda: set(watched.changed) >= everything, "everything has changed")
    (watched.static / "lib9" / "x9.js").write_text("export default 'after it'\n")
    watched.wait("/static/lib9/x9.js", times=2)
    assert [{*change.urls, *change.templates} for change in watched.changes] == [everything, {"/static/lib9/x9.js"}]


@pytest.mark.parametrize("poll", WAYS)
def test_what_is_written_while_a_repository_locked_is_one_change(
    start: Callable[[bool | None], Watched], poll: bool | None, folder: Path
) -> None:
    """Files that come, change and go."""
    write_all(folder, "one", 300)
    for name in ("gone.html", "parts/gone.html"):
        path = folder / "templates" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("<p>\n")
    lock = folder / ".git" / "index.lock"
    lock.parent.mkdir()
    watched = start(poll)
    lock.touch()
    write_all(folder, "two", 300)
    (folder / "templates" / "gone.html").unlink()
    shutil.rmtree(folder / "templates" / "parts")
    (folder / "templates" / "new.html").write_text("<p>\n")
    while not watched.watcher._storm:  # the thread that would notice the lock may not have had its turn
        time.sleep(0.001)
    lock.unlink()
    everything = EXPECTED | {"gone.html", "parts/gone.html", "new.html"}
    watched.wait_until(lambda: set(watched.changed) >= everything, "everything has changed")
    (watched.static / "lib9" / "x9.js").write_text("export default 'after it'\n")
    watched.wait("/static/lib9/x9.js", times=2)
    assert [{*change.urls, *change.templates} for change in watched.changes] == [everything, {"/static/lib9/x9.js"}]


@pytest.mark.parametrize("poll", WAYS)
def test_without_a_lock_nothing_is_lost(
    start: Callable[[bool | None], Watched], poll: bool | None, folder: Path
) -> None:
    write_all(folder, "one", 1_000)
    watched = start(poll)
    for number in range(1_000):
        (folder / "templates" / f"page{number}.html").write_text("<p>\n")
    write_all(folder, "two", 1_000)
    everything = EXPECTED | {f"page{number}.html" for number in range(1_000)}
    watched.wait_until(lambda: set(watched.changed) >= everything, "everything has changed")
    (watched.static / "lib9" / "x9.js").write_text("export default 'after it'\n")
    times = watched.changed.count("/static/lib9/x9.js")
    watched.wait("/static/lib9/x9.js", times=times)


@pytest.mark.parametrize("poll", WAYS)
def test_a_lock_that_was_left_behind_delays_nothing(
    start: Callable[[bool | None], Watched], poll: bool | None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(folder, "one", 300)
    lock = folder / ".git" / "index.lock"
    lock.parent.mkdir()
    lock.touch()
    monkeypatch.setattr("hmr_middleware.repositories.STALE", 0)
    watched = start(poll)
    (watched.static / "lib9" / "x9.js").write_text("export default 'two'\n")
    watched.wait("/static/lib9/x9.js")
    assert lock.exists()
