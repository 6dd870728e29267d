"""Every kind of import, saved: what follows in place, what climbs to importers, what heals."""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256

import pytest
from playwright.sync_api import Error, Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import (
    console_lines,
    loads,
    mark,
    mark_of,
    page_errors,
    wait_connected,
    wait_for_loads,
    wait_until,
)

LOG = "const log = (what) => (globalThis.story ??= []).push(what);"
ENTRY = '<p class="text">text</p><script type="module" src="/static/app.js"></script>'
Open = Callable[..., Site]


def story(page: Page) -> list[object]:
    """Return what the modules have told, in order; nothing while the page is being loaded again."""
    try:
        told: list[object] = page.evaluate("globalThis.story ?? []")
    except Error:
        return []
    return told


def wait_story(page: Page, expected: Sequence[object]) -> None:
    """Wait until the story is *expected*."""
    try:
        wait_until(page, lambda: story(page) == list(expected), f"the story {expected}")
    except AssertionError as error:
        raise AssertionError(f"the story is {story(page)}\n{error}") from None


def stayed(page: Page) -> bool:
    """Return whether the page was not loaded again, and nothing was thrown into it."""
    return mark_of(page) is not None and loads(page) == 1 and not page_errors(page)


def save(site: Site, name: str, text: str) -> None:
    """Save a file below /static/; a module's story goes on."""
    site.project.write_static(name, LOG + text if name.endswith(".js") else text)


@pytest.fixture
def opened(start: Callable[..., Site], page: Page) -> Open:
    """Return a function that opens a page with these static files, connected and marked."""

    def open_site(static: dict[str, str], *, body: str = ENTRY, head: str = "") -> Site:
        told = {name: LOG + text if name.endswith(".js") else text for name, text in static.items()}
        site = start("flask", "werkzeug", pages={"/": document(body, head)}, static=told)
        page.goto(site.url)
        wait_connected(page)
        mark(page)
        return site

    return open_site


# Import maps


def test_scopes_of_an_import_map(opened: Open, page: Page) -> None:
    scoped = {"/static/admin/": {"lib": "/static/lib-2.js"}}
    import_map = json.dumps({"imports": {"lib": "/static/lib-1.js"}, "scopes": scoped})
    site = opened(
        {
            "app.js": "import { v } from 'lib'; import './admin/panel.js'; log(`app ${v}`)",
            "admin/panel.js": "import { v } from 'lib'; log(`panel ${v}`); import.meta.hot.accept()",
            "lib-1.js": "export const v = 'one'",
            "lib-2.js": "export const v = 'two'",
        },
        head=f'<script type="importmap">{import_map}</script>',
    )
    save(site, "lib-2.js", "export const v = 'three'")
    wait_story(page, ["panel two", "app one", "panel three"])
    assert stayed(page)


# JSON modules

DATA = 'import data from "./data.json" with { type: "json" }; '


def test_json_climbs_to_its_importers(opened: Open, page: Page) -> None:
    source = DATA + "log(`app ${data.v}`); import.meta.hot.accept()"
    site = opened({"app.js": source, "data.json": '{"v": 1}'})
    save(site, "data.json", '{"v": 2}')
    wait_story(page, ["app 1", "app 2"])
    assert stayed(page)
    page.reload()
    wait_connected(page, count=2)
    assert story(page) == ["app 2"]
    save(site, "data.json", '{"v": 3}')
    wait_story(page, ["app 2", "app 3"])


ACCEPTING_DATA = {
    "one": "import.meta.hot.accept('./data.json', (now) => log(`accepted ${now.default.v}`))",
    "list": "import.meta.hot.accept(['./data.json'], ({ deps }) => log(`accepted ${deps[0].default.v}`))",
    "late": "import.meta.hot.accept('./data.json', async () => "
    "log(`accepted ${(await import('./data.json', { with: { type: 'json' } })).default.v}`))",
}


