"""Paths as others may see them."""

from pathlib import Path

import pytest

from hmr_middleware.core.names import bases, short_path

BASES = bases(Path("/home/me/shop/backend"), Path("/home/me"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/me/shop/backend/static", "static"),
        ("/home/me/shop/backend", "."),
        ("/home/me/shop/frontend/js", "../frontend/js"),
        ("/home/me/shop", ".."),
        ("/home/me/other/static", "~/other/static"),
        ("/home/me", "~"),
        ("/usr/lib/python3/site-packages/django/contrib/admin/static", "…/admin/static"),
        ("/static", "…/static"),
        ("/home/me/shop/backend-2/static", "../backend-2/static"),
        ("/home/meg/static", "…/meg/static"),
    ],
)
def test_short_path(path: str, expected: str) -> None:
    assert short_path(Path(path), BASES) == expected


def test_nothing_is_relative_to_the_root() -> None:
    assert short_path(Path("/usr/lib/x/static"), bases(Path("/app"), Path("/"))) == "…/x/static"
