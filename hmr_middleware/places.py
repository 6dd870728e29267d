"""Which file is behind a URL: its own, or the one that a proxy stands for."""

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


def is_stand_in(url: str, path: Path) -> bool:
    """Return whether *url* is a proxy's, and *path* the file that it stands for, not one of its own."""
    return proxied(url) is not None and not path.name.endswith(SUFFIX)