@pytest.mark.parametrize("accept", ACCEPTING_DATA.values(), ids=ACCEPTING_DATA)
def test_accept_json(opened: Open, page: Page, accept: str) -> None:
    site = opened({"app.js": DATA + f"log(`app ${{data.v}}`); {accept}", "data.json": '{"v": 1}'})
    save(site, "data.json", '{"v": 2}')
    wait_story(page, ["app 1", "accepted 2"])
    assert stayed(page)


BAD_JSON = {"accepted": "import.meta.hot.accept()", "accepted by nobody": ""}


@pytest.mark.parametrize("accept", BAD_JSON.values(), ids=BAD_JSON)
def test_bad_json_changes_nothing_and_heals(opened: Open, page: Page, accept: str) -> None:
    site = opened({"app.js": DATA + f"log(data.v); {accept}", "data.json": '{"v": 1}'})
    save(site, "data.json", '{"v": oops}')
    shown = "document.querySelector('hmr-error-overlay')?.shadowRoot.textContent ?? ''"
    wait_until(page, lambda: "data.json" in page.evaluate(shown), "the overlay")
    assert story(page) == [1] and loads(page) == 1
    save(site, "data.json", '{"v": 2}')
    wait_until(page, lambda: story(page) == ([1, 2] if accept else [2]), "the fix")


# CSS module scripts

RED, BLUE = "rgb(200, 0, 0)", "rgb(0, 0, 200)"
SHEET = 'import sheet from "./a.css" with { type: "css" };'
LATE_SHEET = 'const { default: sheet } = await import("./a.css", { with: { type: "css" } });'
ADOPT = "globalThis.sheet ??= sheet; log(sheet === globalThis.sheet); document.adoptedStyleSheets = [sheet];"


def colours(value: str) -> str:
    """Return a stylesheet that colours the text."""
    return f".text {{ color: {value} }}\n"


def wait_colour(page: Page, expected: str, selector: str = ".text") -> None:
    """Wait until an element has the colour *expected*."""
    look = "(selector) => getComputedStyle(document.querySelector(selector)).color"
    wait_until(page, lambda: page.evaluate(look, selector) == expected, f"{selector} in {expected}")


def test_an_adopted_sheet_is_replaced_in_place(opened: Open, page: Page) -> None:
    site = opened({"app.js": SHEET + ADOPT, "a.css": colours(RED)})
    wait_colour(page, RED)
    save(site, "a.css", colours(BLUE))
    wait_colour(page, BLUE)
    assert story(page) == [True] and stayed(page)
    page.reload()
    wait_connected(page, count=2)
    wait_colour(page, BLUE)
    save(site, "a.css", colours(RED))
    wait_colour(page, RED)


def test_a_link_to_an_adopted_sheet_is_swapped_too(opened: Open, page: Page) -> None:
    link = '<link rel="stylesheet" href="/static/a.css">'
    site = opened({"app.js": SHEET + ADOPT, "a.css": colours(RED)}, head=link)
    save(site, "a.css", colours(BLUE))
    wait_colour(page, BLUE)
    page.evaluate("document.adoptedStyleSheets = []")
    wait_colour(page, BLUE)
    assert story(page) == [True] and stayed(page)


def test_a_link_outlives_the_last_import_of_its_sheet(opened: Open, page: Page) -> None:
    link = '<link rel="stylesheet" href="/static/a.css">'
    site = opened({"app.js": SHEET + ADOPT + "import.meta.hot.accept()", "a.css": colours(RED)}, head=link)
    save(site, "app.js", "log('without'); document.adoptedStyleSheets = []; import.meta.hot.accept()")
    wait_story(page, [True, "without"])
    save(site, "a.css", colours(BLUE))
    wait_colour(page, BLUE)
    assert stayed(page)


