"""What it costs to serve a large module, in process: scanned the first time, remembered from then on."""

import itertools
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.inprocess import MODULE, WsgiApp, fetching, wrapped
from benchmarks.table import Table, short, verdict
from benchmarks.timing import Sample, added, elapsed, interleave

ROUNDS = 40
SIZE = 50_000  # bytes
FIRST, AGAIN = 5.0, 0.2  # milliseconds

UNIT = """
/** Unit {n}: a comment with "quotes", `ticks` and /slashes/. */
export function unit{n}(items, {{ limit = {n}, label = "unit {n}" }} = {{}}) {{
  const found = items.filter((item) => /^[a-z]+\\/{n}$/i.test(item.name)) // one of many
  if (!found.length) return `${{label}}: nothing in ${{items.map((item) => `<${{item.name}}>`).join(", ")}}`
  return found.slice(0, limit).reduce((sum, {{ size }}) => sum + size / 2, 0)
}}
"""


def module_text(size: int, imports: Iterable[str] = ()) -> str:
    """Return a module of about *size* bytes that imports *imports*, written as people write modules."""
    parts = [f'import {{ unit0 as from{n} }} from "{name}"\n' for n, name in enumerate(imports)]
    length = sum(map(len, parts))
    for n in itertools.count():
        parts.append(UNIT.format(n=n))
        length += len(parts[-1])
        if length >= size:
            return "".join(parts)
    raise AssertionError


def run() -> list[Table]:
    """Measure the first time, with a new file each time, and the same file again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = module_text(SIZE, ["./dependency.js"]) + "if (import.meta.hot) import.meta.hot.accept()\n"
        paths = [f"/static/module{n}.js" for n in range(ROUNDS)]
        for n in range(ROUNDS):
            # No two are alike: what a text says is remembered by its content.
            (folder / f"module{n}.js").write_text(f"// {n}\n{text}")
        apps = {"bare": _app(folder), "ours": wrapped(_app(folder), folder)}
        first = interleave({name: _through(app, paths) for name, app in apps.items()}, ROUNDS)
        again = interleave({name: _through(app, paths[:1] * ROUNDS) for name, app in apps.items()}, ROUNDS)
    rows = [_row("first time", first, FIRST), _row("again, unchanged", again, AGAIN)]
    note = f"Milliseconds per request of a {len(text) / 1000:.0f} KB module in process, medians of {ROUNDS}."
    return [Table("A large module", ("", "bare", "ours", "added", "target", ""), rows, note)]


def _app(folder: Path) -> WsgiApp:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = (folder / environ["PATH_INFO"].rpartition("/")[2]).read_bytes() if "." in environ["PATH_INFO"] else b""
        start_response("200 OK", [("Content-Type", "text/javascript"), ("Content-Length", str(len(body)))])
        return [body]

    return app


def _through(app: WsgiApp, paths: list[str]) -> Sample:
    """Return a sample that fetches the next of *paths* from *app*, in milliseconds."""
    fetches = iter([partial(elapsed, fetching(app, MODULE, path)) for path in paths])
    return lambda: next(fetches)() * 1000


def _row(name: str, samples: dict[str, list[float]], limit: float) -> list[str]:
    bare, ours = samples["bare"], samples["ours"]
    more = added(bare, ours)
    return [name, short(median(bare)), short(median(ours)), short(more), f"{limit}", verdict(more, limit)]
