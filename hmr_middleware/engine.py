"""The shared engine: what is served, and what a change of files comes to. What pages are told of that, `pages` says.

It knows no server, socket or framework; files come through an injected object. Every public method may be called from
any thread.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from hmr_middleware.core.changes import Change
from hmr_middleware.core.graph import Graph, Module
from hmr_middleware.core.linking import links_of_page
from hmr_middleware.core.mounts import Mounts
from hmr_middleware.core.page import read_page
from hmr_middleware.core.proxies import proxied, proxy_text
from hmr_middleware.core.rewriting import Env, forwarding_module
from hmr_middleware.core.scan_js import scan_module
from hmr_middleware.core.settling import Unsettled
from hmr_middleware.core.texts import read_text
from hmr_middleware.core.urls import Origin, add_version
from hmr_middleware.errors import TornError
from hmr_middleware.files import Files
from hmr_middleware.library import NOBODY_WAITS, Library
from hmr_middleware.pages import Pages
from hmr_middleware.templates import Templates, is_leftover

logger = logging.getLogger("hmr_middleware")

_NO_ENV: Env = MappingProxyType({})


class Engine:
    """See the module. *since* is when the session began and *now* the clock, both in microseconds since the epoch.

    *began* is when this process began to look, where others may have served pages of the session before. *env* is what
    `import.meta.env` has besides Vite's names; *templates* what pages are made of.
    """

    def __init__(
        self,
        files: Files,
        mounts: Mounts,
        *,
        since: int,
        began: int = 0,
        now: Callable[[], int],
        env: Env = _NO_ENV,
        templates: Templates | None = None,
    ) -> None:
        self.on_change: Callable[[Change], None] = lambda _change: None
        self.on_file: Callable[[Path], object] = lambda _path: None  # a file is in use from now on
        self.hears_files: Callable[[], bool] = lambda: False  # whether files that no page uses matter
        self._library = Library(files, mounts, since=since, began=began or since, now=now, env=env)
        self._library.on_placed = lambda path: self.on_file(path)
        self._templates = templates or Templates(files, (), now=now)
        self._templates.on_file = lambda path: self.on_file(path)
        self.refreshers: tuple[Callable[[], object], ...] = ()  # of the framework's template caches
        self.pages = Pages(self._library, began=began or since, now=now)
        self._now = now

    @property
    def graph(self) -> Graph:
        """The modules that are known."""
        return self._library.graph

    # What is served

    def script(self, url: str, asked: int, body: bytes, origin: Origin, *, as_module: bool) -> bytes:
        """Return what to serve in place of *body* for the script at *url*, asked for at the version *asked*.

        *as_module* says that the browser is surely loading a module: then any other version than the live one is
        answered by a module that forwards to it, so that a page never holds two. Raises TornError where *body* is a
        part of the file and the rest has yet to be written.
        """
        self._notice(url, body)
        torn = bool(asked) and self._is_torn(url, body)
        text = self._library.text(url) if torn else self._library.learn(url, body, origin)
        self._catch_up(url, asked, origin)
        with self._library.lock:
            module = self._library.adopt(url, asked)
            if as_module and asked != module.version and (text.is_module or module.importers):
                return forwarding_module(add_version(origin.root + url, module.version), text.exports)
            if as_module and torn:
                raise TornError
            return text.serve(url, body, self._version)

    def _is_torn(self, url: str, body: bytes) -> bool:
        path = self._library.place(url)
        if path is None or not self._library.is_torn(url, body):
            return False
        self.change([path])  # there may be no further event
        return True

    def proxy(self, url: str, asked: int, origin: Origin) -> bytes:
        """Return the module that stands for a file; `has_proxy` must know *url*."""
        return self.script(url, asked, proxy_text(url, origin.root), origin, as_module=True)

    def has_proxy(self, url: str) -> bool:
        """Return whether there is a file that the module at *url* may stand for."""
        return proxied(url) is not None and self._library.place(url) is not None

    def may_serve(self, url: str) -> bool:
        """Return whether *url* is in one of the folders that we know."""
        return bool(self._library.places.candidates(url))

    def stylesheet(self, url: str, asked: int, body: bytes, origin: Origin) -> bytes:
        """Return what to serve in place of *body* for the stylesheet at *url*, asked for at the version *asked*."""
        self._notice(url, body)
        text = self._library.learn(url, body, origin)
        self._catch_up(url, asked, origin)
        with self._library.lock:
            self._library.adopt(url, asked)
            return text.serve(url, body, self._version)

    def data(self, url: str, asked: int, body: bytes, origin: Origin) -> bytes:
        """Take notice of the JSON module at *url*, asked for at the version *asked*; return *body* as it is."""
        self._notice(url, body)
        self._library.learn(url, body, origin)
        self._library.adopt(url, asked)
        return body

    def document(self, url: str, body: bytes, origin: Origin) -> None:
        """Take notice of a document that was served: its import map, and what its inline modules import and accept.

        Reading a page takes a while: call this afterwards.
        """
        page = read_page(body.decode("utf-8", "replace"), f"http://{origin.host}{origin.root}{url}")
        if page.import_map.imports or page.import_map.scopes:
            self._library.use_import_map(page.import_map)
        if base := origin.resolve(page.base, url):
            scans = [scan_module(text.encode()) for text in page.inline_modules]
            texts = [read_text(base, b"", scan, origin, page.import_map) for scan in scans]
            self._library.link(url, links_of_page(text.links() for text in texts))

    def _notice(self, url: str, body: bytes) -> None:
        """Take notice of the file behind *url*; where it is not as we knew it, its event is merely late."""
        path = self._library.place(url, body)
        if path is not None and self._library.is_stale(path):
            self.change([path])

    def _catch_up(self, url: str, asked: int, origin: Origin) -> None:
        """Take notice of what *url* leads to, where another process knows a newer version of it than this one."""
        if self._version(url) < asked <= self._now() and (stale := self._library.explore_below(url, origin)):
            self.change(stale)

    def _version(self, url: str) -> int:
        return self.graph.add(url).version

    # What has changed

    def change(self, paths: Iterable[Path], *, impatient: Mapping[Path, Unsettled] = NOBODY_WAITS) -> Change:
        """Take notice of files that may have changed, tell the listener, and return what it came to.

        *impatient* are those that have been waited for long enough, and why they were.
        """
        paths = tuple(paths)
        found = self._templates.change(paths, impatient)
        if found.names:
            self._refresh_caches()
        change = self._library.change(paths, impatient, all_files=self.hears_files())
        files = {**dict.fromkeys(found.paths, ()), **change.files}
        unsettled = {**change.unsettled, **dict(found.unsettled)}
        change = replace(change, files=files, templates=found.names, unsettled=unsettled)
        if change.files:
            self.on_change(change)
        return change

    def saved_in_vain(self, path: Path) -> int:
        """Return when the file at *path* was saved, in microseconds, if nothing follows from that, and 0 otherwise.

        Then no page has loaded it, and none is made of it.
        """
        if path.name.startswith(".") or is_leftover(path.name):
            return 0
        is_known = self._library.knows(path) or self._templates.knows(path)
        state = None if is_known else self._library.places.files.stat(path)
        return max(state.mtime, state.ctime) if state else 0

    def urls_of(self, path: Path) -> tuple[str, ...]:
        """Return the URLs that serve the file at *path*, whether or not a page has asked for any."""
        return self._library.places.mounts.urls_for(path)

    def modules(self, most: int) -> list[Module]:
        """Return *most* modules as they are now, by their URLs."""
        with self._library.lock:
            found = sorted(self.graph.modules(), key=lambda module: module.url)[:most]
            return [replace(module, importers=set(module.importers)) for module in found]

    def stale(self) -> list[Path]:
        """Return the known files that are not as they were when last taken notice of."""
        return [*self._library.stale(), *self._templates.stale()]

    def notice_pages(self) -> None:
        """Take notice of templates whose events are merely late, before a page is made of them."""
        if stale := self._templates.stale():
            self.change(stale)

    def content_changed(self) -> None:
        """Take notice that pages have changed otherwise than by a file: those on their way are to look again."""
        self._templates.content_changed()

    def pages_are_settled(self) -> bool:
        """Return whether no template is being saved just now: what was made of it meanwhile may be half of it."""
        return self._templates.is_settled()

    @property
    def pages_changed_at(self) -> int:
        """When any page may have changed last, in microseconds: by a template, or by the process that runs the code."""
        return self._templates.changed_at

    def _refresh_caches(self) -> None:
        for refresh in self.refreshers:
            try:
                refresh()
            except Exception:
                logger.exception("a template cache could not be refreshed")
