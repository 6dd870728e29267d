"""From changed modules upwards to who accepts them: one Plan for a batch of changes.

The rules are those of ESM-HMR, Vite and webpack: a change climbs from importer to importer until each branch has met a
boundary (a module that accepts it). One branch that meets none, or declines, makes the Plan a reload.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from hmr_middleware.core.graph import EVERYTHING, Graph, Module


@dataclass(frozen=True, slots=True)
class Update:
    """One import that a page has to make: *accepted* anew, handed to the callbacks of *boundary*."""

    boundary: str
    accepted: str
    bubbled: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What one batch of changes means for one page.

    *reruns* are the modules that run again, outermost first. A non-empty *reason* means that the page must be
    loaded again, and says why; there are no updates then, and *changed* are the modules of the page that changed.
    *fresh* are those that never ran in the page, and may be imported at a new URL.
    """

    updates: tuple[Update, ...] = ()
    reruns: tuple[str, ...] = ()
    reason: str = ""
    changed: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.updates or self.reason)

    @property
    def boundaries(self) -> tuple[str, ...]:
        """The modules whose callbacks run, each once."""
        return tuple(dict.fromkeys(update.boundary for update in self.updates))


class _Step(Enum):
    CLIMB = "climb"
    ACCEPTED = "accepted"
    END = "end"


@dataclass(slots=True)
class View:
    """The part of the graph that one page has loaded; without *loaded* the whole of it."""

    graph: Graph
    loaded: Collection[str] | None = None
    entries: Collection[str] = ()
    invalidated: Collection[str] = ()  # modules that gave their own acceptance up

    def importers(self, module: Module) -> list[str]:
        """Return the importers of *module* on this page, in a stable order."""
        return sorted(url for url in module.importers if self._has(url))

    def _has(self, url: str) -> bool:
        if self.loaded is not None and url not in self.loaded:
            return False
        return url in self.entries or not self.graph.add(url).orphaned  # an orphan is about to be pruned

    def is_root(self, module: Module, importers: Collection[str]) -> bool:
        """Return whether the page itself loads *module*, so that nothing above it could accept a change."""
        return module.url in self.entries or (not importers and not module.orphaned)


@dataclass(slots=True)
class _Walk:
    came_from: dict[str, str | None]
    climbs: dict[str, list[str]] = field(default_factory=dict)  # importer -> the dependencies it was reached from
    settled: set[str] = field(default_factory=set)  # modules with an outcome of their own
    updates: list[tuple[str, str]] = field(default_factory=list)
    ends: list[tuple[str, str]] = field(default_factory=list)

    def chain(self, url: str) -> str:
        names: list[str] = []
        step: str | None = url
        while step is not None:
            names.append(step.rpartition("/")[2])
            step = self.came_from[step]
        return " <- ".join(reversed(names))

    def outermost_first(self) -> tuple[str, ...]:
        """Return the modules reached, each importer before what it imports; a circle begins anywhere."""
        order: dict[str, None] = {}
        entered: set[str] = set()
        stack = [(url, False) for url in self.came_from]
        while stack:
            url, left = stack.pop()
            if left:
                order[url] = None
            elif url not in entered:
                entered.add(url)
                stack.append((url, True))
                stack += ((below, False) for below in self.climbs.get(url, ()))
        return tuple(reversed(order))

    def stuck(self) -> list[str]:
        """Return the modules from which every way up goes round in a circle."""
        free, queue = set(self.settled), deque(self.settled)
        while queue:
            for below in self.climbs.get(queue.popleft(), ()):
                if below not in free:
                    free.add(below)
                    queue.append(below)
        return [url for url in self.came_from if url not in free]


