"""A module's or stylesheet's text as it was last read, and what was last made of it for a browser."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hmr_middleware.core.assets import is_asset
from hmr_middleware.core.graph import Links
from hmr_middleware.core.linking import links_of_module, links_of_stylesheet
from hmr_middleware.core.page import ImportMap
from hmr_middleware.core.proxies import proxies_for
from hmr_middleware.core.rewriting import rewrite_module, rewrite_stylesheet
from hmr_middleware.core.scan_css import SheetScan, scan_stylesheet
from hmr_middleware.core.scan_js import ModuleScan, scan_module
from hmr_middleware.core.urls import Origin, add_version, is_relative, is_stylesheet

Scan = ModuleScan | SheetScan


@dataclass(slots=True)
class Text:
    """*urls* has the specifiers that lead to the app's own URLs, *mapped* those that do so by way of an import map.

    *proxies* are those that a browser would not import: they lead to a module that stands for the file. *env* is
    the statement that sets `import.meta.env`. *digest* stands for the text.
    """

    digest: bytes
    scan: Scan
    urls: Mapping[str, str]
    origin: Origin
    mapped: frozenset[str] = frozenset()
    proxies: frozenset[str] = frozenset()
    env: bytes = b""
    _made_for: tuple[int, ...] | None = None
    _made: bytes | None = None

    @property
    def is_module(self) -> bool:
        """Whether the text itself shows that it is a JavaScript module."""
        return isinstance(self.scan, ModuleScan) and self.scan.is_module

    @property
    def exports(self) -> frozenset[str]:
        """The names that it exports."""
        return self.scan.exports if isinstance(self.scan, ModuleScan) else frozenset()

    def links(self) -> Links:
        """Return what the text says of others."""
        if isinstance(self.scan, ModuleScan):
            return links_of_module(self.scan, self.urls.get)
        return links_of_stylesheet(self.scan, self.urls.get)

    def serve(self, url: str, body: bytes, version_of: Callable[[str], int]) -> bytes:
        """Return *body* with live references, from the last time where no version in it has changed since.

        *body* must be what *digest* stands for; it comes back as the same object where nothing is to be changed.
        """
        versions = tuple(map(version_of, self.urls.values()))
        if self._made_for != versions:
            made = self._rewrite(url, body, version_of)
            self._made_for, self._made = versions, None if made is body else made
        return body if self._made is None else self._made

    def _rewrite(self, url: str, body: bytes, version_of: Callable[[str], int]) -> bytes:
        def reference(specifier: str) -> str | None:
            target = self.urls.get(specifier)
            version = version_of(target) if target else 0
            if not target or not (version or specifier in self.proxies):
                return None
            as_written = specifier not in self.mapped | self.proxies
            return add_version(specifier if as_written else self.origin.root + target, version)

        if isinstance(self.scan, ModuleScan):
            proxies = {item: self.origin.root + self.urls[item] for item in sorted(self.proxies)}
            return rewrite_module(body, self.scan, reference, self.origin.root + url, proxies, self.env)
        return rewrite_stylesheet(body, self.scan, reference)


def read_text(
    url: str,
    digest: bytes,
    scan: Scan,
    origin: Origin,
    import_map: ImportMap | None = None,
    is_file: Callable[[str], bool] = lambda _url: False,
    env: bytes = b"",
) -> Text:
    """Return the Text of the file at *url*, an app's own, with its specifiers resolved in *origin*.

    *is_file* says whether a file serves a URL: then a browser will refuse to import it without its type. *env* is
    the statement that sets `import.meta.env`.
    """
    if not isinstance(scan, ModuleScan):
        return Text(digest, scan, _references(scan, url, origin), origin)
    specifiers = {*scan.accepted, *scan.declined, *(item.specifier for item in scan.imports if item.specifier)}
    plain = _resolved({item for item in specifiers if _leads_somewhere(item)}, url, origin)
    mapped = _mapped(specifiers, url, origin, import_map) if import_map else {}
    changed = frozenset(item for item, target in mapped.items() if plain.get(item) != target)
    urls = {**plain, **mapped}
    proxies = proxies_for({item: urls[item] for item in _imported_as_scripts(scan) if item in urls}, is_file)
    return Text(digest, scan, {**urls, **proxies}, origin, changed, frozenset(proxies), env)


def _references(scan: SheetScan, url: str, origin: Origin) -> dict[str, str]:
    shown = {item: target for item, target in _resolved(set(scan.urls), url, origin).items() if is_asset(target)}
    return _resolved(set(scan.imports), url, origin) | shown


def _imported_as_scripts(scan: ModuleScan) -> set[str]:
    typed = {item.specifier for item in scan.imports if item.type}
    return {item.specifier for item in scan.imports if item.specifier and item.specifier not in typed}


def _resolved(specifiers: set[str], url: str, origin: Origin) -> dict[str, str]:
    found = {item: origin.resolve(item, url) for item in sorted(specifiers)}
    return {item: target for item, target in found.items() if target}


def _mapped(specifiers: set[str], url: str, origin: Origin, import_map: ImportMap) -> dict[str, str]:
    importer = f"http://{origin.host}{origin.root}{url}"
    addresses = {item: import_map.resolve(item, importer) for item in sorted(specifiers)}
    found = {item: origin.resolve(address, url) for item, address in addresses.items() if address}
    return {item: target for item, target in found.items() if target}


def scan_file(name: str, content: bytes) -> Scan:
    """Return the scan of *content*: a stylesheet's where *name* is one's, else a script's.

    JSON is read as a script, too: it imports nothing, and half of it is not balanced.
    """
    return scan_stylesheet(content) if is_stylesheet(name) else scan_module(content)


def _leads_somewhere(specifier: str) -> bool:
    """Return whether *specifier* is a URL: a bare one means what an import map says."""
    return is_relative(specifier) or "://" in specifier
