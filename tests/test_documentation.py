"""What the documentation claims of the tests: each that it names is there, and each claim of a table names one."""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from browser.checks import EDITS
from browser.servers import FRAMEWORKS, SERVERS
from browser.table import read_tables
from browser.test_middleware import MIDDLEWARE
from browser.test_proxies import PROXIES
from browser.test_servers import CHECKS
from browser.test_workers import CHECKS as CHECKS_OF_WORKERS
from browser.test_workers import WORKERS

TESTS = Path(__file__).resolve().parent
TABLE = (TESTS.parent / "docs" / "hot-api.md").read_text(encoding="utf-8")
SECURITY = (TESTS.parent / "SECURITY.md").read_text(encoding="utf-8")
DEFENCES = SECURITY.partition("## Defences")[2].partition("\n\nThe signs")[0].splitlines()[4:]
RELIABILITY = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", TABLE + SECURITY + RELIABILITY)))
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.endswith("| test |")]
COLUMNS = 6


@cache
def names_in(file: str) -> frozenset[str]:
    """Return the names of the tests of a file below tests/."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _file, name in NAMED])
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name.startswith("test_") and name in names_in(file)


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_a_row_is_whole_and_names_its_test(row: str) -> None:
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == COLUMNS and all(cells)
    assert re.fullmatch(r"`[\w/]+\.py::\w+`", cells[-1])


@pytest.mark.parametrize("row", DEFENCES, ids=[row.split("|")[1].strip() for row in DEFENCES])
def test_a_defence_names_what_taught_it_and_its_test(row: str) -> None:
    against, defence, taught, shown = (cell.strip() for cell in row.strip("|").split("|"))
    assert against and defence and taught
    assert re.fullmatch(r"`[\w/]+\.py::\w+`", shown)


# The tables of docs/servers.md, the names of the tests that each is written by, and what a row has to show.
SERVER_TABLES = {
    "servers": (SERVERS, CHECKS),
    "workers": (WORKERS, CHECKS_OF_WORKERS),
    "proxies": (PROXIES, EDITS),
    "frameworks": (FRAMEWORKS, EDITS),
    "middleware": (MIDDLEWARE, EDITS),
}


@pytest.mark.parametrize(("table", "names", "shown"), [(name, *row) for name, row in SERVER_TABLES.items()])
def test_every_server_that_is_tested_has_its_row(table: str, names: Iterable[str], shown: Iterable[str]) -> None:
    """Where one is missing or out of date: make servers."""
    assert read_tables()[table] == dict.fromkeys(names, ", ".join(shown))


def test_no_table_of_servers_is_without_its_tests() -> None:
    assert read_tables().keys() == SERVER_TABLES.keys()
