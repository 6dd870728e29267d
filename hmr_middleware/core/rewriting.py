"""Module or stylesheet text to the text that is served: live versions in, everything else untouched."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

from hmr_middleware.core.scan_css import SheetScan
from hmr_middleware.core.scan_js import Import, ImportKind, ModuleScan

# One expression on the module's first line, so that lines keep their numbers. Without the client's tag (a worker, a
# page of another server) `import.meta.hot` stays undefined.
PREAMBLE = b"import.meta.hot=globalThis.__hmr__?.hot(import.meta);"
_PREAMBLE_WITH_PROXIES = b"import.meta.hot=globalThis.__hmr__?.hot(import.meta,%s);"

Splice = tuple[int, int, bytes]
Reference = Callable[[str], str | None]  # specifier -> what stands in its place, or None to leave it


def splice(source: bytes, splices: Iterable[Splice]) -> bytes:
    """Return *source* with each (start, end, text) put in; spans must not overlap."""
    parts: list[bytes] = []
    at = 0
    for start, end, text in sorted(splices, key=lambda item: item[:2]):
        parts += (source[at:start], text)
        at = end
    parts.append(source[at:])
    return b"".join(parts)


Env = Mapping[str, str | int | float | bool]
_ENV: Env = {"MODE": "development", "DEV": True, "PROD": False, "SSR": False}


def env_statement(root: str, env: Env) -> bytes:
    """Return the statement that sets `import.meta.env` to Vite's names and *env*; the app is mounted at *root*."""
    return b"import.meta.env=%s;" % json.dumps({**_ENV, "BASE_URL": f"{root}/", **env}, separators=(",", ":")).encode()


def rewrite_module(
    source: bytes,
    scan: ModuleScan,
    reference: Reference,
    url: str,
    proxies: Mapping[str, str] = MappingProxyType({}),
    env: bytes = b"",
) -> bytes:
    """Return the module's text with live references, the preamble, and dynamic imports that ask the client.

    An unchanged text comes back as the same object. *url* is where the file is served, for scripts that have no
    `import.meta`. *proxies* are the specifiers that lead to a module in place of what they name, *env* is the statement
    for texts that mention `import.meta.env`.
    """
    splices = [found for item in scan.imports for found in _module_splices(scan, item, reference, url, proxies)]
    preamble = _hot_statement(scan.accepted, proxies) if scan.uses_hot else b""
    preamble += env if scan.uses_env else b""
    if preamble:
        splices.append((scan.preamble_at, scan.preamble_at, preamble))
    return splice(source, splices) if splices else source


def _hot_statement(accepted: Collection[str], proxies: Mapping[str, str]) -> bytes:
    """Return what sets `import.meta.hot`. Where the module accepts what a proxy stands for, the client has to know."""
    told = {specifier: proxy for specifier, proxy in proxies.items() if specifier in accepted}
    return _PREAMBLE_WITH_PROXIES % json.dumps(told, separators=(",", ":")).encode() if told else PREAMBLE


def _module_splices(
    scan: ModuleScan, item: Import, reference: Reference, url: str, proxies: Mapping[str, str]
) -> Iterable[Splice]:
    if item.is_sheet:
        return  # one URL, whatever happens: a page holds one such sheet, and its text is replaced in place
    new = reference(item.specifier) if item.specifier is not None else None
    if item.kind is not ImportKind.DYNAMIC:
        if new is not None:
            yield item.start, item.end, _js_text(new)
        return
    if item.end > item.start:
        fallback = b'"' + _js_text(new) + b'"' if new is not None else b"specifier"
        base = b"import.meta" if scan.is_module else json.dumps(url).encode()
        if new is not None and item.specifier in proxies:
            yield item.start, item.end, _ASK % (fallback, base, fallback) + fallback + b")"
            return
        yield item.start, item.start, _ASK % (fallback, base, fallback)
        yield item.end, item.end, b")"


# `import(x)` becomes `import(ask(x))`: only the running page knows which version of x it has live.
# Where the text knows a newer one, that counts: the page's own update to it is still to come.
_ASK = b"(specifier=>globalThis.__hmr__?.url(%s,%s)??%s)("


def _js_text(text: str) -> bytes:
    """Return *text* as the inside of a JavaScript string in either kind of quotes."""
    return json.dumps(text)[1:-1].replace("'", "\\'").encode()


class ForwardingModule(bytes):
    """The text of a module that stands for another URL of itself."""


def forwarding_module(url: str, exports: frozenset[str]) -> ForwardingModule:
    """Return a module that stands for another URL of itself: one live instance, however it is spelled."""
    target = json.dumps(url)
    lines = [f"export * from {target};"]
    if "default" in exports:
        lines.append(f"export {{ default }} from {target};")
    return ForwardingModule("\n".join(lines).encode())


def rewrite_stylesheet(source: bytes, scan: SheetScan, reference: Reference) -> bytes:
    """Return the stylesheet's text with live references; an unchanged text comes back as the same object."""
    found = ((item, reference(item.url)) for item in scan.references)
    splices = [(item.start, item.end, _css_text(new)) for item, new in found if new is not None]
    return splice(source, splices) if splices else source


_CSS_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\"'()\\ \t"})


def _css_text(url: str) -> bytes:
    return url.translate(_CSS_SPECIAL).encode()
