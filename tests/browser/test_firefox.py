"""The main things once more in Firefox, whose module map, import maps and error events are not Chromium's."""

import itertools
import json
from collections.abc import Callable, Iterator

import pytest

from browser.conftest import Evidence
from browser.firefox import BidiError, Firefox, NoFirefoxError, Tab, find_firefox, running_firefox
from browser.fonts import make_font
from browser.patching import HELPERS
from browser.projects import document
from browser.sites import Site
from browser.tabs import CONNECTED

LOG = "const log = (what) => (globalThis.story ??= []).push(what);"
BODY = '<p>text</p><button id="go">go</button><script type="module" src="/static/app.js"></script>'
SHEET = '<link rel="stylesheet" href="/static/a.css">'
MAP = '<script type="importmap">{"imports": {"lib": "/static/vendor/lib.js"}}</script>'
RED, BLUE = "rgb(200, 0, 0)", "rgb(0, 0, 200)"
COLOUR = "getComputedStyle(document.body).color"
LIVING = (
    LOG + "log('{}'); import.meta.hot.dispose(() => log('dispose {}')); import.meta.hot.accept(() => log('callback'))"
)
OVERLAY = """(() => {
  const root = document.querySelector('hmr-error-overlay')?.shadowRoot
  return root?.querySelector('[role=alertdialog]')?.checkVisibility() ? root.textContent : ''
})()"""

MARKS = itertools.count(1)
Open = Callable[..., Site]


@pytest.fixture(scope="module")
def firefox() -> Iterator[Firefox]:
    """Return the running Firefox. Without one the tests fail; they are never skipped."""
    try:
        find_firefox()
    except NoFirefoxError as error:
        pytest.fail(str(error), pytrace=False)
    with running_firefox() as running:
        yield running


@pytest.fixture
def tab(firefox: Firefox, evidence: Evidence) -> Iterator[Tab]:
    """Return an empty tab."""
    tab = firefox.open_tab()
    evidence.append(("tab", lambda: str(tab)))
    yield tab
    tab.close()


@pytest.fixture
def opened(start: Callable[..., Site], tab: Tab) -> Open:
    """Return a function that starts a site with these files and opens its front page, connected and marked."""

    def open_site(static: dict[str, str], *, head: str = "", body: str = BODY) -> Site:
        static = {name: LOG + text if name.endswith(".js") else text for name, text in static.items()}
        site = start("flask", "werkzeug", pages={"/": document(body, head)}, static=static)
        tab.goto(site.url)
        tab.wait_for_console(CONNECTED)
        tab.evaluate(f"window.mark = {next(MARKS)}")
        return site

    return open_site


def save(site: Site, name: str, text: str) -> None:
    """Save a module whose story goes on."""
    site.project.write_static(name, LOG + text)


def told(tab: Tab) -> list[str]:
    """Return what the modules have told, in order; nothing while the page is being loaded again."""
    try:
        story: list[str] = tab.evaluate("globalThis.story ?? []")
    except BidiError:
        return []
    return story


def wait_story(tab: Tab, expected: list[str]) -> None:
    """Wait until the modules have told *expected*."""
    tab.wait(lambda: told(tab) == expected, f"{expected}, not {told(tab)}")


def wait_for(tab: Tab, expression: str, expected: object) -> None:
    """Wait until *expression* is *expected* in the page."""
    tab.wait(lambda: tab.evaluate(expression) == expected, f"{expression} == {expected!r}")


def stayed(tab: Tab) -> bool:
    """Return whether the page was not loaded again."""
    return tab.loads == 1 and tab.evaluate("'mark' in window") is True


FAULTS = {
    "syntax error": ("\n\nlog('two'; import.meta.hot.accept()", ["app.js", ":3"]),
    "missing export": ("import { missing } from './dep.js'; import.meta.hot.accept()", ["app.js", "missing"]),
    "missing file": ("import './nowhere.js'; import.meta.hot.accept()", ["nowhere.js", "404"]),
}


