"""What a change means for a page: the contract's rules for propagation, put a second time and in other words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from browser.model.sources import Hot, Source

Texts = Mapping[str, Source]


@dataclass(frozen=True)
class Verdict:
    """*reached* are the modules that are to run again, *imported* those whose import does it."""

    reload: bool
    reached: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    boundaries: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Situation:
    """The part of the newest *texts* that one page has *loaded*; *roots* is what nothing in it imports."""

    texts: Texts
    loaded: frozenset[str]
    roots: frozenset[str]

    def importers(self, name: str) -> list[str]:
        """Return who on this page says that it imports *name*."""
        return [other for other in sorted(self.loaded) if name in self.texts[other].readable]

    def verdict(self, changed: Iterable[str], gave_up: Collection[str] = ()) -> Verdict:
        """Return what it means that *changed* have changed, where *gave_up* do not accept themselves any more."""
        start = [name for name in changed if name in self.loaded]
        ways = self._ways(start, gave_up)
        if any(way is None for found in ways.values() for way in found):
            return Verdict(reload=True)
        if any(not _gets_out(name, ways) for name in ways):
            return Verdict(reload=True)
        stops = {(way[1], name) for name, found in ways.items() for way in found if way and way[0] == "stops at"}
        kept = [(at, name) for at, name in stops if at == name or at not in ways or self.texts[at].accepts_itself]
        boundaries = frozenset(at for at, _ in kept)
        return Verdict(False, frozenset(ways), frozenset(name for _, name in kept), boundaries)

    def _ways(self, start: list[str], gave_up: Collection[str]) -> dict[str, list[tuple[str, str] | None]]:
        """Return, for each module that a change arrives at, where it goes from there; None is a dead end."""
        ways: dict[str, list[tuple[str, str] | None]] = {}
        ahead = list(start)
        while ahead:
            name = ahead.pop()
            if name not in ways:
                ways[name] = self._ways_from(name, name in gave_up)
                ahead += [way[1] for way in ways[name] if way and way[0] == "goes on to"]
        return ways

    def _ways_from(self, name: str, gave_up: bool) -> list[tuple[str, str] | None]:
        if self.texts[name].accepts_itself and not gave_up:
            return [("stops at", name)]
        if self.texts[name].hot is Hot.DECLINES or name in self.roots:
            return [None]
        importers = self.importers(name)
        return [("stops at" if self.texts[it].accepts(name) else "goes on to", it) for it in importers] or [None]

    def without_lost(self) -> "Situation":
        """Return the situation once what no root leads to any more is gone."""
        return Situation(self.texts, self.roots | reach(self.texts, self.roots, self.loaded), self.roots)


def _gets_out(name: str, ways: Mapping[str, list[tuple[str, str] | None]]) -> bool:
    """Return whether some way up from *name* ends somewhere."""
    seen, ahead = {name}, [name]
    while ahead:
        for way in ways[ahead.pop()]:
            if way is None or way[0] == "stops at":
                return True
            if way[1] not in seen:
                seen.add(way[1])
                ahead.append(way[1])
    return False


def reach(texts: Texts, roots: Iterable[str], within: Collection[str]) -> frozenset[str]:
    """Return what *roots* lead to over imports that can be read, as far as it is *within* a page."""
    seen = {name for name in roots if name in within}
    ahead = list(seen)
    while ahead:
        for name in texts[ahead.pop()].readable:
            if name in within and name not in seen:
                seen.add(name)
                ahead.append(name)
    return frozenset(seen)


def closure(texts: Texts, names: Iterable[str]) -> frozenset[str]:
    """Return *names* and all that they import statically."""
    seen = set(names)
    ahead = list(seen)
    while ahead:
        for name in texts[ahead.pop()].static - seen:
            seen.add(name)
            ahead.append(name)
    return frozenset(seen)
