"""What is noticed on a real disk: folders that come and go, links, and files that are none."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watched import Watched

from hmr_middleware.core.urls import Origin
from hmr_middleware.files import Disk

ORIGIN = Origin()
MODULE = "export const value = {}\n"

# None listens to events, True looks at the files.
WAYS = [pytest.param(None, id="events"), pytest.param(True, id="polling")]


@pytest.fixture(params=WAYS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Watched]]:
    """Return what starts to watch the folder as a test has made it."""
    made: list[Watched] = []

    def make_one() -> Watched:
        watched = Watched(tmp_path, poll=request.param)
        made.append(watched)
        return watched

    yield make_one
    for watched in made:
        watched.watcher.stop()


@pytest.fixture
def watched(make: Callable[[], Watched]) -> Watched:
    """Return a watched folder with a module in use and a template."""
    watched = make()
    (watched.static / "a.js").write_text(MODULE.format(1))
    (watched.templates / "page.html").write_text("<p>one</p>\n")
    watched.use("a.js")
    watched.start()
    return watched


def write(path: Path, text: str) -> Path:
    """Write a file and the folders that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def still_works(watched: Watched) -> None:
    """Wait until one more save of the module in use has been noticed."""
    times = watched.changed.count("/static/a.js") + 1
    (watched.static / "a.js").write_text(f"export const value = 'still {times}'\n")
    watched.wait("/static/a.js", times=times)


def test_a_save(watched: Watched) -> None:
    still_works(watched)


def test_saves_in_a_row_of_the_same_size(watched: Watched) -> None:
    for number in range(10, 30):
        text = MODULE.format(number)
        (watched.static / "a.js").write_text(text)
        watched.wait("/static/a.js", times=number - 9)


def test_a_template_that_comes(watched: Watched) -> None:
    write(watched.templates / "new.html", "<p>new</p>\n")
    watched.wait("new.html")


def test_a_template_that_goes(watched: Watched) -> None:
    (watched.templates / "page.html").unlink()
    watched.wait("page.html")


def test_a_module_that_was_missing(watched: Watched) -> None:
    watched.engine.script("/static/b.js", 0, b"import './parts/late.js'\n", ORIGIN, as_module=True)
    write(watched.static / "parts" / "late.js", MODULE.format(1))
    watched.wait("/static/parts/late.js")


# Folders


def test_a_folder_that_is_moved_in(watched: Watched, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "deep" / "part.html", "<p>part</p>\n")
    (tmp_path / "elsewhere").rename(watched.templates / "parts")
    watched.wait("parts/deep/part.html")
    (watched.templates / "parts" / "deep" / "part.html").write_text("<p>another</p>\n")
    watched.wait("parts/deep/part.html", times=2)


def test_a_folder_that_is_renamed(make: Callable[[], Watched]) -> None:
    watched = make()
    write(watched.templates / "old" / "part.html", "<p>part</p>\n")
    watched.start()
    (watched.templates / "old").rename(watched.templates / "new")
    watched.wait("old/part.html")
    watched.wait("new/part.html")


def test_a_folder_that_is_deleted(make: Callable[[], Watched]) -> None:
    watched = make()
    for number in range(3):
        write(watched.templates / "old" / f"part{number}.html", "<p>part</p>\n")
    watched.start()
    shutil.rmtree(watched.templates / "old")
    for number in range(3):
        watched.wait(f"old/part{number}.html")


def test_a_folder_with_modules_in_use_that_gives_way_to_another(make: Callable[[], Watched], tmp_path: Path) -> None:
    watched = make()
    path = write(watched.static / "lib" / "x.js", MODULE.format(1))
    watched.use("lib/x.js")
    watched.start()
    write(tmp_path / "lib" / "x.js", MODULE.format(2))
    path.parent.rename(tmp_path / "away")
    (tmp_path / "lib").rename(path.parent)
    watched.wait("/static/lib/x.js")
    (tmp_path / "away" / "x.js").write_text("not ours any more")
    path.write_text(MODULE.format(3))
    watched.wait("/static/lib/x.js", times=2)


def test_a_root_that_is_deleted_and_made_again(watched: Watched) -> None:
    shutil.rmtree(watched.static)
    write(watched.static / "a.js", MODULE.format(2))
    watched.wait("/static/a.js")
    still_works(watched)
    write(watched.static / "page.html", "<!doctype html><p>one</p>\n")
    watched.wait("page.html")


def test_a_root_that_is_away_for_a_while(watched: Watched, tmp_path: Path) -> None:
    """As where a disk is unmounted. Meanwhile the other roots are watched."""
    watched.static.rename(tmp_path / "away")
    (watched.templates / "page.html").write_text("<p>two</p>\n")
    watched.wait("page.html")
    (tmp_path / "away" / "a.js").write_text(MODULE.format(2))
    (tmp_path / "away").rename(watched.static)
    watched.wait("/static/a.js")
    still_works(watched)


# Links


def test_a_link_to_a_file_elsewhere(make: Callable[[], Watched], tmp_path: Path) -> None:
    watched = make()
    target = write(tmp_path / "elsewhere" / "target.js", MODULE.format(1))
    (watched.static / "link.js").symlink_to(target)
    watched.use("link.js")
    watched.start()
    target.write_text(MODULE.format(2))
    watched.wait("/static/link.js")
    other = write(tmp_path / "other" / "target.js", MODULE.format(3))
    (watched.static / "new").symlink_to(other)
    (watched.static / "new").rename(watched.static / "link.js")
    watched.wait("/static/link.js", times=2)
    other.write_text(MODULE.format(4))
    watched.wait("/static/link.js", times=3)


