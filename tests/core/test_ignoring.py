"""Which paths mean nothing."""

import pytest

from hmr_middleware.core.ignoring import Ignored


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/app/static/a.js", False),
        ("/app/.git/index", True),
        ("/app/.git", False),
        ("/app/static/node_modules/x/a.js", True),
        ("/app/xnode_modules/a.js", False),
        ("C:\\app\\.venv\\lib\\a.js", True),
        ("/app/static/a.tmp", True),
        ("/app/generated/deep/a.js", True),
        ("/app/static/\udcff.js", False),
        ("", False),
    ],
)
def test_ignored(name: str, expected: bool) -> None:
    assert (name in Ignored(["*.tmp", "*/generated/*"])) is expected
