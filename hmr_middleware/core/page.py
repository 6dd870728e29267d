"""What a page refers to: its scripts, stylesheets, preloads and import map, out of its HTML.

A regex walks over the markup and cuts out the few elements that matter; beautifulsoup4 reads their attributes. Parsing
the whole page with it would take a hundred times as long.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

_SPECIAL_SCHEMES = frozenset({"http", "https", "ws", "wss", "ftp", "file"})  # URL Standard, "special scheme"
_HOSTED_SCHEMES = _SPECIAL_SCHEMES - {"file"}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*+:", re.IGNORECASE)
_URL_BLANKS = "".join(map(chr, range(0x21)))


def _absolute(base: str, reference: str) -> str | None:
    """Return *reference* as an absolute URL against *base*, or None where there is none."""
    try:
        parts = urlsplit(urljoin(base, reference.strip(_URL_BLANKS)))
    except ValueError:  # for example "http://["
        return None
    if parts.scheme not in _HOSTED_SCHEMES:
        return parts.geturl() if parts.scheme else None
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/").geturl() if parts.netloc else None


def _url_like(specifier: str, base: str) -> str | None:
    """Return the URL that *specifier* is, or None where it is a bare name ("resolve a URL-like module specifier")."""
    if specifier.startswith(("/", "./", "../")):
        return _absolute(base, specifier)
    return _absolute("", specifier) if _SCHEME.match(specifier) else None


def _folders(url: str) -> Iterator[str]:
    """Yield the beginnings of *url* that end with a slash, longest first."""
    end = len(url)
    while (end := url.rfind("/", 0, end)) >= 0:
        yield url[: end + 1]


@dataclass(frozen=True, slots=True)
class ImportMap:
    """An import map whose keys and addresses are absolute URLs, or bare names as keys.

    An empty address stands for one that is malformed: the browser refuses to resolve what leads there.
    Source: https://html.spec.whatwg.org/multipage/webappapis.html#import-maps
    """

    imports: Mapping[str, str] = field(default_factory=dict)
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def resolve(self, specifier: str, importer: str) -> str | None:
        """Return the absolute URL of *specifier* in the module *importer*, or None where the browser would throw.

        Source: HTML Standard, "resolve a module specifier".
        """
        url = _url_like(specifier, importer)
        prefixes = not url or url.partition(":")[0] in _SPECIAL_SCHEMES
        for addresses in self._in_force(importer):
            found = _look_up(url or specifier, addresses, prefixes=prefixes)
            if found is not None:
                return found or None
        return url

    def merge(self, later: "ImportMap") -> "ImportMap":
        """Return this map with what *later* adds; where both have a key, this map's address stays."""
        scopes = {
            prefix: {**later.scopes.get(prefix, {}), **self.scopes.get(prefix, {})}
            for prefix in (*self.scopes, *later.scopes)
        }
        return ImportMap({**later.imports, **self.imports}, scopes)

    def _in_force(self, importer: str) -> Iterator[Mapping[str, str]]:
        for prefix in (importer, *_folders(importer)) if self.scopes else ():
            if prefix in self.scopes:
                yield self.scopes[prefix]
        yield self.imports


def _look_up(specifier: str, addresses: Mapping[str, str], *, prefixes: bool) -> str | None:
    """Return the address of *specifier*, "" where it is refused, None where *addresses* does not speak of it."""
    if specifier in addresses:
        return addresses[specifier]
    for prefix in _folders(specifier) if prefixes and addresses else ():
        if prefix in addresses:
            address = addresses[prefix]
            below = _absolute(address, specifier[len(prefix) :]) if address else None
            return below if below and below.startswith(address) else ""
    return None


def parse_import_map(text: str, base: str) -> ImportMap:
    """Return the import map in a script's *text*, its URLs resolved against *base*; an empty one if malformed."""
    try:
        source = json.loads(text)
        imports, scopes = source.get("imports", {}), source.get("scopes", {})
        return ImportMap(
            _normalise(imports, base),
            {url: _normalise(inner, base) for prefix, inner in scopes.items() if (url := _absolute(base, prefix))},
        )
    except (ValueError, AttributeError, RecursionError):  # not JSON, not an object, nested without end
        return ImportMap()


def _normalise(addresses: Mapping[str, object], base: str) -> dict[str, str]:
    """Source: HTML Standard, "sort and normalize a module specifier map"."""
    return {_url_like(key, base) or key: _address(key, address, base) for key, address in addresses.items() if key}


