"""Modules that tell what happens to them, as frozen values and as JavaScript."""

from dataclasses import dataclass
from enum import StrEnum


class Edge(StrEnum):
    """How a module refers to another."""

    NAMESPACE = "import * as"
    NAMED = "import {}"
    BARE = "import"
    REEXPORT = "export from"
    EAGER = "import() at once"
    LAZY = "import() on demand"
    HIDDEN = "import() of no literal, on demand"


STATIC = frozenset({Edge.NAMESPACE, Edge.NAMED, Edge.BARE, Edge.REEXPORT})
ON_DEMAND = frozenset({Edge.LAZY, Edge.HIDDEN})


class Hot(StrEnum):
    """What a module says to `import.meta.hot`."""

    NOTHING = "nothing"
    ITSELF = "accept()"
    CALLBACK = "accept(cb)"
    ONE = "accept(dep, cb)"
    LIST = "accept([deps], cb)"
    DECLINES = "decline()"
    GIVES_UP = "accept(cb) and invalidate()"


ACCEPTS_ITSELF = frozenset({Hot.ITSELF, Hot.CALLBACK, Hot.LIST, Hot.GIVES_UP})

EDGES = {
    Edge.NAMESPACE: 'import * as {it} from "./{it}.js";',
    Edge.NAMED: 'import {{ run as {it}_run }} from "./{it}.js";',
    Edge.BARE: 'import "./{it}.js";',
    Edge.REEXPORT: 'import {{ run as {it}_seen }} from "./{it}.js"; export {{ run as {it}_run }} from "./{it}.js";',
    Edge.EAGER: 'model.soon("{me}", run, "{it}", import("./{it}.js"));',
    Edge.LAZY: 'model.later("{me}", run, "{it}", () => import("./{it}.js"));',
    Edge.HIDDEN: 'model.later("{me}", run, "{it}", () => import(["./{it}", "js"].join(".")));',
}
SEEN = {
    Edge.NAMESPACE: "() => {it}.run",
    Edge.NAMED: "() => {it}_run",
    Edge.BARE: "null",
    Edge.REEXPORT: "() => {it}_seen",
}
HOT = {
    Hot.NOTHING: "",
    Hot.ITSELF: "import.meta.hot.accept();",
    Hot.CALLBACK: 'import.meta.hot.accept(({{ module }}) => model.called("{me}", run, "", [module.run]));',
    Hot.ONE: 'import.meta.hot.accept("./{first}.js", (it) => model.called("{me}", run, "{first}", [it.run]));',
    Hot.LIST: "import.meta.hot.accept([{quoted}], ({{ deps }}) => "
    'model.called("{me}", run, "{names}", deps.map((it) => it.run)));',
    Hot.DECLINES: "import.meta.hot.decline();",
    Hot.GIVES_UP: "import.meta.hot.accept(() => {{ "
    'model.called("{me}", run, "", []); import.meta.hot.invalidate(); }});',
}
# A half-written file is waited for; one whose brackets balance is taken as it is.
FLAWS = {"": "", "balanced": "\nconst = 1;", "open": "\nconst cut = (1"}


@dataclass(frozen=True)
class Source:
    """One text of one module; *serial* tells it from its other texts."""

    name: str
    serial: int
    edges: tuple[tuple[str, Edge], ...] = ()
    hot: Hot = Hot.NOTHING
    accepted: tuple[str, ...] = ()
    disposes: bool = False
    flaw: str = ""

    @property
    def static(self) -> frozenset[str]:
        """Return the modules that run before this one does."""
        return frozenset(name for name, edge in self.edges if edge in STATIC)

    @property
    def eager(self) -> frozenset[str]:
        """Return the modules that it imports dynamically while it runs."""
        return frozenset(name for name, edge in self.edges if edge is Edge.EAGER)

    @property
    def on_demand(self) -> frozenset[str]:
        """Return the modules that it imports when asked to."""
        return frozenset(name for name, edge in self.edges if edge in ON_DEMAND)

    @property
    def readable(self) -> frozenset[str]:
        """Return the modules whose import can be read in the text."""
        return frozenset(name for name, edge in self.edges if edge is not Edge.HIDDEN)

    @property
    def accepts_itself(self) -> bool:
        """Return whether a change of the module stops at it."""
        return self.hot in ACCEPTS_ITSELF

    def accepts(self, name: str) -> bool:
        """Return whether a change of the dependency *name* stops here."""
        return self.hot in (Hot.ONE, Hot.LIST) and name in self.accepted

    def text(self) -> str:
        """Return the JavaScript."""
        words = {
            "me": self.name,
            "first": next(iter(self.accepted), ""),
            "names": " ".join(self.accepted),
            "quoted": ", ".join(f'"./{name}.js"' for name in self.accepted),
        }
        static = [EDGES[edge].format(it=name) for name, edge in self.edges if edge in STATIC]
        dynamic = [EDGES[edge].format(it=name, **words) for name, edge in self.edges if edge not in STATIC]
        seen = ", ".join(f"{name}: {SEEN[edge].format(it=name)}" for name, edge in self.edges if edge in STATIC)
        lines = [
            *static,
            f'export const run = model.ran("{self.name}", {self.serial}, {{ {seen} }}, {str(self.disposes).lower()});',
            *dynamic,
            HOT[self.hot].format(**words),
            f'import.meta.hot.dispose(() => model.disposed("{self.name}", run));' if self.disposes else "",
        ]
        return "\n".join(filter(None, lines)) + FLAWS[self.flaw] + "\n"

    def __str__(self) -> str:
        edges = ", ".join(f"{edge} {name}" for name, edge in self.edges)
        accepted = f" {' '.join(self.accepted)}" if self.accepted else ""
        return f"{self.name}#{self.serial}({self.hot}{accepted}; {edges}{'; FLAW ' + self.flaw if self.flaw else ''})"
