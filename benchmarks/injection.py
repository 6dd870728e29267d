"""What the client's tag costs a page, in process."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.inprocess import DOCUMENT, WsgiApp, fetching, request, wrapped
from benchmarks.table import Table, short, verdict
from benchmarks.timing import added, batch, elapsed, interleave

ROUNDS, CALLS = 40, 50
HEAD = b"<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n<title>Page</title>\n</head>\n<body>\n"
ROW = b"<tr><td>Some text of a row</td><td class='number'>42</td></tr>\n"
CHUNK = 1024  # bytes of a streamed chunk
PAGES = {"3 KB": (3_000, 30), "100 KB": (100_000, 100)}  # size in bytes, microseconds that may be added
FIRST_CHUNKS = {
    "up to <body>": HEAD,
    "up to <html>": HEAD[: HEAD.index(b"<head>")],
    "only the doctype": HEAD[: HEAD.index(b"<html")],
}
PAUSE = 0.02  # seconds between the first chunk and the next


def run() -> list[Table]:
    """Measure whole, streamed and slow pages."""
    with tempfile.TemporaryDirectory() as folder:
        static = Path(folder)
        pages = [_page(*what, static) for what in PAGES.items()]
        firsts = [_first_byte(*what, static) for what in FIRST_CHUNKS.items()]
    note = f"Microseconds per page in process, medians of {ROUNDS} batches of {CALLS}. Streamed: {CHUNK} bytes a chunk."
    header = ("page", "bare", "ours", "added", "target", "", "added, streamed", "")
    first_note = f"The page's start comes at once, the rest {PAUSE * 1000:g} ms later. Milliseconds to the first byte."
    return [
        Table("Injection", header, pages, note),
        Table("First byte of a streamed page", ("first chunk", "bare", "ours"), firsts, first_note),
    ]


def page_app(chunks: Iterable[bytes]) -> WsgiApp:
    """Return an app that answers everything with the HTML *chunks*."""
    return _app(lambda: chunks)


def _app(chunks: Callable[[], Iterable[bytes]]) -> WsgiApp:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return chunks()

    return app


def _page(name: str, what: tuple[int, float], static: Path) -> list[str]:
    size, limit = what
    body = HEAD + ROW * ((size - len(HEAD)) // len(ROW))
    parts = [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)]
    (bare, ours, more), (_, _, streamed) = (_compare(page_app(sent), static) for sent in ([body], parts))
    verdicts = [verdict(value, limit) for value in (more, streamed)]
    return [name, short(bare), short(ours), short(more), f"{limit}", verdicts[0], short(streamed), verdicts[1]]


def _compare(app: WsgiApp, static: Path) -> tuple[float, float, float]:
    """Return what a request takes bare and with ours, and what is added, in microseconds."""
    contenders = {"bare": app, "ours": wrapped(app, static)}
    samples = interleave({name: batch(fetching(it, DOCUMENT), CALLS) for name, it in contenders.items()}, ROUNDS)
    bare, ours = samples["bare"], samples["ours"]
    return median(bare) * 1e6, median(ours) * 1e6, added(bare, ours) * 1e6


def _first_byte(name: str, start: bytes, static: Path) -> list[str]:
    app = _app(partial(_slowly, start))
    contenders = {"bare": app, "ours": wrapped(app, static)}
    samples = interleave({name: partial(elapsed, partial(_first, it)) for name, it in contenders.items()}, 15)
    return [name, *(short(median(samples[name]) * 1000) for name in contenders)]


def _slowly(start: bytes) -> Iterator[bytes]:
    yield start
    time.sleep(PAUSE)
    yield HEAD[len(start) :] + ROW


def _first(app: WsgiApp) -> bytes:
    return next(chunk for chunk in request(app, DOCUMENT) if chunk)
