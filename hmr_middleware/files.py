"""EDGE: the disk, as far as the engine reads it."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


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
