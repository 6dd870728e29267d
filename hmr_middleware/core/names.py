"""Paths as others may see them."""

from collections.abc import Iterable
from pathlib import Path


def bases(project: Path, home: Path) -> tuple[tuple[Path, str], ...]:
    """Return the folders that `short_path` counts from, and what stands for each; no path counts from a root."""
    found = ((project, ""), (project.parent, "../"), (home, "~/"))
    return tuple((folder, text) for folder, text in found if folder != folder.parent)


def short_path(path: Path, bases: Iterable[tuple[Path, str]]) -> str:
    """Return *path* below the first of *bases* that it is in, with the text that stands for that; else its end only."""
    for folder, text in bases:
        if path == folder:
            return text.rstrip("/") or "."
        if path.is_relative_to(folder):
            return text + path.relative_to(folder).as_posix()
    return "…/" + "/".join(path.parts[-2:]).lstrip("/")
