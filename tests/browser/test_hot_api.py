"""The corners of `import.meta.hot` that docs/hot-api.md promises, and the promises themselves."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket, WebSocketRoute

from browser.projects import document
from browser.sites import Site
from browser.stories import save, stayed, story, telling, wait_story
from browser.tabs import (
    loads,
    mark,
    page_errors,
    wait_connected,
    wait_for_console,
    wait_for_loads,
    wait_until,
)

Open = Callable[..., Site]
ROOT = Path(__file__).resolve().parent.parent.parent
IS_COVERED = (
    "Boolean(document.querySelector('hmr-error-overlay')"
    "?.shadowRoot.querySelector('[role=alertdialog]')?.checkVisibility())"
)


@pytest.fixture
def opened(start: Callable[..., Site], page: Page) -> Open:
    """Return a function that starts a site with these modules and opens its front page, connected and marked."""

    def open_site(static: dict[str, str], *entries: str) -> Site:
        tags = "".join(f'<script type="module" src="/static/{name}"></script>' for name in entries or ["app.js"])
        site = start("flask", "werkzeug", pages={"/": document(tags)}, static=telling(static))
        page.goto(site.url)
        wait_connected(page)
        mark(page)
        return site

    return open_site


# Accepting


def test_several_callbacks_run_in_order_each_awaited(opened: Open, page: Page) -> None:
    source = (
        "import.meta.hot.accept(async () => { await new Promise((go) => setTimeout(go, 20)); log('first {}') });"
        "import.meta.hot.accept(() => log('second {}'))"
    )
    site = opened({"app.js": source.replace("{}", "of 1")})
    save(site, "app.js", source.replace("{}", "of 2"))
    wait_story(page, ["first of 1", "second of 1"])
    assert stayed(page)


def test_a_callback_that_throws_stops_nothing(opened: Open, page: Page) -> None:
    source = (
        "log('{}'); import.meta.hot.accept(() => { throw new Error('thrown on purpose') });"
        "import.meta.hot.accept(() => log('called'))"
    )
    site = opened({"app.js": source.replace("{}", "1")})
    save(site, "app.js", source.replace("{}", "2"))
    wait_story(page, ["1", "2", "called"])
    wait_for_console(page, "thrown on purpose")
    save(site, "app.js", source.replace("{}", "3"))
    wait_story(page, ["1", "2", "called", "3", "called"])
    assert stayed(page)


LISTS = {
    "({ deps })": "({ deps }) => log(deps.map((dep) => dep.v).join())",
    "([a, b])": "([a, b]) => log(`${a.v},${b.v}`)",
    "(all)": "(all) => log(`${all.length}: ${all[0].v},${all[1].v} of ${all.module.name}, ${all.bubbled}`)",
}


@pytest.mark.parametrize("callback", LISTS.values(), ids=LISTS)
def test_a_list_s_callback_in_either_dialect(opened: Open, page: Page, callback: str) -> None:
    accept = f"import.meta.hot.accept(['./a.js', './b.js'], {callback})"
    app = f"import './a.js'; import './b.js'; export const name = 'app'; {accept}"
    site = opened({"app.js": app, "a.js": "export const v = 'a1'", "b.js": "export const v = 'b1'"})
    save(site, "b.js", "export const v = 'b2'")
    wait_story(page, ["2: a1,b2 of app, false" if "all" in callback else "a1,b2"])
    assert stayed(page)


def test_a_list_accepts_the_module_itself_too(opened: Open, page: Page) -> None:
    app = (
        "import './a.js'; export const v = {}; log(`app ${v}`);"
        "import.meta.hot.accept(['./a.js'], ({ module, deps: [a] }) => log(`module ${module.v}, a ${a.v}`))"
    )
    site = opened({"app.js": app.replace("{}", "1"), "a.js": "export const v = 1; log('a')"})
    save(site, "app.js", app.replace("{}", "2"))
    wait_story(page, ["a", "app 1", "app 2", "module 2, a 1"])
    assert stayed(page)


def test_a_callback_that_lists_what_was_dropped_does_not_bring_it_back(opened: Open, page: Page) -> None:
    both = "import './a.js'; import './b.js'; import.meta.hot.accept(['./a.js', './b.js'], ([a, b]) => log([a.v, b.v]))"
    one = "import './a.js'; import.meta.hot.accept(['./a.js'], ([a]) => log(a.v))"
    site = opened({"app.js": both, "a.js": "export const v = 'a1'", "b.js": "export const v = 'b1'"})
    save(site, "app.js", one)
    told: list[object] = [["a1", "b1"], "a1"]
    wait_until(page, lambda: page.evaluate("globalThis.story") == told, "the callbacks")
    save(site, "b.js", "export const v = 'b2'")
    save(site, "a.js", "export const v = 'a2'")
    wait_until(page, lambda: page.evaluate("story") == [*told, ["a2", "b1"], "a2"], "the callbacks again")
    save(site, "b.js", "export const v = 'b3'")
    save(site, "a.js", "export const v = 'a3'")
    wait_until(page, lambda: page.evaluate("story").count("a3"), "the callbacks once more")
    assert page.evaluate("story") == [*told, ["a2", "b1"], "a2", ["a3", "b1"], "a3"]
    assert stayed(page)


def test_a_callback_runs_once_for_two_of_its_dependencies(opened: Open, page: Page) -> None:
    app = "import './a.js'; import './b.js'; import.meta.hot.accept(['./a.js', './b.js'], ([a, b]) => log(a.v + b.v))"
    site = opened({"app.js": app, "a.js": "export const v = 1", "b.js": "export const v = 1"})
    page.evaluate("hmr.pause()")
    save(site, "a.js", "export const v = 20")
    save(site, "b.js", "export const v = 300")
    both_files = ["/static/a.js", "/static/b.js"]
    wait_until(page, lambda: page.evaluate("hmr.check().then((keys) => keys?.sort() ?? [])") == both_files, "both")
    page.evaluate("hmr.resume()")
    wait_until(page, lambda: story(page), "the callback")
    assert page.evaluate("story") == [320]
    assert stayed(page)


def test_a_dependency_without_a_callback_runs_alone(opened: Open, page: Page) -> None:
    app = "import './dep.js'; log('app'); import.meta.hot.accept('./dep.js')"
    site = opened({"app.js": app, "dep.js": "log('dep 1')"})
    save(site, "dep.js", "log('dep 2')")
    wait_story(page, ["dep 1", "app", "dep 2"])
    assert stayed(page)


def test_whether_a_module_accepts_is_read_from_its_newest_source(opened: Open, page: Page) -> None:
    site = opened(
        {
            "app.js": "import { v } from './child.js'; log(`app ${v}`); import.meta.hot.accept()",
            "child.js": "export const v = 1; import.meta.hot.accept(() => log('child'))",
        }
    )
    save(site, "child.js", "export const v = 2; import.meta.hot")
    wait_story(page, ["app 1", "app 2"])
    save(site, "child.js", "export const v = 3; import.meta.hot.accept(() => log('child'))")
    wait_story(page, ["app 1", "app 2", "child"])
    assert stayed(page)


ONE = "import './dep.js'; import.meta.hot.accept('./dep.js', () => log('called'), HANDLER)"
LIST = "import './dep.js'; import.meta.hot.accept(['./dep.js'], () => log('called'), HANDLER)"
ITSELF = "export const v = 1; import.meta.hot.accept(() => log('called'), HANDLER)"
PICKY = "({ v }) => { if (!v) throw new Error('broken'); log('called') }"
BROKEN = "throw new Error('broken'); import.meta.hot.accept()"
THROWS = {
    "accept(cb, onError)": ("import './dep.js'", ITSELF, BROKEN, "dep.js undefined"),
    "accept(dep, cb, onError), dep throws": (ONE, "1", BROKEN.partition(";")[0], "app.js /static/dep.js"),
    "accept(deps[], cb, onError), dep throws": (LIST, "1", BROKEN.partition(";")[0], "app.js /static/dep.js"),
    "accept(dep, cb, onError), cb throws": (
        ONE.replace("() => log('called')", PICKY),
        "1",
        "export const v = 0",
        "app.js /static/dep.js",
    ),
}


@pytest.mark.parametrize(("app", "dep", "broken", "at"), THROWS.values(), ids=THROWS)
def test_an_error_handler_takes_the_overlays_place(
    opened: Open, page: Page, app: str, dep: str, broken: str, at: str
) -> None:
    handler = "(error, { id, dependencyId }) => log(`${error.message} at ${id} ${dependencyId}`)"
    site = opened({"app.js": app.replace("HANDLER", handler), "dep.js": dep.replace("HANDLER", handler)})
    save(site, "dep.js", broken)
    wait_story(page, [f"broken at /static/{at}"])
    assert not page.evaluate(IS_COVERED)
    save(site, "dep.js", ITSELF.replace("HANDLER", handler) if dep != "1" else "export const v = 1")
    wait_story(page, [f"broken at /static/{at}", "called"])
    assert stayed(page)


TARGET = "export const a = {}, b = {}; export default {}; import.meta.hot.acceptExports(LIST, (m) => log(`new ${m.a}`))"
EXPORTS = {
    "an accepted one": ("import { a } from './target.js'; a", "'a'", "hot"),
    "accepted ones under other names": ("import { a as x, b as y } from './target.js'; x, y", "['a', 'b']", "hot"),
    "one that is not accepted": ("import { a, b } from './target.js'; a, b", "'a'", "reload"),
    "an accepted default": ("import it from './target.js'; it", "['default']", "hot"),
    "a default that is not accepted": ("import it from './target.js'; it", "'a'", "reload"),
    "none, for the side effect": ("import './target.js'", "[]", "hot"),
    "all by import *": ("import * as all from './target.js'; all", "['a', 'b']", "reload"),
    "all by import()": ("await import('./target.js')", "['a', 'b']", "reload"),
    "all by import *, all accepted": ("import * as all from './target.js'; all", "['a', 'b', 'default']", "hot"),
    "all by import(), all accepted": ("await import('./target.js')", "['a', 'b', 'default']", "hot"),
    "a re-exported one": ("export { a } from './target.js'", "'a'", "hot"),
    "a re-exported one that is not accepted": ("export { b } from './target.js'", "'a'", "reload"),
    "all by export *": ("export * from './target.js'", "['a', 'b']", "reload"),
}


@pytest.mark.parametrize(("user", "accepted", "outcome"), EXPORTS.values(), ids=EXPORTS)
def test_accepted_exports_are_a_boundary_unless_another_is_used(
    opened: Open, page: Page, user: str, accepted: str, outcome: str
) -> None:
    target = TARGET.replace("LIST", accepted)
    site = opened({"app.js": f"{user}; log('app')", "target.js": target.replace("{}", "1")})
    wait_story(page, ["app"])
    save(site, "target.js", target.replace("{}", "2"))
    if outcome == "hot":
        wait_story(page, ["app", "new 2"])
        assert stayed(page)
    else:
        wait_for_loads(page, 2)
        wait_story(page, ["app"])


def test_a_change_below_accepted_exports_stops_there(opened: Open, page: Page) -> None:
    site = opened(
        {
            "app.js": "import { a } from './target.js'; log('app')",
            "target.js": "import { v } from './leaf.js'; export const a = v;"
            "import.meta.hot.acceptExports(['a'], (m) => log(`new ${m.a}`)); log(`target ${a}`)",
            "leaf.js": "export const v = 1",
        }
    )
    save(site, "leaf.js", "export const v = 2")
    wait_story(page, ["target 1", "app", "target 2", "new 2"])
    assert stayed(page)


DECLINED = {
    "decline(dep)": "import.meta.hot.decline('./leaf.js')",
    "decline(deps[])": "import.meta.hot.decline(['./other.js', './leaf.js'])",
    "decline wins over accept": "import.meta.hot.accept('./leaf.js'); import.meta.hot.decline(['./leaf.js'])",
}


@pytest.mark.parametrize("call", DECLINED.values(), ids=DECLINED)
def test_a_declined_dependency_reloads(opened: Open, page: Page, call: str) -> None:
    site = opened(
        {
            "app.js": "import './mid.js'; import.meta.hot.accept()",
            "mid.js": f"import './leaf.js'; import './other.js'; {call}",
            "leaf.js": "log('leaf 1')",
            "other.js": "",
        }
    )
    save(site, "leaf.js", "log('leaf 2')")
    wait_for_loads(page, 2)
    wait_story(page, ["leaf 2"])
    wait_for_console(page, "reload: leaf.js: mid.js declines it")


def test_live_bindings_of_an_importer_are_not_rebound(opened: Open, page: Page) -> None:
    site = opened(
        {
            "app.js": "import { v } from './dep.js'; let current = v;"
            "import.meta.hot.accept('./dep.js', (dep) => { current = dep.v; log(`bound ${v}, current ${current}`) })",
            "dep.js": "export const v = 1",
        }
    )
    save(site, "dep.js", "export const v = 2")
    wait_story(page, ["bound 1, current 2"])
    assert stayed(page)


# Disposing and data


def test_several_dispose_handlers_share_one_data(opened: Open, page: Page) -> None:
    source = (
        "log(`run {} ${import.meta.hot.data.left ?? 'fresh'}`);"
        "import.meta.hot.dispose(async (data) => { await null; data.left = 'first {}'; log(data.left) });"
        "import.meta.hot.addDisposeHandler((data) => { data.left += ', second {}'; log(data.left) });"
        "import.meta.hot.accept()"
    )
    site = opened({"app.js": source.replace("{}", "1")})
    save(site, "app.js", source.replace("{}", "2"))
    told = ["run 1 fresh", "first 1", "first 1, second 1", "run 2 first 1, second 1"]
    wait_story(page, told)
    save(site, "app.js", source.replace("{}", "3"))
    told += ["first 2", "first 2, second 2", "run 3 first 2, second 2"]
    wait_story(page, told)
    assert stayed(page)


def test_a_dispose_handler_that_throws_stops_nothing(opened: Open, page: Page) -> None:
    source = (
        "log('{}'); import.meta.hot.dispose(() => { throw new Error('thrown on purpose') });"
        "import.meta.hot.dispose(() => log('dispose {}')); import.meta.hot.accept()"
    )
    site = opened({"app.js": source.replace("{}", "1")})
    save(site, "app.js", source.replace("{}", "2"))
    wait_story(page, ["1", "dispose 1", "2"])
    wait_for_console(page, "thrown on purpose")
    assert stayed(page)


def test_a_dispose_handler_may_be_removed(opened: Open, page: Page) -> None:
    source = (
        "log('{}'); const no = () => log('not this'); import.meta.hot.dispose(no);"
        "import.meta.hot.dispose(() => log('dispose {}')); import.meta.hot.removeDisposeHandler(no);"
        "import.meta.hot.accept()"
    )
    site = opened({"app.js": source.replace("{}", "1")})
    save(site, "app.js", source.replace("{}", "2"))
    wait_story(page, ["1", "dispose 1", "2"])


DATA = {
    "mutated": "import.meta.hot.data.count = (import.meta.hot.data.count ?? 0) + 1",
    "assigned": "import.meta.hot.data = { count: (import.meta.hot.data?.count ?? 0) + 1 }",
}


@pytest.mark.parametrize("change", DATA.values(), ids=DATA)
def test_data_survives(opened: Open, page: Page, change: str) -> None:
    source = f"{change}; log(`{{}} ${{import.meta.hot.data.count}}`); import.meta.hot.accept()"
    site = opened({"app.js": source.replace("{}", "a")})
    for word in "bc":
        save(site, "app.js", source.replace("{}", word))
        wait_until(page, lambda word=word: story(page)[-1][0] == word, word)  # type: ignore[misc]
    assert story(page) == ["a 1", "b 2", "c 3"]


# Giving up


def test_invalidate_after_an_await(opened: Open, page: Page) -> None:
    source = (
        "export const v = {}; import.meta.hot.accept(async () => {"
        " await new Promise((go) => setTimeout(go, 20)); log('give up'); import.meta.hot.invalidate('later') })"
    )
    site = opened(
        {
            "app.js": "import { v } from './child.js'; log(`app ${v}`); import.meta.hot.accept()",
            "child.js": source.replace("{}", "1"),
        }
    )
    for number in (2, 3):
        save(site, "child.js", source.replace("{}", str(number)))
        wait_until(page, lambda number=number: story(page)[-1] == f"app {number}", f"update {number}")  # type: ignore[misc]
    assert story(page) == ["app 1", "give up", "app 2", "give up", "app 3"]
    assert stayed(page)


def test_a_circle_that_gives_up_reloads_once(opened: Open, page: Page) -> None:
    gives_up = "import.meta.hot.accept(() => import.meta.hot.invalidate())"
    site = opened(
        {
            "app.js": "import './a.js'; log('app')",
            "a.js": f"import './b.js'; {gives_up}",
            "b.js": f"import './a.js'; log('b 1'); {gives_up}",
        }
    )
    save(site, "b.js", f"import './a.js'; log('b 2'); {gives_up}")
    wait_for_loads(page, 2)
    wait_connected(page, count=2)
    wait_story(page, ["b 2", "app"])
    save(site, "app.js", "import './a.js'; log('app again')")  # what may still be under way comes before this
    wait_for_loads(page, 3)
    wait_story(page, ["b 2", "app again"])
    assert loads(page) == 3


def test_invalidate_runs_the_importer_once_in_each_tab(opened: Open, page: Page, open_tab: Callable[[], Page]) -> None:
    child = "export const v = {}; import.meta.hot.accept(() => import.meta.hot.invalidate())"
    end = "log('end {}'); import.meta.hot.accept()"
    site = opened(
        {
            "app.js": "import { v } from './child.js'; import './end.js'; log(`app ${v}`); import.meta.hot.accept()",
            "child.js": child.replace("{}", "1"),
            "end.js": end.replace("{}", "1"),
        }
    )
    other = open_tab()
    other.goto(site.url)
    wait_connected(other)
    save(site, "child.js", child.replace("{}", "2"))
    for tab in (page, other):
        wait_story(tab, ["end 1", "app 1", "app 2"])
    save(site, "end.js", end.replace("{}", "2"))
    for tab in (page, other):
        wait_story(tab, ["end 1", "app 1", "app 2", "end 2"])
    assert loads(page) == loads(other) == 1


# Events


LISTEN = """
for (const event of {}) for (const prefix of ["vite", "hmr"])
  import.meta.hot.on(`${prefix}:${event}`, (payload) => log(`${prefix}:${event} ` + TEXT));
