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

ORDINARY = """
/**
 * Return those of the items that unit {n} has room for, in the order in which they came.
 * An item without a size counts as one; "limit" is what fits.
 */
export function unit{n}(items, options = {{}}) {{
  const limit = options.limit ?? {n}
  let total = 0
  const found = []
  for (const item of items) {{
    if (!/^unit-{n}/.test(item.name)) continue // somebody else's
    total += item.size === undefined ? 1 : item.size / 2
    if (total > limit) {{
      options.onFull?.(`unit {n} is full: ${{item.name}}`)
      break
    }}
    found.push({{ name: item.name, size: item.size, unit: "unit {n}" }})
  }}
  return found
}}
"""
DENSE = """
/** Unit {n}: a comment with "quotes", `ticks` and /slashes/. */
export function unit{n}(items, {{ limit = {n}, label = "unit {n}" }} = {{}}) {{
  const found = items.filter((item) => /^[a-z]+\\/{n}$/i.test(item.name)) // one of many
  if (!found.length) return `${{label}}: nothing in ${{items.map((item) => `<${{item.name}}>`).join(", ")}}`
  return found.slice(0, limit).reduce((sum, {{ size }}) => sum + size / 2, 0)
}}
"""
KINDS = {"ordinary": ORDINARY, "dense in regular expressions and templates": DENSE}


def module_text(size: int, imports: Iterable[str] = (), unit: str = ORDINARY) -> str:
    """Return a module of at least *size* bytes that imports *imports*: as many of *unit* as it takes."""
    text = "".join(f'import {{ unit0 as from{n} }} from "{name}"\n' for n, name in enumerate(imports))
    for n in itertools.count():
        text += unit.format(n=n)
        if len(text) >= size:
            break
    return text


def run() -> list[Table]:
    """Measure the first time, with a new file each time, and the same file again."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for kind, unit in KINDS.items() for row in _measure(kind, unit, Path(folder))]
    note = f"Milliseconds per request of a module of {SIZE // 1000} KB in process, medians of {ROUNDS}."
    return [Table("A large module", ("", "bare", "ours", "added", "target", ""), rows, note)]


def _measure(kind: str, unit: str, folder: Path) -> list[list[str]]:
    text = module_text(SIZE, ["./dependency.js"], unit) + "if (import.meta.hot) import.meta.hot.accept()\n"
    names = [f"{kind[:5]}{n}.js" for n in range(ROUNDS)]
    for name in names:
        # No two are alike: what a text says is remembered by its content.
        (folder / name).write_text(f"// {name}\n{text}")
    paths = [f"/static/{name}" for name in names]
    apps = {"bare": _app(folder), "ours": wrapped(_app(folder), folder)}
    first = interleave({name: _through(app, paths) for name, app in apps.items()}, ROUNDS)
    again = interleave({name: _through(app, paths[:1] * ROUNDS) for name, app in apps.items()}, ROUNDS)
    return [_row(f"{kind}, first time", first, FIRST), _row(f"{kind}, again", again, AGAIN)]


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
