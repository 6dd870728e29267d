"""The edges between modules, kept in both directions."""

from pathlib import Path

import pytest

from hmr_middleware.core.graph import EVERYTHING, Graph, Links


def imports(*urls: str) -> Links:
    return Links(imports=dict.fromkeys(urls, EVERYTHING))


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.link("/app.js", imports("/a.js", "/b.js"))
    return graph


def test_a_link_makes_the_dependency_known(graph: Graph) -> None:
    assert "/a.js" in graph
    assert len(graph) == 3


def test_nothing_is_known_of_what_was_never_named(graph: Graph) -> None:
    assert graph.get("/c.js") is None
    assert "/c.js" not in graph


def test_importers_are_the_way_back(graph: Graph) -> None:
    graph.link("/other.js", imports("/a.js"))
    assert graph.add("/a.js").importers == {"/app.js", "/other.js"}


def test_links_are_replaced(graph: Graph) -> None:
    assert graph.link("/app.js", imports("/b.js", "/c.js")) == ("/a.js",)
    assert graph.add("/a.js").importers == set()
    assert graph.add("/c.js").importers == {"/app.js"}


@pytest.mark.parametrize(
    ("relinked", "orphaned"),
    [
        pytest.param({"/app.js": ()}, True, id="last-importer-gone"),
        pytest.param({"/other.js": ("/a.js",), "/app.js": ()}, False, id="another-importer-left"),
        pytest.param({"/app.js": (), "/other.js": ("/a.js",)}, False, id="imported-again"),
        pytest.param({}, False, id="still-imported"),
    ],
)
def test_orphaned(graph: Graph, relinked: dict[str, tuple[str, ...]], orphaned: bool) -> None:
    for url, urls in relinked.items():
        graph.link(url, imports(*urls))
    assert graph.add("/a.js").orphaned is orphaned


def test_a_module_that_was_never_imported_is_no_orphan(graph: Graph) -> None:
    assert not graph.add("/app.js").orphaned


def test_a_module_that_imports_itself(graph: Graph) -> None:
    graph.link("/self.js", imports("/self.js"))
    assert graph.link("/self.js", imports()) == ("/self.js",)
    assert graph.add("/self.js").importers == set()


def test_one_file_may_have_many_urls(graph: Graph) -> None:
    path = Path("/srv/a.js")
    graph.place("/a.js?x", path)
    graph.place("/a.js", path)
    assert [module.url for module in graph.at_path(path)] == ["/a.js", "/a.js?x"]


def test_a_url_that_moves_to_another_file(graph: Graph) -> None:
    old, new = Path("/first/a.js"), Path("/second/a.js")
    graph.place("/a.js", old)
    graph.place("/a.js", new)
    assert graph.at_path(old) == ()
    assert graph.paths() == (new,)


def linked(**imports: str) -> Graph:
    """Return a graph of modules with what each imports."""
    graph = Graph()
    for name, targets in imports.items():
        graph.link(f"/{name}", Links(imports=dict.fromkeys((f"/{target}" for target in targets.split()), EVERYTHING)))
    return graph


ABANDONED = {
    "alone": ({"app": "", "a": ""}, "a", "", "a"),
    "with what is below": ({"app": "", "a": "b", "b": "c", "c": ""}, "a", "", "a b c"),
    "what another imports stays": ({"app": "", "a": "b", "other": "b", "b": "c"}, "a", "", "a"),
    "a circle": ({"app": "", "a": "b", "b": "a"}, "a", "", "a b"),
    "a circle held from outside": ({"app": "b", "a": "b", "b": "a"}, "a", "", ""),
    "an entry stays, with what is below": ({"app": "", "a": "b", "b": "c"}, "a", "b", "a"),
}


@pytest.mark.parametrize(("imports", "dropped", "entries", "gone"), ABANDONED.values(), ids=ABANDONED)
def test_what_is_abandoned(imports: dict[str, str], dropped: str, entries: str, gone: str) -> None:
    graph = linked(**imports)
    expected = tuple(f"/{name}" for name in gone.split())
    graph.enter(f"/{name}" for name in entries.split())
    assert graph.abandon([f"/{dropped}"]) == expected
    assert all(graph.add(url).orphaned for url in expected)


def test_what_comes_back_brings_what_is_below() -> None:
    graph = linked(app="", a="b", b="")
    graph.abandon(["/a"])
    graph.link("/app", Links(imports={"/a": EVERYTHING}))
    assert not graph.add("/a").orphaned and not graph.add("/b").orphaned


def test_what_is_abandoned_holds_nothing() -> None:
    graph = linked(app="", a="b", b="", other="b")
    assert graph.abandon(["/other"]) == ("/other",)
    assert graph.abandon(["/a"]) == ("/a", "/b")


def test_an_entry_is_never_orphaned() -> None:
    graph = linked(a="app b", b="app", app="c", c="")
    graph.enter(["/app"])
    for name in "ab":
        graph.abandon(graph.link(f"/{name}", Links()))
    assert not graph.add("/app").orphaned and not graph.add("/c").orphaned


def test_what_a_page_begins_to_load_itself_is_reached_again() -> None:
    graph = linked(a="app", app="c", c="")
    graph.abandon(graph.link("/a", Links()))
    assert graph.add("/c").orphaned
    graph.enter(["/app"])
    assert not graph.add("/app").orphaned and not graph.add("/c").orphaned
