"""From a scan to Links: specifiers become URLs."""

from collections.abc import Callable, Iterable

from hmr_middleware.core.assets import is_asset
from hmr_middleware.core.graph import EVERYTHING, Links
from hmr_middleware.core.scan_css import SheetScan
from hmr_middleware.core.scan_js import HotCall, Import, ImportKind, ModuleScan

Resolve = Callable[[str], str | None]  # specifier -> URL, or None where it is not ours


def links_of_module(scan: ModuleScan, resolve: Resolve) -> Links:
    """Return what a module's text says of others."""
    imports: dict[str, frozenset[str]] = {}
    for item in scan.imports:
        if item.specifier is not None and (url := resolve(item.specifier)):
            imports[url] = imports.get(url, frozenset()) | _used(item)
    return Links(
        imports=imports,
        dynamic=frozenset(imports) - _static_imports(scan, resolve),
        sheets=_resolve_all((item.specifier or "" for item in scan.imports if item.is_sheet), resolve),
        accepted=_resolve_all(scan.accepted, resolve),
        declined=_resolve_all(scan.declined, resolve),
        accepts_itself=_accepts_itself(scan),
        declines_itself=scan.declines_self,
        accepted_exports=scan.accepted_exports,
    )


def _static_imports(scan: ModuleScan, resolve: Resolve) -> frozenset[str]:
    static = (item.specifier for item in scan.imports if item.kind is not ImportKind.DYNAMIC)
    return _resolve_all((specifier for specifier in static if specifier is not None), resolve)


def links_of_page(modules: Iterable[Links]) -> Links:
    """Return what a document says of others in its inline *modules*. It cannot run again, so it accepts only them."""
    imports: dict[str, frozenset[str]] = {}
    accepted, declined, sheets = frozenset[str](), frozenset[str](), frozenset[str]()
    for links in modules:
        for url, names in links.imports.items():
            imports[url] = imports.get(url, frozenset()) | names
        accepted, declined, sheets = accepted | links.accepted, declined | links.declined, sheets | links.sheets
    return Links(imports=imports, accepted=accepted, declined=declined, sheets=sheets)


def _used(item: Import) -> frozenset[str]:
    """Return the exports whose change is the importer's concern: none of a sheet's, which is renewed in place."""
    return frozenset() if item.is_sheet else item.names


def links_of_stylesheet(scan: SheetScan, resolve: Resolve) -> Links:
    """Return what a stylesheet's text says of others.

    A sheet takes effect by itself, and so does every sheet that imports it: the change goes on climbing. The images and
    fonts that it shows count, too: with one of them it has to be fetched anew, for its text names the live one.
    """
    assets = (url for url in _resolve_all(scan.urls, resolve) if is_asset(url))
    imports = dict.fromkeys((*_resolve_all(scan.imports, resolve), *assets), EVERYTHING)
    return Links(imports=imports, accepted_exports=frozenset())


def _accepts_itself(scan: ModuleScan) -> bool:
    """Return whether no importer has a say: as in Vite, also where every export is accepted."""
    if scan.self_accepting or any(_lists_dependencies(call) for call in scan.hot):
        return True
    return scan.accepted_exports is not None and scan.exports <= scan.accepted_exports


def _lists_dependencies(call: HotCall) -> bool:
    """Return whether *call* is `accept([...], cb)`: in ESM-HMR such a module accepts its own change, too."""
    return call.called and call.method == "accept" and call.is_list


def _resolve_all(specifiers: Iterable[str], resolve: Resolve) -> frozenset[str]:
    return frozenset(url for specifier in specifiers if (url := resolve(specifier)))
