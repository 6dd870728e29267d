"""What counts as a change of a template, with files in memory and a clock of its own."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from hmr_middleware.core.globs import Glob
from hmr_middleware.core.settling import Unsettled
from hmr_middleware.files import FileState
from hmr_middleware.templates import READ, TemplateChange, Templates

HOME = Path("/app/templates")
PAGE = HOME / "page.html"
STATIC = Path("/app/static")


class Folder:
    """Files in memory; the clock moves with every save."""

    def __init__(self) -> None:
        self.now = 1_000
        self.contents: dict[Path, bytes] = {}
        self.states: dict[Path, FileState] = {}

    def save(self, path: Path, text: str) -> None:
        """Write a file."""
        self.now += 10
        self.contents[path] = content = text.encode()
        self.states[path] = FileState(self.now, self.now, len(content), 1)

    def touch(self, path: Path) -> None:
        """Give a file a new time."""
        self.save(path, self.contents[path].decode())

    def delete(self, path: Path) -> None:
        """Delete a file."""
        del self.contents[path], self.states[path]

    def stat(self, path: Path) -> FileState | None:
        return self.states.get(path)

    def read(self, path: Path) -> bytes:
        return self.contents[path]

    def below(self, root: Path, most: int) -> Iterable[Path]:
        return [path for path in self.states if path.is_relative_to(root)][:most]


@pytest.fixture
def folder() -> Folder:
    """Return a folder with one template that is there already."""
    folder = Folder()
    folder.save(PAGE, "<p>one</p>\n")
    return folder


def watching(folder: Folder, *roots: Path, served: tuple[Path, ...] = (STATIC,)) -> Templates:
    """Return the templates in *roots*, known from the start."""
    folder.now += 10
    templates = Templates(folder, roots or (HOME,), served=served, now=lambda: folder.now)
    assert templates.stale() == []
    return templates


def test_a_save_is_a_change_by_name(folder: Folder) -> None:
    templates = watching(folder)
    folder.save(PAGE, "<p>two</p>\n")
    assert templates.change([PAGE]) == TemplateChange(("page.html",), (PAGE,))


def test_a_change_is_told_once(folder: Folder) -> None:
    templates = watching(folder)
    folder.save(PAGE, "<p>two</p>\n")
    templates.change([PAGE])
    assert templates.change([PAGE]) == TemplateChange()


def test_a_touch_is_none(folder: Folder) -> None:
    templates = watching(folder)
    folder.touch(PAGE)
    assert templates.change([PAGE]) == TemplateChange()


def test_a_new_file_is_one(folder: Folder) -> None:
    templates = watching(folder)
    folder.save(HOME / "parts" / "new.html", "<p>new</p>\n")
    assert templates.change([HOME / "parts" / "new.html"]).names == ("parts/new.html",)


def test_a_deleted_file_is_one_after_a_while(folder: Folder) -> None:
    templates = watching(folder)
    folder.delete(PAGE)
    assert templates.change([PAGE]).unsettled == ((PAGE, Unsettled.MISSING),)
    waited = {PAGE: Unsettled.MISSING}
    assert templates.change([PAGE], waited).names == ("page.html",)
    assert templates.change([PAGE], waited) == TemplateChange()


def test_a_folder_that_goes_takes_its_files_along(folder: Folder) -> None:
    part = HOME / "parts" / "part.html"
    folder.save(part, "<p>\n")
    templates = watching(folder)
    folder.delete(part)
    assert templates.change([part.parent]).unsettled == ((part, Unsettled.MISSING),)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("<p>one</p>\n", "", Unsettled.EMPTY, id="empty"),
        pytest.param("<p>one</p>\n", "<p>one</", Unsettled.HALF_WRITTEN, id="in-a-tag"),
        pytest.param("{{ a }}\n", "{{ a\n", Unsettled.HALF_WRITTEN, id="in-an-expression"),
    ],
)
def test_what_is_not_whole_is_waited_for(folder: Folder, before: str, after: str, expected: Unsettled) -> None:
    folder.save(PAGE, before)
    templates = watching(folder)
    folder.save(PAGE, after)
    assert templates.change([PAGE]).unsettled == ((PAGE, expected),)
    assert templates.change([PAGE], {PAGE: expected}).names == ("page.html",)


def test_what_was_broken_before_is_taken_as_it_is(folder: Folder) -> None:
    folder.save(PAGE, "<p>{{ one")
    templates = watching(folder)
    folder.save(PAGE, "<p>{{ two")
    assert templates.change([PAGE]).names == ("page.html",)


def test_a_new_file_that_is_empty_is_about_to_be_written(folder: Folder) -> None:
    templates = watching(folder)
    folder.save(HOME / "new.html", "")
    assert templates.change([HOME / "new.html"]).unsettled == ((HOME / "new.html", Unsettled.EMPTY),)


@pytest.mark.parametrize(
    "name", [".page.html.swp", "page.html~", "4913", "#page.html#", ".#page.html", "x.tmp", "page.html___jb_tmp___"]
)
def test_what_editors_leave_behind_is_none(folder: Folder, name: str) -> None:
    templates = watching(folder)
    folder.save(HOME / name, "x\n")
    assert templates.change([HOME / name]) == TemplateChange()


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        pytest.param("/app/.env", True, id="named"),
        pytest.param("/app/content/post.md", True, id="watched"),
        pytest.param("/app/content/.hidden", False, id="hidden"),
        pytest.param("/app/static/app.js", False, id="module"),
        pytest.param("/app/static/index.html", True, id="static-page"),
        pytest.param("/app/static/logo.png", False, id="image"),
        pytest.param("/elsewhere/page.html", False, id="elsewhere"),
    ],
)
def test_which_files_count(folder: Folder, path: str, counts: bool) -> None:
    folder.save(Path("/app/.env"), "A=1\n")
    templates = watching(folder, Path("/app/content"), Path("/app/.env"))
    folder.save(Path(path), "B=1\n")
    assert templates.change([Path(path)]).paths == ((Path(path),) if counts else ())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/app/content/post.md", "post.md", id="match"),
        pytest.param("/app/content/en/post.md", "en/post.md", id="match-further-down"),
        pytest.param("/app/content/post.txt", "", id="no-match"),
        pytest.param("/app/content/.post.md", "", id="hidden"),
        pytest.param("/app/content/post.md~", "", id="leftover"),
        pytest.param("/app/.env.local", ".env.local", id="hidden-match"),
        pytest.param("/app/.env.local.swp", "", id="hidden-leftover"),
        pytest.param("/app/static/data/a.json", "data/a.json", id="match-among-static-files"),
        pytest.param("/app/static/a.json", "", id="no-match-among-static-files"),
        pytest.param("/app/templates/page.html", "page.html", id="template"),
        pytest.param("/app/templates/page.md", "page.md", id="match-among-templates"),
    ],
)
def test_which_files_a_pattern_means(folder: Folder, path: str, name: str) -> None:
    globs = Glob(Path("/app/content"), "**/*.md"), Glob(Path("/app"), ".env*"), Glob(STATIC, "data/*.json")
    templates = Templates(folder, (HOME,), served=(STATIC,), globs=globs, now=lambda: folder.now)
    templates.stale()
    folder.save(Path(path), "new\n")
    assert templates.change([Path(path)]).names == ((name,) if name else ())


def test_what_a_pattern_means_is_known_from_the_start(folder: Folder) -> None:
    post = Path("/app/content/post.md")
    folder.save(post, "one\n")
    folder.now += 10
    templates = Templates(folder, (), globs=[Glob(post.parent, "*.md")], now=lambda: folder.now)
    templates.stale()
    folder.touch(post)
    assert templates.change([post]) == TemplateChange()


def test_what_is_ignored_is_none(folder: Folder) -> None:
    templates = Templates(folder, (HOME,), ignore=("*/page.*",), now=lambda: folder.now)
    folder.save(PAGE, "<p>two</p>\n")
    assert templates.stale() == []
    assert templates.change([PAGE]) == TemplateChange()
    assert templates.is_settled()


def test_what_is_being_saved_is_not_settled(folder: Folder) -> None:
    templates = watching(folder)
    folder.save(PAGE, "")
    assert not templates.is_settled()
    templates.change([PAGE])
    assert not templates.is_settled()
    folder.save(PAGE, "<p>two</p>\n")
    templates.change([PAGE])
    assert templates.is_settled()


def test_static_files_in_a_watched_folder_are_no_templates(folder: Folder) -> None:
    templates = watching(folder, Path("/app"))
    folder.save(STATIC / "app.js", "1\n")
    folder.save(HOME / "page.html", "two\n")
    assert templates.change([STATIC / "app.js", HOME / "page.html"]).names == ("templates/page.html",)


def test_of_a_large_file_every_save_counts_once(folder: Folder) -> None:
    folder.save(PAGE, "x" * (READ + 1))
    templates = watching(folder)
    folder.touch(PAGE)
    assert templates.change([PAGE]).names == ("page.html",)
    assert templates.change([PAGE]).names == ()


# When watching begins


def test_a_save_before_the_first_look_counts(folder: Folder) -> None:
    templates = Templates(folder, (HOME,), now=lambda: folder.now)
    folder.save(PAGE, "<p>two</p>\n")
    assert templates.stale() == [PAGE]
    assert templates.change([PAGE]).names == ("page.html",)


def test_a_save_during_the_first_look_counts(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    templates = Templates(folder, (HOME,), now=lambda: folder.now)
    folder.states[PAGE] = FileState(1, 1, 11, 1)  # saved long before
    plain = folder.read

    def save_first(path: Path) -> bytes:
        monkeypatch.undo()
        folder.save(PAGE, "<p>two</p>\n")
        return plain(path)

    monkeypatch.setattr(folder, "read", save_first)
    templates.stale()
    assert templates.change([PAGE]).names == ("page.html",)


def test_what_has_changed_without_an_event_is_found(folder: Folder) -> None:
    templates = watching(folder)
    folder.save(PAGE, "<p>two</p>\n")
    assert templates.stale() == [PAGE]
    templates.change([PAGE])
    assert templates.stale() == []


def test_every_file_is_heard_of_once(folder: Folder) -> None:
    folder.save(HOME / "a.html", "a\n")
    folder.save(HOME / "parts" / "b.html", "b\n")
    heard: list[Path] = []
    templates = Templates(folder, (HOME,), now=lambda: folder.now)
    folder.now += 10
    templates.on_file = heard.append
    templates.stale()
    for text in ("c\n", "d\n"):
        folder.save(HOME / "new" / "c.html", text)
        templates.change([HOME / "new" / "c.html"])
    assert heard == [PAGE, HOME / "a.html", HOME / "parts" / "b.html", HOME / "new" / "c.html"]


def test_pages_that_are_older_than_a_change_are_known_by_its_time(folder: Folder) -> None:
    templates = watching(folder)
    began = templates.changed_at
    folder.save(PAGE, "<p>two</p>\n")
    templates.change([PAGE])
    assert began < templates.changed_at == folder.now
