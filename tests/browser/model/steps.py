"""Random projects and random steps, each a value that can be replayed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeVar

from browser.model.sources import FLAWS, Edge, Hot, Source

EDGES = {Edge.NAMESPACE: 6, Edge.NAMED: 4, Edge.BARE: 1, Edge.REEXPORT: 2, Edge.EAGER: 2, Edge.LAZY: 3}
HOTS = {
    Hot.NOTHING: 45,
    Hot.ITSELF: 14,
    Hot.CALLBACK: 10,
    Hot.ONE: 12,
    Hot.LIST: 8,
    Hot.DECLINES: 3,
    Hot.GIVES_UP: 5,
}
T = TypeVar("T")
CHANGES = {"content": 45, "import": 14, "no import": 12, "hot": 12, "undo": 9, "flaw": 5, "delete": 3}
STEPS = {"edit": 62, "burst": 18, "demand": 14, "reload": 4, "restart": 1.2}
PAUSES = (0, 0, 1, 3, 10, 30)  # milliseconds between the edits of a burst


@dataclass(frozen=True)
class Write:
    """Put *source* in the file of the module *name*; None deletes it."""

    name: str
    source: Source | None
    pause: int = 0  # milliseconds, afterwards

    def __str__(self) -> str:
        return f"{self.source or f'delete {self.name}'}{f' +{self.pause} ms' if self.pause else ''}"


@dataclass(frozen=True)
class Step:
    """*kind* is edit, restart (the writes are made while the server is down), reload or demand."""

    kind: str
    writes: tuple[Write, ...] = ()
    demanded: tuple[str, str] = ("", "")  # whom to ask, and for what

    def __str__(self) -> str:
        told = " ".join(filter(None, self.demanded))
        return " ".join(filter(None, [self.kind, told, "; ".join(map(str, self.writes))]))


@dataclass
class Author:
    """Whoever edits the project: knows what is on disk and what was, and nothing of the page."""

    random: Random
    names: tuple[str, ...]
    entries: tuple[str, ...]
    hidden: tuple[str, ...]
    disk: dict[str, Source | None] = field(default_factory=dict)
    history: dict[str, list[Source]] = field(default_factory=dict)
    serial: int = 0

    def write(self, name: str, source: Source | None) -> Write:
        """Note that *source* is on disk now, and return the Write that puts it there."""
        self.disk[name] = source
        if source is not None:
            self.history.setdefault(name, []).append(source)
        return Write(name, source)

    def last(self, name: str) -> Source:
        """Return the last text of the module *name*."""
        return self.history[name][-1]

    def fresh(self, name: str) -> Source:
        """Return a random first text for the module *name*."""
        self.serial += 1
        source = Source(name, self.serial, disposes=self.random.random() < 0.4)
        for _ in range(self.random.choice((0, 1, 2, 2, 3))):
            source = self.with_import(source)
        return self.with_hot(source)

    def with_import(self, source: Source) -> Source:
        """Return *source* with one more import, mostly of a module further down."""
        at = self.names.index(source.name)
        further = self.names[at + 1 :] if self.random.random() < 0.85 else self.names[:at]
        free = [name for name in further if name not in dict(source.edges)]
        if not free:
            return source
        target = self.random.choice(free)
        edge = Edge.HIDDEN if target in self.hidden else self._pick(EDGES)
        return replace(source, edges=(*source.edges, (target, edge)))

    def without_import(self, source: Source) -> Source:
        """Return *source* without one of its imports."""
        if not source.edges:
            return source
        gone = self.random.choice(source.edges)[0]
        edges = tuple(edge for edge in source.edges if edge[0] != gone)
        return self._consistent(replace(source, edges=edges))

    def with_hot(self, source: Source) -> Source:
        """Return *source* with other words to `import.meta.hot`."""
        hot = self._pick(HOTS)
        if source.name in self.entries and self.random.random() < 0.5:
            hot = Hot.ITSELF
        readable = sorted(source.readable)
        count = min(len(readable), 1 if hot is Hot.ONE else self.random.randint(1, 3))
        accepted = tuple(self.random.sample(readable, count)) if hot in (Hot.ONE, Hot.LIST) else ()
        return self._consistent(replace(source, hot=hot, accepted=accepted))

    def _consistent(self, source: Source) -> Source:
        accepted = tuple(name for name in source.accepted if name in source.readable)
        hot = Hot.NOTHING if source.hot in (Hot.ONE, Hot.LIST) and not accepted else source.hot
        return replace(source, hot=hot, accepted=accepted)

    def _pick(self, weights: Mapping[T, float]) -> T:
        return self.random.choices(list(weights), list(weights.values()))[0]

    # Steps

    def step(self) -> Step:
        """Return the next random step; the disk is as it is after it."""
        kind = self._pick(STEPS)
        if kind == "demand":
            return self._demand()
        if kind == "reload":
            return Step("reload")
        if kind == "restart":
            return Step("restart", self._writes(self.random.choice((0, 0, 1, 2))))
        return Step("edit", self._writes(1 if kind == "edit" else self.random.randint(2, 5)))

    def _demand(self) -> Step:
        asked = [(name, to) for name in self.names for to in sorted(self.last(name).on_demand)]
        return Step("demand", demanded=self.random.choice(asked)) if asked else Step("edit", self._writes(1))

    def _writes(self, count: int) -> tuple[Write, ...]:
        return tuple(replace(self._edit(), pause=self.random.choice(PAUSES)) for _ in range(count))

    def _edit(self) -> Write:
        flawed = [name for name in self.names if self.disk[name] is None or self.last(name).flaw]
        if flawed and self.random.random() < 0.4:
            return self._mend(self.random.choice(flawed))
        name = self.random.choice(self.names)
        if self.disk[name] is None:
            return self._mend(name)
        return self.write(name, self._edited(name, self._pick(CHANGES)))

    def _edited(self, name: str, how: str) -> Source | None:
        self.serial += 1
        last = replace(self.last(name), serial=self.serial)
        match how:
            case "content":
                return last
            case "import":
                return self.with_import(last)
            case "no import":
                return self.without_import(last)
            case "hot":
                return self.with_hot(last)
            case "undo":
                return self.random.choice(self.history[name])
            case "flaw":
                return replace(last, flaw=self.random.choice([flaw for flaw in FLAWS if flaw]))
        return None

    def _mend(self, name: str) -> Write:
        self.serial += 1
        again = self.random.random() < 0.5 and not self.last(name).flaw
        return self.write(name, self.last(name) if again else replace(self.last(name), serial=self.serial, flaw=""))


def begin(random: Random) -> Author:
    """Return the author of a new random project, with its first texts on disk."""
    names = tuple(f"m{number}" for number in range(random.randint(5, 15)))
    entries = names[: random.randint(1, 2)]
    hidden = names[len(names) - random.randint(0, 2) :]
    author = Author(random, names, entries, hidden)
    for name in names:
        author.write(name, author.fresh(name))
    return author
