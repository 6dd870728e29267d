"""From a changed module upwards to who accepts it: which imports a page makes, or why it reloads."""

from collections.abc import Mapping

import pytest

from hmr_middleware.core.graph import EVERYTHING, Graph, Links
from hmr_middleware.core.propagation import Plan, View, chain_to, propagate


def imports(*urls: str, accepts: str = "", declines: str = "", **more: object) -> Links:
    """Return the links of a module that imports *urls*; *accepts* and *declines* name some of them."""
    return Links(
        imports=dict.fromkeys(urls, EVERYTHING),
        accepted=frozenset(accepts.split()),
        declined=frozenset(declines.split()),
        **more,  # type: ignore[arg-type]
    )


PLAIN = imports()
SELF = imports(accepts_itself=True)
NONE: frozenset[str] = frozenset()


def view_of(files: Mapping[str, Links], **more: object) -> View:
    graph = Graph()
    for url, links in files.items():
        graph.link(url, links)
    return View(graph, **more)  # type: ignore[arg-type]


def in_words(plan: Plan) -> str:
    """Return *plan* as text: "boundary < accepted" for each update, with "(bubbled)" behind; or why a reload."""
    updates = (f"{item.boundary} < {item.accepted}{' (bubbled)' * item.bubbled}" for item in plan.updates)
    return plan.reason or ", ".join(updates) or "nothing"


def case(name: str, changed: str, files: dict[str, Links], expected: str) -> object:
    return pytest.param(changed.split(), files, expected, id=name)


UPDATES = [
    case("accepts-itself", "a", {"app": imports("a"), "a": SELF}, "a < a"),
    case("accepted-above", "a", {"app": imports("a", accepts="a"), "a": PLAIN}, "app < a"),
    case(
        "accepted-two-above",
        "b",
        {"app": imports("a", accepts="a"), "a": imports("b"), "b": PLAIN},
        "app < a (bubbled)",
    ),
    case(
        "itself-accepts-for-what-it-imports",
        "b",
        {"a": imports("b", accepts_itself=True), "b": PLAIN},
        "a < a (bubbled)",
    ),
    case(
        "nearest-boundary-wins",
        "b",
        {"app": imports("a", accepts="a"), "a": imports("b", accepts="b"), "b": PLAIN},
        "a < b",
    ),
    case(
        "itself-counts-before-its-importer",
        "a",
        {"app": imports("a", accepts="a"), "a": SELF},
        "a < a",
    ),
    case(
        "two-branches-two-boundaries",
        "c",
        {"a": imports("c", accepts="c"), "b": imports("c", accepts_itself=True), "c": PLAIN},
        "a < c, b < b (bubbled)",
    ),
    case(
        "a-diamond-runs-its-top-once",
        "d",
        {"app": imports("a", accepts="a"), "a": imports("b", "c"), "b": imports("d"), "c": imports("d"), "d": PLAIN},
        "app < a (bubbled)",
    ),
    case(
        "circle-below-a-boundary",
        "b",
        {"app": imports("a", accepts="a"), "a": imports("b"), "b": imports("a")},
        "app < a (bubbled)",
    ),
    case(
        "circle-through-an-accepting-module",
        "b",
        {"a": imports("b", accepts_itself=True), "b": imports("a")},
        "a < a (bubbled)",
    ),
    case(
        "a-batch-is-one-plan", "a b", {"app": imports("a", "b", accepts="a b"), "a": PLAIN, "b": SELF}, "app < a, b < b"
    ),
    case(
        "callback-of-what-runs-again-is-dropped",
        "c d",
        {"app": imports("a", accepts="a"), "a": imports("c", "d", accepts="c"), "c": PLAIN, "d": PLAIN},
        "app < a (bubbled)",
    ),
    case(
        "sheet-and-the-sheet-that-imports-it",
        "b",
        {"a": imports("b", accepted_exports=NONE), "b": imports(accepted_exports=NONE)},
        "b < b, a < a (bubbled)",
    ),
    case(
        "only-accepted-exports-are-used",
        "a",
        {"app": Links(imports={"a": frozenset({"x"})}), "a": imports(accepted_exports=frozenset({"x", "y"}))},
        "a < a",
    ),
    case("accepted-exports-at-the-top", "a", {"a": imports(accepted_exports=frozenset({"x"}))}, "a < a"),
]

RELOADS = [
    case("nobody-accepts", "a", {"app": imports("a"), "a": PLAIN}, "a <- app: nobody accepts"),
    case("the-root-itself", "app", {"app": PLAIN}, "app: nobody accepts"),
    case(
        "the-chain-is-told",
        "js/b.js",
        {"js/app.js": imports("js/a.js"), "js/a.js": imports("js/b.js"), "js/b.js": PLAIN},
        "b.js <- a.js <- app.js: nobody accepts",
    ),
    case(
        "one-branch-of-two",
        "c",
        {"a": imports("c", accepts="c"), "b": imports("c"), "c": PLAIN},
        "c <- b: nobody accepts",
    ),
    case("one-of-a-batch", "a b", {"app": imports("a", "b", accepts="a")}, "b <- app: nobody accepts"),
    case(
        "declines-itself",
        "a",
        {"app": imports("a", accepts="a"), "a": imports(declines_itself=True)},
        "a: a declines updates",
    ),
    case("importer-declines-it", "a", {"app": imports("a", declines="a", accepts_itself=True)}, "a: app declines it"),
    case(
        "another-export-is-used",
        "a",
        {"app": Links(imports={"a": frozenset({"z"})}), "a": imports(accepted_exports=frozenset({"x"}))},
        "a <- app: nobody accepts",
    ),
    case("accepts-another-dependency", "a", {"app": imports("a", "b", accepts="b")}, "a <- app: nobody accepts"),
]


