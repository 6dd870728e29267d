"""EDGE: the disk, as far as the engine reads it."""

import errno
import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hmr_middleware.core.ignoring import FOLDERS

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


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
        """Return the content of the regular file at *path*. Raises OSError.

        Anything else is refused, even where it has just taken a file's place: to read a pipe would wait for ever.
        """
        descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "not a regular file", str(path))
            with open(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)

    def below(self, root: Path, most: int) -> Iterator[Path]:
        """Yield *most* files below *root*, nearest first; *root* itself where it is a file."""
        if root.is_file():
            yield root
            return
        folders, followed = deque([root]), _Followed()
        while folders and most > 0:
            files, inner = _listing(folders.popleft(), followed)
            yield from files[:most]
            most -= len(files)
            folders += (folder for folder in inner if not _is_hidden(folder.name))


def files_below(folder: Path) -> Iterator[Path]:
    """Yield every file below *folder* that may matter."""
    folders, followed = deque([folder]), _Followed()
    while folders:
        files, inner = _listing(folders.popleft(), followed)
        yield from files
        folders += (found for found in inner if found.name not in FOLDERS)


def folders_in(folder: Path) -> list[Path]:
    """Return the folders in *folder* that may matter, without links."""
    try:
        with os.scandir(folder) as found:
            inner = [entry for entry in found if entry.is_dir(follow_symlinks=False) and not _is_hidden(entry.name)]
    except OSError:
        return []
    return [Path(entry) for entry in inner]


class _Followed:
    """The folders that links have led to, each once: links may go round in circles."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def leads_on(self, link: str) -> bool:
        """Return whether *link* leads to a folder that was not seen yet, nor is around the link itself."""
        target, home = os.path.realpath(link), os.path.realpath(os.path.dirname(link))  # noqa: PTH120
        if target in self._seen or Path(home).is_relative_to(target):
            return False
        self._seen.add(target)
        return True


def _listing(folder: Path, followed: _Followed) -> tuple[list[Path], list[Path]]:
    """Return the files and the folders in *folder*; what cannot be looked at is in neither."""
    files: list[Path] = []
    inner: list[Path] = []
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return files, inner
    for entry in entries:
        if not _is_folder(entry):
            files.append(Path(entry))
        elif not entry.is_symlink() or followed.leads_on(entry.path):
            inner.append(Path(entry))
    return files, inner


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # links in a circle
        return False


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in FOLDERS
