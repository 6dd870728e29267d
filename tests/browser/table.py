"""docs/servers.md: its tables say what the tests have shown, row by row, and are written by them."""

import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from browser.servers import Recipe

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "servers.md"
PROPERTY = "row of docs/servers.md"
WRITE = "HMR_WRITE_SERVERS"  # an environment variable: write what passes into the document

_TABLE = re.compile(r"(?P<head><!-- (?P<name>\w+) -->\n\n\|.*\n\|[-|]+\n)(?P<rows>(?:\|.*\n)*)")
_PORT = "8000"


@dataclass
class Row:
    """What a test has shown so far; it has its place in its table by *order*."""

    table: str
    order: int
    name: str
    versions: str
    started: str
    told_by: str
    shown: list[str] = field(default_factory=list)
    ended_after: float | None = None  # seconds from Ctrl+C on, where the table has them

    def __str__(self) -> str:
        measured = () if self.ended_after is None else (f"{self.ended_after:.1f} s",)
        cells = self.name, self.versions, self.started, self.told_by, *measured, ", ".join(self.shown)
        return f"| {' | '.join(cells)} |\n"


def row_of(table: str, names: Iterable[str], name: str, recipe: Recipe) -> Row:
    """Return the empty row of *name*, one of the *names* in *table*."""
    return Row(table, list(names).index(name), name, versions(recipe.packages), started(recipe), told_by(recipe))


def versions(packages: Iterable[str]) -> str:
    """Return the packages with the versions that are installed."""
    return ", ".join(f"{package} {version(package)}" for package in packages) or "Python's own"


def started(recipe: Recipe) -> str:
    """Return what a developer would type."""
    if recipe.script:
        return "from a script"
    arguments = [argument.replace("{port}", _PORT) for argument in recipe.arguments if argument != "-m"]
    return f"`{shlex.join(arguments)}`"


def told_by(recipe: Recipe) -> str:
    """Return how the pages of a server are told of changes."""
    if not recipe.has_socket:
        return "the side port"
    return "the server's WebSocket" if recipe.speaks_websocket else "its socket, taken over"


def read_tables() -> dict[str, dict[str, str]]:
    """Return the document's tables: what was shown, by the names of the rows."""
    found = _TABLE.finditer(DOCUMENT.read_text(encoding="utf-8"))
    return {match["name"]: dict(map(_name_and_shown, match["rows"].splitlines())) for match in found}


def _name_and_shown(line: str) -> tuple[str, str]:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return cells[0], cells[-1]


def rows_in(properties: Iterable[tuple[str, Any]]) -> list[Row]:
    """Return the rows among the *properties* of a test's report."""
    return [Row(**value) for name, value in properties if name == PROPERTY]


def as_property(row: Row) -> tuple[str, dict[str, Any]]:
    """Return *row* as a property of a test's report: in a parallel run that goes from process to process."""
    return PROPERTY, asdict(row)


def write(rows: Iterable[Row]) -> None:
    """Put *rows* in the place of those that the document's tables have, where the run was asked to."""
    ordered = sorted(rows, key=lambda row: row.order)
    if not ordered or not os.environ.get(WRITE):
        return

    def written(match: re.Match[str]) -> str:
        return match["head"] + "".join(str(row) for row in ordered if row.table == match["name"])

    DOCUMENT.write_text(_TABLE.sub(written, DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