"""


def listen(*events: str, text: str) -> str:
    """Return code that tells of *events*, under both prefixes, what the expression *text* says of the payload."""
    return LISTEN.replace("{}", json.dumps(events)).replace("TEXT", text)


def both(event: str, text: str) -> list[str]:
    """Return what the code of `listen` tells."""
    return [f"{prefix}:{event} {text}" for prefix in ("vite", "hmr")]


def test_the_event_of_an_error(opened: Open, page: Page) -> None:
    site = opened(
        {
            "app.js": listen("error", text="`${payload.err.id} ${payload.err.message}`") + "import './a.js'",
            "a.js": "import.meta.hot.accept()",
        }
    )
    save(site, "a.js", "import { none } from './nothing.js'; import.meta.hot.accept()")
    wait_until(page, lambda: len(story(page)) == 2, "the error under both prefixes")
    assert [line.split(" ")[:2] for line in story(page)] == [
        [f"{prefix}:error", "/static/a.js"] for prefix in ("vite", "hmr")
    ]
    assert all("nothing.js" in line and "404" in line for line in story(page))


def test_the_event_of_giving_up(opened: Open, page: Page) -> None:
    child = "log('{}'); import.meta.hot.accept(() => import.meta.hot.invalidate('because'))"
    site = opened(
        {
            "app.js": listen("invalidate", text="`${payload.path} ${payload.message}`") + "import './mid.js'",
            "mid.js": "import './child.js'; log('mid'); import.meta.hot.accept()",
            "child.js": child.replace("{}", "1"),
        }
    )
    save(site, "child.js", child.replace("{}", "2"))
    wait_story(page, ["1", "mid", "2", *both("invalidate", "/static/child.js because"), "mid"])


def test_the_event_of_pruning(opened: Open, page: Page) -> None:
    site = opened(
        {
            "app.js": listen("beforePrune", text="payload.paths") + "import './mid.js'",
            "mid.js": "import './old.js'; import.meta.hot.accept()",
            "old.js": "import.meta.hot.prune(() => log('prune'))",
        }
    )
    save(site, "mid.js", "import.meta.hot.accept()")
    wait_story(page, [*both("beforePrune", "/static/old.js"), "prune"])


def test_the_event_before_a_reload(opened: Open, page: Page) -> None:
    listening = listen("beforeFullReload", text="`${payload.path} ${payload.preventDefault() ?? 'prevented'}`")
    site = opened({"app.js": listening})
    save(site, "app.js", "1")
    wait_story(page, both("beforeFullReload", "* prevented"))
    assert stayed(page)


def test_the_events_of_the_connection(opened: Open, page: Page) -> None:
    site = opened({"app.js": listen("ws:disconnect", "ws:connect", text="typeof payload")})
    before = len(story(page))
    site.server.restart()
    wait_until(page, lambda: len(story(page)) == before + 4, "both events under both prefixes")
    assert story(page)[before:] == [*both("ws:disconnect", "undefined"), *both("ws:connect", "undefined")]
    assert stayed(page)


def test_a_listener_may_leave_while_it_listens(opened: Open, page: Page) -> None:
    source = "log('{}'); import.meta.hot.accept()"
    site = opened(
        {
            "app.js": "const once = () => { log('heard'); import.meta.hot.off('vite:afterUpdate', once) };"
            "import.meta.hot.on('vite:afterUpdate', once); import './a.js'",
            "a.js": source.replace("{}", "1"),
        }
    )
    save(site, "a.js", source.replace("{}", "2"))
    wait_story(page, ["1", "2", "heard"])
    save(site, "a.js", source.replace("{}", "3"))
    wait_story(page, ["1", "2", "heard", "3"])


def test_a_listener_that_throws_stops_nothing(opened: Open, page: Page) -> None:
    source = "log('{}'); import.meta.hot.accept()"
    site = opened(
        {
            "app.js": "import.meta.hot.on('vite:beforeUpdate', () => { throw new Error('thrown on purpose') });"
            "import './a.js'",
            "a.js": source.replace("{}", "1"),
        }
    )
    save(site, "a.js", source.replace("{}", "2"))
    wait_story(page, ["1", "2"])
    wait_for_console(page, "thrown on purpose")


# Statuses


def test_status_handlers_come_and_go(opened: Open, page: Page) -> None:
    source = "log('{}'); import.meta.hot.accept()"
    site = opened(
        {
            "app.js": "const removed = () => log('not this'); import.meta.hot.addStatusHandler(removed);"
            "import.meta.hot.removeStatusHandler(removed);"
            "import.meta.hot.status((status) => log(`${status} ${import.meta.hot.status() === status}`));"
            "log(import.meta.hot.status()); import './a.js'",
            "a.js": source.replace("{}", "1"),
        }
    )
    save(site, "a.js", source.replace("{}", "2"))
    during = [f"{status} true" for status in ("prepare", "ready", "dispose", "apply")]
    wait_story(page, ["1", "idle", *during, "2", "idle true"])


FAILURES = {
    "nothing was touched": ("log('2'", ["prepare", "abort", "idle"]),
    "a version that throws": (
        "throw new Error('broken'); import.meta.hot.accept()",
        ["prepare", "ready", "dispose", "apply", "fail", "idle"],
    ),
}


@pytest.mark.parametrize(("broken", "statuses"), FAILURES.values(), ids=FAILURES)
def test_every_failure_ends_idle(opened: Open, page: Page, broken: str, statuses: list[str]) -> None:
    site = opened(
        {
            "app.js": "import.meta.hot.addStatusHandler((status) => log(status)); import './a.js'",
            "a.js": "import.meta.hot.accept()",
        }
    )
    save(site, "a.js", broken)
    wait_story(page, statuses)


def test_check_may_apply(opened: Open, page: Page) -> None:
    source = "log('{}'); import.meta.hot.accept()"
    static = {"app.js": source.replace("{}", "1"), "tools.js": "export const hot = import.meta.hot"}
    site = opened(static, "app.js", "tools.js")
    page.evaluate("hmr.pause()")
    save(site, "app.js", source.replace("{}", "2"))
    wait_until(page, lambda: page.evaluate("hmr.check()"), "what is pending")
    assert story(page) == ["1"]
    assert page.evaluate("import('/static/tools.js').then(({ hot }) => hot.check(true))") == ["/static/app.js"]
    wait_story(page, ["1", "2"])
    assert stayed(page)


Held = list[tuple[WebSocketRoute, str]]


@pytest.fixture
def held(page: Page) -> Held:
    """Hold back what the page says: messages, each with where it goes."""
    waiting: Held = []

    def hold(browsers: WebSocketRoute) -> None:
        servers = browsers.connect_to_server()
        browsers.on_message(lambda message: waiting.append((servers, str(message))))

    page.route_web_socket(re.compile("/__hmr/socket"), hold)
    return waiting


def test_a_save_before_the_hello_is_heard_comes_as_what_was_missed(held: Held, opened: Open, page: Page) -> None:
    source = "log('{}'); import.meta.hot.accept()"
    old = "import.meta.hot.dispose(() => log('dispose')); import.meta.hot.prune(() => log('prune'))"
    site = opened({"app.js": "import './old.js';" + source.replace("{}", "1"), "old.js": old, "plain.js": "1"})
    page.request.get(f"{site.url}static/plain.js", headers={"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"})
    save(site, "plain.js", "2")
    site.server.wait_for_output("reload: plain.js")
    save(site, "app.js", source.replace("{}", "2"))
    site.server.wait_for_output("update /static/app.js")
    wait_until(page, lambda: held, "the hello")
    for servers, said in held:
        servers.send(said)
    wait_story(page, ["1", "2", "dispose", "prune"])
    assert stayed(page)


def test_what_is_reported_after_it_left_the_page_is_pruned_all_the_same(held: Held, opened: Open, page: Page) -> None:
    left = "log('old'); import.meta.hot.dispose(() => log('dispose')); import.meta.hot.prune(() => log('prune'))"
    site = opened({"app.js": "import './old.js'; log('app'); import.meta.hot.accept()", "old.js": left})
    wait_until(page, lambda: held, "the hello")
    save(site, "app.js", "log('without'); import.meta.hot.accept()")
    site.server.wait_for_output("update /static/app.js")
    servers, said = held[0]
    hello = json.loads(said)
    for names in (["app.js"], ["old.js"]):  # it loads while the page says what it has
        modules = {f"/static/{name}": 0 for name in names}
        servers.send(json.dumps({**hello, "modules": modules, "more": False}))
    wait_story(page, ["old", "app", "without", "dispose", "prune"])
    assert stayed(page)


# Where it is not


def test_a_worker_has_no_hot_and_an_edit_of_its_modules_reloads_the_page(opened: Open, page: Page) -> None:
    worker = "import { v } from './dep.js'; postMessage(`${v} ${import.meta.hot}`); import.meta.hot?.dispose(() => {})"
    site = opened(
        {
            "app.js": "const worker = new Worker('/static/worker.js', { type: 'module' });"
            "worker.onmessage = ({ data }) => log(data)",
            "worker.js": worker,
            "dep.js": "export const v = 1",
        }
    )
    wait_story(page, ["1 undefined"])
    save(site, "worker.js", worker.replace("${v}", "now ${v}"))
    wait_for_loads(page, 2)
    wait_story(page, ["now 1 undefined"])
    assert not page_errors(page)


# A large graph

IMPORTERS = {
    "each runs again": "globalThis.sum = (globalThis.sum ?? 0) + v; import.meta.hot.accept()",
    "each is given the leaf": (
        "globalThis.sum = (globalThis.sum ?? 0) + v; import.meta.hot.accept('./leaf.js', ({ v }) => { sum += v })"
    ),
}


@pytest.mark.parametrize("importer", IMPORTERS.values(), ids=IMPORTERS)
def test_five_hundred_importers_are_told_by_one_message(opened: Open, page: Page, importer: str) -> None:
    names = [f"m{number}.js" for number in range(500)]
    frames: list[str] = []

    def listen_in(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))

    page.on("websocket", listen_in)
    static = dict.fromkeys(names, f"import {{ v }} from './leaf.js'; {importer}")
    app = "".join(f"import './{name}';" for name in names)
    site = opened({"app.js": app, "leaf.js": "export const v = 1", **static})
    assert page.evaluate("sum") == 500
    began = time.monotonic()
    save(site, "leaf.js", "export const v = 2")
    wait_until(page, lambda: page.evaluate("sum") == 1500, "every importer", seconds=30)
    print(f"{time.monotonic() - began:.2f} seconds")  # noqa: T201 (a figure of the report and not a limit)
    assert sum('"update"' in frame for frame in frames) == 1
    assert stayed(page)
