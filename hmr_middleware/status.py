"""What a process knows of itself that the pages of its origin may see, at one moment."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hmr_middleware.core.assets import is_shown
from hmr_middleware.core.graph import Links, Module
from hmr_middleware.core.journal import Journal, Note, Outcome, Topic
from hmr_middleware.core.names import short_path
from hmr_middleware.core.propagation import Plan
from hmr_middleware.engine import Engine
from hmr_middleware.hub import Client, Hub

MODULES = 300  # that are listed
PLANNED = 150  # of which it is said what a save would bring: in a large graph each is a long way up
LONGEST = 200  # characters of a reason
IMPORTERS = 20  # of one module


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Something was left out, *count* times, last *at* this time; *setting* is the argument that has a part in it."""

    topic: str
    subject: str
    why: str
    remedy: str
    setting: str
    count: int
    at: int


@dataclass(frozen=True, slots=True)
class Update:
    """What one batch of saved files came to."""

    at: int
    kind: str
    changed: tuple[str, ...]
    count: int
    boundaries: tuple[str, ...]
    reason: str
    occasion: str
    pages: int
    milliseconds: float | None


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A connected page; *refused* are the modules that it could not link."""

    url: str
    is_visible: bool
    transport: str
    modules: int
    refused: tuple[str, ...] = ()
    is_stock: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of static files, and the URL prefix that it is served below."""

    prefix: str
    folder: str


@dataclass(frozen=True, slots=True)
class Known:
    """A module, stylesheet or asset that some page has loaded.

    *save* is what a save would bring: "update" of the boundaries in *reach*, "swap" in place, "reload" for the reason
    in *reach*, "nothing"; "" where that was not found out.
    """

    url: str
    file: str
    version: int
    boundary: str
    importers: tuple[str, ...]
    save: str
    reach: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. Times are in microseconds since the epoch."""

    pid: int
    since: int
    why_not: tuple[WhyNot, ...]
    updates: tuple[Update, ...]
    pages: tuple[OpenPage, ...]
    static: tuple[Folder, ...]
    templates: tuple[str, ...]
    watched: tuple[str, ...]
    watched_by: str
    modules: tuple[Known, ...]
    modules_in_all: int

    def as_json(self) -> dict[str, object]:
        """Return what JSON can carry."""
        return asdict(self)


@dataclass(slots=True)
class Status:
    """Where the facts come from. *bases* are what paths are shown relative to, see `short_path`."""

    pid: int
    since: int
    static: tuple[tuple[str, Path], ...]
    templates: tuple[Path, ...]
    watched: tuple[Path, ...]
    watched_by: Callable[[], str]
    hub: Hub
    engine: Engine
    journal: Journal
    bases: tuple[tuple[Path, str], ...]
    _links: list[tuple[str, Links, bool]] = field(default_factory=list)
    _plans: dict[str, Plan] = field(default_factory=dict)

    def facts(self) -> Facts:
        """Return what is so now."""
        return Facts(
            pid=self.pid,
            since=self.since,
            why_not=tuple(_why_not(note) for note in self.journal.notes() if not self._is_settled(note)),
            updates=tuple(map(_update, self.journal.outcomes())),
            pages=tuple(sorted(map(_open_page, self.hub.clients()), key=lambda page: page.url)),
            static=tuple(Folder(prefix, self.name(folder)) for prefix, folder in self.static),
            templates=tuple(map(self.name, self.templates)),
            watched=tuple(map(self.name, self.watched)),
            watched_by=self.watched_by(),
            modules=tuple(self._known()),
            modules_in_all=len(self.engine.graph),
        )

    def name(self, path: Path) -> str:
        """Return *path* as others may see it."""
        return short_path(path, self.bases)

    def _is_settled(self, note: Note) -> bool:
        """Return whether a page has meanwhile loaded the file that was saved in vain."""
        module = self.engine.graph.get(note.subject)
        return note.topic is Topic.FILE and module is not None and module.path is not None

    def _known(self) -> Iterator[Known]:
        modules = self.engine.modules(MODULES)
        links = [(module.url, module.links, module.orphaned) for module in modules]
        if links != self._links:
            plans = {module.url: self.engine.pages.plan_for_all([module.url]) for module in modules[:PLANNED]}
            self._plans, self._links = plans, links
        for module in modules:
            save, reach = _save(module, self._plans.get(module.url))
            file = self.name(module.path) if module.path else ""
            importers = tuple(sorted(module.importers)[:IMPORTERS])
            yield Known(module.url, file, module.version, boundary_of(module.links), importers, save, reach)


def boundary_of(links: Links) -> str:
    """Return what a module accepts, for people."""
    if links.declines_itself:
        return "declines updates"
    exports = links.accepted_exports and f"accepts its exports {', '.join(sorted(links.accepted_exports))}"
    own = "accepts itself" if links.accepts_itself else exports or ""
    others = ", ".join(sorted(url.rpartition("/")[2] for url in links.accepted))
    return "; ".join(filter(None, (own, others and f"accepts {others}")))


def _save(module: Module, plan: Plan | None) -> tuple[str, tuple[str, ...]]:
    """Return what a save of *module* would bring, and what that reaches."""
    if plan is None:
        return "", ()
    if plan.reason:
        return "reload", (_shortened(plan.reason),)
    if module.links.in_place or (is_shown(module.url) and plan.boundaries == (module.url,)):
        return "swap", ()
    return ("update", plan.boundaries) if plan.updates else ("nothing", ())


def _shortened(reason: str) -> str:
    """Return *reason* without the middle of a long chain."""
    return reason if len(reason) <= LONGEST else f"{reason[: LONGEST // 2]} … {reason[-LONGEST // 2 :]}"


def _why_not(note: Note) -> WhyNot:
    reason = note.reason
    return WhyNot(note.topic.value, note.subject, reason.why, reason.remedy, reason.setting, note.count, note.at)


def _update(outcome: Outcome) -> Update:
    return Update(
        at=outcome.at,
        kind=outcome.kind.value,
        changed=outcome.changed,
        count=outcome.count,
        boundaries=outcome.boundaries,
        reason=_shortened(outcome.reason),
        occasion=outcome.occasion,
        pages=outcome.pages,
        milliseconds=outcome.milliseconds and round(outcome.milliseconds, 1),
    )


def _open_page(client: Client) -> OpenPage:
    page = client.page
    if page is None:
        return OpenPage("", True, client.transport, 0, is_stock=True)
    return OpenPage(client.url, client.visible, client.transport, len(page.modules), tuple(sorted(page.refused)))
