"""EDGE: whether a version control system is writing files just now, so that a switch of the branch is one change."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

# What git and Mercurial hold while they write files; the second is a link that leads nowhere.
_LOCKS = (".git/index.lock", ".hg/wlock")
STALE = 10.0  # seconds; of a lock that is older the owner may have died


class Repositories:
    """The repositories that some folders are in."""

    def __init__(self, folders: Iterable[Path]) -> None:
        around = {parent for folder in folders for parent in (folder, *folder.parents)}
        locks = (parent / name for parent in around for name in _LOCKS if (parent / name).parent.is_dir())
        self._locks = tuple(map(str, (*locks, *_locks_of_worktrees(around))))

    def are_busy(self) -> bool:
        """Return whether files are being written in one of them."""
        return any(_is_held(lock) for lock in self._locks)


def _locks_of_worktrees(folders: Iterable[Path]) -> Iterable[Path]:
    """Yield the locks of git's worktrees and submodules, whose .git is a file; see gitrepository-layout(5)."""
    for folder in folders:
        try:
            said = (folder / ".git").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            continue
        if said.startswith("gitdir: "):
            yield folder / said.removeprefix("gitdir: ") / "index.lock"


def _is_held(lock: str) -> bool:
    try:
        return time.time() - os.lstat(lock).st_mtime < STALE
    except OSError:
        return False
