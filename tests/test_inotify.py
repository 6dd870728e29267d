"""What Linux tells of saves, on the real file system."""

import os
import sys
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from hmr_middleware.inotify import STORM, TOGETHER, Ears, pause_after

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


class Heard:
    """The reports so far; a test waits for a file to be among them."""

    def __init__(self) -> None:
        self.reports: list[set[Path]] = []
        self._changed = threading.Condition()

    def __call__(self, paths: Collection[Path]) -> None:
        with self._changed:
            self.reports.append(set(paths))
            self._changed.notify_all()

    def wait_for(self, path: Path) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: any(path in report for report in self.reports), timeout=10)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def ears(heard: Heard, tmp_path: Path) -> Iterator[Ears]:
    ears = Ears(heard, lambda: None)
    assert ears.listen_in(tmp_path)
    yield ears
    ears.close()


def save_by_rename(path: Path) -> None:
    beside = path.with_name("beside")
    beside.write_text("text")
    beside.rename(path)


@pytest.mark.usefixtures("ears")
@pytest.mark.parametrize("save", [lambda path: path.write_text("text"), save_by_rename], ids=["in-place", "by-rename"])
def test_a_save_is_heard(heard: Heard, tmp_path: Path, save: object) -> None:
    path = tmp_path / "ä.js"
    save(path)  # type: ignore[operator]
    heard.wait_for(path)


@pytest.mark.usefixtures("ears")
def test_a_file_is_heard_of_when_it_is_whole(heard: Heard, tmp_path: Path) -> None:
    path, other = tmp_path / "a.js", tmp_path / "b.js"
    with path.open("w") as file:
        file.write("half")
        file.flush()
        other.write_text("whole")
        heard.wait_for(other)
        assert not any(path in report for report in heard.reports)
    heard.wait_for(path)


def test_a_folder_that_comes_back_can_be_listened_in_again(ears: Ears, heard: Heard, tmp_path: Path) -> None:
    folder, mark = tmp_path / "folder", tmp_path / "mark"
    for name in ("first.js", "second.js"):
        folder.mkdir()
        assert ears.listen_in(folder)
        (folder / name).write_text("text")
        heard.wait_for(folder / name)
        (folder / name).unlink()
        folder.rmdir()
        mark.write_text(name)  # told after the end of the folder
        heard.wait_for(mark)
        heard.reports.clear()


def test_a_folder_that_is_not_there_cannot_be_listened_in(ears: Ears, tmp_path: Path) -> None:
    assert not ears.listen_in(tmp_path / "nowhere")


def test_a_folder_with_two_names_is_heard_by_both(ears: Ears, heard: Heard, tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    assert ears.listen_in(folder) and ears.listen_in(link)
    (folder / "a.js").write_text("text")
    heard.wait_for(folder / "a.js")
    heard.wait_for(link / "a.js")


def test_a_folder_that_took_the_place_of_another_is_heard_by_its_name(ears: Ears, heard: Heard, tmp_path: Path) -> None:
    folder, away = tmp_path / "folder", tmp_path / "away"
    folder.mkdir()
    assert ears.listen_in(folder)
    folder.rename(away)
    folder.mkdir()
    ears.renew([folder])
    (away / "not-in-use.js").write_text("text")
    (folder / "a.js").write_text("text")
    heard.wait_for(folder / "a.js")
    assert not any(folder / "not-in-use.js" in report for report in heard.reports)


def test_what_is_closed_ends_its_thread_and_hears_nothing(ears: Ears, tmp_path: Path) -> None:
    ears.close()
    ears.close()
    ears._thread.join(10)
    assert not ears._thread.is_alive() and not ears.is_dead
    assert not ears.listen_in(tmp_path / "another")


@pytest.mark.usefixtures("ears")
def test_a_name_that_is_not_unicode_is_heard(heard: Heard, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), b"\xff.js")))  # noqa: PTH118 (bytes)
    path.write_text("text")
    heard.wait_for(path)


@pytest.mark.parametrize(("size", "pause"), [(16, TOGETHER), (256, TOGETHER), (512, 0.0096), (1_000_000, STORM)])
def test_the_more_is_saved_the_longer_a_pause_is_waited_for(size: int, pause: float) -> None:
    assert pause_after(size) == pytest.approx(pause)


def test_descriptors_beyond_a_thousand_are_listened_to(heard: Heard, tmp_path: Path) -> None:
    """As in a process with a thousand sockets."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4_096), hard))
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    ears = Ears(heard, lambda: None)
    try:
        assert ears._descriptor > 1_024 and ears.listen_in(tmp_path)
        (tmp_path / "a.js").write_text("text")
        heard.wait_for(tmp_path / "a.js")
    finally:
        ears.close()
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
