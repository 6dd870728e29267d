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
