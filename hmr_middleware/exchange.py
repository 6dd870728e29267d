"""One request on its way through the app: what the app is asked, and what becomes of its answer. No I/O."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from hmr_middleware.core.assets import is_asset
from hmr_middleware.core.csp import allow_client
from hmr_middleware.core.injection import Injector
from hmr_middleware.core.journal import Topic
from hmr_middleware.core.reasons import NO_DOCUMENT, NO_PLACE, NO_TYPE, Reason
from hmr_middleware.core.urls import is_data, is_script, is_stylesheet
from hmr_middleware.documents import Document, new_page
from hmr_middleware.engine import Engine
from hmr_middleware.http import Headers, Request, get_header, set_header, without
from hmr_middleware.transforms import Decoded, Labelled, Noticed, Tagged, Transform, Whole, content_type

logger = logging.getLogger("hmr_middleware")

_HTML = frozenset({"text/html", "application/xhtml+xml"})
# The MIME Sniffing Standard's "JavaScript MIME type".
_JAVASCRIPT = frozenset(
    {
        "application/ecmascript",
        "application/javascript",
        "application/x-ecmascript",
        "application/x-javascript",
        "text/ecmascript",
        "text/javascript",
        "text/jscript",
        "text/livescript",
        "text/x-ecmascript",
        "text/x-javascript",
    }
)
_JSON = frozenset({"application/json", "text/json"})


class Kind(Enum):
    """What a request is for, as far as its headers and URL tell."""

    DOCUMENT = "document"
    SCRIPT = "script"
    STYLE = "style"
    DATA = "data"  # a JSON module; what a script fetches is none
    ASSET = "asset"
    UNKNOWN = "unknown"  # no Sec-Fetch-Dest: an older browser, a plain HTTP origin, a command-line client
    OTHER = "other"


_DESTINATIONS = {
    "document": Kind.DOCUMENT,
    "iframe": Kind.DOCUMENT,
    "frame": Kind.DOCUMENT,
    "script": Kind.SCRIPT,
    "worker": Kind.SCRIPT,
    "sharedworker": Kind.SCRIPT,
    "serviceworker": Kind.SCRIPT,
    "style": Kind.STYLE,
    "json": Kind.DATA,
    "": Kind.UNKNOWN,
}


def kind_of(request: Request) -> Kind:
    """Return what *request* is for. A form that is sent is answered by a document, too."""
    kind = _DESTINATIONS.get(request.headers.get("sec-fetch-dest", ""), Kind.OTHER)
    if request.method != "GET":
        sent = request.method == "POST" and kind in (Kind.DOCUMENT, Kind.UNKNOWN)
        return kind if sent else Kind.OTHER
    if kind in (Kind.UNKNOWN, Kind.OTHER):
        if is_script(request.path):
            return Kind.SCRIPT
        if is_stylesheet(request.path):
            return Kind.STYLE
        if is_asset(request.path):
            return Kind.ASSET
    if kind is Kind.UNKNOWN and is_data(request.path):
        return Kind.DATA
    return kind


_INLINE_MODULE = re.compile(rb"""<script(?![^>]*\ssrc\s*=)[^>]*\stype\s*=\s*["']?module""", re.IGNORECASE)
_WHOLE = (Kind.SCRIPT, Kind.STYLE, Kind.DATA)  # what is taken whole
REFRESH = "x-hmr-refresh"  # a request header: the client asks for its page again, to compare
UNSETTLED = ("X-HMR-Unsettled", "1")  # a response header: a template was being saved meanwhile, so ask again
_READ_AT_MOST = 256 * 1024  # bytes of a document, for its import map and its inline modules

_VISIT = (
    "text/html,application/xhtml+xml,"  # so begins every browser's Accept where it goes to a page; a script's differs
)

# Content-Security-Policy, "" where there is none; more attributes -> the client's script tag
Tag = Callable[[str, Mapping[str, str]], bytes]