def test_a_policy_that_lets_nothing_be_fetched(start: Callable[..., Site], page: Page) -> None:
    policy = "default-src 'none'; script-src 'nonce-abc'; style-src 'self'; img-src data:"
    app = (
        "from flask import Flask, render_template\n"
        "from hmr_middleware import HmrMiddleware\n"
        "app = Flask(__name__)\n"
        "@app.get('/')\n"
        "def front():\n"
        f"    return render_template('index.html'), 200, {{'Content-Security-Policy': {policy!r}}}\n"
        "app = HmrMiddleware(app)\n"
    )
    template = document(ENTRY.replace("<script", '<script nonce="abc"'))
    static = {"app.js": LOG + SHEET + ADOPT, "a.css": colours(RED)}
    site = start("flask", "werkzeug", static=static, files={"app.py": app, "templates/index.html": template})
    page.goto(site.url)
    wait_connected(page)
    save(site, "a.css", colours(BLUE))
    wait_colour(page, BLUE)
    assert story(page) == [True]


@pytest.mark.parametrize("source", [SHEET, LATE_SHEET], ids=["static", "dynamic"])
def test_importers_that_run_again_get_the_same_sheet(opened: Open, page: Page, source: str) -> None:
    source += ADOPT + "import.meta.hot.accept()"
    site = opened({"app.js": source, "a.css": colours(RED)})
    save(site, "a.css", colours(BLUE))
    wait_colour(page, BLUE)
    save(site, "app.js", source + "; log('again')")
    wait_story(page, [True, True, "again"])
    wait_colour(page, BLUE)
    assert stayed(page)


# What no browser imports by itself


def test_a_stylesheet_that_a_module_imports(opened: Open, page: Page) -> None:
    source = (
        'import "./parts/a.css"; log(getComputedStyle(document.querySelector("p")).color); import.meta.hot.accept();'
    )
    image = ".text { background: url(dot.svg) }"
    site = opened({"app.js": source, "parts/a.css": colours(RED) + image, "parts/dot.svg": "<svg/>"})
    assert story(page) == [RED], "it is in force when the importer runs"
    assert "/static/parts/dot.svg" in page.evaluate("getComputedStyle(document.querySelector('p')).background")
    save(site, "parts/a.css", colours(BLUE))
    wait_colour(page, BLUE)
    assert story(page) == [RED] and stayed(page)
    save(site, "app.js", "log('without'); import.meta.hot.accept()")
    wait_story(page, [RED, "without"])
    wait_colour(page, "rgb(0, 0, 0)")
    save(site, "app.js", source)
    wait_colour(page, BLUE)
    assert stayed(page)


MODULE_CSS = ".title { color: %s } .title:hover, p .small { color: black } @media all { .wide { color: red } }"


def test_the_classes_of_a_css_module(opened: Open, page: Page) -> None:
    app = (
        'import s from "./a.module.css"; document.querySelector("p").className = s.title;'
        'log(Object.keys(s).join(" ")); import.meta.hot.accept()'
    )
    site = opened({"app.js": app, "a.module.css": MODULE_CSS % RED})
    wait_colour(page, RED, "p")
    name = page.evaluate("document.querySelector('p').className")
    assert name.startswith("a_title_")
    save(site, "a.module.css", MODULE_CSS.replace("wide", "broad") % BLUE)
    wait_colour(page, BLUE, "p")
    wait_story(page, ["title small wide", "title small broad"])
    assert page.evaluate("document.querySelector('p').className") == name
    assert page.evaluate("document.adoptedStyleSheets.length") == 1 and stayed(page)


PROXIED = {
    "json": ("a.json", '"one"', '"two"', ["app one", "app two"]),
    "image": ("a.svg", "<svg/>", "<svg> </svg>", ["app /static/a.svg", "app /static/a.svg?t="]),
}


@pytest.mark.parametrize(("name", "before", "after", "told"), PROXIED.values(), ids=PROXIED)
@pytest.mark.parametrize("way", ["accepts itself", "accepts it", "dynamic"])
def test_data_and_addresses(
    opened: Open, page: Page, way: str, name: str, before: str, after: str, told: list[str]
) -> None:
    sources = {
        "accepts itself": f"import a from './{name}'; log(`app ${{a}}`); import.meta.hot.accept()",
        "accepts it": f"import a from './{name}'; log(`app ${{a}}`);"
        f"import.meta.hot.accept('./{name}', (now) => log(`app ${{now.default}}`))",
        "dynamic": f"const a = (await import('./{name}')).default; log(`app ${{a}}`); import.meta.hot.accept()",
    }
    site = opened({"app.js": sources[way], name: before})
    wait_story(page, told[:1])
    save(site, name, after)
    wait_until(page, lambda: len(story(page)) == 2, "the update")
    first, second = story(page)
    assert (first, str(second).rstrip("0123456789")) == tuple(told) and stayed(page)


