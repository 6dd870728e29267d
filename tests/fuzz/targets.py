"""Functions that take any bytes, and raise where what must hold does not; with words that mean something there."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hmr_middleware.core.access import host_allowed, is_same_origin, why_refused
from hmr_middleware.core.csp import allow_client, nonce_of
from hmr_middleware.core.injection import Injector
from hmr_middleware.core.messages import MAX_MODULES, MAX_URL, Hello, MessageError, decode
from hmr_middleware.core.page import read_page
from hmr_middleware.core.rewriting import rewrite_module, rewrite_stylesheet
from hmr_middleware.core.scan_css import scan_stylesheet
from hmr_middleware.core.scan_js import ImportKind, scan_module
from hmr_middleware.core.urls import Origin, as_sent, path_of, resolve, split_version
from hmr_middleware.encodings import UndecodableError
from hmr_middleware.encodings import decode as decode_body

TAG = b"<script src=/__hmr/client.js data-fuzz></script>"
CHARSETS = (
    None,
    "utf-8",
    "utf-16",
    "utf-16be",
    "utf-32",
    "iso-2022-jp",
    "shift_jis",
    "utf-7",
    "cp037",
    "x\0y",
    "nonsense",
)
ENCODINGS = ("gzip", "deflate", "br", "zstd", "gzip, deflate", "x", "")


def check(holds: bool, what: str) -> None:
    """Raise AssertionError where something does not hold, also under -O."""
    if not holds:
        raise AssertionError(what)


def pieces_of(body: bytes, cuts: Sequence[int]) -> Iterable[bytes]:
    """Yield *body* cut at each place of *cuts*, as far as there are such places; empty pieces come, too."""
    at = 0
    for cut in sorted(cut % (len(body) + 1) for cut in cuts):
        yield body[at:cut]
        at = cut
    yield body[at:]


def injected(body: bytes, injector: Injector, cuts: Sequence[int] = ()) -> bytes:
    """Return what *injector* makes of *body*, cut into pieces."""
    return b"".join([*map(injector.feed, pieces_of(body, cuts)), injector.finish()])


def injection(data: bytes) -> None:
    """Nothing but the tag is added, once, and where does not depend on the cuts."""
    settings, cuts, body = data[:1] or b"\0", data[1:5], data[5:]
    charset, is_document = CHARSETS[settings[0] % len(CHARSETS)], bool(settings[0] & 0x80)
    whole, cut = (Injector(TAG, is_document=is_document, charset=charset) for _ in range(2))
    out = injected(body, whole)
    check(out == injected(body, cut, [number * 7 for number in cuts]), "the cuts matter")
    check(len(out) - len(body) == whole.added, "something else was added")
    if whole.injected:
        tags = (TAG.decode().encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be"))
        found = ((out.find(tag), len(tag)) for tag in tags)
        check(any(at >= 0 and out[:at] + out[at + size :] == body for at, size in found), "a byte was changed")
    else:
        check(out == body, "a byte was changed without a tag")


def check_between(source: bytes, served: bytes, spans: Iterable[tuple[int, int]]) -> None:
    """Check that everything of *source* outside of *spans* is in *served*, in order, as the spans are."""
    at = place = 0
    for start, end in spans:
        check(at <= start <= end <= len(source), "spans overlap")
        place = served.find(source[at:start], place)
        check(place >= 0, "a byte outside of the splices was changed")
        place += start - at
        at = end
    check(served.endswith(source[at:]), "the end was changed")


def module(data: bytes) -> None:
    """Scanning any script gives spans that are in order; rewriting it changes nothing else."""
    scan = scan_module(data)
    check(0 <= scan.preamble_at <= len(data), "the preamble has no place")
    static = [(item.start, item.end) for item in scan.imports if item.kind is not ImportKind.DYNAMIC]
    check(all(0 <= item.start <= item.end <= len(data) for item in scan.imports), "a span lies outside")
    served = rewrite_module(data, scan, lambda specifier: f"{specifier}?t=1", "/a.js")
    if all(item.kind is not ImportKind.DYNAMIC for item in scan.imports):
        check_between(data, served, sorted({*static, (scan.preamble_at, scan.preamble_at)}))
    else:
        check(len(served) >= len(data), "something was lost")
    same = rewrite_module(data, scan, lambda _specifier: None, "/a.js")
    if not scan.uses_hot and len(static) == len(scan.imports):
        check(same is data, "an unchanged text was copied")


def stylesheet(data: bytes) -> None:
    """The same of a stylesheet."""
    scan = scan_stylesheet(data)
    spans = [(item.start, item.end) for item in scan.references]
    check_between(data, rewrite_stylesheet(data, scan, lambda url: f"{url}?t=1"), spans)
    check(rewrite_stylesheet(data, scan, lambda _url: None) is data, "an unchanged text was copied")


def page(data: bytes) -> None:
    """A page of any markup is read."""
    read_page(data.decode("utf-8", "replace"), "http://localhost/")


def message(data: bytes) -> None:
    """What is no message of ours is refused; what is one keeps to its bounds, and is text that can be written."""
    try:
        found = decode(data.decode("utf-8", "surrogateescape"))
    except MessageError as error:
        check(len(str(error)) < 300, "a reason is too long")
        return
    if isinstance(found, Hello):
        check(
            len(found.modules) <= MAX_MODULES and all(0 <= item < 10**16 for item in found.modules.values()), "bounds"
        )
        texts = [found.page, found.url, *found.modules, *found.entries]
    else:
        texts = [text for name in found.__slots__ if isinstance(text := getattr(found, name), str)]
    check(all(len(text) <= MAX_URL and text.encode() is not None for text in texts), "a text is out of bounds")
    json.dumps(getattr(found, "data", None), allow_nan=False)


def handshake(data: bytes) -> None:
    """Nobody gets in by noise: a Host is loopback or an address, and the Origin is its own or the token is there."""
    host, _, rest = data.decode("latin-1").partition("\n")
    origin, _, token = rest.partition("\n")
    if host_allowed(host):
        name = host.lower().partition("]")[0] if host.startswith("[") else host.lower().partition(":")[0]
        is_address = name.startswith("[") or name.replace(".", "").isdecimal()
        check(is_address or name.removesuffix(".").endswith("localhost"), "a name that can be rebound")
    if not why_refused(host=host, origin=origin, scheme="ws", token=token, expected="0123456789abcdef"):
        check(
            host_allowed(host) and (token == "0123456789abcdef" or origin.lower().endswith(host.lower())), "a stranger"
        )
    is_same_origin(origin, host, "http")


def policy(data: bytes) -> None:
    """A policy of any text gets no more than our own sources, and a nonce is always ASCII."""
    text = data.decode("latin-1")
    nonce = nonce_of(text)
    check(nonce is None or nonce.isascii(), "a nonce that is not ASCII")
    allow_client(text, script="http://localhost/__hmr/", socket="ws://localhost", page="http://localhost")


def url(data: bytes) -> None:
    """Any request target is understood somehow, and is printable."""
    text = data.decode("latin-1")
    check(as_sent(text).isascii() and as_sent(text).isprintable(), "a target that is not printable")
    split_version(text)
    path_of(text)
    for found in (resolve(text, "/a/b.js", "localhost"), Origin("/app", "localhost").resolve(text, "/a.js")):
        check(found is None or found.startswith("/"), "a URL that is not the app's own")


def encoding(data: bytes) -> None:
    """A body that is not what its Content-Encoding says is refused, and nothing else happens."""
    try:
        decode_body(data[1:], ENCODINGS[data[0] % len(ENCODINGS)] if data else "gzip")
    except UndecodableError:
        return


@dataclass(frozen=True)
class Target:
    """A function that takes any bytes, and *words* that mean something to it."""

    run: Callable[[bytes], None]
    words: tuple[bytes, ...]


def split(words: str) -> tuple[bytes, ...]:
    """Return the words of a text, and the blanks that may stand between them."""
    return (*(word.encode() for word in words.split()), b" ", b"\n")


_HTML = split(
    "<!doctype html> <html <head> <body <title> <!-- --> <!--> <script > </script> = ' \" / <? <! é <base href=x>"
)
_MORE_HTML = split(
    '<script type=module> <script type=importmap>{ "imports":{ "a":"./a.js" } } <link rel=stylesheet href=a.css>'
)
_JS = split(
    "import export from default * { } ( ) [ ] ; , . as ` ${ ' \" / // /* */ \\ = => 'a.js' ./a.js import.meta.hot"
)
_MORE_JS = split(
    'import( accept accept( with type: "json" async function class let const var return if ?. ?? #! <!-- \\u0061 a'
)
_CSS = split("@import url( ) ' \" ; { } /* */ \\ , src( image-set( @media @layer a.css 1x \\a \\000061 # // é @charset")
_JSON = split(
    '{ } [ ] , : "type" "hello" "hotAccept" "custom" "modules" "id" "data" "/a.js" 0 1e999 -1 true null "\\ud800"'
)
_HOSTS = split(
    "localhost 127.0.0.1 [::1] :5000 . .. evil.test http:// https:// ws:// @ / , 0123456789abcdef 1 a - _ [ ] null"
)
_POLICY = split(
    "default-src script-src connect-src 'none' 'self' 'nonce-abc' 'nonce- ' ; , * trusted-types hmr 'strict-dynamic'"
)
_URLS = split("/ // . .. ? & = # t=1700000000000000 %2e %00 %ff http:// localhost \\ : @ [ ] a.js ../ ./ ü")

TARGETS: dict[str, Target] = {
    "injection": Target(injection, (*_HTML, b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B", b"x" * 70_000)),
    "module": Target(module, (*_JS, *_MORE_JS, b"\xe2\x80\xa8")),
    "stylesheet": Target(stylesheet, _CSS),
    "page": Target(page, (*_HTML, *_MORE_HTML)),
    "message": Target(
        message, (*_JSON, b'{"type":"hello","modules":{"/a.js":0}}', b'{"type":"custom","event":"x","data":')
    ),
    "handshake": Target(handshake, _HOSTS),
    "policy": Target(policy, _POLICY),
    "url": Target(url, _URLS),
    "encoding": Target(
        encoding, (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"x\x9c", b"\x03\0\0\0\0\0\0\0\0\0", b"(\xb5/\xfd", b"\0")
    ),
}
