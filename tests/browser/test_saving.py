"""The ways in which editors save: each is one clean update."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from browser.projects import document
from browser.sites import Site
from browser.tabs import loads, mark, mark_of, page_errors, wait_connected, wait_until

SCRIPTS = (("", "slow"), ("", "a"), ("async", "later"))
SOURCE = "(globalThis.story ??= []).push('{}'); import.meta.hot.accept()\n"


def in_place(path: Path, text: str) -> None:
    """Truncate and write."""
    path.write_text(text)


def by_rename(path: Path, text: str) -> None:
    """Write a file beside it and move it over."""
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text(text)
    beside.replace(path)


def with_backup(path: Path, text: str) -> None:
    """Save as vim does: move the old file away, write a new one, delete the old one."""
    backup = path.with_name(f"{path.name}~")
    path.rename(backup)
    path.write_text(text)
    backup.unlink()


def delete_and_create(path: Path, text: str) -> None:
    """Delete, then write."""
    path.unlink()
    path.write_text(text)


def keeping_the_time(path: Path, text: str) -> None:
    """Replace the content and set the modification time back, as rsync -t and cp -p do."""
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


WAYS = {way.__name__: way for way in (in_place, by_rename, with_backup, delete_and_create, keeping_the_time)}


@pytest.fixture
def site(start: Callable[..., Site], page: Page) -> Site:
    """Return a site whose page has one self-accepting module, opened and marked."""
    body = '<script type="module" src="/static/a.js"></script>'
    site = start("flask", "werkzeug", pages={"/": document(body)}, static={"a.js": SOURCE.format("one")})
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    return site


def wait_story(page: Page, expected: list[str]) -> None:
    """Wait until the module's runs are *expected*."""
    wait_until(page, lambda: page.evaluate("story") == expected, f"{expected}")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_one_clean_update(site: Site, page: Page, way: Callable[[Path, str], None]) -> None:
    path = site.project.static / "a.js"
    way(path, SOURCE.format("two"))
    wait_story(page, ["one", "two"])
    way(path, SOURCE.format("three"))
    wait_story(page, ["one", "two", "three"])
    assert mark_of(page) is not None and loads(page) == 1 and not page_errors(page)


def test_truncated_for_a_while(site: Site, page: Page) -> None:
    """The empty file is seen by the watcher (another file's update shows it) and is not pushed."""
    path = site.project.static / "a.js"
    with path.open("w") as file:
        file.flush()
        (site.project.static / "unrelated.js").write_text("1")
        file.write(SOURCE.format("two"))
    wait_story(page, ["one", "two"])
    assert "not applied" not in site.server.output()


def test_written_in_pieces(site: Site, page: Page) -> None:
    text = SOURCE.format("two") + "export const rest = () => {\n" + "  void 0\n" * 2_000 + "}\n"
    with (site.project.static / "a.js").open("w") as file:
        for start in range(0, len(text), 1_000):
            file.write(text[start : start + 1_000])
            file.flush()
    wait_story(page, ["one", "two"])
    assert loads(page) == 1


def test_a_folder_that_is_moved_away_and_back(site: Site, page: Page) -> None:
    static = site.project.static
    away = static.with_name("away")
    static.rename(away)
    (away / "a.js").write_text(SOURCE.format("two"))
    away.rename(static)
    wait_story(page, ["one", "two"])
    (static / "a.js").write_text(SOURCE.format("three"))
    wait_story(page, ["one", "two", "three"])


def test_a_few_milliseconds_apart(site: Site, page: Page) -> None:
    path = site.project.static / "a.js"
    for number in range(50):
        path.write_text(SOURCE.format(number))
    wait_until(page, lambda: page.evaluate("story.at(-1)") == "49", "the last save")
    assert loads(page) == 1


def test_a_save_while_the_page_is_loaded_comes_after_its_own_modules(start: Callable[..., Site], page: Page) -> None:
    scripts = [f'<script type="module" {how} src="/static/{name}.js"></script>' for how, name in SCRIPTS]
    static = {"slow.js": "", "later.js": "", "a.js": SOURCE.format("one")}
    site = start(
        "flask", "werkzeug", pages={"/": document("".join(scripts), head="<script>story = []</script>")}, static=static
    )
    held: dict[str, Route] = {}
    page.route(re.compile("slow|later"), lambda route: held.update({route.request.url.rpartition("/")[2]: route}))
    page.goto(site.url, wait_until="commit")
    wait_connected(page)
    wait_until(page, lambda: page.evaluate("__hmr__.live.has('/static/a.js')"), "the module to be fetched")
    site.project.write_static("a.js", SOURCE.format("two"))
    wait_until(page, lambda: page.evaluate("hmr.check()"), "the update to come")
    assert page.evaluate("story") == []
    held.pop("slow.js").continue_()
    wait_story(page, ["one"])
    assert page.evaluate("hmr.check()") == ["/static/a.js"]
    held.pop("later.js").continue_()
    wait_story(page, ["one", "two"])


def test_a_module_that_is_a_folder_for_a_while(site: Site, page: Page) -> None:
    path, marked = site.project.static / "a.js", mark_of(page)
    path.unlink()
    path.mkdir()
    (path / "b.js").write_text(SOURCE.format("inside"))
    (path / "b.js").unlink()
    path.rmdir()
    path.write_text(SOURCE.format("two"))
    wait_story(page, ["one", "two"])
    assert mark_of(page) == marked


def test_a_stylesheet_that_is_gone_for_a_while(start: Callable[..., Site], page: Page) -> None:
    head = '<link rel="stylesheet" href="/static/a.css"><script type="module" src="/static/a.js"></script>'
    static = {"a.css": "body { color: rgb(1, 1, 1) }", "a.js": SOURCE.format("one")}
    site = start("flask", "werkzeug", pages={"/": document("", head=head)}, static=static)
    page.goto(site.url)
    wait_connected(page)
    marked = mark(page)
    path = site.project.static / "a.css"
    path.unlink()
    site.project.write_static("a.js", SOURCE.format("two"))  # by then the other has been looked at
    wait_story(page, ["one", "two"])
    path.write_text("body { color: rgb(2, 2, 2) }")
    color = "getComputedStyle(document.body).color"
    wait_until(page, lambda: page.evaluate(color) == "rgb(2, 2, 2)", "the new sheet")
    assert mark_of(page) == marked
