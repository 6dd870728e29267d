"""Save a module: what runs, what stays, what reloads. On Flask under Werkzeug; other servers have their own file."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import console_lines, loads, mark, mark_of, page_errors, wait_connected, wait_for_loads, wait_until

Start = Callable[..., Site]
OUT = '<p id="out"></p><button id="go">go</button>'
# Every module of these tests says what happens to it; the page keeps the story.
LOG = "const log = (what) => (globalThis.story ??= []).push(what);"


def entry(*names: str, body: str = OUT) -> dict[str, str]:
    """Return a page that loads modules by script tags."""
    tags = "".join(f'<script type="module" src="/static/{name}"></script>' for name in names)
    return {"/": document(body + tags)}


def story(page: Page) -> list[str]:
    """Return what the modules have told, in order; nothing while the page is being loaded again."""
    try:
        told: list[str] = page.evaluate("globalThis.story ?? []")
    except Error:
        return []
    return told


def wait_story(page: Page, expected: list[str]) -> None:
    """Wait until the story is *expected*."""
    try:
        wait_until(page, lambda: story(page) == expected, f"the story {expected}")
    except AssertionError as error:
        raise AssertionError(f"the story is {story(page)}\n{error}") from None


@pytest.fixture
def opened(start: Start, page: Page) -> Callable[..., Site]:
    """Return a function that starts a site with these modules and opens its front page, connected and marked."""

    def open_site(static: dict[str, str], *names: str, body: str = OUT) -> Site:
        modules = {name: LOG + text for name, text in static.items()}
        site = start("flask", "werkzeug", pages=entry(*names, body=body), static=modules)
        page.goto(site.url)
        wait_connected(page)
        mark(page)
        return site

    return open_site


def save(site: Site, name: str, text: str) -> None:
    """Save a module whose story goes on."""
    site.project.write_static(name, LOG + text)


def stayed(page: Page) -> bool:
    """Return whether the page was not loaded again, and nothing was thrown into it."""
    return mark_of(page) is not None and loads(page) == 1 and not page_errors(page)


SELF_ACCEPTING = {
    "accept()": "log('one'); import.meta.hot.accept()",
    "accept?.()": "log('one'); import.meta.hot?.accept()",
    "accept(cb)": "log('one'); import.meta.hot.accept(() => log('callback'))",
}


@pytest.mark.parametrize("source", SELF_ACCEPTING.values(), ids=SELF_ACCEPTING)
def test_a_self_accepting_module_runs_anew(opened: Callable[..., Site], page: Page, source: str) -> None:
    site = opened({"a.js": source}, "a.js")
    save(site, "a.js", source.replace("one", "two"))
    wait_story(page, ["one", "two", *(["callback"] if "callback" in source else [])])
    assert stayed(page)


def test_both_dialects_of_the_callback(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "a.js": "import './esm.js'; import './vite.js'",
            "esm.js": "export const v = 1;"
            "import.meta.hot.accept(({ module, bubbled }) => log(`esm ${module.v} ${bubbled}`))",
            "vite.js": "export const v = 1; import.meta.hot.accept((mod) => log(`vite ${mod.v}`))",
        },
        "a.js",
    )
    save(site, "esm.js", "export const v = 2; import.meta.hot.accept()")
    wait_story(page, ["esm 2 false"])
    save(site, "vite.js", "export const v = 3; import.meta.hot.accept()")
    wait_story(page, ["esm 2 false", "vite 3"])
    assert stayed(page)


def test_the_first_instances_callback_stays_in_force(opened: Callable[..., Site], page: Page) -> None:
    source = "export const v = {}; import.meta.hot.accept(({ module }) => log(`callback of {} got ${module.v}`))"
    site = opened({"a.js": source.replace("{}", "1")}, "a.js")
    for version in "23":
        save(site, "a.js", source.replace("{}", version))
        wait_until(page, lambda version=version: f"callback of 1 got {version}" in story(page), f"update {version}")  # type: ignore[misc]
    assert story(page) == ["callback of 1 got 2", "callback of 1 got 3"]


def test_accept_one_dependency(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "app.js": "import { v } from './dep.js'; log(`app ${v}`);"
            "import.meta.hot.accept('./dep.js', (dep) => log(`accepted ${dep.v}`))",
            "dep.js": "export const v = 1; log('dep 1')",
        },
        "app.js",
    )
    save(site, "dep.js", "export const v = 2; log('dep 2')")
    wait_story(page, ["dep 1", "app 1", "dep 2", "accepted 2"])
    assert stayed(page)


def test_accept_a_list_of_dependencies(opened: Callable[..., Site], page: Page) -> None:
    app = (
        "import './a.js'; import './b.js'; log('app');"
        "import.meta.hot.accept(['./a.js', './b.js'], ({ deps }) => log(deps.map((d) => d.v).join()))"
    )
    site = opened({"app.js": app, "a.js": "export const v = 'a1'", "b.js": "export const v = 'b1'"}, "app.js")
    save(site, "b.js", "export const v = 'b2'")
    wait_story(page, ["app", "a1,b2"])
    save(site, "a.js", "export const v = 'a2'")
    wait_story(page, ["app", "a1,b2", "a2,b2"])
    assert stayed(page)


def test_a_change_bubbles_over_any_depth(opened: Callable[..., Site], page: Page) -> None:
    middle = {f"m{n}.js": f"export {{ v }} from './m{n + 1}.js'; log('m{n}')" for n in range(1, 6)}
    site = opened(
        {
            "app.js": "import { v } from './m1.js'; log(`app ${v}`); import.meta.hot.accept()",
            **middle,
            "m6.js": "export const v = 1",
        },
        "app.js",
    )
    first = ["m5", "m4", "m3", "m2", "m1", "app 1"]
    assert story(page) == first
    save(site, "m6.js", "export const v = 2")
    wait_story(page, [*first, "m5", "m4", "m3", "m2", "m1", "app 2"])
    save(site, "m3.js", "export { v } from './m4.js'; log('m3!')")
    wait_story(page, [*first, "m5", "m4", "m3", "m2", "m1", "app 2", "m3!", "m2", "m1", "app 2"])
    assert stayed(page)


def test_several_importers_share_one_new_instance(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "a.js": "import { v } from './shared.js'; log(`a ${v}`); import.meta.hot.accept()",
            "b.js": "import { v } from './shared.js'; log(`b ${v}`); import.meta.hot.accept()",
            "shared.js": "export const v = 1; log('shared 1')",
        },
        "a.js",
        "b.js",
    )
    save(site, "shared.js", "export const v = 2; log('shared 2')")
    wait_until(page, lambda: len(story(page)) == 6, "both importers")
    assert story(page)[:3] == ["shared 1", "a 1", "b 1"]
    assert sorted(story(page)[3:]) == ["a 2", "b 2", "shared 2"], "the shared module runs once"
    assert stayed(page)


def test_a_cycle_below_a_boundary(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "app.js": "import { a } from './a.js'; log(`app ${a()}`); import.meta.hot.accept()",
            "a.js": "import { b } from './b.js'; export const a = () => `a1 ${b()}`; export const name = 'a'",
            "b.js": "import { name } from './a.js'; export const b = () => `b1 of ${name}`",
        },
        "app.js",
    )
    save(site, "b.js", "import { name } from './a.js'; export const b = () => `b2 of ${name}`")
    wait_story(page, ["app a1 b1 of a", "app a1 b2 of a"])
    assert stayed(page)


def test_a_cycle_that_nobody_accepts_reloads_once(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"a.js": "import './b.js'; log('a1')", "b.js": "import './a.js'; log('b1')"}, "a.js")
    save(site, "b.js", "import './a.js'; log('b2')")
    wait_for_loads(page, 2)
    wait_story(page, ["b2", "a1"])
    wait_connected(page, count=2)
    assert loads(page) == 2


def test_a_literal_dynamic_import_bubbles(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "app.js": "const { v } = await import('./lazy.js'); log(`app ${v}`); import.meta.hot.accept()",
            "lazy.js": "export const v = 1",
        },
        "app.js",
    )
    wait_story(page, ["app 1"])
    save(site, "lazy.js", "export const v = 2")
    wait_story(page, ["app 1", "app 2"])
    assert stayed(page)


LATE = {
    "literal": "import('./late.js')",
    "not literal": "import('./' + ['late', 'js'].join('.'))",
}


@pytest.mark.parametrize("expression", LATE.values(), ids=LATE)
def test_a_module_that_is_imported_again_later_is_the_live_one(
    opened: Callable[..., Site], page: Page, expression: str
) -> None:
    site = opened(
        {
            "app.js": f"document.querySelector('#go').onclick = async () => log(`got ${{(await {expression}).v}}`)",
            "late.js": "export const v = 1; log('late 1'); import.meta.hot.accept()",
        },
        "app.js",
    )
    page.click("#go")
    wait_story(page, ["late 1", "got 1"])
    save(site, "late.js", "export const v = 2; log('late 2'); import.meta.hot.accept()")
    wait_story(page, ["late 1", "got 1", "late 2"])
    page.click("#go")
    wait_story(page, ["late 1", "got 1", "late 2", "got 2"])
    assert stayed(page)


@pytest.mark.parametrize("expression", LATE.values(), ids=LATE)
def test_a_module_that_is_first_loaded_after_its_edit(opened: Callable[..., Site], page: Page, expression: str) -> None:
    site = opened(
        {
            "app.js": "import './other.js';"
            f"document.querySelector('#go').onclick = async () => log(`got ${{(await {expression}).v}}`)",
            "late.js": "import { v as leaf } from './leaf.js'; export const v = leaf; log(`late ${v}`)",
            "other.js": "import { v } from './leaf.js'; log(`other ${v}`); import.meta.hot.accept()",
            "leaf.js": "export const v = 1; log('leaf 1')",
        },
        "app.js",
    )
    save(site, "leaf.js", "export const v = 2; log('leaf 2')")
    wait_story(page, ["leaf 1", "other 1", "leaf 2", "other 2"])
    page.click("#go")
    wait_story(page, ["leaf 1", "other 1", "leaf 2", "other 2", "late 2", "got 2"])
    assert stayed(page), "the leaf has one live instance"


def test_an_instance_whose_successor_comes_unannounced_is_disposed_of(opened: Callable[..., Site], page: Page) -> None:
    source = "log('run'); import.meta.hot.dispose(() => log('dispose')); import.meta.hot.accept()"
    opened({"a.js": source}, "a.js")
    version = time.time_ns() // 1000
    page.evaluate("version => import(`/static/a.js?t=${version}`).then(() => {})", version)
    assert story(page) == ["run", "dispose", "run"]


def test_a_module_not_loaded_yet_leaves_its_importer_alone(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "app.js": "log('app'); document.querySelector('#go').onclick = () => import('./late.js');"
            "import.meta.hot.accept()",
            "late.js": "import './app.js'; log('late 1')",
            "other.js": "log('other 1'); import.meta.hot.accept()",
        },
        "app.js",
        "other.js",
    )
    save(site, "late.js", "import './app.js'; log('late 2')")
    save(site, "other.js", "log('other 2'); import.meta.hot.accept()")
    wait_story(page, ["app", "other 1", "other 2"])
    page.click("#go")
    wait_story(page, ["app", "other 1", "other 2", "late 2"])


def test_dispose_then_run_with_data(opened: Callable[..., Site], page: Page) -> None:
    source = (
        "log(`run {} ${import.meta.hot.data.left ?? 'nothing'}`);"
        "import.meta.hot.dispose((data) => { log('dispose {}'); data.left = 'from {}' }); import.meta.hot.accept()"
    )
    site = opened({"a.js": source.replace("{}", "1")}, "a.js")
    save(site, "a.js", source.replace("{}", "2"))
    wait_story(page, ["run 1 nothing", "dispose 1", "run 2 from 1"])
    save(site, "a.js", source.replace("{}", "3"))
    wait_story(page, ["run 1 nothing", "dispose 1", "run 2 from 1", "dispose 2", "run 3 from 2"])


def test_what_runs_again_below_a_boundary_is_disposed_outermost_first(opened: Callable[..., Site], page: Page) -> None:
    told = "log('{}'); import.meta.hot.dispose(() => log('dispose {}'))"
    site = opened(
        {
            "app.js": "import './mid.js';" + told.replace("{}", "app") + ";import.meta.hot.accept()",
            "mid.js": "import './leaf.js';" + told.replace("{}", "mid"),
            "leaf.js": told.replace("{}", "leaf"),
        },
        "app.js",
    )
    save(site, "leaf.js", told.replace("{}", "leaf") + ";log('new')")
    first = ["leaf", "mid", "app"]
    wait_story(page, [*first, "dispose app", "dispose mid", "dispose leaf", "leaf", "new", "mid", "app"])
    assert stayed(page)


RELOADS = {
    "nobody accepts": {"app.js": "import './leaf.js'; log('app')", "leaf.js": "log('one')"},
    "the module declines": {
        "app.js": "import './leaf.js'; log('app'); import.meta.hot.accept()",
        "leaf.js": "log('one'); import.meta.hot.decline()",
    },
    "the importer declines it": {
        "app.js": "import './leaf.js'; log('app'); import.meta.hot.decline('./leaf.js')",
        "leaf.js": "log('one')",
    },
    "one branch of two": {
        "app.js": "import './leaf.js'; import './other.js'; log('app')",
        "other.js": "import './leaf.js'; import.meta.hot.accept()",
        "leaf.js": "log('one')",
    },
    "accept in a string": {
        "app.js": "import './leaf.js'; log('app')",
        "leaf.js": "log('one'); 'import.meta.hot.accept()'",
    },
    "accept in a comment": {
        "app.js": "import './leaf.js'; log('app')",
        "leaf.js": "log('one') // import.meta.hot.accept()",
    },
    "accept in a template": {
        "app.js": "import './leaf.js'; log('app')",
        "leaf.js": "log('one'); `import.meta.hot.accept()`",
    },
    "accept in a regex": {
        "app.js": "import './leaf.js'; log('app')",
        "leaf.js": "log('one'); /import.meta.hot.accept()/.test('')",
    },
}


@pytest.mark.parametrize("static", RELOADS.values(), ids=RELOADS)
def test_reloads_exactly_once(opened: Callable[..., Site], page: Page, static: dict[str, str]) -> None:
    site = opened(static, "app.js")
    save(site, "leaf.js", static["leaf.js"].replace("one", "two"))
    wait_for_loads(page, 2)
    wait_until(page, lambda: "two" in story(page), "the new module")
    wait_connected(page, count=2)
    assert loads(page) == 2
    site.server.wait_for_output("reload: leaf.js")


def test_only_the_tabs_that_use_it_reload(
    opened: Callable[..., Site], page: Page, open_tab: Callable[[], Page]
) -> None:
    site = opened({"app.js": "log('one')", "other.js": "log('other')"}, "app.js")
    site.project.write_page("/", entry("other.js")["/"])
    other = open_tab()
    other.goto(site.url)
    wait_connected(other)
    mark(other)
    save(site, "app.js", "log('two')")
    wait_for_loads(page, 2)
    save(site, "other.js", "log('other two')")
    wait_for_loads(other, 2)
    assert loads(other) == 2


def test_invalidate_bubbles(opened: Callable[..., Site], page: Page, open_tab: Callable[[], Page]) -> None:
    site = opened(
        {
            "app.js": "import { v } from './child.js'; log(`app ${v}`); import.meta.hot.accept()",
            "child.js": "export const v = 1; import.meta.hot.accept(() => import.meta.hot.invalidate('not this time'))",
        },
        "app.js",
    )
    other = open_tab()
    other.goto(site.url)
    wait_connected(other)
    save(
        site,
        "child.js",
        "export const v = 2; import.meta.hot.accept(() => import.meta.hot.invalidate('not this time'))",
    )
    for tab in (page, other):
        wait_story(tab, ["app 1", "app 2"])
    assert stayed(page)


def test_invalidate_at_the_root_reloads(opened: Callable[..., Site], page: Page) -> None:
    source = "log('one'); import.meta.hot.accept(() => import.meta.hot.invalidate())"
    site = opened({"app.js": source}, "app.js")
    save(site, "app.js", source.replace("one", "two"))
    wait_for_loads(page, 2)
    wait_story(page, ["two"])


def test_undo_runs_the_old_text_again(opened: Callable[..., Site], page: Page) -> None:
    source = "log('one'); import.meta.hot.accept()"
    site = opened({"a.js": source}, "a.js")
    save(site, "a.js", source.replace("one", "two"))
    wait_story(page, ["one", "two"])
    save(site, "a.js", source)
    wait_story(page, ["one", "two", "one"])
    assert stayed(page)


def test_a_manual_reload_after_edits_holds_one_instance_of_each(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "app.js": "import { v } from './leaf.js'; import './side.js'; log(`app ${v}`); import.meta.hot.accept()",
            "side.js": "import { v } from '/static/leaf.js'; log(`side ${v}`)",
            "leaf.js": "export const v = 1; log('leaf')",
        },
        "app.js",
    )
    save(site, "leaf.js", "export const v = 2; log('leaf')")
    wait_until(page, lambda: story(page)[-1] == "app 2", "the update")
    page.reload()
    wait_connected(page, count=2)
    assert story(page) == ["leaf", "side 2", "app 2"]
    save(site, "leaf.js", "export const v = 3; log('leaf')")
    wait_story(page, ["leaf", "side 2", "app 2", "leaf", "side 3", "app 3"])


def test_a_query_is_a_spelling_of_its_own(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "app.js": "import './leaf.js?v=1'; log('app'); import.meta.hot.accept()",
            "leaf.js": "log(new URL(import.meta.url).searchParams.get('v'))",
        },
        "app.js",
    )
    save(site, "leaf.js", "log(`new ${new URL(import.meta.url).searchParams.get('v')}`)")
    wait_story(page, ["1", "app", "new 1", "app"])
    assert stayed(page)


def test_a_script_tag_with_a_query_is_updated(start: Start, page: Page) -> None:
    body = '<script type="module" src="/static/app.js?v=7"></script>'
    source = LOG + "log('one'); import.meta.hot.accept()"
    site = start("flask", "werkzeug", pages={"/": document(body)}, static={"app.js": source})
    page.goto(site.url)
    wait_connected(page)
    site.project.write_static("app.js", source.replace("one", "two"))
    wait_story(page, ["one", "two"])


def test_a_name_that_needs_encoding(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {"app.js": "import './ä ö@1.js'; log('app'); import.meta.hot.accept()", "ä ö@1.js": "log('one')"}, "app.js"
    )
    save(site, "ä ö@1.js", "log('two')")
    wait_story(page, ["one", "app", "two", "app"])
    assert stayed(page)


def test_new_dependencies_and_old_ones(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {
            "app.js": "import './a.js'; log('app'); import.meta.hot.accept()",
            "a.js": "log('a'); import.meta.hot.dispose(() => log('dispose a'));"
            "import.meta.hot.prune(() => log('prune a'))",
            "b.js": "log('b1')",
        },
        "app.js",
    )
    save(site, "app.js", "import './b.js'; log('app'); import.meta.hot.accept()")
    wait_story(page, ["a", "app", "b1", "app", "dispose a", "prune a"])
    save(site, "b.js", "log('b2')")
    wait_story(page, ["a", "app", "b1", "app", "dispose a", "prune a", "b2", "app"])
    save(site, "app.js", "import './a.js'; import './b.js'; log('app'); import.meta.hot.accept()")
    wait_until(page, lambda: len(story(page)) == 10, "a is back")
    assert story(page)[8:] == ["a", "app"], "what comes back runs anew; what stayed does not"
    assert stayed(page)


def test_what_the_page_no_longer_reaches_is_pruned_with_all_below(opened: Callable[..., Site], page: Page) -> None:
    told = (
        "log('{} ' + (import.meta.hot.data.kept ?? 'new')); import.meta.hot.data.kept = 'old';"
        "import.meta.hot.dispose(() => log('dispose {}')); import.meta.hot.prune(() => log('prune {}'))"
    )
    site = opened(
        {
            "app.js": "import './a.js'; log('app'); import.meta.hot.accept()",
            "a.js": "import './b.js'; import './shared.js';" + told.replace("{}", "a"),
            "b.js": "import './a.js';" + told.replace("{}", "b"),
            "other.js": "import './shared.js'",
            "shared.js": told.replace("{}", "shared"),
        },
        "app.js",
        "other.js",
    )
    first = ["b new", "shared new", "a new", "app"]
    save(site, "app.js", "log('app'); import.meta.hot.accept()")
    pruned = [*first, "app", "dispose a", "dispose b", "prune a", "prune b"]
    wait_story(page, pruned)
    save(site, "b.js", "import './a.js'; log('b of nobody')")
    save(site, "app.js", "import './a.js'; log('app'); import.meta.hot.accept()")
    wait_story(page, [*pruned, "b of nobody", "a new", "app"])
    assert stayed(page), "what nobody reaches is no reason to reload"


def test_a_syntax_error_costs_nothing_and_heals(opened: Callable[..., Site], page: Page) -> None:
    source = "log('one'); import.meta.hot.dispose(() => log('dispose')); import.meta.hot.accept()"
    site = opened({"a.js": source}, "a.js")
    save(site, "a.js", "log('two'; import.meta.hot.accept()")
    wait_until(page, lambda: any("SyntaxError" in line for line in console_lines(page)), "the fault")
    assert story(page) == ["one"]
    save(site, "a.js", source.replace("one", "three"))
    wait_story(page, ["one", "dispose", "three"])
    assert stayed(page)


def test_twenty_saves_in_a_burst_end_with_the_last(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"a.js": "log(0); import.meta.hot.accept()"}, "a.js")
    for number in range(1, 21):
        save(site, "a.js", f"log({number}); import.meta.hot.accept()")
    wait_until(page, lambda: story(page)[-1] == 20, "the last save")  # type: ignore[comparison-overlap]
    numbers = list(map(int, story(page)))
    assert numbers == sorted(set(numbers)), "no save runs twice and none goes back"
    assert stayed(page)


def test_a_classic_script_reloads_the_page_once(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"old.js": "log('one')"}, body=OUT + '<script src="/static/old.js"></script>')
    save(site, "old.js", "log('two')")
    wait_for_loads(page, 2)
    wait_story(page, ["two"])
    wait_connected(page, count=2)
    assert loads(page) == 2


def test_touching_a_file_is_no_change(opened: Callable[..., Site], page: Page) -> None:
    source = "log('one'); import.meta.hot.accept()"
    site = opened({"a.js": source, "b.js": source}, "a.js", "b.js")
    save(site, "a.js", source)
    (site.project.static / "a.js").touch()
    save(site, "b.js", source.replace("one", "two"))
    wait_story(page, ["one", "one", "two"])
    assert stayed(page)
