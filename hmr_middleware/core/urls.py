"""URLs as the browser writes them, and the version that we add to their query."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

# A version is a time in microseconds, 16 digits from 2001 to 2286: an app's own `t=5` is never taken for ours.
_VERSION = re.compile(r"(?:(?<=[?&])t=(\d{16})(?:&|$))")
# What the URL Standard leaves as it is in a path (its "path percent-encode set", inverted).
_PATH_SAFE = "!$%&'()*+,-./:;=@[\\]_|~"
_QUERY_SAFE = f"{_PATH_SAFE}?^`{{}}".replace("'", "")  # the "special-query percent-encode set", inverted
_RELATIVE = ("./", "../", "/")
_NO_HOST = "page.invalid"  # stands for the page's own host where that is not known (RFC 2606)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_URL = re.compile("[^\x21-\x7e]")


def split_version(url: str) -> tuple[str, int]:
    """Return *url* without our version, and that version in microseconds (0 where it carries none)."""
    if "t=" not in url:
        return url, 0
    found = _VERSION.search(url)
    if found is None:
        return url, 0
    rest = _VERSION.sub("", url, count=1)
    return rest.rstrip("?&") if rest.endswith(("?", "&")) else rest, int(found[1])


def add_version(url: str, version: int) -> str:
    """Return *url* with *version* in its query; a version of 0 leaves it clean."""
    if not version:
        return url
    head, hash_, fragment = url.partition("#")
    return f"{head}{'&' if '?' in head else '?'}t={version}{hash_}{fragment}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an app is mounted: *root* is "" or begins with "/", *host* is the page's own, port included."""

    root: str = ""
    host: str = ""

    def resolve(self, specifier: str, importer: str) -> str | None:
        """Return the app's own URL (below the root, without our version) for *specifier*, or None where it has none."""
        found = resolve(specifier, self.root + importer, self.host)
        if found is None or not found.startswith(self.root + "/"):
            return None
        return split_version(found[len(self.root) :])[0]


def is_relative(specifier: str) -> bool:
    """Return whether *specifier* is resolved against its importer (HTML Standard, "resolve a module specifier")."""
    return specifier.startswith(_RELATIVE) or specifier in (".", "..")


def resolve(specifier: str, importer: str, host: str = "") -> str | None:
    """Return the path and query that *specifier* means in the file at *importer*, or None where it is another host's.

    Both *importer* and the result begin with "/". *host* is the page's own, so that its absolute URLs count as ours.
    """
    own = host or _NO_HOST
    parts = _join(f"http://{own}{importer}", _SURROGATE.sub("\ufffd", specifier))
    if parts is None or parts.scheme not in ("http", "https") or parts.netloc.lower() != own.lower():
        return None
    path = quote_path(parts.path or "/")
    return f"{path}?{quote(parts.query, safe=_QUERY_SAFE)}" if parts.query else path


def _join(base: str, reference: str) -> SplitResult | None:
    try:
        return urlsplit(urljoin(base, reference))
    except ValueError:  # for example "http://["
        return None


def quote_path(path: str) -> str:
    """Return *path* as a browser sends it (URL Standard, path state)."""
    return quote(path.encode("utf-8", "surrogateescape"), safe=_PATH_SAFE)


def as_sent(target: str) -> str:
    """Return *target*, bytes as Latin-1 out of a request line, with what no URL has percent-encoded: it is logged."""
    return target if target.isascii() and target.isprintable() else _NO_URL.sub(_quoted, target)


def _quoted(found: re.Match[str]) -> str:
    return quote(found[0].encode("latin-1", "replace"))


def path_of(url: str) -> str:
    """Return the decoded path of *url*: what a server looks a file up by."""
    return unquote_to_bytes(url.partition("?")[0].partition("#")[0]).decode("utf-8", "surrogateescape")


def is_script(url: str) -> bool:
    """Return whether *url* names a JavaScript file."""
    return url.partition("?")[0].endswith((".js", ".mjs"))


def is_data(url: str) -> bool:
    """Return whether *url* names a JSON file, which modules import with the attribute `type: "json"`."""
    return url.partition("?")[0].endswith(".json")


def is_text(url: str) -> bool:
    """Return whether *url* names what is read for its references to others."""
    return is_script(url) or is_stylesheet(url) or is_data(url)


def is_stylesheet(url: str) -> bool:
    """Return whether *url* names a stylesheet."""
    return url.partition("?")[0].endswith(".css")