def test_a_template_that_is_a_link(make: Callable[[], Watched], tmp_path: Path) -> None:
    watched = make()
    target = write(tmp_path / "elsewhere" / "target.html", "<p>one</p>\n")
    (watched.templates / "link.html").symlink_to(target)
    watched.start()
    target.write_text("<p>two</p>\n")
    watched.wait("link.html")


def test_a_link_to_a_folder_elsewhere(make: Callable[[], Watched], tmp_path: Path) -> None:
    watched = make()
    module = write(tmp_path / "elsewhere" / "x.js", MODULE.format(1))
    template = write(tmp_path / "parts" / "deep" / "part.html", "<p>one</p>\n")
    (watched.static / "lib").symlink_to(tmp_path / "elsewhere")
    (watched.templates / "parts").symlink_to(tmp_path / "parts")
    watched.use("lib/x.js")
    watched.start()
    module.write_text(MODULE.format(2))
    watched.wait("/static/lib/x.js")
    template.write_text("<p>two</p>\n")
    watched.wait("parts/deep/part.html")
    write(template.with_name("new.html"), "<p>new</p>\n")
    watched.wait("parts/deep/new.html")


def test_a_link_to_a_folder_that_comes(watched: Watched, tmp_path: Path) -> None:
    template = write(tmp_path / "parts" / "part.html", "<p>one</p>\n")
    (watched.templates / "parts").symlink_to(template.parent)
    watched.wait("parts/part.html")
    template.write_text("<p>two</p>\n")
    watched.wait("parts/part.html", times=2)


def test_a_folder_with_two_names(make: Callable[[], Watched]) -> None:
    watched = make()
    path = write(watched.static / "v1" / "x.js", MODULE.format(1))
    (watched.static / "current").symlink_to("v1")
    watched.use("v1/x.js", "current/x.js")
    watched.start()
    path.write_text(MODULE.format(2))
    watched.wait("/static/v1/x.js")
    watched.wait("/static/current/x.js")


def test_links_that_go_round_in_circles(make: Callable[[], Watched]) -> None:
    watched = make()
    write(watched.static / "a.js", MODULE.format(1))
    for folder in (watched.static, watched.templates):
        (folder / "sub").mkdir()
        (folder / "sub" / "up").symlink_to(folder)
        (folder / "self.js").symlink_to("self.js")
        (folder / "there").symlink_to("back")
        (folder / "back").symlink_to("there")
    watched.use("a.js")
    watched.start()
    write(watched.templates / "sub" / "new.html", "<p>new</p>\n")
    watched.wait("sub/new.html")
    still_works(watched)


# What is no file, and names that are none


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(os.path.relpath(path))  # the whole path may be too long for an address


def make_folder(path: Path) -> None:
    path.mkdir()


def make_loop(path: Path) -> None:
    path.symlink_to(path.name)


def make_broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


ODD = {make.__name__: make for make in (make_pipe, make_socket, make_folder, make_loop, make_broken_link)}


@pytest.mark.parametrize("make_odd", ODD.values(), ids=ODD)
def test_what_is_no_file_is_passed_over(
    watched: Watched, make_odd: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("odd.js", "odd.html"):
        make_odd(watched.static / name)
        make_odd(watched.templates / name)
    still_works(watched)
    assert watched.changed == ["/static/a.js"] and not caplog.records


@pytest.mark.parametrize("make_odd", ODD.values(), ids=ODD)
def test_a_file_gives_way_to_what_is_none(
    watched: Watched, make_odd: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    for path in (watched.static / "a.js", watched.templates / "page.html"):
        path.unlink()
        make_odd(path)
    watched.wait("page.html")  # gone, as far as pages are concerned
    path = watched.static / "a.js"
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    still_works(watched)
    assert not caplog.records


STRANGE = [b"\xff\xfe.js", b"line\nfeed.js", b"quote'\".js", b"-rf *.js", b"\xe2\x80\xae.js"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("name", STRANGE, ids=ascii)
def test_a_strange_name_disturbs_nothing(watched: Watched, name: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = os.path.join(os.fsencode(watched.templates), name)  # noqa: PTH118 (bytes)
    for _ in range(2):
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(b"1")
        still_works(watched)
        write(watched.templates / "page.html", f"<p>{len(watched.changes)}</p>\n")
        watched.wait("page.html")
    assert len(caplog.records) <= 1
    assert all(record.getMessage().isprintable() for record in caplog.records)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_folder_with_a_strange_name(make: Callable[[], Watched]) -> None:
    """watchfiles fails whenever somebody looks into it, itself included."""
    watched = make()
    write(watched.static / "a.js", MODULE.format(1))
    watched.use("a.js")
    os.mkdir(os.path.join(os.fsencode(watched.static), b"\xff"))  # noqa: PTH102, PTH118 (bytes)
    watched.start()
    still_works(watched)
    write(watched.templates / "new.html", "<p>new</p>\n")
    watched.wait("new.html")


def test_a_module_that_may_not_be_read(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The superuser may read everything: the refusal is made up."""
    refused = watched.static / "a.js"
    read = Disk.read

    def read_unless_refused(disk: Disk, path: Path) -> bytes:
        if path == refused:
            raise PermissionError(13, "Permission denied", str(path))
        return read(disk, path)

    with monkeypatch.context() as patched:
        patched.setattr("hmr_middleware.files.Disk.read", read_unless_refused)
        refused.write_text(MODULE.format(2))
        (watched.templates / "page.html").write_text("<p>two</p>\n")
        watched.wait("page.html")
        assert watched.changed == ["page.html"]
    still_works(watched)