@pytest.mark.parametrize(("changed", "files", "expected"), UPDATES + RELOADS)
def test_propagate(changed: list[str], files: dict[str, Links], expected: str) -> None:
    assert in_words(propagate(changed, view_of(files))) == expected


@pytest.mark.parametrize(("changed", "files", "expected"), RELOADS)
def test_a_reload_updates_nothing(changed: list[str], files: dict[str, Links], expected: str) -> None:  # noqa: ARG001
    plan = propagate(changed, view_of(files))
    assert (plan.updates, plan.reruns) == ((), ())


def test_a_circle_without_a_way_out_reloads() -> None:
    plan = propagate(["a"], view_of({"a": imports("b"), "b": imports("a")}))
    assert plan.reason.endswith("the imports go round in a circle that nobody accepts")


def test_a_circle_beside_a_boundary_has_no_way_out_of_its_own() -> None:
    files = {"app": imports("c", accepts="c"), "a": imports("b", "c"), "b": imports("a"), "c": PLAIN}
    assert "circle" in propagate(["c"], view_of(files)).reason


def test_what_runs_again_is_told_outermost_first() -> None:
    files = {"app": imports("a", accepts="a"), "a": imports("b"), "b": imports("c"), "c": PLAIN}
    assert propagate(["c"], view_of(files)).reruns == ("a", "b", "c")


def test_a_boundary_that_stays_does_not_run_again() -> None:
    assert propagate(["a"], view_of({"app": imports("a", accepts="a")})).reruns == ("a",)


def test_boundaries_are_named_once() -> None:
    plan = propagate(["a", "b"], view_of({"app": imports("a", "b", accepts="a b")}))
    assert plan.boundaries == ("app",)


ONE_OF_TWO = {"a": imports("c", accepts="c"), "b": imports("c"), "c": PLAIN}


@pytest.mark.parametrize(
    ("loaded", "expected"),
    [
        pytest.param({"a", "c"}, "a < c", id="only-the-importer-that-accepts"),
        pytest.param({"b", "c"}, "c <- b: nobody accepts", id="only-the-importer-that-does-not"),
        pytest.param({"a", "b"}, "nothing", id="not-the-module"),
        pytest.param(set(), "nothing", id="no-modules"),
        pytest.param({"c"}, "c: nobody accepts", id="the-page-itself-loads-it"),
    ],
)
def test_a_page_counts_only_what_it_has_loaded(loaded: set[str], expected: str) -> None:
    assert in_words(propagate(["c"], view_of(ONE_OF_TWO, loaded=loaded))) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param({"app"}, "app < a", id="above"),
        pytest.param({"a"}, "a: nobody accepts", id="the-module-itself"),
    ],
)
def test_what_the_page_itself_loads_is_a_root(entries: set[str], expected: str) -> None:
    files = {"app": imports("a", accepts="a"), "a": PLAIN}
    assert in_words(propagate(["a"], view_of(files, entries=entries))) == expected


def test_an_orphan_is_no_root() -> None:
    view = view_of({"app": imports("a"), "a": PLAIN})
    view.graph.link("app", PLAIN)
    assert not propagate(["a"], view)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"app": imports("a", accepts="a"), "a": SELF}, "app < a", id="its-importer-accepts"),
        pytest.param({"app": imports("a", accepts_itself=True), "a": SELF}, "app < app (bubbled)", id="further-up"),
        pytest.param({"app": imports("a"), "a": SELF}, "a <- app: nobody accepts", id="nobody-above-accepts"),
        pytest.param({"a": SELF}, "a: gave up its own acceptance", id="at-the-top"),
        pytest.param(
            {"app": imports("a", accepts="a"), "a": imports(accepted_exports=NONE)},
            "app < a",
            id="accepted-exports-count-no-more",
        ),
    ],
)
def test_a_module_that_gave_up_is_climbed_over(files: dict[str, Links], expected: str) -> None:
    assert in_words(propagate(["a"], view_of(files, invalidated={"a"}))) == expected


@pytest.mark.parametrize(
    ("tops", "changed", "expected"),
    [
        pytest.param({"worker"}, ["leaf"], "leaf <- mid <- worker", id="below"),
        pytest.param({"worker"}, ["worker"], "worker", id="itself"),
        pytest.param({"worker"}, ["app"], "", id="beside"),
        pytest.param({"worker"}, ["app", "leaf"], "leaf <- mid <- worker", id="one-of-two"),
        pytest.param(set(), ["leaf"], "", id="none-wanted"),
        pytest.param({"elsewhere"}, ["round"], "", id="a-circle"),
    ],
)
def test_the_chain_up_to_a_module(tops: set[str], changed: list[str], expected: str) -> None:
    files = {
        "worker": imports("mid"),
        "mid": imports("leaf", accepts_itself=True),
        "leaf": PLAIN,
        "app": imports("leaf"),
        "round": imports("round"),
    }
    assert chain_to(tops, changed, view_of(files).graph) == expected


@pytest.mark.parametrize(
    ("plan", "means_something"),
    [(Plan(), False), (Plan(reason="why"), True), (propagate(["a"], view_of({"a": SELF})), True)],
    ids=["empty", "reload", "update"],
)
def test_truth_of_a_plan(plan: Plan, means_something: bool) -> None:
    assert bool(plan) is means_something


def test_reruns_put_every_importer_before_what_it_imports() -> None:
    graph = Graph()
    graph.link("/basket.js", imports("/line.js", "/money.js", accepts_itself=True))
    graph.link("/line.js", imports("/money.js"))
    assert propagate(["/money.js"], View(graph)).reruns == ("/basket.js", "/line.js", "/money.js")
