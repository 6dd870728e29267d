"""Imports point one way: from frameworks over the interfaces and the engine down to a core that knows none of them."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "hmr_middleware"
ROOT = Path(__file__).resolve().parent.parent / PACKAGE

# Every part of the package, from the top down, and the parts that it may import. Anything else is an arrow that points
# the wrong way. `PACKAGE` itself is the public interface.
MAY_IMPORT: dict[str, str] = {
    "django": f"{PACKAGE} config errors session",
    "frameworks": "discovery wsgi core",
    PACKAGE: "middleware hooks errors",
    "middleware": "wsgi asgi service production config session errors",
    "wsgi": "service exchange transforms hub websocket readahead http core",
    "asgi": "service exchange transforms hub calls http core",
    "service": "transports side_port websocket status_page status endpoints exchange hub hooks reporting watcher "
    "engine templates documents discovery config session tokens files http native core",
    "transports": "side_port poll_sessions endpoints hub http native core",
    "status_page": "status endpoints reporting http core",
    "status": "hub engine core",
    "endpoints": "transforms documents http core",
    "exchange": "transforms engine documents http core",
    "transforms": "encodings errors http core",
    "side_port": "websocket hub http native core",
    "websocket": "hub calls native core",
    "poll_sessions": "hub native core",
    "hub": "engine pages hooks planning reporting native core",
    "reporting": "planning core",
    "planning": "engine pages core",
    "watcher": "events attention polling repositories native core",
    "events": "attention files native core",
    "attention": "polling inotify",
    "polling": "files core",
    "repositories": "",
    "inotify": "native",
    "calls": "",
    "engine": "pages library templates files errors core",
    "pages": "library core",
    "library": "places sources files native core",
    "sources": "files core",
    "templates": "files native core",
    "places": "files core",
    "discovery": "config core",
    "config": "errors",
    "production": "errors",
    "http": "core",
    "readahead": "",
    "encodings": "",
    "documents": "native",
    "files": "core",
    "hooks": "native",
    "native": "",
    "session": "",
    "tokens": "",
    "errors": "",
    "core": "",
}

# What is not of the standard library, and the only parts that may know it.
MAY_KNOW = {
    "asgiref": {"middleware"},
    "bs4": {"core.page"},
    "django": {"django", "frameworks.django", "middleware"},
    "watchfiles": {"events"},
    "werkzeug": {"frameworks.flask"},
    "h11": {"side_port"},
    "wsproto": {"websocket"},
}


class Arrow(NamedTuple):
    """One import: *source* and *target* are modules, without the package's name where they are ours."""

    source: str
    target: str
    ours: bool
    lazy: bool  # inside a function

    @property
    def parts(self) -> tuple[str, str]:
        return part_of(self.source), part_of(self.target)


def part_of(module: str) -> str:
    return module.partition(".")[0]


def short_name(module: str) -> str:
    return module.removeprefix(f"{PACKAGE}.")


@cache
def modules() -> dict[str, ast.Module]:
    return {short_name(name_of(path)): ast.parse(path.read_bytes()) for path in sorted(ROOT.rglob("*.py"))}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT.parent).with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")


def targets(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        submodules = (f"{module}.{alias.name}" for alias in node.names)
        yield from (name if is_module(name) else module for name in submodules)


def is_module(name: str) -> bool:
    path = ROOT.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imports(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield what *tree* imports, and whether inside a function."""
    nodes = list(ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in nodes:
        inside = any(node in ast.walk(function) for function in functions) if any(targets(node)) else False
        yield from ((target, inside) for target in targets(node))


@cache
def arrows() -> tuple[Arrow, ...]:
    return tuple(
        Arrow(source, short_name(target), part_of(target) == PACKAGE, lazy)
        for source, tree in modules().items()
        for target, lazy in imports(tree)
    )


def named(found: Iterator[Arrow]) -> list[str]:
    return sorted({f"{arrow.source} -> {arrow.target}" for arrow in found})


def test_every_part_has_its_place() -> None:
    assert {part_of(name) for name in modules()} == set(MAY_IMPORT)


def test_the_table_itself_points_one_way() -> None:
    order = list(MAY_IMPORT)
    upwards = [
        (part, low)
        for part, lows in MAY_IMPORT.items()
        for low in lows.split()
        if low not in order[order.index(part) + 1 :]
    ]
    assert upwards == []


def test_imports_point_the_right_way() -> None:
    inner = (arrow for arrow in arrows() if arrow.ours and arrow.parts[0] != arrow.parts[1])
    assert named(arrow for arrow in inner if arrow.parts[1] not in MAY_IMPORT.get(arrow.parts[0], "").split()) == []


def test_every_arrow_of_the_table_is_used() -> None:
    """A permission that nobody uses is a door left open."""
    used = {arrow.parts for arrow in arrows() if arrow.ours}
    allowed = {(part, low) for part, lows in MAY_IMPORT.items() for low in lows.split()}
    assert sorted(allowed - used) == []


def test_libraries_stay_where_they_are_known() -> None:
    foreign = (arrow for arrow in arrows() if not arrow.ours and part_of(arrow.target) not in sys.stdlib_module_names)
    assert named(arrow for arrow in foreign if not may_know(arrow.source, part_of(arrow.target))) == []


def may_know(module: str, library: str) -> bool:
    return bool({module, part_of(module)} & MAY_KNOW.get(library, set()))


def test_wsgi_and_asgi_never_meet() -> None:
    meeting = [{"wsgi", "asgi"}, {"asgi", "websocket"}]
    assert named(arrow for arrow in arrows() if set(arrow.parts) in meeting) == []


# What an import of the package costs an app in production, and the parser that only pages need.
LAZY = [
    ("middleware", "wsgi"),
    ("middleware", "asgi"),
    ("middleware", "service"),
    ("middleware", "django"),
    ("middleware", "production"),
    ("core", "bs4"),
]


@pytest.mark.parametrize(("source", "target"), LAZY)
def test_what_is_costly_is_imported_inside_functions(source: str, target: str) -> None:
    found = [arrow for arrow in arrows() if arrow.parts == (source, target)]
    assert found
    assert named(arrow for arrow in found if not arrow.lazy) == []


# Modules that are found by their name at run time; no other place may hide an arrow like that.
BY_NAME = {
    "middleware": "the frameworks stand above it",
    "encodings": "libraries of which any may be missing",
    "django.management.commands.runserver": "the runserver of whichever app comes next",
}


def test_nothing_else_is_imported_by_name() -> None:
    found = {name for name, tree in modules().items() for node in ast.walk(tree) if imports_by_name(node)}
    assert found == set(BY_NAME)


def imports_by_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("import_module", "__import__")
