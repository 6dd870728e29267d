"""Which files a pattern means."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath


@dataclass(frozen=True, slots=True)
class Glob:
    """The files below *folder* that *pattern* means, read as pathlib reads it: `**` is any number of folders.

    As in a shell, what is hidden is meant only where the pattern has its dot.
    """

    folder: Path
    pattern: str

    def matches(self, path: PurePath) -> bool:
        """Return whether *path* is meant."""
        if not path.is_relative_to(self.folder):
            return False
        return _match(path.relative_to(self.folder).parts, PurePath(self.pattern).parts)


def _match(names: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern or not names:
        return not names and all(part == "**" for part in pattern)
    first, rest = pattern[0], pattern[1:]
    if first == "**":
        return _match(names, rest) or (not names[0].startswith(".") and _match(names[1:], pattern))
    is_meant = fnmatchcase(names[0], first) and names[0].startswith(".") <= first.startswith(".")
    return is_meant and _match(names[1:], rest)
