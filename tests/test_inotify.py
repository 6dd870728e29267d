"""What Linux tells of saves, on the real file system."""

import sys
import threading
from collections.abc import Collection
from pathlib import Path

import pytest

from hmr_middleware.inotify import Ears

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
def ears(heard: Heard, tmp_path: Path) -> Ears:
    ears = Ears(heard, lambda: None)
    assert ears.listen_in(tmp_path)
    return ears


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
