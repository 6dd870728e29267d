"""What never ran in a page, and what leads to it."""

import pytest

from hmr_middleware.core.failed import never_ran, static_importers
from hmr_middleware.core.graph import EVERYTHING, Graph, Links

# app --(on demand)--> route --> view --> part; app --> tools; view --> tools
FILES = {"app": "?route tools", "route": "view", "view": "part tools", "part": "", "tools": "", "other": "?part"}


def graph_of(files: dict[str, str]) -> Graph:
    """Return the graph of *files*: what each imports, a "?" before what it imports on demand."""
    graph = Graph()
    for url, words in files.items():
        imports = dict.fromkeys((word.lstrip("?") for word in words.split()), EVERYTHING)
        dynamic = frozenset(word[1:] for word in words.split() if word.startswith("?"))
        graph.link(url, Links(imports=imports, dynamic=dynamic))
    return graph


@pytest.mark.parametrize(
    ("loaded", "failed", "expected"),
    [
        ("app tools route view part", "", ""),
        ("app tools route view part", "route", "route view part"),
        ("app tools", "route", "route view part"),  # its file was missing: nothing below was fetched
        ("app tools route view part", "view", ""),  # route runs, with an older one
        ("app tools route view part other", "route", "route view"),  # another has imported part
        ("", "route", "route view part tools"),
    ],
)
def test_what_never_ran(loaded: str, failed: str, expected: str) -> None:
    assert never_ran(graph_of(FILES), loaded.split(), (), failed.split()) == frozenset(expected.split())


def test_what_failed_in_a_circle_never_ran() -> None:
    graph = graph_of({"app": "?one", "one": "two", "two": "one"})
    assert never_ran(graph, ["app", "one", "two"], ["app"], ["one"]) == {"one", "two"}


def test_what_the_page_itself_loads_ran_though_a_failed_import_leads_to_it() -> None:
    graph = graph_of({"app": "?route tools", "route": "app part", "part": "", "tools": ""})
    assert never_ran(graph, ["app", "tools", "route"], ["app"], ["route"]) == {"route", "part"}


def test_of_what_a_running_module_imports_an_older_version_runs() -> None:
    graph = graph_of({"app": "route", "route": "part", "part": "?route"})
    assert never_ran(graph, ["app", "route", "part"], ["app"], ["route"]) == frozenset()


def test_a_stylesheet_is_shown_whatever_failed_to_import_it() -> None:
    graph = graph_of({"app": "?route", "route": "look.css part", "part": ""})
    assert never_ran(graph, ["app", "route", "look.css"], ["app"], ["route"]) == {"route", "part"}


def test_the_way_up_ends_where_an_import_waits_to_be_asked_for() -> None:
    lost = frozenset({"route", "view", "part"})
    assert static_importers(graph_of(FILES), ["part"], lost) == {"part", "view", "route"}
    assert static_importers(graph_of(FILES), ["route"], lost | {"app"}) == {"route"}
