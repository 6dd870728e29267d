"""Which files a pattern means."""

from pathlib import Path

import pytest

from hmr_middleware.core.globs import Glob

HOME = Path("/app/content")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        pytest.param("*.md", "a.md", True, id="in-the-folder"),
        pytest.param("*.md", "a.txt", False, id="another-ending"),
        pytest.param("*.md", "A.MD", False, id="another-case"),
        pytest.param("*.md", "en/a.md", False, id="a-star-is-one-name"),
        pytest.param("*/a.md", "en/a.md", True, id="a-star-for-a-folder"),
        pytest.param("**/*.md", "a.md", True, id="no-folder"),
        pytest.param("**/*.md", "en/blog/a.md", True, id="two-folders"),
        pytest.param("**/blog/*.md", "en/blog/a.md", True, id="a-name-after-any-folders"),
        pytest.param("**/blog/*.md", "en/shop/a.md", False, id="another-name-after-any-folders"),
        pytest.param("**", "en/a.md", True, id="everything"),
        pytest.param("en/**", "en/blog/a.md", True, id="everything-below"),
        pytest.param("en/**", "de/a.md", False, id="everything-below-another"),
        pytest.param("a?.md", "ab.md", True, id="one-character"),
        pytest.param("[ab].md", "b.md", True, id="one-of-some"),
        pytest.param("[ab].md", "c.md", False, id="none-of-some"),
        pytest.param("*", ".env", False, id="hidden"),
        pytest.param("**/*.md", ".git/a.md", False, id="in-a-hidden-folder"),
        pytest.param(".env*", ".env.local", True, id="hidden-and-named"),
        pytest.param("*/a.md", "a.md", False, id="too-short"),
    ],
)
def test_what_a_pattern_means(pattern: str, path: str, expected: bool) -> None:
    assert Glob(HOME, pattern).matches(HOME / path) is expected


def test_nothing_outside_of_the_folder_is_meant() -> None:
    assert not Glob(HOME, "**/*.md").matches(Path("/app/a.md"))
    assert not Glob(HOME, "**").matches(Path("/app/content2/a.md"))
