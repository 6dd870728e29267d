"""What open pages are told of a change: the plan for each, and what each has loaded meanwhile.

Every public method may be called from any thread.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from hmr_middleware.core.assets import is_asset, is_shown
from hmr_middleware.core.failed import never_ran, static_importers
from hmr_middleware.core.graph import Graph
from hmr_middleware.core.messages import Hello, Reload, ServerMessage, UpdateItem, UpdateMessage
from hmr_middleware.core.propagation import Plan, Update, View, chain_to, propagate
from hmr_middleware.core.urls import Origin, add_version, is_script, is_stylesheet
from hmr_middleware.core.versions import raise_together, raise_versions, reruns
from hmr_middleware.library import Library


@dataclass(slots=True)
class Page:
    """One connected page: what it has loaded, by the app's own URLs, and at which version."""

    modules: dict[str, int] = field(default_factory=dict)
    entries: set[str] = field(default_factory=set)
    gave_up: set[tuple[str, int]] = field(default_factory=set)  # invalidated: (URL, its version)
    refused: set[str] = field(default_factory=set)  # what it could not link: tried anew with the next change
    told: dict[str, int] = field(default_factory=dict)  # what we have had it run again, and at which version
    coming: list[Hello] = field(default_factory=list)  # the parts of a hello that is not complete
    failed: frozenset[str] = frozenset()  # what it could not import
    repeatable: frozenset[str] = frozenset()  # those of them that its user may ask for again
    _kind: tuple[frozenset[str], ...] | None = None

    @property
    def kind(self) -> tuple[frozenset[str], ...]:
        """What pages have in common that are told the same."""
        if self._kind is None:
            self._kind = frozenset(self.modules), frozenset(self.entries), self.failed, self.repeatable
        return self._kind

    def fail(self, urls: Iterable[str], repeatable: Iterable[str]) -> None:
        """Note that importing *urls* has failed, and nothing else."""
        self.failed = frozenset(urls)
        self.repeatable = self.failed & frozenset(repeatable)
        self._kind = None

    def load(self, modules: Mapping[str, int], entries: Iterable[str] = ()) -> None:
        """Add what the page has loaded; of a module that it had already, the newer version counts."""
        for url, version in modules.items():
            self.modules[url] = max(version, self.modules.get(url, 0))
        for url in entries:
            self.entries.add(url)
            self.modules.setdefault(url, 0)  # it may have failed
        self._kind = None

    def unload(self, urls: Iterable[str]) -> None:
        """Take away what has left the page."""
        for url in urls:
            self.modules.pop(url, None)
            self.told.pop(url, None)
        self._kind = None