def test_a_file_that_is_imported_before_it_is_there(opened: Open, page: Page) -> None:
    site = opened({"app.js": "import './a.css'; log('app')"})
    save(site, "a.css", colours(BLUE))
    wait_until(page, lambda: story(page) == ["app"], "the importer")
    wait_colour(page, BLUE)


# import.meta.env


def test_env(opened: Open, page: Page) -> None:
    source = "const { MODE, DEV, PROD } = import.meta.env; log([MODE, DEV, PROD].join()); import.meta.hot.accept()"
    site = opened({"app.js": source})
    save(site, "app.js", source + "; log(import.meta.env.BASE_URL)")
    wait_story(page, ["development,true,false", "development,true,false", "/"])
    assert stayed(page)


# Inline modules


def inline(*sources: str) -> str:
    """Return a page's body with these inline modules."""
    return "<p>text</p>" + "".join(f'<script type="module">\n{LOG}{source}</script>' for source in sources)


READS = 'import { v } from "./static/leaf.js"; log(`page ${v}`);'


def test_an_inline_module_that_accepts_nothing_reloads(opened: Open, page: Page) -> None:
    site = opened({"leaf.js": "export const v = 1"}, body=inline(READS))
    save(site, "leaf.js", "export const v = 2")
    wait_for_loads(page, 2)
    wait_story(page, ["page 2"])


def test_an_inline_module_counts_beside_others(opened: Open, page: Page) -> None:
    static = {
        "leaf.js": "export const v = 1",
        "app.js": "import './leaf.js'; import.meta.hot.accept('./leaf.js', () => log('app'))",
    }
    site = opened(static, body=inline(READS) + ENTRY)
    save(site, "leaf.js", "export const v = 2")
    wait_for_loads(page, 2)


def test_inline_modules_accept_what_they_import(opened: Open, page: Page) -> None:
    accepts = READS + 'import.meta.hot.accept("./static/leaf.js", ({ v }) => log(`%s ${v}`))'
    site = opened({"leaf.js": "export const v = 1"}, body=inline(accepts % "first", accepts % "second"))
    save(site, "leaf.js", "export const v = 2")
    wait_story(page, ["page 1", "page 1", "first 2", "second 2"])
    save(site, "leaf.js", "export const v = 3")
    wait_story(page, ["page 1", "page 1", "first 2", "second 2", "first 3", "second 3"])
    assert stayed(page)


def test_the_document_is_left_as_it_is(opened: Open, page: Page) -> None:
    source = "import.meta.hot.accept('./static/leaf.js', () => {})"
    site = opened({"leaf.js": ""}, body=inline(source))
    served = page.request.get(site.url, headers={"Sec-Fetch-Dest": "document"}).text()
    assert f'<script type="module">\n{LOG}{source}</script>' in served


def test_a_policy_with_hashes_keeps_its_inline_modules(start: Callable[..., Site], page: Page) -> None:
    source = f"{LOG} log('ran'); import.meta.hot?.accept()"
    digest = b64encode(sha256(source.encode()).digest()).decode()
    app = (
        "from flask import Flask, render_template\n"
        "from hmr_middleware import HmrMiddleware\n"
        "app = Flask(__name__)\n"
        "@app.get('/')\n"
        "def front():\n"
        f"    policy = \"default-src 'self' data: 'sha256-{digest}'\"\n"
        "    return render_template('index.html'), 200, {'Content-Security-Policy': policy}\n"
        "app = HmrMiddleware(app)\n"
    )
    template = document(f'<script type="module">{source}</script>')
    site = start("flask", "werkzeug", files={"app.py": app, "templates/index.html": template})
    page.goto(site.url)
    wait_connected(page)
    assert story(page) == ["ran"]


