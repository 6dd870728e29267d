"""Which file is behind a URL: its own, or the one that a proxy stands for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hmr_middleware.core.mounts import Mounts
from hmr_middleware.core.proxies import SUFFIX, proxied
from hmr_middleware.files import Files


@dataclass(frozen=True, slots=True)
class Places:
    """The files of an app, by the URLs that they are behind."""

    files: Files
    mounts: Mounts

    def candidates(self, url: str) -> tuple[Path, ...]:
        """Return the files that may be behind *url*, likeliest first."""
        file = proxied(url)
        return self.mounts.paths_for(url) + (self.mounts.paths_for(file) if file else ())

    def find(self, url: str) -> Path | None:
        """Return the file behind *url*, or None where there is none."""
        return next((path for path in self.candidates(url) if self.files.stat(path)), None)

    def is_file(self, url: str) -> bool:
        """Return whether there is a file behind *url*."""
        return self.find(url) is not None


class Missing:
    """The URLs that were asked for, and that no file serves."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._awaited: dict[Path, set[str]] = defaultdict(set)  # by the files that would serve them

    def add(self, url: str) -> None:
        """Await a file for *url*."""
        for path in self._places.candidates(url):
            self._awaited[path].add(url)

    def discard(self, url: str) -> None:
        """Await none any more."""
        for path in self._places.candidates(url):
            self._awaited[path].discard(url)
            if not self._awaited[path]:
                del self._awaited[path]

    def at(self, path: Path) -> tuple[str, ...]:
        """Return the URLs that the file at *path* would serve."""
        return tuple(self._awaited.get(path, ()))

    def files(self) -> Iterable[Path]:
        """Return the files of which any would serve some."""
        return tuple(self._awaited)


def is_stand_in(url: str, path: Path) -> bool:
    """Return whether *url* is a proxy's, and *path* the file that it stands for, not one of its own."""
    return proxied(url) is not None and not path.name.endswith(SUFFIX)
