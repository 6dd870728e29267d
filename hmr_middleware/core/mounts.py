"""Which file a URL is served from, and which URLs serve a file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hmr_middleware.core.urls import path_of, quote_path


@dataclass(frozen=True, slots=True)
class Mount:
    """A URL prefix that ends in "/", and the folder that is served below it."""

    prefix: str
    root: Path

    def path_for(self, url_path: str) -> Path | None:
        """Return the file that serves the decoded *url_path*, or None where it lies outside this mount."""
        if not url_path.startswith(self.prefix):
            return None
        parts = url_path[len(self.prefix) :].split("/")
        if not parts[-1] or any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in parts):
            return None
        return self.root.joinpath(*parts)

    def url_for(self, path: Path) -> str | None:
        """Return the URL that serves *path*, or None where this mount does not."""
        if not path.is_relative_to(self.root):
            return None
        return self.prefix + quote_path(path.relative_to(self.root).as_posix())


class Mounts:
    """All mounts of an app; several may share a prefix, and then the first that has the file serves it."""

    def __init__(self, mounts: Iterable[Mount] = ()) -> None:
        self._mounts = tuple(dict.fromkeys(mounts))

    def __iter__(self) -> Iterator[Mount]:
        return iter(self._mounts)

    def __len__(self) -> int:
        return len(self._mounts)

    def paths_for(self, url: str) -> tuple[Path, ...]:
        """Return the files that may serve *url*, likeliest first: longer prefixes win, then the order of the mounts."""
        url_path = path_of(url)
        found = [(mount, path) for mount in self._mounts if (path := mount.path_for(url_path))]
        return tuple(path for _, path in sorted(found, key=lambda pair: -len(pair[0].prefix)))

    def urls_for(self, path: Path) -> tuple[str, ...]:
        """Return the URLs that serve *path*."""
        urls = (mount.url_for(path) for mount in self._mounts)
        return tuple(dict.fromkeys(url for url in urls if url))
