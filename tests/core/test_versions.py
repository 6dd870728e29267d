"""Which version is live: the newest change among a module and what re-runs it."""

import pytest

from hmr_middleware.core.graph import EVERYTHING, Graph, Links, Module
from hmr_middleware.core.versions import changed_since, raise_versions, reruns


def graph_of(**files: Links) -> Graph:
    graph = Graph()
    for url, links in files.items():
        graph.link(url, links)
    return graph


def imports(*urls: str, **more: object) -> Links:
    return Links(imports=dict.fromkeys(urls, EVERYTHING), **more)  # type: ignore[arg-type]


PLAIN, SELF = Links(), Links(accepts_itself=True)
PARTLY = Links(accepted_exports=frozenset({"a", "b"}))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"app": imports("a"), "a": imports("b"), "b": PLAIN}, {"app": 7, "a": 7, "b": 7}, id="chain"),
        pytest.param({"app": imports("b"), "b": SELF}, {"app": 0, "b": 7}, id="accepts-itself"),
        pytest.param(
            {"app": imports("b", accepted=frozenset({"b"})), "b": PLAIN}, {"app": 0, "b": 7}, id="accepted-above"
        ),
        pytest.param(
            {"app": imports("a", accepted=frozenset({"a"})), "a": imports("b"), "b": PLAIN},
            {"app": 0, "a": 7, "b": 7},
            id="accepted-two-above",
        ),
        pytest.param(
            {"x": imports("b", accepted=frozenset({"b"})), "y": imports("b"), "b": PLAIN},
            {"x": 0, "y": 7, "b": 7},
            id="accepted-by-one-of-two",
        ),
        pytest.param(
            {"app": imports("b", dynamic=frozenset({"b"})), "b": PLAIN}, {"app": 0, "b": 7}, id="imported-dynamically"
        ),
        pytest.param({"a": imports("b"), "b": imports("a")}, {"a": 7, "b": 7}, id="circle"),
        pytest.param({"app": imports("c"), "b": PLAIN, "c": PLAIN}, {"app": 0, "b": 7, "c": 0}, id="unrelated"),
        pytest.param(
            {"app": Links(imports={"b": frozenset({"a"})}), "b": PARTLY}, {"app": 0, "b": 7}, id="accepted-export"
        ),
        pytest.param(
            {"app": Links(imports={"b": frozenset({"c"})}), "b": PARTLY}, {"app": 7, "b": 7}, id="another-export"
        ),
    ],
)
def test_a_change_of_b_raises(files: dict[str, Links], expected: dict[str, int]) -> None:
    graph = graph_of(**files)
    graph.add("b").stamp = 7
    raise_versions(graph, ["b"])
    assert {url: graph.add(url).version for url in expected} == expected


def test_the_newest_change_counts() -> None:
    graph = graph_of(app=imports("a", "b"), a=PLAIN, b=PLAIN)
    graph.add("a").stamp, graph.add("b").stamp = 5, 9
    raise_versions(graph, ["a", "b"])
    assert [graph.add(url).version for url in ("app", "a", "b")] == [9, 5, 9]


def test_versions_only_grow() -> None:
    graph = graph_of(a=PLAIN)
    graph.add("a").version, graph.add("a").stamp = 9, 5
    raise_versions(graph, ["a"])
    assert graph.add("a").version == 9


def test_a_new_dependency_that_has_changed_is_newer_than_its_importer() -> None:
    graph = graph_of(b=PLAIN)
    graph.add("b").stamp = 7
    raise_versions(graph, ["b"])
    graph.link("app", imports("b"))
    raise_versions(graph, ["app"])
    assert graph.add("app").version == 7


@pytest.mark.parametrize(
    ("dependency", "importer", "names", "expected"),
    [
        pytest.param(PLAIN, PLAIN, EVERYTHING, True, id="nobody-accepts"),
        pytest.param(SELF, PLAIN, EVERYTHING, False, id="accepts-itself"),
        pytest.param(PLAIN, Links(accepted=frozenset({"b"})), EVERYTHING, False, id="importer-accepts"),
        pytest.param(PLAIN, Links(accepted=frozenset({"c"})), EVERYTHING, True, id="importer-accepts-another"),
        pytest.param(PARTLY, PLAIN, frozenset({"a"}), False, id="accepted-export"),
        pytest.param(PARTLY, PLAIN, frozenset({"a", "b"}), False, id="every-accepted-export"),
        pytest.param(PARTLY, PLAIN, frozenset({"a", "c"}), True, id="one-export-more"),
        pytest.param(PARTLY, PLAIN, EVERYTHING, True, id="all-exports"),
        pytest.param(PARTLY, PLAIN, frozenset(), False, id="side-effect-only"),
    ],
)
def test_reruns(dependency: Links, importer: Links, names: frozenset[str], expected: bool) -> None:
    assert reruns(Module("b", links=dependency, linked=True), Module("a", links=importer), names) is expected


def test_of_what_has_not_been_read_nobody_knows_whether_it_accepts() -> None:
    assert not reruns(Module("b"), Module("a"))


@pytest.mark.parametrize(
    ("mtime", "ctime", "since", "expected"),
    [
        pytest.param(5, 5, 9, 0, id="before"),
        pytest.param(9, 9, 9, 0, id="at-that-time"),
        pytest.param(12, 13, 9, 12, id="saved"),
        pytest.param(3, 12, 9, 12, id="copied-with-its-old-time"),
        pytest.param(12, 3, 9, 12, id="time-set-forward"),
    ],
)
def test_changed_since(mtime: int, ctime: int, since: int, expected: int) -> None:
    assert changed_since(mtime, ctime, since) == expected