class Pages:
    """See the module. *now* is the clock, and *began* when this process began to look, both in microseconds.

    What pages have loaded is of the *library*.
    """

    def __init__(self, library: Library, *, began: int, now: Callable[[], int]) -> None:
        self._library = library
        self._began = began
        self._now = now
        self._workers: set[str] = set()
        self._waves: dict[int, frozenset[str]] = {}  # version given by an invalidation -> who gave up

    @property
    def _graph(self) -> Graph:
        return self._library.graph

    def worker(self, url: str) -> None:
        """Take notice that a page has started a worker with the script at *url*."""
        self._workers.add(url)

    def plan_for_all(self, changed: Iterable[str]) -> Plan:
        """Return what the change of *changed* means for a client that does not say what it has loaded."""
        with self._library.lock:
            return propagate(changed, View(self._graph))

    def plan(self, page: Page, changed: Iterable[str], appeared: Iterable[str] = ()) -> Plan:
        """Return what the change of *changed* means for *page*.

        What *appeared* among them a page has asked for, in vain, where it has loaded what imports it. What never ran
        there accepts nothing: its change is one of what the page could not import, and no reason to load that anew
        where its user may ask again.
        """
        changed = tuple(changed)
        with self._library.lock:
            lost = self._never_ran(page)
            alive: Collection[str] = page.modules.keys() - lost if lost else page.modules
            if wanted := [url for url in appeared if self._is_wanted(url, alive)]:
                page.load(dict.fromkeys(wanted, 0))
            if chain := chain_to(self._workers & page.modules.keys(), changed, self._graph):
                return Plan(reason=f"{chain}: it runs in a worker, where nothing is replaced", changed=changed)
            fresh = self._import_anew([url for url in changed if url in lost], lost)
            if lost:
                alive = {*alive, *wanted}
            plan = self._plan_with(page, changed, alive, fresh & page.failed)
            if plan.reason and (classic := self._classic_among(plan.changed, page)):
                reason = f"{classic.rpartition('/')[2]} is a classic script, which cannot be replaced"
                return Plan(reason=reason, changed=plan.changed)
            raise_together(self._graph, plan.reruns)
            return replace(plan, fresh=tuple(sorted(fresh)))

    def _plan_with(self, page: Page, changed: Iterable[str], alive: Collection[str], again: frozenset[str]) -> Plan:
        """Return the plan where what failed may be imported *again*: for what users ask for themselves none reloads."""

        def plan(again: frozenset[str]) -> Plan:
            loaded = {*alive, *again} if again else alive
            return propagate([*changed, *again], View(self._graph, loaded, page.entries, again))

        found = plan(again)
        return plan(again - page.repeatable) if found.reason and again & page.repeatable else found

    def _is_wanted(self, url: str, alive: Collection[str]) -> bool:
        """Return whether a page in which *alive* runs must have asked for *url*: what imports it does not wait to."""
        return any(url not in self._graph.add(it).links.dynamic for it in self._graph.add(url).importers if it in alive)

    def _never_ran(self, page: Page, failed: Collection[str] | None = None) -> frozenset[str]:
        """Return what never ran in *page* for what has *failed*: all that has, where that is None."""
        return never_ran(self._graph, page.modules, page.entries, page.failed if failed is None else failed)

    def _import_anew(self, changed: Collection[str], lost: Collection[str]) -> frozenset[str]:
        """Give what leads to *changed*, all of them *lost*, new URLs at one version, and return it."""
        if not changed:
            return frozenset()
        ways = static_importers(self._graph, changed, lost)
        self.renew(ways)
        newest = max(map(self._version, ways))
        for url in ways:
            self._graph.add(url).version = newest
        return ways

    def _classic_among(self, urls: Iterable[str], page: Page) -> str:
        """Return the first of *urls* that is no module but a script of the old kind, "" where none is."""
        others = (url for url in urls if is_script(url) and url not in page.entries)
        return next((url for url in others if not self._library.is_module(url)), "")

    def renew(self, urls: Iterable[str]) -> None:
        """Give *urls* new versions: what a browser has fetched under the old ones will not do."""
        with self._library.lock:
            for url in urls:
                module = self._graph.add(url)
                module.version = max(self._now(), module.version + 1)
            raise_versions(self._graph, urls)

    def told(self, plan: Plan, pages: Iterable[Page]) -> None:
        """Note that *pages* have been told of *plan*: they are not told again of what they report late."""
        with self._library.lock:
            reruns = {url: self._version(url) for url in plan.reruns}
            modules = {url: self._version(url) for url in plan.changed} | reruns
            for page in pages:
                page.modules |= modules
                page.told |= reruns

    def message(self, plan: Plan, pruned: Collection[str] = ()) -> ServerMessage | None:
        """Return the one message that carries *plan*, or None where there is nothing to say."""
        if plan.reason:
            return Reload(plan.reason, self._modules_among(plan.changed))
        if not plan.updates and not plan.fresh and not pruned:
            return None
        with self._library.lock:
            items = tuple(map(self._item, plan.updates))
            versions = {url: self._version(url) for url in plan.reruns}
            fresh = {url: self._version(url) for url in plan.fresh}
        url, bubbled = (items[0].url, items[0].bubbled) if items else ("", False)
        return UpdateMessage(url, bubbled, items, versions, tuple(pruned), fresh)

    def _item(self, update: Update) -> UpdateItem:
        module = self._graph.add(update.accepted)
        adopted = any(module.url in self._graph.add(importer).links.sheets for importer in module.importers)
        return UpdateItem(update.boundary, module.url, module.version, update.bubbled, _kind_of(module.url), adopted)

    def welcome(self, page: Page, hello: Hello, origin: Origin) -> Plan:
        """Take what a page says it has loaded, and return the one net difference that it has missed."""
        page.coming.append(hello)
        if hello.more:
            return Plan()
        parts, page.coming = page.coming, []
        served = max(part.since for part in parts)
        self._library.begin_at(served)
        loaded = {url: version for part in parts for url, version in part.modules.items()}
        fresh = {url: loaded[url] for url in loaded if not is_asset(url) or self._library.places.candidates(url)}
        entries = {entry for part in parts for entry in part.entries}
        failed = {url: version for part in parts for url, version in part.failed.items()}
        self._library.explore([*fresh, *entries, *failed], origin)
        with self._library.lock:
            self.renew(url for part in parts for url, version in part.gone.items() if version >= self._version(url))
            self._graph.revive(url for url, version in fresh.items() if version >= self._version(url))
            for url, version in fresh.items():
                self._library.adopt(url, version)
            self._graph.enter(entries)
            page.load(fresh, entries)
            known = page.failed
            page.fail(failed, (url for part in parts for url in part.repeatable))
            self._library.await_files(self._never_ran(page))
            waiting = self._never_ran(page, page.repeatable) & self._never_ran(page)
            news = {url: failed[url] for url in page.repeatable - known}
            missed = waiting & self._mended_meanwhile(page, news, served)
            behind = [url for url in fresh if self._graph.add(url).stamp > max(page.modules[url], served)]
            late = [url for url in fresh if self._came_too_late(page, url, fresh)]
            changed = dict.fromkeys([*behind, *late, *self._doubled(page, parts, served)])
            return self.plan(page, [*(url for url in changed if url not in waiting), *missed])

    def _mended_meanwhile(self, page: Page, failed: Mapping[str, int], served: int) -> frozenset[str]:
        """Return what never ran in *page* for what has *failed*, where that may have been mended before we knew."""
        newest = max(failed.values(), default=0)
        is_elsewhere = served < self._began  # another process saw what became of it
        return frozenset(url for url in self._never_ran(page, failed) if is_elsewhere or self._version(url) > newest)

    def _doubled(self, page: Page, parts: Iterable[Hello], served: int) -> list[str]:
        """Return what *page* loaded at two versions, changed since it was *served*, and not run again yet."""
        doubled = dict.fromkeys(url for part in parts for url in part.doubled if url in page.modules and is_script(url))
        return [url for url in doubled if max(page.told.get(url, 0), served) < self._version(url)]

    def _came_too_late(self, page: Page, url: str, fresh: Mapping[str, int]) -> bool:
        """Return whether *url* was loaded with an import that *page* has meanwhile been told to run again."""
        module = self._graph.add(url)
        since = max(fresh[url], page.told.get(url, 0))
        newer = ((self._graph.add(other), names) for other, names in module.links.imports.items() if other not in fresh)
        return any(page.told.get(it.url, 0) > since and reruns(it, module, names) for it, names in newer)

    def orphans(self, page: Page) -> tuple[str, ...]:
        """Return the modules that *page* has loaded and does not reach any more, outermost first.

        What the page may show by itself is none of them. Should they come back, they run anew.
        """
        with self._library.lock:
            left = (url for url in page.modules if url not in page.entries and not is_shown(url))
            found = tuple(url for url in left if self._graph.add(url).orphaned)
            self.renew(found)
            return found

    def invalidate(self, page: Page, url: str) -> Plan:
        """Return what it means for *page* that the module at *url* gives its update up: its importers take over."""
        with self._library.lock:
            version = self._version(url)
            if (url, version) in page.gave_up or url not in page.modules:
                return Plan()
            page.gave_up.add((url, version))
            wave = self._waves.get(version, frozenset()) | {url}
            alive = page.modules.keys() - self._never_ran(page)
            plan = propagate([url], View(self._graph, alive, page.entries, {url}))
            again = next((up.boundary for up in plan.updates if up.boundary in wave), None)
            if again:
                return Plan(reason=f"{url} <- {again}: both gave the update up")
            return self._take_over(url, plan, wave)

    def _take_over(self, url: str, plan: Plan, wave: frozenset[str]) -> Plan:
        """Give the modules that run in its place a version of their own, the same for every page."""
        above = tuple(other for other in plan.reruns if other != url)
        if not self._graph.closure([url]).keys().isdisjoint(above):
            above = plan.reruns  # in a circle it would go on with old instances
        base = self._version(url)
        newer = next((self._version(other) for other in above if self._waves.get(self._version(other)) == wave), 0)
        version = newer if newer > base else max(self._now(), base + 1)
        self._waves[version] = wave
        for other in above:
            module = self._graph.add(other)
            module.version = max(module.version, version)
        return Plan(plan.updates, above, plan.reason)

    def _modules_among(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Return those *urls* that are surely modules, each at its version: what a page may try before it reloads."""
        with self._library.lock:
            return tuple(add_version(url, self._version(url)) for url in urls if self._library.is_module(url))

    def _version(self, url: str) -> int:
        return self._graph.add(url).version


def _kind_of(url: str) -> str:
    if is_stylesheet(url):
        return "css"
    return "asset" if is_asset(url) else "js"
