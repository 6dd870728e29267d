"""What we answer ourselves, below `/__hmr/`: the client's files, a page's own document, the status, nothing else."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from urllib.parse import parse_qs

from hmr_middleware.core.transports import Transport
from hmr_middleware.core.urls import is_data
from hmr_middleware.documents import Document
from hmr_middleware.http import OWN, Headers, Request, Response, etag_matches, set_header
from hmr_middleware.transforms import hash_of

PREFIX = "/__hmr/"
# What pages ask by POST: then browsers say where the page is from, within its own origin, too.
_POSTED = {"poll": Transport.POLLING, "side-port": Transport.SIDE_PORT}
_METHODS: Mapping[str, tuple[str, ...]] = dict.fromkeys(_POSTED, ("POST",))  # of what is not asked by these two:
_READING = ("GET", "HEAD")
STATUS = ("", "status.json")
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
_ENDINGS = tuple(f".{ending}" for ending in _TYPES)
_OWN_URL = re.compile(r"/(?![/\\])[^\x00-\x20]*")  # a browser drops tabs and line breaks, so none may hide a "//"
_FOLDER = re.compile("~[0-9a-f]{20}")
# Linked by the browser to see whether other modules link; nothing in it runs.
_EMPTY = b"export {};\n"


def is_ours(request: Request) -> bool:
    """Return whether we answer *request* ourselves."""
    return request.path.startswith(PREFIX)


def takes_body(request: Request) -> bool:
    """Return whether *request* brings what has to be read before it can be answered."""
    return request.method == "POST" and is_ours(request) and request.path.removeprefix(PREFIX) in _POSTED


def asked_way(request: Request) -> Transport:
    """Return the transport that *request* asks for; `takes_body` must have said yes."""
    return _POSTED[request.path.removeprefix(PREFIX)]


def respond(
    request: Request, status: Callable[[Request], Response], document: Callable[[str], Document | None]
) -> Response:
    """Return our answer to *request*, a path below PREFIX.

    *status* answers where that is asked for; *document* returns what was served to a page.
    """
    folder, name = _split(request.path.removeprefix(PREFIX))
    methods = _METHODS.get(name, _READING)
    if request.method not in methods:
        return answer_text(request, 405, f"only {' and '.join(methods)}", [("Allow", ", ".join(methods))])
    if name in STATUS and not folder:
        return status(request)
    if name == "base":
        return _base(request, document(parse_qs(request.query).get("page", [""])[0]))
    body = _probe(request.query) if name == "probe.js" else client_files().get(name)
    if body is None:
        return answer_text(request, 404, "not found")
    response = answer(request, _TYPES[name.rpartition(".")[2]], body)
    if folder == client_folder():
        return replace(response, headers=set_header(response.headers, "Cache-Control", "max-age=31536000, immutable"))
    return response


def refuse(request: Request, reason: str) -> Response:
    """Return the answer to a *request* below PREFIX that this is not for."""
    return answer_text(request, 403, reason)


def _split(name: str) -> tuple[str, str]:
    """Return the folder of the client's files and the name in it; a page may still know that of another version."""
    folder, _, file = name.rpartition("/")
    return (folder, file) if _FOLDER.fullmatch(folder) and file in client_files() else ("", name)


def _base(request: Request, document: Document | None) -> Response:
    """Return a document as it was served, to be read and never to be shown: nothing in it would run."""
    if document is None:
        return Response(204, [*OWN])  # kept by another worker, or by none any more: browsers tell of each 404
    headers = [
        *set_header(OWN, "Cache-Control", "no-store"),
        ("Content-Security-Policy", "sandbox"),
        ("Content-Type", document.content_type),
        ("Content-Length", str(len(document.body))),
    ]
    return Response(200, headers, b"" if request.method == "HEAD" else document.body)


def _probe(query: str) -> bytes:
    """Return the link probe for pages whose policy lets no inline script run: it imports the app's own URLs only."""
    given = parse_qs(query)
    urls = [url for url in given.get("url", []) if _OWN_URL.fullmatch(url)]
    missing = "".join(character for character in given.get("missing", ["none"])[0] if character.isidentifier())
    lines = [f"import {json.dumps(url)}{_attribute(url)};" for url in urls]
    return "\n".join([*lines, f'import {{ {missing} }} from "./empty.js";']).encode()


def _attribute(url: str) -> str:
    """Return what an import of *url* has to say besides: browsers take JSON only as what it is."""
    return ' with { type: "json" }' if is_data(url) else ""


@cache
def client_files() -> Mapping[str, bytes]:
    """Return the client's files by name: the only ones that can be asked for."""
    folder = files("hmr_middleware") / "static"
    found = {item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(_ENDINGS)}
    return {**found, "empty.js": _EMPTY}


@cache
def client_folder() -> str:
    """Return the folder whose files never change: it is named after what is in them.

    There are many, and a page that asks for each of them again with every load would fill the server's log.
    """
    return "~" + hash_of(b"\0".join(body for _, body in sorted(client_files().items())))


def answer(request: Request, mime: str, body: bytes, headers: Headers = OWN) -> Response:
    """Return *body*, or that the browser has it already."""
    etag = f'"{hash_of(body)}"'
    headers = [*headers, ("ETag", etag)]
    if etag_matches(request.headers.get("if-none-match", ""), etag):
        return Response(304, headers)
    headers += [("Content-Type", mime), ("Content-Length", str(len(body)))]
    return Response(200, headers, b"" if request.method == "HEAD" else body)


def answer_json(text: str) -> Response:
    """Return an answer that is true only now."""
    body = text.encode()
    headers = set_header(OWN, "Cache-Control", "no-store")
    return Response(200, [*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))], body)


def answer_text(request: Request, status: int, text: str, more: Headers | None = None) -> Response:
    """Return an answer for people."""
    body = text.encode()
    headers = [*OWN, *(more or []), ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    return Response(status, headers, b"" if request.method == "HEAD" else body)
