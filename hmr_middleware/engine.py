"""The shared engine: what is served, what has changed, and what each page is told of it.

It knows no server, socket or framework; files come through an injected object. Every public method may be called from
any thread.
"""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hmr_middleware.core.graph import Graph, Module
from hmr_middleware.core.linking import links_of_module, links_of_stylesheet
from hmr_middleware.core.messages import Hello, Reload, ServerMessage, UpdateItem, UpdateMessage
from hmr_middleware.core.mounts import Mounts
from hmr_middleware.core.propagation import Plan, View, propagate
from hmr_middleware.core.rewriting import forwarding_module, rewrite_module, rewrite_stylesheet
from hmr_middleware.core.scan_css import SheetScan, scan_stylesheet
from hmr_middleware.core.scan_js import ModuleScan, scan_module
from hmr_middleware.core.settling import Unsettled, judge
from hmr_middleware.core.urls import Origin, add_version, is_relative, is_script, is_stylesheet
from hmr_middleware.core.versions import changed_since, raise_versions
from hmr_middleware.files import Files, FileState


@dataclass(slots=True)
class Page:
    """One connected page: what it has loaded, by the app's own URLs, and at which version."""

    modules: dict[str, int] = field(default_factory=dict)
    entries: set[str] = field(default_factory=set)
    gave_up: set[tuple[str, int]] = field(default_factory=set)  # invalidated: (URL, its version)
    coming: list[Hello] = field(default_factory=list)  # the parts of a hello that is not complete


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch of saved files came to."""

    urls: tuple[str, ...] = ()  # the modules that changed
    dropped: tuple[str, ...] = ()  # modules that nobody imports any more
    files: tuple[Path, ...] = ()  # files that changed, known as modules or not
    unsettled: Mapping[Path, Unsettled] = field(default_factory=dict)  # to be looked at again a little later


@dataclass(slots=True)
class _Source:
    """A file as it was when we last took notice of it."""

    state: FileState
    digest: bytes
    stamp: int
    complete: bool = True


@dataclass(slots=True)
class _Text:
    """A module's or stylesheet's text as it was last scanned, and what was last made of it."""

    digest: bytes
    scan: ModuleScan | SheetScan
    urls: Mapping[str, str]  # specifier -> URL, of those that are the app's own
    origin: Origin
    made_for: tuple[int, ...] | None = None
    made: bytes = b""


class Engine:
    """See the module. *since* is when the session began and *now* the clock, both in microseconds since the epoch."""

    def __init__(self, files: Files, mounts: Mounts, *, since: int, now: Callable[[], int]) -> None:
        self.mounts = mounts
        self.graph = Graph()
        self.on_change: Callable[[Change], None] = lambda _change: None
        self._files = files
        self._since = since
        self._began = since
        self._now = now
        self._lock = threading.RLock()
        self._sources: dict[Path, _Source] = {}
        self._texts: dict[str, _Text] = {}
        self._waves: dict[int, frozenset[str]] = {}  # version given by an invalidation -> who gave up

    # What is served

    def script(self, url: str, asked: int, body: bytes, origin: Origin, *, as_module: bool) -> bytes:
        """Return what to serve in place of *body* for the script at *url*, asked for at the version *asked*.

        *as_module* says that the browser is surely loading a module: then any other version than the live one is
        answered by a module that forwards to it, so that a page never holds two.
        """
        self._notice(url)
        with self._lock:
            text = self._learn(url, body, origin)
            module = self._adopt(url, asked)
            assert isinstance(text.scan, ModuleScan)
            if as_module and asked != module.version and (text.scan.is_module or module.importers):
                return forwarding_module(add_version(origin.root + url, module.version), text.scan.exports)
            return self._make(url, text, body)

    def stylesheet(self, url: str, body: bytes, origin: Origin) -> bytes:
        """Return what to serve in place of *body* for the stylesheet at *url*."""
        self._notice(url)
        with self._lock:
            return self._make(url, self._learn(url, body, origin), body)

    def _make(self, url: str, text: _Text, body: bytes) -> bytes:
        """Rewrite *body*, or take what was made of it the last time where no version in it has changed since."""
        versions = tuple(self.graph.add(target).version for target in text.urls.values())
        if text.made_for != versions:
            reference = self._references(text)
            if isinstance(text.scan, ModuleScan):
                made = rewrite_module(body, text.scan, reference, text.origin.root + url)
            else:
                made = rewrite_stylesheet(body, text.scan, reference)
            text.made_for, text.made = versions, b"" if made is body else made
        return text.made or body

    def _references(self, text: _Text) -> Callable[[str], str | None]:
        def reference(specifier: str) -> str | None:
            target = text.urls.get(specifier)
            version = self.graph.add(target).version if target else 0
            if not target or not version:
                return None
            return add_version(specifier if is_relative(specifier) else text.origin.root + target, version)

        return reference

    def _adopt(self, url: str, asked: int) -> Module:
        """Take a version that some page already has for the live one: another process may have given it."""
        module = self.graph.add(url)
        if module.version < asked <= self._now():
            module.version = asked
        return module

    # What is known

    def _learn(self, url: str, body: bytes, origin: Origin) -> _Text:
        """Scan *body* where it is new, and keep its links in the graph."""
        digest = _digest(body)
        text = self._texts.get(url)
        if text is None or text.digest != digest or text.origin != origin:
            text = self._texts[url] = _read(url, digest, body, origin)
            self._link(url, text)
            if self._since < self._began:
                self._explore(text.urls.values(), origin)
            raise_versions(self.graph, [url])
        return text

    def _link(self, url: str, text: _Text) -> tuple[str, ...]:
        resolve = text.urls.get
        scan = text.scan
        links = links_of_module(scan, resolve) if isinstance(scan, ModuleScan) else links_of_stylesheet(scan, resolve)
        return self.graph.link(url, links)

    def _place(self, url: str) -> _Source | None:
        """Find the file behind *url* and take notice of it, once."""
        module = self.graph.get(url)
        path = module.path if module else None
        if path is None:
            path = next((path for path in self.mounts.paths_for(url) if self._files.stat(path)), None)
            if path is None:
                return None
            module = self.graph.place(url, path)
        source = self._sources.get(path) or self._first_look(path)
        if source and module and source.stamp > module.stamp:
            module.stamp = source.stamp
            raise_versions(self.graph, [url])
        return source

    def _first_look(self, path: Path) -> _Source | None:
        state = self._files.stat(path)
        content = self._read(path)
        if state is None or content is None:
            return None
        stamp = changed_since(state.mtime, state.ctime, self._since)
        source = self._sources[path] = _Source(state, _digest(content), stamp)
        return source

    def _read(self, path: Path) -> bytes | None:
        try:
            return self._files.read(path)
        except OSError:
            return None

    def _notice(self, url: str) -> None:
        """Take notice of the file behind *url*; where it is not as we knew it, its event is merely late."""
        with self._lock:
            source = self._place(url)
            path = self.graph.add(url).path
        if source and path and self._files.stat(path) != source.state:
            self.change([path])

    def _explore(self, urls: Iterable[str], origin: Origin) -> None:
        """Read and link whatever *urls* lead to and is not known yet, from the files."""
        queue = list(urls)
        while queue:
            url = queue.pop()
            if url in self._texts or not (is_script(url) or is_stylesheet(url)) or not self._place(url):
                continue
            path = self.graph.add(url).path
            content = self._read(path) if path else None
            if content is not None:
                text = self._texts[url] = _read(url, _digest(content), content, origin)
                self._link(url, text)
                raise_versions(self.graph, [url])
                queue += text.urls.values()

    # What has changed

    def change(self, paths: Iterable[Path], *, impatient: Collection[Path] = ()) -> Change:
        """Take notice of files that may have changed, tell the listener, and return what it came to.

        *impatient* are those that have been waited for long enough.
        """
        with self._lock:
            change = self._change(paths, impatient)
        if change.urls or change.files:
            self.on_change(change)
        return change

    def _change(self, paths: Iterable[Path], impatient: Collection[Path]) -> Change:
        unsettled: dict[Path, Unsettled] = {}
        files: list[Path] = []
        urls: list[str] = []
        dropped: list[str] = []
        for path in dict.fromkeys(paths):
            found = self._look_again(path, path in impatient)
            if isinstance(found, Unsettled):
                unsettled[path] = found
            elif found is not None:
                files.append(path)
                for module in self.graph.at_path(path):
                    urls.append(module.url)
                    dropped += self._changed(module, found)
        raise_versions(self.graph, urls)
        orphans = tuple(url for url in dict.fromkeys(dropped) if self.graph.add(url).orphaned)
        self._retire(orphans, urls)
        return Change(tuple(urls), orphans, tuple(files), unsettled)

    def _look_again(self, path: Path, impatient: bool) -> bytes | Unsettled | None:
        """Return the new content of *path*, why to wait for it, or None where nothing has changed."""
        known, state = self._sources.get(path), self._files.stat(path)
        if known is None:
            return None
        content = self._read(path) if state else None
        if state is None or content is None:
            return None if impatient else Unsettled.MISSING
        digest = _digest(content)
        if digest == known.digest:
            known.state = state
            return None
        complete = _is_complete(path, content) and self._files.stat(path) == state
        verdict = judge(
            exists=True,
            size=len(content),
            was_size=known.state.size,
            complete=complete,
            was_complete=known.complete,
        )
        if verdict and not impatient:
            return verdict
        self._sources[path] = _Source(state, digest, self._stamp(state, known), complete)
        return content

    def _stamp(self, state: FileState, known: _Source) -> int:
        last = max(known.stamp, self._since, known.state.mtime)
        return changed_since(state.mtime, state.ctime, last) or max(self._now(), last + 1)

    def _changed(self, module: Module, content: bytes) -> tuple[str, ...]:
        """Give *module* its new stamp and links; return the dependencies that it no longer has."""
        source = self._sources[module.path] if module.path else None
        module.stamp = max(source.stamp if source else 0, module.version + 1)
        known = self._texts.get(module.url)
        if known is None:
            return ()
        text = self._texts[module.url] = _read(module.url, _digest(content), content, known.origin)
        return self._link(module.url, text)

    def _retire(self, orphans: Iterable[str], changed: Collection[str]) -> None:
        """Give what nobody imports any more a new version: should it come back, it runs anew."""
        newest = max((self.graph.add(url).version for url in changed), default=0)
        for url in orphans:
            module = self.graph.add(url)
            module.version = max(module.version + 1, newest)

    def stale(self) -> list[Path]:
        """Return the known files that are not as they were when last taken notice of."""
        with self._lock:
            known = [(path, source.state) for path, source in self._sources.items()]
        return [path for path, state in known if self._files.stat(path) != state]

    # What pages are told

    def plan_for_all(self, changed: Iterable[str]) -> Plan:
        """Return what the change of *changed* means for a client that does not say what it has loaded."""
        with self._lock:
            return propagate(changed, View(self.graph))

    def plan(self, page: Page, changed: Iterable[str]) -> Plan:
        """Return what the change of *changed* means for *page*."""
        with self._lock:
            return propagate(changed, View(self.graph, page.modules, page.entries))

    def message(self, plan: Plan, pruned: Collection[str] = ()) -> ServerMessage | None:
        """Return the one message that carries *plan*, or None where there is nothing to say."""
        if plan.reason:
            return Reload(plan.reason)
        if not plan.updates:
            return None
        with self._lock:
            items = tuple(
                UpdateItem(
                    item.boundary, item.accepted, self._version(item.accepted), item.bubbled, _kind(item.accepted)
                )
                for item in plan.updates
            )
            versions = {url: self._version(url) for url in plan.reruns}
        return UpdateMessage(items[0].url, items[0].bubbled, items, versions, tuple(pruned))

    def _version(self, url: str) -> int:
        return self.graph.add(url).version

    def welcome(self, page: Page, hello: Hello, origin: Origin) -> Plan:
        """Take what a page says it has loaded, and return the one net difference that it has missed."""
        page.coming.append(hello)
        if hello.more:
            return Plan()
        parts, page.coming = page.coming, []
        with self._lock:
            self._begin_at(min((part.since for part in parts if part.since), default=0))
            fresh = {url: version for part in parts for url, version in part.modules.items()}
            self._explore(fresh, origin)
            for url, version in fresh.items():
                self._adopt(url, version)
                page.modules[url] = max(version, page.modules.get(url, 0))
            for part in parts:
                page.entries.update(part.entries)
            served = max((part.since for part in parts), default=0)
            behind = [url for url in fresh if self.graph.add(url).stamp > max(page.modules[url], served)]
            return self.plan(page, behind)

    def _begin_at(self, since: int) -> None:
        """Let the session begin earlier: a page is older than this process."""
        if not 0 < since < self._since:
            return
        self._since = since
        for path, source in self._sources.items():
            if not source.stamp:
                source.stamp = changed_since(source.state.mtime, source.state.ctime, since)
            for module in self.graph.at_path(path):
                module.stamp = max(module.stamp, source.stamp)
        raise_versions(self.graph, [module.url for module in self.graph.modules()])

    def invalidate(self, page: Page, url: str) -> Plan:
        """Return what it means for *page* that the module at *url* gives its update up: its importers take over."""
        with self._lock:
            module = self.graph.add(url)
            if (url, module.version) in page.gave_up or url not in page.modules:
                return Plan()
            page.gave_up.add((url, module.version))
            wave = self._waves.get(module.version, frozenset()) | {url}
            plan = propagate([url], View(self.graph, page.modules, page.entries, {url}))
            again = next((item.boundary for item in plan.updates if item.boundary in wave), None)
            if again:
                return Plan(reason=f"{url} <- {again}: both gave the update up")
            return self._take_over(url, plan, wave)

    def _take_over(self, url: str, plan: Plan, wave: frozenset[str]) -> Plan:
        """Give the modules that run in its place a version of their own, the same for every page."""
        above = [other for other in plan.reruns if other != url]
        base = self.graph.add(url).version
        newer = next((self._version(other) for other in above if self._waves.get(self._version(other)) == wave), 0)
        version = newer if newer > base else max(self._now(), base + 1)
        self._waves[version] = wave
        for other in above:
            module = self.graph.add(other)
            module.version = max(module.version, version)
        return Plan(plan.updates, tuple(above), plan.reason)


def _read(url: str, digest: bytes, body: bytes, origin: Origin) -> _Text:
    scan: ModuleScan | SheetScan
    if is_stylesheet(url):
        scan = scan_stylesheet(body)
        specifiers = set(scan.imports)
    else:
        scan = scan_module(body)
        specifiers = {item.specifier for item in scan.imports if item.specifier is not None}
        specifiers |= scan.accepted | scan.declined
    found = {item: origin.resolve(item, url) for item in specifiers if is_stylesheet(url) or _may_be_ours(item)}
    return _Text(digest, scan, {item: target for item, target in found.items() if target}, origin)


def _may_be_ours(specifier: str) -> bool:
    return is_relative(specifier) or "://" in specifier


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _is_complete(path: Path, content: bytes) -> bool:
    name = path.name
    if is_script(name):
        return scan_module(content).complete
    return scan_stylesheet(content).complete if is_stylesheet(name) else True


def _kind(url: str) -> str:
    return "css" if is_stylesheet(url) else "js"