def propagate(changed: Iterable[str], view: View) -> Plan:
    """Return the Plan for the page of *view* after the modules *changed* have changed.

    Modules that the page has not loaded are left out: a page that uses none of them gets an empty Plan.
    """
    starts = tuple(url for url in changed if view.loaded is None or url in view.loaded)
    walk = _climb(starts, view)
    if walk.ends:
        url, why = walk.ends[0]
        return Plan(reason=f"{walk.chain(url)}: {why}", changed=starts)
    if stuck := walk.stuck():
        why = "the imports go round in a circle that nobody accepts"
        return Plan(reason=f"{walk.chain(stuck[-1])}: {why}", changed=starts)
    return Plan(_effective(walk, view), walk.outermost_first())


def chain_to(tops: Collection[str], changed: Iterable[str], graph: Graph) -> str:
    """Return the way from one of *changed* up to one of *tops*, readable; "" where no import leads there."""
    if not tops:
        return ""
    walk = _Walk(dict.fromkeys(changed))
    queue = deque(walk.came_from)
    while queue:
        url = queue.popleft()
        if url in tops:
            return walk.chain(url)
        for importer in sorted(graph.add(url).importers - walk.came_from.keys()):
            walk.came_from[importer] = url
            queue.append(importer)
    return ""


def _climb(starts: Iterable[str], view: View) -> _Walk:
    walk = _Walk(dict.fromkeys(starts))
    queue = deque(walk.came_from)
    while queue:
        url = queue.popleft()
        module = view.graph.add(url)
        for step, target, why in _steps(module, view):
            if step is _Step.CLIMB:
                walk.climbs.setdefault(target, []).append(url)
                if target not in walk.came_from:
                    walk.came_from[target] = url
                    queue.append(target)
                continue
            walk.settled.add(url)
            if step is _Step.ACCEPTED:
                walk.updates.append((target, url))
            else:
                walk.ends.append((url, why))
    return walk


def _steps(module: Module, view: View) -> Iterator[tuple[_Step, str, str]]:
    """Yield where a change of *module* goes from here."""
    links, gave_up = module.links, module.url in view.invalidated
    if links.in_place or (links.accepts_itself and not gave_up):
        yield _Step.ACCEPTED, module.url, ""
        return
    if links.declines_itself:
        yield _Step.END, module.url, f"{_name(module.url)} declines updates"
        return
    partly = links.accepted_exports is not None and not gave_up
    if partly:
        yield _Step.ACCEPTED, module.url, ""
    yield from _steps_up(module, view, links.accepted_exports if partly else None)


def _steps_up(module: Module, view: View, spared: frozenset[str] | None) -> Iterator[tuple[_Step, str, str]]:
    importers = view.importers(module)
    if spared is None and view.is_root(module, importers):
        yield (
            _Step.END,
            module.url,
            "gave up its own acceptance" if module.url in view.invalidated else "nobody accepts",
        )
    elif not importers and spared is None:
        yield _Step.ACCEPTED, "", ""  # nobody on this page uses it any more
    for url in importers:
        above = view.graph.add(url).links
        if spared is not None and _uses_only(above.imports.get(module.url, EVERYTHING), spared):
            continue
        if module.url in above.declined:
            yield _Step.END, module.url, f"{_name(url)} declines it"
        elif module.url in above.accepted:
            yield _Step.ACCEPTED, url, ""
        else:
            yield _Step.CLIMB, url, ""


def _uses_only(used: frozenset[str], accepted: frozenset[str]) -> bool:
    return used <= accepted


def _effective(walk: _Walk, view: View) -> tuple[Update, ...]:
    """Drop what a re-run makes pointless: callbacks of a module that runs again below another boundary."""
    found: dict[tuple[str, str], Update] = {}
    for boundary, accepted in walk.updates:
        runs_again = boundary in walk.came_from and not view.graph.add(boundary).links.accepts_itself
        if boundary and not (runs_again and boundary != accepted):
            found[boundary, accepted] = Update(boundary, accepted, walk.came_from[accepted] is not None)
    return tuple(found.values())


def _name(url: str) -> str:
    return url.rpartition("/")[2]