@pytest.mark.parametrize(("broken", "says"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_shown_costs_nothing_and_heals(opened: Open, tab: Tab, broken: str, says: list[str]) -> None:
    site = opened({"app.js": LIVING.replace("{}", "one").removeprefix(LOG), "dep.js": "export const there = 1"})
    site.project.write_static("app.js", broken)
    shown = tab.wait(lambda: tab.evaluate(OVERLAY), "the overlay")
    assert all(part in shown for part in says), shown
    assert told(tab) == ["one"], "nothing is disposed"
    site.project.write_static("app.js", LIVING.replace("{}", "two"))
    wait_story(tab, ["one", "dispose one", "two", "callback"])
    wait_for(tab, OVERLAY, "")
    assert stayed(tab)


def test_a_file_that_was_missing_is_fetched_again(opened: Open, tab: Tab) -> None:
    site = opened({"app.js": "log('one'); import.meta.hot.accept()"})
    save(site, "app.js", "import { v } from './part.js'; log(`two ${v}`); import.meta.hot.accept()")
    tab.wait(lambda: tab.evaluate(OVERLAY), "the overlay")
    save(site, "part.js", "export const v = 'there'")
    wait_story(tab, ["one", "two there"])
    wait_for(tab, OVERLAY, "")
    assert stayed(tab)


def test_a_page_whose_first_load_failed_heals(start: Callable[..., Site], tab: Tab) -> None:
    site = start("flask", "werkzeug", pages={"/": document(BODY)}, static={"app.js": "log('one'"})
    tab.goto(site.url)
    tab.wait_for_console(CONNECTED)
    save(site, "app.js", "log('two')")
    wait_story(tab, ["two"])


@pytest.mark.parametrize("broken", ["export const part = (", None], ids=["syntax error", "missing file"])
def test_what_a_click_asked_for_in_vain_is_there_after_the_fix(opened: Open, tab: Tab, broken: str | None) -> None:
    ask = (
        "document.querySelector('#go').onclick = () => import('./route.js').then((it) => log(it.part), () => log('no'))"
    )
    static = {"app.js": ask, "route.js": "export { part } from './part.js'"}
    site = opened(static | ({"part.js": broken} if broken else {}))
    tab.evaluate("document.querySelector('#go').click()", as_user=True)
    wait_story(tab, ["no"])
    save(site, "part.js", "export const part = 'there'; import.meta.hot.accept()")
    wait_for(tab, "__hmr__.anew.has('/static/route.js')", True)
    tab.evaluate("document.querySelector('#go').click()", as_user=True)
    wait_story(tab, ["no", "there"])
    assert stayed(tab)


def test_a_version_that_throws_heals(opened: Open, tab: Tab) -> None:
    site = opened({"app.js": "log('one'); import.meta.hot.accept()"})
    save(site, "app.js", "throw new Error('too early'); import.meta.hot.accept()")
    tab.wait(lambda: "too early" in tab.evaluate(OVERLAY), "the overlay")
    save(site, "app.js", "log('two'); import.meta.hot.accept()")
    wait_story(tab, ["one", "two"])
    wait_for(tab, OVERLAY, "")
    assert stayed(tab)


def test_a_self_accepting_module_runs_anew(opened: Open, tab: Tab) -> None:
    source = "export const v = {}; log(v); import.meta.hot.accept(({ module }) => log(`callback ${module.v}`))"
    site = opened({"app.js": source.replace("{}", "'one'")})
    save(site, "app.js", source.replace("{}", "'two'"))
    wait_story(tab, ["one", "two", "callback two"])
    assert stayed(tab)


def test_a_leaf_bubbles_again_and_again(opened: Open, tab: Tab) -> None:
    site = opened(
        {
            "app.js": "import { v } from './mid.js'; log(`app ${v}`); import.meta.hot.accept()",
            "mid.js": "export { v } from './leaf.js'; log('mid')",
            "leaf.js": "export const v = 1",
        }
    )
    story = ["mid", "app 1"]
    for number in (2, 3):
        save(site, "leaf.js", f"export const v = {number}")
        story += ["mid", f"app {number}"]
        wait_story(tab, story)
    assert stayed(tab)


def test_accept_one_dependency(opened: Open, tab: Tab) -> None:
    site = opened(
        {
            "app.js": "import './dep.js'; log('app'); import.meta.hot.accept('./dep.js', (dep) => log(dep.v))",
            "dep.js": "export const v = 'one'",
        }
    )
    for word in ("two", "three"):
        save(site, "dep.js", f"export const v = '{word}'")
        tab.wait(lambda word=word: told(tab)[-1:] == [word], word)  # type: ignore[misc]
    assert told(tab) == ["app", "two", "three"]
    assert stayed(tab)


def test_what_is_imported_late_is_the_live_instance(opened: Open, tab: Tab) -> None:
    site = opened(
        {
            "app.js": "import './late.js'; const name = './late.js';"
            "document.querySelector('#go').onclick = async () => {"
            "  log((await import('./late.js')).v); log((await import(name)).v) }",
            "late.js": "export const v = 1; log('late 1'); import.meta.hot.accept()",
        }
    )
    save(site, "late.js", "export const v = 2; log('late 2'); import.meta.hot.accept()")
    wait_story(tab, ["late 1", "late 2"])
    tab.evaluate("document.querySelector('#go').click()")
    wait_for(tab, "globalThis.story", ["late 1", "late 2", 2, 2])
    assert stayed(tab)


def test_an_import_map_below_our_tag(opened: Open, tab: Tab) -> None:
    site = opened(
        {
            "app.js": "import { v } from 'lib'; log(`app ${v}`); import.meta.hot.accept()",
            "vendor/lib.js": "export const v = 1",
        },
        head=MAP,
    )
    assert told(tab) == ["app 1"], "the map is in force"
    save(site, "vendor/lib.js", "export const v = 2")
    wait_story(tab, ["app 1", "app 2"])
    assert stayed(tab)


def test_a_stylesheet_without_a_flash(opened: Open, tab: Tab) -> None:
    site = opened({"a.css": f"body {{ color: {RED} }}"}, head=SHEET, body="<p>text</p>")
    tab.evaluate(
        f"""(() => {{
        globalThis.seen = []
        const look = () => {{ const value = {COLOUR}; if (seen.at(-1) !== value) seen.push(value) }}
        new MutationObserver(look).observe(document.head, {{ childList: true, attributes: true, subtree: true }})
        const frame = () => {{ look(); requestAnimationFrame(frame) }}
        frame()
        }})()"""
    )
    site.project.write_static("a.css", f"body {{ color: {BLUE} }}")
    wait_for(tab, "seen.at(-1)", BLUE)
    assert tab.evaluate("seen") == [RED, BLUE]
    assert tab.evaluate("document.querySelectorAll('link[rel=stylesheet]').length") == 1
    assert stayed(tab)


def test_a_css_module_script_is_replaced_in_place(opened: Open, tab: Tab) -> None:
    site = opened(
        {
            "app.js": "import sheet from './a.css' with { type: 'css' };"
            "document.adoptedStyleSheets = [sheet]; log('app')",
            "a.css": f"body {{ color: {RED} }}",
        }
    )
    wait_for(tab, COLOUR, RED)
    for colour in (BLUE, RED):
        site.project.write_static("a.css", f"body {{ color: {colour} }}")
        wait_for(tab, COLOUR, colour)
    assert told(tab) == ["app"], "nothing runs again"
    assert stayed(tab)


def test_a_json_module(opened: Open, tab: Tab) -> None:
    site = opened(
        {
            "app.js": "import data from './data.json' with { type: 'json' };"
            "log(`app ${data.v}`); import.meta.hot.accept()",
            "data.json": '{"v": 1}',
        }
    )
    site.project.write_static("data.json", '{"v": 2}')
    wait_story(tab, ["app 1", "app 2"])
    assert stayed(tab)


def test_a_page_outlives_a_restart_of_the_server(opened: Open, tab: Tab) -> None:
    site = opened({"app.js": "log('one'); import.meta.hot.accept()"})
    site.server.stop()
    save(site, "app.js", "log('two'); import.meta.hot.accept()")
    site.server.start()
    wait_story(tab, ["one", "two"])
    save(site, "app.js", "log('three'); import.meta.hot.accept()")
    wait_story(tab, ["one", "two", "three"])
    assert stayed(tab)


def test_a_change_that_nobody_accepts_reloads_once(opened: Open, tab: Tab) -> None:
    site = opened({"app.js": "log('one')"})
    save(site, "app.js", "log('two')")
    wait_story(tab, ["two"])
    tab.wait_for_console(CONNECTED, count=2)
    assert tab.loads == 2 and tab.evaluate("'mark' in window") is False


def test_a_missing_firefox_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HMR_FIREFOX", "/nowhere/firefox")
    with pytest.raises(NoFirefoxError, match="HMR_FIREFOX"):
        find_firefox()


def test_inline_modules_have_hot(opened: Open, tab: Tab) -> None:
    source = (
        f"{LOG} import {{ v }} from './static/leaf.js'; log(`page ${{v}}`);"
        "import.meta.hot.accept('./static/leaf.js', ({ v }) => log(`accepted ${v}`))"
    )
    site = opened({"leaf.js": "export const v = 1"}, body=f'<script type="module">\n{source}</script>')
    save(site, "leaf.js", "export const v = 2")
    wait_story(tab, ["page 1", "accepted 2"])
    assert stayed(tab)


PATCHES = {
    "beside what was typed": (
        "<p>one</p><input id=it>",
        "<p>two</p><input id=it>",
        "it.value = 'typed'",
        "it.value",
        "typed",
    ),
    "around what has the focus": (
        "<main><input id=it></main>",
        "<main><div><input id=it></div></main>",
        "it.focus()",
        "document.activeElement.id",
        "it",
    ),
    "items beside one of a script": (
        "<ul id=it><li id=a>a<li id=b>b</ul>",
        "<ul id=it><li id=c>c<li id=b>b<li id=a>a</ul>",
        "it.append(document.createElement('hr'))",
        "[...it.children].map((child) => child.id || child.localName).sort()",
        ["a", "b", "c", "hr"],
    ),
    "a new script": ("<p id=it>x</p>", "<p id=it>x</p><script>globalThis.ran = 1</script>", "", "globalThis.ran", 1),
    "a declared shadow root": (
        "<p>x</p>",
        "<!-- c --><div id=root><template shadowrootmode=open><p>in</p></template></div>",
        "",
        "document.querySelector('#root').shadowRoot.textContent",
        "in",
    ),
}


@pytest.mark.parametrize(("base", "new", "done", "seen", "expected"), PATCHES.values(), ids=PATCHES)
def test_a_page_is_patched(opened: Open, tab: Tab, base: str, new: str, done: str, seen: str, expected: object) -> None:
    opened({"app.js": ""}, body=base)
    tab.evaluate(f"(() => {{ {HELPERS.read_text()} }})()")
    tab.evaluate(f"startPatcher({json.dumps(document(base))})")
    tab.evaluate(f"(() => {{ globalThis.it = document.querySelector('#it'); {done} }})()")
    result = tab.evaluate(f"patchTo({json.dumps(document(new))})")
    assert (result["changed"], result["reload"]) == (True, "")
    assert tab.evaluate(seen) == expected


def svg(width: int) -> str:
    """Return an image of that width."""
    size = f'width="{width}" height="10"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect id="a" {size}/></svg>'


WATCH = """((look) => {
  globalThis.seen = []
  const frame = () => { const now = look(); if (seen.at(-1) !== now) seen.push(now); requestAnimationFrame(frame) }
  frame()
})(() => %s)"""


def test_an_image_wherever_it_is_shown(opened: Open, tab: Tab) -> None:
    body = (
        '<img src="/static/a.svg"><svg><use href="/static/a.svg#a"/></svg><p></p>'
        '<script>document.querySelector("p").attachShadow({ mode: "open" }).innerHTML = `<img src="/static/a.svg">`'
        "</script>"
    )
    static = {"a.svg": svg(10), "top.css": '@import "deep.css"', "deep.css": "p { background: url(a.svg) }"}
    site = opened(static, head='<link rel="stylesheet" href="/static/top.css">', body=body)
    look = (
        "[document.querySelector('img').naturalWidth, document.querySelector('use').getBBox().width,"
        "document.querySelector('p').shadowRoot.querySelector('img').naturalWidth,"
        "/t=/.test(getComputedStyle(document.querySelector('p')).backgroundImage)].join()"
    )
    wait_for(tab, look, "10,10,10,false")
    tab.evaluate(WATCH % "document.querySelector('img').naturalWidth")
    for width in (20, 30):
        site.project.write_static("a.svg", svg(width))
        wait_for(tab, look, f"{width},{width},{width},true")
    assert tab.evaluate("seen") == [10, 20, 30]
    assert stayed(tab)


def test_a_font_without_a_flash(opened: Open, tab: Tab) -> None:
    style = (
        "<style>@font-face { font-family: test; src: url(/static/a.ttf) } span { font: 100px test, monospace }</style>"
    )
    site = opened({}, head=style, body="<span>aaaa</span>")
    (site.project.static / "a.ttf").write_bytes(make_font(1000))
    tab.goto(site.url)
    tab.wait_for_console(CONNECTED, count=2)
    look = "document.querySelector('span').getBoundingClientRect().width"
    wait_for(tab, look, 400)
    tab.evaluate(WATCH % look)
    (site.project.static / "a.ttf").write_bytes(make_font(2000))
    wait_for(tab, look, 800)
    wait_for(tab, "[...document.fonts].map(({ status }) => status).join()", "loaded")
    assert tab.evaluate("seen") == [400, 800]


IMPORTING = {
    "link": '<link rel="stylesheet" href="/static/top.css">',
    "style": "<style>@import '/static/top.css'</style>",
}


@pytest.mark.parametrize("head", IMPORTING.values(), ids=IMPORTING)
def test_a_nested_stylesheet_without_a_flash(opened: Open, tab: Tab, head: str) -> None:
    sheet = "body {{ color: {} }}"
    static = {
        "top.css": '@import "mid.css" layer(x)',
        "mid.css": '@import "leaf.css" screen;',
        "leaf.css": sheet.format(RED),
    }
    site = opened(static, head=head, body="<p>text</p>")
    wait_for(tab, COLOUR, RED)
    tab.evaluate(WATCH % COLOUR)
    site.project.write_static("leaf.css", sheet.format(BLUE))
    wait_for(tab, "seen.at(-1)", BLUE)
    assert tab.evaluate("seen") == [RED, BLUE]
    assert site.server.output().count("GET /static/leaf.css?t=") == 1
    assert stayed(tab)


def test_a_template_edit_beside_what_was_typed(opened: Open, tab: Tab) -> None:
    body, word = '<input id="typed"><p id="word">one</p>', "document.querySelector('#word').textContent"
    site = opened({}, body=body)
    tab.evaluate("document.querySelector('#typed').value = 'mine'")
    site.project.write_page("/", document(body.replace("one", "two")))
    wait_for(tab, word, "two")
    assert tab.evaluate("document.querySelector('#typed').value") == "mine"
    site.project.write_page("/", document(body.replace("one", "{% if %}")))
    wait_for(tab, f"{OVERLAY}.includes('TemplateSyntaxError')", True)
    site.project.write_page("/", document(body.replace("one", "three")))
    wait_for(tab, word, "three")
    wait_for(tab, OVERLAY, "")
    assert tab.evaluate("document.querySelector('#typed').value") == "mine"


@pytest.mark.parametrize(
    ("policy", "how"),
    [
        pytest.param("", "over the side port", id="side-port"),
        pytest.param(
            "<meta http-equiv='Content-Security-Policy' content=\"connect-src 'self'\">", "by polling", id="polling"
        ),
    ],
)
def test_a_server_that_gives_no_sockets(start: Callable[..., Site], tab: Tab, policy: str, how: str) -> None:
    static = {"app.js": LIVING.replace("{}", "one")}
    site = start("flask", "waitress", pages={"/": document(BODY, policy)}, static=static)
    tab.goto(site.url)
    tab.wait_for_console(f"{CONNECTED} {how}")
    save(site, "app.js", LIVING.replace("{}", "two").removeprefix(LOG))
    wait_story(tab, ["one", "dispose one", "two", "callback"])
