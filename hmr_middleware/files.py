"""EDGE: the disk, as far as the engine reads it."""

import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_PASSED_BY = ("__pycache__", "node_modules")


@dataclass(frozen=True, slots=True)
class FileState:
    """What `stat` says of a regular file; times in microseconds, size in bytes."""

    mtime: int
    ctime: int
    size: int
    inode: int


class Files(Protocol):
    """Where the engine gets files from."""

    def stat(self, path: Path) -> FileState | None:
        """Return the state of the regular file at *path*, or None where there is none that we may look at."""

    def read(self, path: Path) -> bytes:
        """Return the content of *path*. Raises OSError."""

    def below(self, root: Path, most: int) -> Iterable[Path]:
        """Yield *most* files below *root*, nearest first; *root* itself where it is a file."""


class Disk:
    """The real file system."""

    def stat(self, path: Path) -> FileState | None:
        """Return the state of the regular file at *path*, or None where there is none that we may look at."""
        try:
            found = os.stat(path)  # noqa: PTH116 (half the time of Path.stat, on every request)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return FileState(found.st_mtime_ns // 1000, found.st_ctime_ns // 1000, found.st_size, found.st_ino)

    def read(self, path: Path) -> bytes:
        """Return the content of *path*. Raises OSError."""
        return path.read_bytes()

    def below(self, root: Path, most: int) -> Iterator[Path]:
        """Yield *most* files below *root*, nearest first; *root* itself where it is a file."""
        if root.is_file():
            yield root
            return
        folders = deque([root])
        while folders and most > 0:
            files, inner = _listing(folders.popleft())
            yield from files[:most]
            most -= len(files)
            folders += inner


def _listing(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files and the folders in *folder*, without hidden folders and caches; links are not followed."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return [], []
    inner = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    passed = [Path(entry) for entry in inner if not entry.name.startswith(".") and entry.name not in _PASSED_BY]
    return [Path(entry) for entry in entries if entry not in inner], passed
