"""What is known of an app's modules and stylesheets: their files, their texts and the graph between them.

Every public method may be called from any thread.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from hmr_middleware.core.assets import is_asset, is_shown
from hmr_middleware.core.changes import Change
from hmr_middleware.core.graph import LINKS_OF_ASSET, Graph, Links, Module
from hmr_middleware.core.mounts import Mounts
from hmr_middleware.core.page import ImportMap
from hmr_middleware.core.proxies import proxy_for, proxy_text
from hmr_middleware.core.rewriting import Env, env_statement
from hmr_middleware.core.settling import Unsettled, judge
from hmr_middleware.core.texts import Scan, Text, read_text
from hmr_middleware.core.urls import Origin, is_data, is_script, is_text
from hmr_middleware.core.versions import changed_since, raise_versions
from hmr_middleware.files import Files, FileState
from hmr_middleware.native import new_rlock
from hmr_middleware.places import Missing, Places, is_stand_in
from hmr_middleware.sources import Scans, Source, Verbatim, digest_of, look_at

NOBODY_WAITS: Mapping[Path, Unsettled] = MappingProxyType({})


class Library:
    """See the module. *since* is when the session began and *now* the clock, both in microseconds since the epoch.

    *began* is when this process began to look: what has changed between the two is looked for.
    """

    def __init__(
        self, files: Files, mounts: Mounts, *, since: int, began: int, now: Callable[[], int], env: Env
    ) -> None:
        self.graph = Graph()
        self.lock = new_rlock()
        self._files = files
        self.places = Places(files, mounts)
        self._since = since
        self._began = began
        self._now = now
        self._env = env
        self._sources: dict[Path, Source] = {}
        self._texts: dict[str, Text] = {}
        self._scans = Scans()
        self._verbatim = Verbatim()
        self._torn: set[Path] = set()  # what was asked for while it was being written, or was not there
        self._import_map: ImportMap | None = None
        self.on_placed: Callable[[Path], object] = lambda _path: None
        self._unseen: set[Path] = set()  # files that changed before any page has asked for them
        self._missing = Missing(self.places)

    # Texts

    def learn(self, url: str, body: bytes, origin: Origin) -> Text:
        """Take *body* for the text at *url*, and link it in the graph where it is new.

        Where something below may have changed unseen, that is looked for first: else *url* would be served at a version
        that is not the newest, and again at the newest to whoever imports it later.
        """
        text, is_new = self._learn(url, body, origin)
        if is_new and (self._unseen or self._since < self._began):
            self.explore(text.urls.values(), origin)
        return text

    def _learn(self, url: str, body: bytes, origin: Origin) -> tuple[Text, bool]:
        digest = digest_of(body)
        with self.lock:
            if source := self._source(url):
                self._verbatim.note(url, digest, source.digest)
            text = self._texts.get(url)
            if text is not None and text.digest == digest and text.origin == origin:
                return text, False
        scan = self._scans.of(url.partition("?")[0], digest, body)
        with self.lock:
            known, text = url in self._texts, self._text(url, digest, scan, origin)
            self._texts[url] = text
            if not known or (scan.complete and body):  # else it is just being written
                self.link(url, text.links())
            above = () if known else self.graph.add(url).importers  # they wait for word whether it accepts
            raise_versions(self.graph, [url, *above])
        return text, True

    def text(self, url: str) -> Text:
        """Return the text that was last learnt of *url*."""
        return self._texts[url]

    def is_torn(self, url: str, body: bytes) -> bool:
        """Return whether *body* is no more than a part of the file behind *url*, which then counts as changed."""
        with self.lock:
            source, module = self._source(url), self.graph.get(url)
            if source is None or module is None or module.path is None:
                return False
            torn = self._verbatim.is_torn(url, digest_of(body), source.digest)
            if torn:
                self._torn.add(module.path)
            return torn

    def await_files(self, urls: Iterable[str]) -> None:
        """Take notice that a page has asked for *urls*: those without a file count as changed when that is back."""
        with self.lock:
            paths = (module.path for url in urls if (module := self.graph.get(url)))
            self._torn.update(path for path in paths if path and not self._files.stat(path))

    def _source(self, url: str) -> Source | None:
        module = self.graph.get(url)
        return self._sources.get(module.path) if module and module.path else None

    def explore(self, urls: Iterable[str], origin: Origin) -> None:
        """Read and link whatever *urls* lead to and is not known yet, from the files."""
        queue = list(urls)
        while queue:
            url = queue.pop()
            if is_asset(url):
                self.place(url)
            if url in self._texts or not is_text(url):
                continue
            content = self._content(url, origin.root)
            if content is not None:
                queue += self._learn(url, content, origin)[0].urls.values()

    def use_import_map(self, import_map: ImportMap) -> None:
        """Resolve specifiers by *import_map* from now on, and those of the texts that are known already."""
        with self.lock:
            if import_map == self._import_map:
                return
            self._import_map = import_map
            self._resolve_again(list(self._texts))

    def _resolve_again(self, urls: Iterable[str]) -> None:
        """Take notice that what the specifiers in the texts at *urls* mean may have changed."""
        known = [(url, text) for url in urls if (text := self._texts.get(url))]
        for url, text in known:
            self._texts[url] = self._text(url, text.digest, text.scan, text.origin)
            self.link(url, self._texts[url].links())
        raise_versions(self.graph, [url for url, _ in known])

    def adopt(self, url: str, asked: int) -> Module:
        """Take a version that some page already has for the live one: another process may have given it."""
        with self.lock:
            module = self.graph.add(url)
            if module.version < asked <= self._now():
                module.version = asked
            return module

    def link(self, url: str, links: Links) -> tuple[str, ...]:
        """Take *links* for what *url* says of others; return the dependencies that it no longer has."""
        with self.lock:
            imports = (target for target in links.imports if not is_asset(target))  # those count when a page asks
            for target in filter(self._is_missing, imports):
                self._missing.add(target)
            return self.graph.link(url, links)

    def _is_missing(self, url: str) -> bool:
        module = self.graph.get(url)
        known = module is not None and (module.path is not None or module.importers)
        return not known and not self.places.is_file(url)

    def _text(self, url: str, digest: bytes, scan: Scan, origin: Origin) -> Text:
        env = env_statement(origin.root, self._env)
        return read_text(url, digest, scan, origin, self._import_map, self.places.is_file, env)

    # Files

    def _content(self, url: str, root: str) -> bytes | None:
        """Return what is served at *url*, as far as the files tell."""
        path = self.place(url)
        if path is not None and is_stand_in(url, path):
            return proxy_text(url, root)
        return self._read(path) if path else None

    def place(self, url: str, body: bytes | None = None) -> Path | None:
        """Return the file behind *url*, and take notice of it the first time.

        *body* is what the app serves for it just now: where it is as long as the file, it is taken for its content.
        """
        with self.lock:
            module = self.graph.get(url)
            path = module.path if module else None
            if path is None:
                path = self.places.find(url)
                if path is None:
                    self._missing.add(url)
                    return None
                self._missing.discard(url)
                module = self.graph.place(url, path)
                if is_asset(url):
                    self.graph.link(url, LINKS_OF_ASSET)
            source = self._sources.get(path) or self._first_look(path, body)
            if source and module and source.stamp > module.stamp:
                module.stamp = source.stamp
                raise_versions(self.graph, [url])
            return path

    def is_module(self, url: str) -> bool:
        """Return whether the file at *url* is surely a module: its text shows it, or another imports it."""
        text, module = self._texts.get(url), self.graph.get(url)
        return bool((text and text.is_module) or (module and module.importers and (is_script(url) or is_data(url))))

    def knows(self, path: Path) -> bool:
        """Return whether some page has asked for the file at *path*."""
        return path in self._sources

    def is_stale(self, path: Path) -> bool:
        """Return whether the file at *path* is not as it was when last taken notice of."""
        known = self._sources.get(path)
        return known is not None and not known.is_of(self._files.stat(path))

    def stale(self) -> list[Path]:
        """Return the known files that are not as they were when last taken notice of, and awaited ones that came."""
        stat = self._files.stat
        stale = [path for path, source in list(self._sources.items()) if not source.is_of(stat(path))]
        return stale + [path for path in self._missing.files() if stat(path)]

    def begin_at(self, since: int) -> None:
        """Let the session begin earlier: a page is older than this process."""
        with self.lock:
            if not 0 < since < self._since:
                return
            self._since = since
            for path, source in list(self._sources.items()):
                if not source.stamp:
                    self._restamp(path, source, changed_since(source.state.mtime, source.state.ctime, since))

    def _restamp(self, path: Path, source: Source, stamp: int) -> None:
        self._sources[path] = replace(source, stamp=stamp)
        modules = self.graph.at_path(path)
        for module in modules:
            module.stamp = max(module.stamp, stamp)
        raise_versions(self.graph, [module.url for module in modules])

    def _first_look(self, path: Path, body: bytes | None) -> Source | None:
        state = self._files.stat(path)
        if state is None:
            return None
        is_body = body is not None and len(body) == state.size
        look = None if is_body else look_at(self._files, path, state)
        if look is None and not is_body:
            return None
        state = self._files.stat(path) or state  # saved while it was being read: what was read is not the newest
        stamp = changed_since(state.mtime, state.ctime, self._since)
        self._unseen.discard(path)
        source = self._sources[path] = Source(state, look.digest if look else digest_of(body or b""), stamp)
        self.on_placed(path)
        return source

    def _read(self, path: Path) -> bytes | None:
        try:
            return self._files.read(path)
        except OSError:
            return None

    # Changes

    def change(
        self, paths: Iterable[Path], impatient: Mapping[Path, Unsettled] = NOBODY_WAITS, *, all_files: bool = False
    ) -> Change:
        """Take notice of files that may have changed, and return what it came to.

        *impatient* are those that have been waited for long enough, and why they were: a file that was half written
        and is empty now is waited for again. With *all_files* those count as changed, too, that
        no page has asked for.
        """
        unsettled: dict[Path, Unsettled] = {}
        urls: list[str] = []
        dropped: list[str] = []
        appeared: list[str] = []
        files: dict[Path, tuple[str, ...]] = {}
        with self.lock:
            for path in dict.fromkeys(paths):
                is_known, came = path in self._sources, self._appeared(path)
                appeared += came
                if not is_known:
                    if not came and is_text(path.name):
                        self._unseen.add(path)
                    if came or (all_files and self._files.stat(path)):
                        files[path] = tuple(came)
                    continue
                found = self._look_again(path, impatient.get(path))
                if isinstance(found, Unsettled):
                    unsettled[path] = found
                elif found is not None:
                    files[path] = tuple(module.url for module in self.graph.at_path(path))
                    for module in self.graph.at_path(path):
                        urls.append(module.url)
                        dropped += self._changed(module, path, found)
            urls += appeared
            raise_versions(self.graph, urls)
            abandoned = self.graph.abandon(dropped)
            orphans = tuple(url for url in abandoned if not is_shown(url))
            self._retire(orphans, urls)
        return Change(tuple(urls), orphans, tuple(appeared), files, unsettled)

    def _look_again(self, path: Path, endured: Unsettled | None) -> bytes | Unsettled | None:
        """Return the new content of *path*, why to wait for it, or None where nothing has changed.

        What is wrong with it no longer matters where that has been *endured* long enough.
        """
        known, state = self._sources[path], self._files.stat(path)
        look = look_at(self._files, path, state) if state else None
        if state is None or look is None:
            if endured is not Unsettled.MISSING:
                return Unsettled.MISSING
            self._sources[path] = replace(known, state=state or known.state, gone=state is None)
            return None
        if look.digest == known.digest and path not in self._torn:
            self._sources[path] = Source(state, look.digest, known.stamp, known.complete)
            return None
        complete = is_asset(path.name) or self._scans.of(path.name, look.digest, look.content).complete
        complete = complete and self._files.stat(path) == state
        verdict = judge(size=look.size, was_size=known.state.size, complete=complete, was_complete=known.complete)
        if verdict and verdict is not endured:
            return verdict
        self._torn.discard(path)
        self._sources[path] = Source(state, look.digest, self._stamp(state, known), complete)
        return look.content

    def _appeared(self, path: Path) -> list[str]:
        """Return the URLs that were missing until the file at *path* came."""
        urls = list(self._missing.at(path))
        if not urls:
            return urls
        self._resolve_again({importer for url in urls for importer in self.graph.add(url).importers})
        urls += [proxy for url in urls if (proxy := proxy_for(url)) and proxy in self.graph]
        return [url for url in urls if self.place(url)]

    def _stamp(self, state: FileState, known: Source) -> int:
        last = max(known.stamp, self._since, known.state.mtime)
        return changed_since(state.mtime, state.ctime, last) or max(self._now(), last + 1)

    def _changed(self, module: Module, path: Path, content: bytes) -> tuple[str, ...]:
        """Give *module* its new stamp and links; return the dependencies that it no longer has."""
        source = self._sources[path]
        module.stamp = max(source.stamp, module.version + 1)
        known = self._texts.get(module.url)
        if known is None or is_stand_in(module.url, path):
            return ()
        scan = self._scans.of(path.name, source.digest, content)
        text = self._texts[module.url] = self._text(module.url, source.digest, scan, known.origin)
        if not scan.complete:
            return ()  # what cannot be read accepts and imports what it did before
        return self.link(module.url, text.links())

    def explore_below(self, url: str, origin: Origin) -> list[Path]:
        """Read and link whatever the text at *url* leads to, at any depth; return the files that are stale there."""
        found = {url: None}
        for known in (queue := [url]):
            self.explore([known], origin)
            text = self._texts.get(known)
            fresh = [target for target in text.urls.values() if target not in found] if text else []
            found.update(dict.fromkeys(fresh))
            queue += fresh
        with self.lock:
            paths = [module.path for module in map(self.graph.add, found) if module.path]
        return [path for path in paths if self.is_stale(path)]

    def _retire(self, orphans: Iterable[str], changed: Collection[str]) -> None:
        """Give what nobody imports any more a new version: should it come back, it runs anew."""
        newest = max((self.graph.add(url).version for url in changed), default=0)
        for url in orphans:
            module = self.graph.add(url)
            module.version = max(module.version + 1, newest)
