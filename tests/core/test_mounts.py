"""Which file a URL is served from, and which URLs serve a file."""

from pathlib import Path

import pytest

from hmr_middleware.core.mounts import Mount, Mounts

STATIC = Mount("/static/", Path("/srv/static"))


@pytest.mark.parametrize(
    ("url_path", "expected"),
    [
        pytest.param("/static/a.js", "a.js", id="file"),
        pytest.param("/static/js/a b.js", "js/a b.js", id="below-a-folder"),
        pytest.param("/static/.well-known", ".well-known", id="dot-file"),
        pytest.param("/static/..a", "..a", id="name-that-begins-with-dots"),
        pytest.param("/other/a.js", None, id="elsewhere"),
        pytest.param("/staticfiles/a.js", None, id="longer-name"),
        pytest.param("/static", None, id="without-the-slash"),
        pytest.param("/static/", None, id="the-folder"),
        pytest.param("/static/js/", None, id="a-folder"),
        pytest.param("/static/../a.js", None, id="parent"),
        pytest.param("/static/js/../../a.js", None, id="parent-further-down"),
        pytest.param("/static/./a.js", None, id="dot"),
        pytest.param("/static//a.js", None, id="empty-part"),
        pytest.param("/static//etc/passwd", None, id="absolute-path"),
        pytest.param("/static/..\\a.js", None, id="backslash"),
        pytest.param("/static/a.js\0.png", None, id="nul"),
    ],
)
def test_path_for(url_path: str, expected: str | None) -> None:
    assert STATIC.path_for(url_path) == (STATIC.root / expected if expected else None)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/srv/static/js/a.js", "/static/js/a.js", id="below"),
        pytest.param("/srv/static/a b.js", "/static/a%20b.js", id="space"),
        pytest.param("/srv/static/ü?#.js", "/static/%C3%BC%3F%23.js", id="characters-with-a-meaning"),
        pytest.param("/srv/static/\udcff.js", "/static/%FF.js", id="name-that-is-not-utf-8"),
        pytest.param("/srv/static2/a.js", None, id="longer-name"),
        pytest.param("/srv/a.js", None, id="outside"),
    ],
)
def test_url_for(path: str, expected: str | None) -> None:
    assert STATIC.url_for(Path(path)) == expected


SHADOWED = Mounts(
    [
        Mount("/", Path("/srv/top")),
        Mount("/static/", Path("/srv/first")),
        Mount("/static/", Path("/srv/second")),
        Mount("/static/admin/", Path("/srv/admin")),
        Mount("/static/", Path("/srv/first")),
    ]
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "/static/admin/a.js?x=1",
            ["/srv/admin/a.js", "/srv/first/admin/a.js", "/srv/second/admin/a.js", "/srv/top/static/admin/a.js"],
            id="longest-prefix-first",
        ),
        pytest.param("/a.js", ["/srv/top/a.js"], id="one"),
        pytest.param("/%61.js", ["/srv/top/a.js"], id="decoded"),
        pytest.param("/%2e%2e/a.js", [], id="encoded-parent"),
        pytest.param("/static/%2e%2e%2fa.js", [], id="encoded-slash"),
    ],
)
def test_paths_for(url: str, expected: list[str]) -> None:
    assert [str(path) for path in SHADOWED.paths_for(url)] == expected


def test_urls_for_a_file_below_two_mounts() -> None:
    nested = Mounts([Mount("/a/", Path("/srv")), Mount("/b/", Path("/srv/b"))])
    assert nested.urls_for(Path("/srv/b/x.js")) == ("/a/b/x.js", "/b/x.js")


def test_no_url_for_a_file_that_nobody_serves() -> None:
    assert SHADOWED.urls_for(Path("/elsewhere/x.js")) == ()


def test_a_mount_counts_once() -> None:
    assert len(SHADOWED) == len(list(SHADOWED)) == 4
