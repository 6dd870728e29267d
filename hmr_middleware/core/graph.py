"""Who imports whom, who accepts whom, and which version of each is live."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

EVERYTHING = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Links:
    """What one file's newest source says of others, by URL."""

    imports: Mapping[str, frozenset[str]] = field(default_factory=dict)  # dependency -> the names used from it
    dynamic: frozenset[str] = frozenset()  # those of them that are only imported while the file runs
    accepted: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    accepts_itself: bool = False
    declines_itself: bool = False
    sheets: frozenset[str] = frozenset()  # dependencies that are imported as CSS module scripts
    accepted_exports: frozenset[str] | None = None
    in_place: bool = False  # a page puts the new one where it shows the old one; nothing above has anything to do


NO_LINKS = Links()
LINKS_OF_ASSET = Links(in_place=True)


@dataclass(slots=True)
class Module:
    """A node: one URL as the browser writes it, without our version. Stylesheets are nodes too."""

    url: str
    path: Path | None = None
    links: Links = NO_LINKS
    stamp: int = 0  # when its own content last changed, microseconds; 0: not since the session began
    version: int = 0  # the newest change among itself and what re-runs it; it only grows
    importers: set[str] = field(default_factory=set)
    orphaned: bool = False  # it had importers, and none that is still reached is left
    linked: bool = False  # its text has been read; until then nobody knows whether it accepts
    is_entry: bool = False  # pages load it themselves: it is never orphaned


def reach(urls: Iterable[str], onwards: Callable[[str], Iterable[str]]) -> dict[str, None]:
    """Return *urls* and all that *onwards* leads to from them, in the order of discovery."""
    found = dict.fromkeys(urls)
    queue = list(found)
    for url in queue:
        fresh = [target for target in onwards(url) if target not in found]
        found.update(dict.fromkeys(fresh))
        queue += fresh
    return found


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
            self.add(new).importers.add(url)
        module.links, module.linked = links, True
        if not module.orphaned:
            self.revive(links.imports)
        return dropped

    def _drop_edge(self, importer: str, dependency: str) -> None:
        module = self._modules[dependency]
        module.importers.discard(importer)
        if not module.importers and not module.is_entry:
            module.orphaned = True

    def revive(self, urls: Iterable[str]) -> None:
        """Say that *urls*, and with them what they import, are reached again."""
        queue = list(urls)
        while queue:
            module = self.add(queue.pop())
            if module.orphaned:
                module.orphaned = False
                queue += module.links.imports

    def enter(self, urls: Iterable[str]) -> None:
        """Say that pages load *urls* themselves."""
        urls = tuple(urls)
        for url in urls:
            self.add(url).is_entry = True
        self.revive(urls)

    def abandon(self, dropped: Iterable[str]) -> tuple[str, ...]:
        """Return what nobody reaches any more after *dropped* lost importers, outermost first, and mark it so."""
        below = self.closure(dropped)
        held = [url for url in below if self._modules[url].is_entry or self._has_importer_outside(url, below)]
        reached = self.closure(held)
        gone = tuple(url for url in below if url not in reached)
        for url in gone:
            self._modules[url].orphaned = True
        return gone

    def closure(self, urls: Iterable[str]) -> dict[str, None]:
        """Return *urls* and all that they import, in the order of discovery."""
        return reach(urls, lambda url: self.add(url).links.imports)

    def _has_importer_outside(self, url: str, group: Collection[str]) -> bool:
        importers = self._modules[url].importers
        return any(other not in group and not self._modules[other].orphaned for other in importers)

    def at_path(self, path: Path) -> tuple[Module, ...]:
        """Return the modules served from *path*."""
        return tuple(self._modules[url] for url in sorted(self._by_path.get(path, ())))

    def paths(self) -> tuple[Path, ...]:
        """Return every file that some module is served from."""
        return tuple(path for path, urls in self._by_path.items() if urls)

    def modules(self) -> Iterable[Module]:
        """Return all modules."""
        return self._modules.values()
