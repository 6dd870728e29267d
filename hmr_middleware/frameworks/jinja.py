"""Jinja: which folders its loaders read, and the cache of compiled templates."""

from collections.abc import Iterator
from typing import Any


def search_paths(loader: Any) -> Iterator[str]:
    """Yield the folders that a Jinja *loader* reads; loaders of other kinds have none."""
    if loader is None:
        return
    yield from getattr(loader, "searchpath", ())
    inner = getattr(loader, "loaders", ())
    for part in [*(getattr(loader, "mapping", None) or {}).values(), *inner]:
        yield from search_paths(part)


def forget_templates(environment: Any) -> None:
    """Let *environment* compile every template anew: without auto_reload it would never look at the files again."""
    cache = getattr(environment, "cache", None)
    if cache is not None:
        cache.clear()