@dataclass(slots=True, weakref_slot=True)
class Exchange:
    """See the module. *tag* makes the client's script tag, or is why documents are left alone.

    *keep* keeps a document under the name that its tag gives to the page. *later* calls a function after the response:
    for what takes a while. *left_out* hears what passes as it is, and why. *sources* are what the client connects to
    besides the page's own server.
    """

    request: Request
    engine: Engine
    tag: Tag | Reason
    keep: Callable[[str, Document], None]
    later: Callable[..., object]
    left_out: Callable[[Topic, str, Reason], object]
    sources: tuple[str, ...] = ()
    kind: Kind = field(init=False)
    url: str = field(init=False)
    asked: int = field(init=False)

    def __post_init__(self) -> None:
        self.kind = kind_of(self.request)
        self.url, self.asked = self.request.versioned_url
        if self.is_refresh:
            self.engine.notice_pages()

    @property
    def is_refresh(self) -> bool:
        """Whether the client asks for a page again: it gets what the app says, and nothing of ours."""
        return self.request.method == "GET" and REFRESH in self.request.headers

    @property
    def is_visit(self) -> bool:
        """Whether a browser goes to a page, as far as the headers tell: over plain HTTP to another machine few do."""
        accept = self.request.headers.get("accept", "")
        return self.kind is Kind.DOCUMENT or (self.kind is Kind.UNKNOWN and accept.startswith(_VISIT))

    @property
    def query(self) -> str:
        """The query that the app sees: without our version."""
        return self.url.partition("?")[2]

    def changed_headers(self) -> Mapping[str, str | None]:
        """Return the request headers that the app sees otherwise, by lower-case name; None removes one."""
        is_other = self.kind in (Kind.OTHER, Kind.ASSET) and not self.is_refresh
        if is_other or (self.kind is Kind.UNKNOWN and "html" not in self.request.headers.get("accept", "")):
            return {}
        changed: dict[str, str | None] = {}
        if "accept-encoding" in self.request.headers:
            changed["accept-encoding"] = "identity"
        if self.kind in _WHOLE:
            changed |= dict.fromkeys(("if-none-match", "if-modified-since", "range", "if-range"))
        elif "if-modified-since" in self.request.headers or "if-none-match" in self.request.headers:
            changed |= {"if-modified-since": None, "if-none-match": None}  # every page is served with its own tag
        return {name: value for name, value in changed.items() if name in self.request.headers}

    def begin(self, status: int, headers: Headers) -> Transform | None:
        """Return what the response goes through, or None where it passes untouched."""
        try:
            return self._begin(status, headers)
        except Exception:
            logger.exception("left %s as it is: a fault of ours", self.url)
            return None

    def _begin(self, status: int, headers: Headers) -> Transform | None:
        if self.is_refresh:
            return self._refreshed(status, headers)
        if status == 404 and self.kind is Kind.SCRIPT and self.engine.has_proxy(self.url):
            javascript = [("Content-Type", "text/javascript; charset=utf-8")]
            return Whole(200, javascript, self._proxy, self.request.headers, self._leave_text)
        if self.kind is Kind.ASSET:
            return self._asset(status, headers)
        if status != 200 and self.kind in _WHOLE:
            return None
        if status in (204, 206, 304) or status < 200 or _is_download(headers):
            return None
        mime, charset = content_type(headers)
        if mime in _HTML and self.kind in (Kind.DOCUMENT, Kind.UNKNOWN):
            return self._document(status, headers, charset)
        if not mime and self.kind is Kind.DOCUMENT and _has_body(status, headers):
            self._leave_page(NO_TYPE)  # a browser may show it as a page, although nobody says that it is one
        if mime in _JAVASCRIPT and self.kind is Kind.SCRIPT:
            return Whole(status, headers, self._script, self.request.headers, self._leave_text)
        if mime == "text/css" and self.kind is Kind.STYLE:
            return Whole(status, headers, self._stylesheet, self.request.headers, self._leave_text)
        if (mime in _JSON or mime.endswith("+json")) and self.kind is Kind.DATA:
            return Whole(status, headers, self._data, self.request.headers, self._leave_text)
        return None

    def _asset(self, status: int, headers: Headers) -> Transform | None:
        """Let the browser ask again for a file of ours: it may keep the old one otherwise, under the same URL."""
        if status not in (200, 206, 304) or not self.engine.may_serve(self.url):
            return None
        return Labelled(status, set_header(without(headers, "expires"), "Cache-Control", "no-cache"))

    def _document(self, status: int, headers: Headers, charset: str | None) -> Transform | None:
        if isinstance(self.tag, Reason):
            if self.is_visit:
                self._leave_page(self.tag)
            return None
        return self._tagged(status, headers, charset, self.tag)

    def _tagged(self, status: int, headers: Headers, charset: str | None, tag: Tag) -> Transform:
        policies = ", ".join(value for name, value in headers if name.lower() == "content-security-policy")
        page, mime = new_page(), get_header(headers, "content-type")
        marks = self._marks(page, status)
        injector = Injector(tag(policies, marks), is_document=self.kind is Kind.DOCUMENT, charset=charset)

        def seen(body: bytes) -> None:
            if injector.injected and self.request.method == "GET":
                self.keep(page, Document(mime, body))
            self._seen(body)

        document = Tagged(status, headers, injector, self._describe, seen, self._leave_page, self._unplaced, charset)
        encoding = get_header(headers, "content-encoding").strip().lower()
        return document if encoding in ("", "identity") else Decoded(document)

    @property
    def _unplaced(self) -> Reason | None:
        """Why a page has no place for a tag; a fragment has none on purpose."""
        if self.kind is Kind.DOCUMENT:
            return NO_PLACE
        return NO_DOCUMENT if self.is_visit else None

    def _leave_page(self, reason: Reason) -> None:
        self.left_out(Topic.PAGE, self._name, reason)

    def _leave_text(self, reason: Reason) -> None:
        self.left_out(Topic.TEXT, self._name, reason)

    @property
    def _name(self) -> str:
        """The URL as people are told of it: a query may hold a secret."""
        return self.url.partition("?")[0]

    def _refreshed(self, status: int, headers: Headers) -> Transform | None:
        if not self.engine.pages_are_settled():
            return Noticed(status, [*headers, UNSETTLED])
        is_page = status == 200 and content_type(headers)[0] in _HTML
        return Noticed(status, headers, self._seen) if is_page else None

    def _marks(self, page: str, status: int) -> dict[str, str]:
        """Return what the tag tells of the document: its name, and what is not usual about it."""
        marks = {"data-page": page}
        if status != 200:
            marks["data-status"] = str(status)
        if self.request.method != "GET":
            marks["data-method"] = self.request.method
        return marks

    def _seen(self, body: bytes) -> None:
        start = body[:_READ_AT_MOST]
        if b"import" in start:  # an import map, or an inline module that imports or is hot
            self.later(self._read, start)

    def _read(self, page: bytes) -> None:
        """Take notice of what a page says of modules; off the request's path, for a large one takes a while."""
        if b"importmap" in page or _INLINE_MODULE.search(page):
            self.engine.document(self.url, page, self.request.origin)

    def _describe(self, headers: Headers, added: int) -> Headers:
        """Return *headers* for a document that grew by *added* bytes."""
        length = get_header(headers, "content-length")
        headers = without(headers, "etag", "last-modified", "content-md5", "digest", "content-digest", "accept-ranges")
        if length.isdecimal():
            headers = set_header(headers, "Content-Length", str(int(length) + added))
        return [
            (name, self._allow_client(value)) if name.lower() == "content-security-policy" else (name, value)
            for name, value in headers
        ]

    def _allow_client(self, policy: str) -> str:
        request = self.request
        page = f"{request.scheme}://{request.host}"
        script = f"{page}{request.root}/__hmr/"
        socket = f"{'wss' if request.scheme == 'https' else 'ws'}://{request.host}"
        return allow_client(policy, script=script, socket=socket, page=page, others=self.sources)

    def _script(self, body: bytes) -> bytes:
        request = self.request
        destination, mode = request.headers.get("sec-fetch-dest"), request.headers.get("sec-fetch-mode")
        as_module = destination == "script" and mode == "cors"
        if destination in ("worker", "sharedworker") and mode == "same-origin":  # what it imports comes in mode "cors"
            self.engine.pages.worker(self.url)
        return self.engine.script(self.url, self.asked, body, request.origin, as_module=as_module)

    def _proxy(self, _not_found: bytes) -> bytes:
        return self.engine.proxy(self.url, self.asked, self.request.origin)

    def _data(self, body: bytes) -> bytes:
        return self.engine.data(self.url, self.asked, body, self.request.origin)

    def _stylesheet(self, body: bytes) -> bytes:
        return self.engine.stylesheet(self.url, self.asked, body, self.request.origin)


def _has_body(status: int, headers: Headers) -> bool:
    """Return whether there is something to show: a redirect has no type, either."""
    return not 300 <= status < 400 and get_header(headers, "content-length") != "0"


def _is_download(headers: Headers) -> bool:
    """Return whether the response is to be saved, not shown (RFC 6266)."""
    return get_header(headers, "content-disposition").partition(";")[0].strip().lower() == "attachment"
