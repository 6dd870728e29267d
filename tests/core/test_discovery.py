"""What was found out about an app, together with what the user says."""

from pathlib import Path

import pytest

from hmr_middleware.config import Config
from hmr_middleware.core.mounts import Mount
from hmr_middleware.discovery import Found, existing, mount

A, B = Path("/srv/a"), Path("/srv/b")
FOUND = Found(mounts=(Mount("/static/", A),), templates=(A,), allowed_hosts=("a.test",))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param(Config(), FOUND, id="nothing-said"),
        pytest.param(
            Config(static=(("/x/", B),), templates=(B,), allowed_hosts=("b.test",)),
            Found((Mount("/x/", B), Mount("/static/", A)), (B, A), ("b.test", "a.test")),
            id="what-the-user-says-comes-first",
        ),
        pytest.param(Config(static=(("/static/", A),), templates=(A,)), FOUND, id="said-and-found-counts-once"),
    ],
)
def test_with_config(config: Config, expected: Found) -> None:
    assert FOUND.with_config(config) == expected


@pytest.mark.parametrize(
    ("folders", "watch", "expected"),
    [
        pytest.param([], [], [], id="none"),
        pytest.param(["/srv/a", "/srv/b"], [], ["/srv/a", "/srv/b"], id="side-by-side"),
        pytest.param(["/srv", "/srv/a"], [], ["/srv"], id="one-inside-another"),
        pytest.param(["/srv/a"], ["/srv/a/b/c"], ["/srv/a"], id="watched-inside-a-mount"),
        pytest.param(["/srv/a"], ["/srv"], ["/srv"], id="mount-inside-what-is-watched"),
        pytest.param(["/srv/a", "/srv/ab"], [], ["/srv/a", "/srv/ab"], id="longer-name"),
        pytest.param(["/srv/a"], ["/srv/a"], ["/srv/a"], id="the-same"),
    ],
)
def test_roots(folders: list[str], watch: list[str], expected: list[str]) -> None:
    found = Found(mounts=tuple(Mount("/", Path(folder)) for folder in folders))
    assert found.roots(Config(watch=tuple(map(Path, watch)))) == tuple(map(Path, expected))


def test_templates_are_watched_too() -> None:
    assert Found(templates=(A,)).roots(Config()) == (A,)


def test_of_a_pattern_its_folder_is_watched() -> None:
    config = Config(watch_patterns=((Path("/srv/content"), "**/*.md"), (A / "inside", "*.po")))
    assert Found(templates=(A,)).roots(config) == tuple(sorted([A, Path("/srv/content")]))


@pytest.mark.parametrize(("prefix", "expected"), [("/s", "/s/"), ("/s/", "/s/"), ("", "/"), ("/", "/")])
def test_the_prefix_of_a_mount_ends_in_a_slash(tmp_path: Path, prefix: str, expected: str) -> None:
    assert mount(prefix, tmp_path) == Mount(expected, tmp_path.resolve())


def test_a_mount_has_no_link_in_its_path(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert mount("/", tmp_path / "link").root == (tmp_path / "real").resolve()


def test_existing_leaves_out_files_doubles_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    names = ["folder", "file", "nowhere", "link"]
    assert existing(tmp_path / name for name in names) == ((tmp_path / "folder").resolve(),)
