"""Save a stylesheet that others import, or one with conditions: what applies, and in which order, stays."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import console_lines, loads, mark, mark_of, page_errors, wait_connected, wait_until

RED, BLUE, GREEN = "rgb(200, 0, 0)", "rgb(0, 0, 200)", "rgb(0, 150, 0)"
LINK = '<link rel="stylesheet" href="/static/top.css">'
Open = Callable[..., Site]


def p(colour: str) -> str:
    """Return a stylesheet that colours the text."""
    return f"p {{ color: {colour} }}\n"


DEEP = {"top.css": '@import "a/one.css";', "a/one.css": "@import url(two.css);", "a/two.css": "@import '../three.css';"}
DEEP |= {"three.css": p(RED)}


@pytest.fixture
def opened(start: Callable[..., Site], page: Page) -> Open:
    """Return a function that opens a page with this head, body and these static files, connected and marked."""

    def open_site(head: str, static: dict[str, str], body: str = "<p>text</p>", **options: dict[str, str]) -> Site:
        site = start("flask", "werkzeug", pages={"/": document(body, head)}, static=static, **options)
        page.goto(site.url)
        wait_connected(page)
        mark(page)
        return site

    return open_site


def colour(page: Page, where: str = "document") -> str:
    """Return the colour of the text in *where*, an expression for a root."""
    value: str = page.evaluate(f"getComputedStyle({where}.querySelector('p')).color")
    return value


def wait_colour(page: Page, expected: str, where: str = "document") -> None:
    """Wait until the text has the colour *expected*."""
    wait_until(page, lambda: colour(page, where) == expected, f"the text in {expected}")


def stayed(page: Page) -> bool:
    """Return whether the page was not loaded again, and nothing was said against it."""
    complaints = [line for line in console_lines(page) if line.startswith(("error", "warning"))]
    return mark_of(page) is not None and loads(page) == 1 and not page_errors(page) and not complaints


def asked_for(page: Page) -> list[str]:
    """Return a list that grows by the name of each stylesheet that *page* asks for."""
    names: list[str] = []

    def note(url: str) -> None:
        path = url.partition("?")[0]
        if path.endswith(".css"):
            names.append(path.rpartition("/")[2])

    page.on("request", lambda request: note(request.url))
    page.evaluate("0")  # else the listener may come too late
    return names


def watch_frames(page: Page, look: str = "getComputedStyle(document.querySelector('p')).color") -> None:
    """Note in `seen` what *look* finds, in every frame."""
    page.evaluate(
        """(look) => {
        globalThis.seen = []
        const frame = () => {
          const now = eval(look)
          if (seen.at(-1) !== now) seen.push(now)
          requestAnimationFrame(frame)
        }
        frame()
      }""",
        look,
    )


# At any depth


def test_only_the_way_to_it_is_fetched(opened: Open, page: Page) -> None:
    static = DEEP | {"top.css": '@import "side.css"; @import "a/one.css";', "side.css": "p { margin: 0 }"}
    site = opened(LINK + '<link rel="stylesheet" href="/static/other.css">', {**static, "other.css": ""})
    names = asked_for(page)
    for value in (BLUE, GREEN):
        names.clear()
        site.project.write_static("three.css", p(value))
        wait_colour(page, value)
        assert set(names) - {"side.css"} == {"top.css", "one.css", "two.css", "three.css"}
        assert len(names) == len(set(names))
    assert stayed(page)


IMPORTING = {"link": LINK, "style": "<style>@import '/static/top.css'; p { margin: 0 }</style>"}


@pytest.mark.parametrize("head", IMPORTING.values(), ids=IMPORTING)
def test_no_flash(opened: Open, page: Page, head: str) -> None:
    site = opened(head, DEEP)
    wait_colour(page, RED)
    watch_frames(page)
    site.project.write_static("three.css", p(BLUE))
    wait_colour(page, BLUE)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("seen") == [RED, BLUE]
    assert stayed(page)


def test_the_style_stays_the_same_element(opened: Open, page: Page) -> None:
    site = opened("<style id='s'>@import '/static/top.css' screen; p { margin: 0 }</style>", DEEP)
    page.evaluate("globalThis.kept = document.querySelector('#s'); kept.sheet.insertRule('p { padding: 7px }', 2)")
    before = page.evaluate("kept.outerHTML")
    for value in (BLUE, GREEN):
        site.project.write_static("three.css", p(value))
        wait_colour(page, value)
    assert page.evaluate("kept === document.querySelector('#s') && kept.outerHTML") == before
    assert page.evaluate("getComputedStyle(document.querySelector('p')).padding") == "7px"
    assert page.evaluate("[...kept.sheet.cssRules].map((rule) => rule.cssText.replace(/\\?t=\\d+/, ''))") == [
        '@import url("/static/top.css") screen;',
        "p { margin: 0px; }",
        "p { padding: 7px; }",
    ]
    assert stayed(page)


def test_a_policy_with_hashes_keeps_its_styles(opened: Open, page: Page) -> None:
    style = "@import '/static/top.css';"
    digest = b64encode(sha256(style.encode()).digest()).decode()
    app = (
        "from flask import Flask, render_template\n"
        "from hmr_middleware import HmrMiddleware\n"
        "app = Flask(__name__)\n"
        "@app.get('/')\n"
        "def front():\n"
        f"    policy = \"default-src 'self' data:; style-src 'self' 'sha256-{digest}'\"\n"
        "    return render_template('index.html'), 200, {'Content-Security-Policy': policy}\n"
        "app = HmrMiddleware(app)\n"
    )
    site = opened(f"<style>{style}</style>", DEEP, files={"app.py": app})
    wait_colour(page, RED)
    site.project.write_static("three.css", p(BLUE))
    wait_colour(page, BLUE)
    assert stayed(page)


def said(page: Page, name: str) -> str:
    """Return the text's custom property *name*."""
    value: str = page.evaluate(f"getComputedStyle(document.querySelector('p')).getPropertyValue('--{name}')")
    return value


