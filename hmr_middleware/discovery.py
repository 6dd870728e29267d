"""What was found out about an app: where its static files and templates are."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hmr_middleware.config import Config
from hmr_middleware.core.mounts import Mount


@dataclass(frozen=True, slots=True)
class Found:
    """Folders by what they are for, and what empties the template caches. Every path is real: no link in it."""

    mounts: tuple[Mount, ...] = ()
    templates: tuple[Path, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    refreshers: tuple[Callable[[], object], ...] = field(default=(), compare=False)

    def with_config(self, config: Config) -> "Found":
        """Return this with what the user said; that comes first."""
        said = tuple(Mount(prefix, folder) for prefix, folder in config.static)
        return Found(
            mounts=tuple(dict.fromkeys([*said, *self.mounts])),
            templates=tuple(dict.fromkeys([*config.templates, *self.templates])),
            allowed_hosts=(*config.allowed_hosts, *self.allowed_hosts),
            refreshers=self.refreshers,
        )

    def roots(self, config: Config) -> tuple[Path, ...]:
        """Return the folders to watch, none inside another."""
        patterns = {folder for folder, _ in config.watch_patterns}
        folders = {mount.root for mount in self.mounts} | {*self.templates, *config.watch} | patterns
        return tuple(sorted(path for path in folders if not _inside_another(path, folders)))


def mount(prefix: str, folder: str | Path) -> Mount:
    """Return the Mount of *folder* below *prefix*, which need not end in "/"."""
    return Mount(prefix if prefix.endswith("/") else f"{prefix}/", Path(folder).resolve())


def existing(folders: Iterable[str | Path]) -> tuple[Path, ...]:
    """Return the real paths of those *folders* that exist, each once."""
    real = (Path(folder).resolve() for folder in folders)
    return tuple(dict.fromkeys(folder for folder in real if folder.is_dir()))


def _inside_another(path: Path, folders: Iterable[Path]) -> bool:
    return any(path != other and path.is_relative_to(other) for other in folders)
