"""Who imports whom, who accepts whom, and which version of each is live."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

EVERYTHING = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Links:
    """What one file's newest source says of others, by URL."""

    imports: Mapping[str, frozenset[str]] = field(default_factory=dict)  # dependency -> the names used from it
    accepted: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    accepts_itself: bool = False
    declines_itself: bool = False
    accepted_exports: frozenset[str] | None = None


NO_LINKS = Links()


@dataclass(slots=True)
class Module:
    """A node: one URL as the browser writes it, without our version. Stylesheets are nodes too."""

    url: str
    path: Path | None = None
    links: Links = NO_LINKS
    stamp: int = 0  # when its own content last changed, microseconds; 0: not since the session began
    version: int = 0  # the newest change among itself and what re-runs it; it only grows
    importers: set[str] = field(default_factory=set)
    orphaned: bool = False  # it had importers and lost the last one


class Graph:
    """Modules by URL, with the edges between them kept in both directions."""

    def __init__(self) -> None:
        self._modules: dict[str, Module] = {}
        self._by_path: dict[Path, set[str]] = {}

    def __contains__(self, url: str) -> bool:
        return url in self._modules

    def __len__(self) -> int:
        return len(self._modules)

    def get(self, url: str) -> Module | None:
        """Return the module at *url*, or None where nothing is known of it."""
        return self._modules.get(url)

    def add(self, url: str) -> Module:
        """Return the module at *url*, new where it was unknown."""
        module = self._modules.get(url)
        if module is None:
            module = self._modules[url] = Module(url)
        return module

    def place(self, url: str, path: Path) -> Module:
        """Say that *url* is served from *path*."""
        module = self.add(url)
        if module.path != path:
            if module.path is not None:
                self._by_path[module.path].discard(url)
            module.path = path
            self._by_path.setdefault(path, set()).add(url)
        return module

    def link(self, url: str, links: Links) -> tuple[str, ...]:
        """Replace what *url* says of others; return the dependencies that it no longer has."""
        module = self.add(url)
        dropped = tuple(old for old in module.links.imports if old not in links.imports)
        for old in dropped:
            self._drop_edge(url, old)
        for new in links.imports:
            dependency = self.add(new)
            dependency.importers.add(url)
            dependency.orphaned = False
        module.links = links
        return dropped

    def _drop_edge(self, importer: str, dependency: str) -> None:
        module = self._modules[dependency]
        module.importers.discard(importer)
        module.orphaned = not module.importers

    def at_path(self, path: Path) -> tuple[Module, ...]:
        """Return the modules served from *path*."""
        return tuple(self._modules[url] for url in sorted(self._by_path.get(path, ())))

    def paths(self) -> tuple[Path, ...]:
        """Return every file that some module is served from."""
        return tuple(path for path, urls in self._by_path.items() if urls)

    def modules(self) -> Iterable[Module]:
        """Return all modules."""
        return self._modules.values()