# Conditions of an import. The text is red where the sheet applies; else what comes behind it counts.
CONDITIONS = {
    "layer": ('@import "leaf.css" layer(low); p { color: rgb(0, 150, 0) }', GREEN),
    "layers in order": ("@layer low, high; @import 'other.css' layer(high); @import 'leaf.css' layer(low);", GREEN),
    "anonymous layers": ("@import 'leaf.css' layer; @import 'other.css' layer;", GREEN),
    "supports": ('@import "leaf.css" supports(display: grid);', BLUE),
    "supports not": ('@import "leaf.css" supports(display: none-of-these);', "rgb(0, 0, 0)"),
    "media": ('@import "leaf.css" screen and (min-width: 1px);', BLUE),
    "media not": ('@import "leaf.css" print;', "rgb(0, 0, 0)"),
    "all three": ('@import "leaf.css" layer(a.b) supports(display: grid) screen;', BLUE),
    "order": ('@import "leaf.css"; @import "other.css";', GREEN),
    "a fragment and a query": ('@import "leaf.css?v=1#x";', BLUE),
}


@pytest.mark.parametrize("where", ["link", "style", "deep"])
@pytest.mark.parametrize(("text", "after"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions_of_an_import_stay(opened: Open, page: Page, where: str, text: str, after: str) -> None:
    in_style = text.replace("leaf.css", "/static/leaf.css").replace("other.css", "/static/other.css")
    head = f"<style>{in_style}</style>" if where == "style" else LINK
    tops = {"link": {"top.css": text}, "style": {}, "deep": {"top.css": "@import 'mid.css';", "mid.css": text}}
    leaf, applies = "p {{ color: {}; --{}: {} }}", after in (BLUE, GREEN)
    static = {"leaf.css": leaf.format(RED, "leaf", "old"), "other.css": p(GREEN), "last.css": "p { --last: old }"}
    site = opened(head + '<link rel="stylesheet" href="/static/last.css">', static | tops[where])
    assert said(page, "leaf") == ("old" if applies else "")
    site.project.write_static("leaf.css", leaf.format(BLUE, "leaf", "new"))
    if applies:
        wait_until(page, lambda: said(page, "leaf") == "new", "the new sheet")
    site.project.write_static("last.css", "p { --last: new }")
    wait_until(page, lambda: said(page, "last") == "new", "the sheet that was saved last")
    assert said(page, "leaf") == ("new" if applies else "")
    assert colour(page) == after
    page.reload()
    wait_connected(page, count=2)
    wait_until(page, lambda: colour(page) == after, "the same as on a fresh load")


# Shadow roots

ROOT = "document.querySelector('#host').shadowRoot"
HOST = """<div id="host"></div><script type="module">
  const root = document.querySelector("#host").attachShadow({ mode: "open" })
  root.innerHTML = `%s<p>text</p>`; %s
</script>"""
IN_ROOTS = {
    "link": (LINK, ""),
    "style": ("<style>@import '/static/top.css'</style>", ""),
    "module": (
        "",
        "const { default: sheet } = await import('/static/three.css', { with: { type: 'css' } });"
        "root.adoptedStyleSheets = [sheet]",
    ),
}


@pytest.mark.parametrize(("markup", "script"), IN_ROOTS.values(), ids=IN_ROOTS)
def test_open_shadow_roots(opened: Open, page: Page, markup: str, script: str) -> None:
    site = opened("", DEEP, HOST % (markup, script))
    wait_colour(page, RED, ROOT)
    watch_frames(page, f"getComputedStyle({ROOT}.querySelector('p')).color")
    for value in (BLUE, GREEN):
        site.project.write_static("three.css", p(value))
        wait_colour(page, value, ROOT)
    wait_until(page, lambda: page.evaluate("seen.at(-1)") == GREEN, "the last frame")
    assert page.evaluate("seen") == [RED, BLUE, GREEN]
    assert stayed(page)


# What a link says of itself

SHEETS = """[...document.styleSheets].map(({ href, title, disabled, media }) =>
  [href?.replace(/\\?t=\\d+$/, "").split("/").pop(), title, disabled, media.mediaText].join())"""
LINKS = {
    "media": ('<link rel="stylesheet" media="print" href="/static/a.css">', ""),
    "title": ('<link rel="stylesheet" title="main" href="/static/a.css">', ""),
    "alternate": ('<link rel="alternate stylesheet" title="dark" href="/static/a.css">', ""),
    "alternate on": ('<link rel="alternate stylesheet" title="dark" href="/static/a.css">', "sheet.disabled = false"),
    "alternate on as a link": (
        '<link rel="alternate stylesheet" title="dark" href="/static/a.css">',
        "disabled = false",
    ),
    "sheet off": ('<link rel="stylesheet" href="/static/a.css">', "sheet.disabled = true"),
    "crossorigin": ('<link rel="stylesheet" crossorigin href="/static/a.css">', ""),
    "preloaded": (
        '<link rel="preload" as="style" href="/static/a.css"><link rel="stylesheet" href="/static/a.css">',
        "",
    ),
    "loaded late": (
        '<link rel="stylesheet" href="/static/a.css" media="print" onload="this.media = \'all\'">',
        "",
    ),
}
LINK_A = "document.querySelector('link[rel~=stylesheet][href*=\"a.css\"]')"


@pytest.mark.parametrize(("link", "first"), LINKS.values(), ids=LINKS)
def test_what_applies_stays(opened: Open, page: Page, link: str, first: str) -> None:
    others = '<link rel="stylesheet" title="{}" href="/static/{}">'
    head = others.format("", "first.css") + link + others.format("main", "main.css") + "<style>p { margin: 0 }</style>"
    site = opened(head, {"a.css": p(RED), "first.css": "", "main.css": ""})
    page.wait_for_function(f"{LINK_A}.sheet")
    if first:
        page.evaluate(f"{LINK_A}.{first}")
        page.wait_for_function(f"{LINK_A}.sheet")
    before, was = page.evaluate(SHEETS), colour(page)
    watch_frames(page)
    site.project.write_static("a.css", p(BLUE))
    links = "document.querySelectorAll('link[href*=\"a.css\"]').length"
    page.wait_for_function(f"{LINK_A}.href.includes('t=') && {links} === {link.count('<link')}")
    now = BLUE if was == RED else was
    wait_colour(page, now)
    wait_until(page, lambda: page.evaluate("seen.at(-1)") == now, "the last frame")
    assert page.evaluate("seen") == ([was, now] if was != now else [was])
    assert page.evaluate(SHEETS) == before, "as on a fresh load"
    assert mark_of(page) is not None and loads(page) == 1 and not page_errors(page)


def test_a_link_that_is_switched_off(opened: Open, page: Page) -> None:
    site = opened('<link rel="stylesheet" disabled href="/static/a.css">', {"a.css": p(RED)})
    page.evaluate(f"{LINK_A}.disabled = false")
    wait_colour(page, RED)
    page.evaluate(f"{LINK_A}.disabled = true")
    site.project.write_static("a.css", p(BLUE))
    page.wait_for_function(f"{LINK_A}.href.includes('t=')")
    assert colour(page) == "rgb(0, 0, 0)"
    page.evaluate(f"{LINK_A}.disabled = false")
    wait_colour(page, BLUE)
    assert stayed(page)


def test_integrity(opened: Open, page: Page) -> None:
    digest = b64encode(sha256(p(RED).encode()).digest()).decode()
    site = opened(f'<link rel="stylesheet" integrity="sha256-{digest}" href="/static/a.css">', {"a.css": p(RED)})
    wait_colour(page, RED)
    site.project.write_static("a.css", p(BLUE))
    wait_colour(page, BLUE)
    assert stayed(page)


def test_a_module_preload_is_left_alone(opened: Open, page: Page) -> None:
    head = '<link rel="modulepreload" href="/static/a.css" as="style">' + LINK
    site = opened(head, DEEP | {"a.css": ""})
    site.project.write_static("three.css", p(BLUE))
    wait_colour(page, BLUE)
    assert page.evaluate("document.querySelector('[rel=modulepreload]').outerHTML") == head.partition(LINK)[0]


def test_a_nested_sheet_that_was_missing_comes(opened: Open, page: Page) -> None:
    site = opened(LINK, {key: DEEP[key] for key in DEEP if key != "three.css"})
    assert colour(page) == "rgb(0, 0, 0)"
    site.project.write_static("three.css", p(BLUE))
    wait_colour(page, BLUE)
    assert mark_of(page) is not None and loads(page) == 1