def test_a_page_and_its_inline_modules_hold_one_instance(opened: Open, page: Page) -> None:
    site = opened(
        {"leaf.js": "export const v = 1; log('leaf')", "app.js": "import './leaf.js'"}, body=inline(READS) + ENTRY
    )
    save(site, "leaf.js", "export const v = 2; log('leaf')")
    wait_for_loads(page, 2)
    wait_story(page, ["leaf", "page 2"])


# Workers, addresses beside a module, preloads

STARTS = (
    'const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });'
    "worker.onmessage = ({ data }) => log(data); worker.onerror = () => log('crashed'); import.meta.hot.accept();"
)


@pytest.mark.parametrize("name", ["worker.js", "leaf.js"])
def test_an_edit_of_what_a_worker_runs_reloads(opened: Open, page: Page, name: str) -> None:
    hot = "import.meta.hot?.accept(); "
    static = {
        "app.js": STARTS,
        "worker.js": hot + "import { v } from './leaf.js'; postMessage(`${import.meta.hot} ${v}`)",
        "leaf.js": hot + "export const v = 1",
    }
    site = opened(static)
    wait_story(page, ["undefined 1"])
    save(site, name, static[name].replace("v = 1", "v = 2").replace("{v}", "{v} again"))
    wait_for_loads(page, 2)
    wait_story(page, ["undefined 1 again" if name == "worker.js" else "undefined 2"])
    assert any("it runs in a worker" in line for line in console_lines(page))


def test_a_worker_may_be_started_anew_by_hand(opened: Open, page: Page) -> None:
    app = (
        'const start = () => { const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });'
        "worker.onmessage = ({ data }) => log(data); return worker }; let worker = start();"
        "import.meta.hot.on('hmr:beforeFullReload', (event) => { if (!event.reason.includes('worker.js')) return;"
        "event.preventDefault(); worker.terminate(); worker = start() })"
    )
    static = {
        "app.js": app,
        "worker.js": "import { v } from './leaf.js'; postMessage(v)",
        "leaf.js": "export const v = 1",
    }
    site = opened(static)
    wait_story(page, [1])
    for version in (2, 3):
        save(site, "leaf.js", f"export const v = {version}")
        wait_story(page, [*range(1, version + 1)])
    assert stayed(page)


def test_a_page_without_the_worker_is_left_alone(opened: Open, page: Page) -> None:
    static = {"app.js": "import './leaf.js'; log('app')", "leaf.js": "log('leaf'); import.meta.hot?.accept()"}
    site = opened({**static, "other.js": STARTS, "worker.js": "import './leaf.js'"})
    page.evaluate("import('/static/other.js')")
    page.reload()
    wait_connected(page, count=2)
    save(site, "leaf.js", "log('leaf 2'); import.meta.hot?.accept()")
    wait_story(page, ["leaf", "app", "leaf 2"])
    assert loads(page) == 2


def test_addresses_beside_a_module_carry_no_version(opened: Open, page: Page) -> None:
    source = "log(new URL('./dot.svg', import.meta.url).href.slice(location.origin.length)); import.meta.hot.accept()"
    site = opened({"app.js": source})
    save(site, "app.js", source + ";")
    wait_story(page, ["/static/dot.svg", "/static/dot.svg"])


def test_a_preloaded_module_has_one_instance(opened: Open, page: Page) -> None:
    source = "log('app'); import.meta.hot.accept()"
    site = opened({"app.js": source}, head='<link rel="modulepreload" href="/static/app.js">')
    save(site, "app.js", source + "; log('again')")
    wait_story(page, ["app", "app", "again"])
    page.reload()
    wait_connected(page, count=2)
    assert story(page) == ["app", "again"]
    save(site, "app.js", source + "; log('more')")
    wait_story(page, ["app", "again", "app", "more"])
