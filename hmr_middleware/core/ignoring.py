"""Paths whose changes mean nothing."""

import fnmatch
import re
from collections.abc import Iterable

# Folders that belong to tools.
FOLDERS = (".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", ".idea", ".mypy_cache", ".pytest_cache")
_INSIDE = re.compile(rf"[/\\](?:{'|'.join(map(re.escape, FOLDERS))})[/\\]")


class Ignored:
    """What is inside a folder of a tool, and what matches one of some shell *patterns* of whole paths."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._patterns = tuple(patterns)

    def __contains__(self, name: str) -> bool:
        if _INSIDE.search(name):
            return True
        return any(fnmatch.fnmatch(name, pattern) for pattern in self._patterns)