def _address(key: str, address: object, base: str) -> str:
    url = _url_like(address, base) if isinstance(address, str) else None
    return url if url and (url.endswith("/") or not key.endswith("/")) else ""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page refers to, in document order; URLs are absolute and otherwise as written (``data:`` included)."""

    base: str
    module_scripts: tuple[str, ...] = ()
    inline_modules: tuple[str, ...] = ()
    classic_scripts: tuple[str, ...] = ()
    stylesheets: tuple[str, ...] = ()
    preloads: tuple[str, ...] = ()
    import_map: ImportMap = field(default_factory=ImportMap)
    nonce: str | None = None


def read_page(html: str, url: str) -> Page:
    """Return what the document *html*, served at the absolute URL *url*, refers to.

    Comments, templates, ``<noscript>`` and the text of scripts, styles, titles and text areas count for nothing.
    A ``<base>`` counts from where it stands on, as in a browser. Half a document gives what stands in that half.
    """
    reader = _Reader(url)
    elements = list(_cut(html))
    for element, attributes in zip(elements, _attributes(elements), strict=True):
        reader.read(element, attributes)
    return reader.page()


class _Element(NamedTuple):
    name: str
    tag: str
    text: str


# Only a quote right after "=" opens a value, as in HTML; an apostrophe elsewhere is a letter.
# Possessive groups end in `(?!)`: see js_tokens.any_number.
_INSIDE_TAG = r"""[^>=]*+(?:=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|(?!))?+[^>=]*+|(?!))*+"""
_NAME_END = r"(?=[\s/>])"
_COMMENT = r"!--(?:-?>|(?:[^-]++|-(?!-!?>)|(?!))*+(?:--!?>)?)"
_RAW_NAME = r"(title|textarea|noscript|iframe|xmp|noembed|noframes)"
_RAW_TEXT = rf"{_RAW_NAME}{_NAME_END}{_INSIDE_TAG}(?:[^<]++|<(?!/\1[\s/>])|(?!))*+"
_WANTED = rf"(?:script|style|link|base|meta|/?template){_NAME_END}"
# Most of a page: tags whose first two letters tell that they are neither wanted nor hold raw text.
_USUAL = rf"/[^Tt>][^>]*+|(?:[acdefghjkopqruvwyz]|[bilmnstx](?![aceifmot])){_INSIDE_TAG}"
# Runs over all that does not matter and stops behind the next tag that does. Every alternative takes what it begins, to
# the end of the text if need be, so nothing is read twice and no input takes more than linear time.
_NEXT = re.compile(
    rf"[^<]*+(?:<(?:{_USUAL}|(?!{_WANTED})(?:{_COMMENT}|{_RAW_TEXT}|[!?][^>]*+|[a-z/]{_INSIDE_TAG})?)[^<]*+|(?!))*+"
    rf"(?P<tag><(?P<name>/?[a-z]++){_INSIDE_TAG}>)",
    re.IGNORECASE,
)
_SHADOW_ROOT = re.compile(r"\sshadowrootmode\s*=", re.IGNORECASE)
# Where an element's text ends. HTML Standard, "script data escaped states": inside "<!--" a "<script" hides the next
# "</script"; the dashes are read twice because "<!-->" opens and closes at once.
_TEXT_STATES = {
    state: re.compile(pattern, re.IGNORECASE)
    for state, pattern in {
        "style": rf"(?P<end></style{_NAME_END})",
        "script": rf"(?P<end></script{_NAME_END})|(?P<escaped><!(?=--))",
        "escaped": rf"(?P<end></script{_NAME_END})|(?P<script>-->)|(?P<double><script{_NAME_END})",
        "double": rf"(?P<escaped></script{_NAME_END})|(?P<script>-->)",
    }.items()
}


def _cut(html: str) -> Iterator[_Element]:
    """Yield the elements that matter, in document order."""
    inert = [False]  # for the document and each template that is open: does its content count for nothing?
    position = 0
    while found := _NEXT.match(html, position):
        name, tag, start = found["name"].lower(), found["tag"], found.end()
        position = _text_end(html, start, name) if name in _TEXT_STATES else start
        if name == "template":
            inert.append(inert[-1] or not _SHADOW_ROOT.search(tag))
        elif name == "/template":
            inert.pop()
            inert = inert or [False]
        elif not inert[-1]:
            yield _Element(name, tag, html[start:position])


def _text_end(html: str, position: int, state: str) -> int:
    while found := _TEXT_STATES[state].search(html, position):
        state, position = found.lastgroup or "end", found.end()
        if state == "end":
            return found.start()
    return len(html)


_Attributes = Mapping[str, str]
# In an attribute "&copy=" is no character reference (HTML Standard, "named character reference state").
_QUERY_AMPERSAND = re.compile(r"&(?=[a-z][a-z0-9]*+=)", re.IGNORECASE)


def _attributes(elements: list[_Element]) -> list[_Attributes]:
    """Return the attributes of each element, decoded; names are lower case, the first of two equal names counts."""
    markups = [_QUERY_AMPERSAND.sub("&amp;", element.tag) + f"</{element.name}>" for element in elements]
    names = [element.name for element in elements]
    parsed = _parse("".join(markups)) if markups else []
    if [name for name, _ in parsed] != names:
        # One tag is so odd that the parser sees another number of them: none may shift the others.
        parsed = [next(iter(_parse(markup)), (name, {})) for name, markup in zip(names, markups, strict=True)]
    return [attributes for _, attributes in parsed]


def _parse(markup: str) -> list[tuple[str, _Attributes]]:
    from bs4 import BeautifulSoup  # 56 ms, which no request and no start should wait for

    soup = BeautifulSoup(markup, "html.parser", on_duplicate_attribute="ignore", multi_valued_attributes=None)
    return [(tag.name, {name: str(value) for name, value in tag.attrs.items()}) for tag in soup.find_all(True)]


# https://mimesniff.spec.whatwg.org/#javascript-mime-type; no type means JavaScript, too.
_JAVASCRIPT = re.compile(
    r"(?:(?:text|application)/(?:x-)?(?:java|ecma)script|text/(?:javascript1\.[0-5]|jscript|livescript))?"
)
_CSP_NONCE = re.compile(r"'nonce-([\w+/=-]+)'")


class _Reader:
    """Collects what the elements of one page refer to."""

    def __init__(self, url: str) -> None:
        self._url, self._base = url, ""
        self._lists: dict[str, list[str]] = {}
        self._import_map = ImportMap()
        self._nonces: list[str] = []
        self._policy_nonces: list[str] = []

    def read(self, element: _Element, attributes: _Attributes) -> None:
        self._nonces += filter(None, [attributes.get("nonce")])
        if reader := _READERS[element.name]:
            reader(self, element, attributes)

    def page(self) -> Page:
        lists = {name: tuple(urls) for name, urls in self._lists.items()}
        nonce = next(iter(self._nonces + self._policy_nonces), None)
        return Page(base=self._base or self._url, import_map=self._import_map, nonce=nonce, **lists)

    def _add(self, name: str, value: str | None) -> None:
        if value:
            self._lists.setdefault(name, []).append(value)

    def _resolve(self, attributes: _Attributes, name: str) -> str | None:
        reference = attributes.get(name)
        return _absolute(self._base or self._url, reference) if reference else None

    def base(self, _: _Element, attributes: _Attributes) -> None:
        url = _absolute(self._url, attributes["href"]) if "href" in attributes and not self._base else None
        if url and not url.startswith(("data:", "javascript:")):
            self._base = url

    def link(self, _: _Element, attributes: _Attributes) -> None:
        relations, url = attributes.get("rel", "").lower().split(), self._resolve(attributes, "href")
        if "stylesheet" in relations and "disabled" not in attributes:
            self._add("stylesheets", url)
        if "modulepreload" in relations:
            self._add("preloads", url)

    def script(self, element: _Element, attributes: _Attributes) -> None:
        kind = _script_type(attributes)
        if kind == "importmap" and "src" not in attributes:
            self._import_map = self._import_map.merge(parse_import_map(element.text, self._base or self._url))
        elif kind == "module" and "src" not in attributes:
            self._add("inline_modules", element.text)
        elif kind == "module":
            self._add("module_scripts", self._resolve(attributes, "src"))
        elif _JAVASCRIPT.fullmatch(kind) and "nomodule" not in attributes:
            self._add("classic_scripts", self._resolve(attributes, "src"))

    def meta(self, _: _Element, attributes: _Attributes) -> None:
        if attributes.get("http-equiv", "").strip().lower() == "content-security-policy":
            self._policy_nonces += _CSP_NONCE.findall(attributes.get("content", ""))


# A style element is read for its nonce alone.
_READERS = {"base": _Reader.base, "link": _Reader.link, "meta": _Reader.meta, "script": _Reader.script, "style": None}


def _script_type(attributes: _Attributes) -> str:
    """Return a script's type, lower case, "" for plain JavaScript (HTML Standard, "prepare the script element")."""
    if "type" in attributes:
        return attributes["type"].strip("\t\n\f\r ").lower()
    return f"text/{attributes['language'].lower()}" if attributes.get("language") else ""
