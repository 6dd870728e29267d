"""Save an image, a font, a sound: it is swapped wherever the page shows it, and nothing else is touched."""

import io
import os
import re
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.fonts import make_font
from browser.projects import Files, document
from browser.sites import Site
from browser.tabs import (
    console_lines,
    loads,
    mark,
    mark_of,
    page_errors,
    wait_connected,
    wait_for_console,
    wait_for_loads,
    wait_until,
)

Open = Callable[..., Site]


def svg(width: int) -> str:
    """Return an image of that width, with a shape of the same width that others may use."""
    size = f'width="{width}" height="10"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect id="a" {size} fill="red"/></svg>'


# What comes late shows whether the old one waits for it.
SLOW = {
    "app.py": """\
import time
from flask import Flask, render_template, request
from hmr_middleware import HmrMiddleware
app = Flask(__name__)
@app.get("/")
def front():
    return render_template("index.html")
@app.after_request
def linger(response):
    time.sleep({"svg": 0.1, "ttf": 0.1, "css": 0.05}.get(request.path.rpartition(".")[2], 0))
    return response
app = HmrMiddleware(app)
"""
}


@pytest.fixture
def opened(start: Callable[..., Site], page: Page) -> Open:
    """Return a function that opens a page with this body, head and these static files, connected and marked."""

    def open_site(body: str, static: dict[str, str], *, head: str = "", kind: str = "flask", **more: Files) -> Site:
        server = {"flask": "werkzeug", "fastapi": "uvicorn", "django": "runserver-noreload"}[kind]
        site = start(kind, server, pages={"/": document(body, head)}, static=static, **more)
        page.goto(site.url)
        wait_connected(page)
        wait_until(page, lambda: page.evaluate("document.readyState") == "complete", "all that the page shows")
        mark(page)
        return site

    return open_site


def wait_for(page: Page, expression: str, expected: object) -> None:
    """Wait until *expression* is *expected* in the page."""
    try:
        wait_until(page, lambda: page.evaluate(expression) == expected, f"{expression} == {expected!r}")
    except AssertionError as error:
        raise AssertionError(f"{expression} is {page.evaluate(expression)!r}\n{error}") from None


def stayed(page: Page) -> bool:
    """Return whether the page was not loaded again, and nothing was said against it."""
    warnings = [line for line in console_lines(page) if line.startswith(("error", "warning"))]
    return mark_of(page) is not None and loads(page) == 1 and not page_errors(page) and not warnings


WIDTH = "document.querySelector('{}').naturalWidth"
BOX = "document.querySelector('use').getBBox().width"
BACKGROUND = (
    "[...document.querySelectorAll('.shown')].every((e) => /t=\\d{16}/.test(getComputedStyle(e).backgroundImage))"
)
A = "/static/a.svg"

SHOWN = {
    "img": (f'<img src="{A}">', WIDTH.format("img")),
    "img with a query": (f'<img src="{A}?v=3">', WIDTH.format("img")),
    "srcset": (f'<img srcset="{A} 1x, /static/b.svg 2x">', WIDTH.format("img")),
    "picture": (f'<picture><source srcset="{A}"><img src="/static/b.svg"></picture>', WIDTH.format("img")),
    "input": (f'<input type="image" src="{A}">', "document.querySelector('input').getBoundingClientRect().width"),
    "use": (f'<svg><use href="{A}#a"/></svg>', BOX),
    "use as it once was": (f'<svg><use xlink:href="{A}#a"/></svg>', BOX),
    "object": (f'<object data="{A}"></object>', "document.querySelector('object').getBoundingClientRect().width"),
    "embed": (f'<embed src="{A}">', "document.querySelector('embed').getBoundingClientRect().width"),
    "crossorigin": (f'<img src="{A}" crossorigin>', WIDTH.format("img")),
}


@pytest.mark.parametrize(("body", "width"), SHOWN.values(), ids=SHOWN)
def test_it_is_swapped_where_it_is_shown(opened: Open, page: Page, body: str, width: str) -> None:
    site = opened(body, {"a.svg": svg(10), "b.svg": svg(99)})
    wait_for(page, width, 10)
    for new in (20, 30):
        site.project.write_static("a.svg", svg(new))
        wait_for(page, width, new)
    assert stayed(page)


NAMED = {
    "svg image": (
        f'<svg><image href="{A}" width="9" height="9"/></svg>',
        "",
        "document.querySelector('image').href.baseVal",
    ),
    "poster": (f'<video poster="{A}"></video>', "", "document.querySelector('video').poster"),
    "icon": ("", f'<link id="icon" rel="icon" href="{A}">', "document.querySelector('#icon').href"),
    "style attribute": (
        f'<p style="background: url({A})">text</p>',
        "",
        "getComputedStyle(document.querySelector('p')).backgroundImage",
    ),
    "style element": (
        "<p>text</p>",
        f"<style>p {{ background: url('{A}') }}</style>",
        "getComputedStyle(document.querySelector('p')).backgroundImage",
    ),
    "nested rule": (
        "<p>text</p>",
        f"<style>@layer x {{ @media all {{ body {{ & p {{ background: url({A}) }} }} }} }}</style>",
        "getComputedStyle(document.querySelector('p')).backgroundImage",
    ),
    "custom property": (
        "<p>text</p>",
        f"<style>:root {{ --a: url({A}) }} p {{ background: var(--a) no-repeat }}</style>",
        "getComputedStyle(document.querySelector('p')).backgroundImage",
    ),
    "image-set": (
        "<p>text</p>",
        f"<style>p {{ background: image-set('{A}' 1x) }}</style>",
        "getComputedStyle(document.querySelector('p')).backgroundImage",
    ),
    "linked sheet": (
        "<p>text</p>",
        '<link rel="stylesheet" href="/static/css/deep.css">',
        "getComputedStyle(document.querySelector('p')).backgroundImage",
    ),
    "sheet that a sheet imports": (
        "<p>text</p>",
        '<link rel="stylesheet" href="/static/top.css">',
        "getComputedStyle(document.querySelector('p')).backgroundImage",
    ),
    "sheet that a style imports": (
        "<p>text</p>",
        "<style>@import '/static/css/deep.css';</style>",
        "getComputedStyle(document.querySelector('p')).backgroundImage",
    ),
}


@pytest.mark.parametrize(("body", "head", "url"), NAMED.values(), ids=NAMED)
def test_it_is_named_anew(opened: Open, page: Page, body: str, head: str, url: str) -> None:
    static = {"a.svg": svg(10), "top.css": '@import "css/deep.css";', "css/deep.css": "p { background: url(../a.svg) }"}
    site = opened(body, static, head=head)
    for new in (20, 30):
        before = page.evaluate(url)
        site.project.write_static("a.svg", svg(new))
        wait_until(page, lambda before=before: page.evaluate(url) != before, "another URL")  # type: ignore[misc]
        assert "/static/a.svg?t=" in page.evaluate(url)
    assert stayed(page)


SHADOW = """<div id="host"></div><script>
  const root = document.querySelector("#host").attachShadow({ mode: "open" })
  root.innerHTML = `%s<p class="shown">text</p><img src="/static/a.svg">`
  const inner = root.querySelector("p").attachShadow({ mode: "open" })
  inner.innerHTML = `<img src="/static/a.svg">`
</script>"""
IN_SHADOW = """(() => {
  const { shadowRoot } = document.querySelector("#host")
  const images = [shadowRoot.querySelector("img"), shadowRoot.querySelector("p").shadowRoot.querySelector("img")]
  const { backgroundImage } = getComputedStyle(shadowRoot.querySelector("p"))
  return [...images.map((image) => image.naturalWidth), /t=\\d{16}/.test(backgroundImage)].join()
})()"""
STYLED = {
    "style": "<style>p { background: url(/static/a.svg) }</style>",
    "link": '<link rel="stylesheet" href="/static/css/deep.css">',
}


@pytest.mark.parametrize("styled", STYLED.values(), ids=STYLED)
def test_open_shadow_roots(opened: Open, page: Page, styled: str) -> None:
    site = opened(SHADOW % styled, {"a.svg": svg(10), "css/deep.css": "p { background: url(../a.svg) }"})
    wait_for(page, IN_SHADOW, "10,10,false")
    site.project.write_static("a.svg", svg(20))
    wait_for(page, IN_SHADOW, "20,20,true")
    assert stayed(page)


CONSTRUCTED = {
    "constructed": "const sheet = new CSSStyleSheet(); sheet.replaceSync('p { background: url(/static/a.svg) }');",
    "module": "import sheet from '/static/css/deep.css' with { type: 'css' };",
    "CSS module": "import '/static/css.js'; const [sheet] = document.adoptedStyleSheets;",
}


@pytest.mark.parametrize("made", CONSTRUCTED.values(), ids=CONSTRUCTED)
def test_constructed_sheets(opened: Open, page: Page, made: str) -> None:
    static = {"a.svg": svg(10), "css/deep.css": "p { background: url(../a.svg) }"}
    static |= {"css.js": "import './css/a.module.css'", "css/a.module.css": static["css/deep.css"]}
    adopts = f'<p class="shown">text</p><script type="module">{made} document.adoptedStyleSheets = [sheet]</script>'
    site = opened(adopts, static)
    assert not page.evaluate(BACKGROUND)
    site.project.write_static("a.svg", svg(20))
    wait_for(page, BACKGROUND, True)
    assert stayed(page)


def test_what_is_saved_together_is_shown_together(opened: Open, page: Page) -> None:
    head = '<link rel="stylesheet" href="/static/a.css"><style>@import "/static/b.css";</style>'
    static = {"a.svg": svg(10), "a.css": "p { color: rgb(1, 0, 0) }", "b.css": "p { margin-left: 1px }"}
    site = opened('<p>text</p><img src="/static/a.svg">', static, head=head, files=SLOW)
    look = """(() => {
      const { color, marginLeft } = getComputedStyle(document.querySelector('p'))
      return [document.querySelector('img').naturalWidth, color, marginLeft].join()
    })()"""
    wait_for(page, look, "10,rgb(1, 0, 0),1px")
    page.evaluate(FRAMES, look)
    page.evaluate("hmr.pause()")
    for name, text in {
        "a.svg": svg(20),
        "a.css": "p { color: rgb(2, 0, 0) }",
        "b.css": "p { margin-left: 2px }",
    }.items():
        site.project.write_static(name, text)
    wait_until(page, lambda: len(page.evaluate("hmr.check()") or []) == 3, "all three of them")
    page.evaluate("hmr.resume()")
    wait_for(page, "seen.at(-1)", "20,rgb(2, 0, 0),2px")
    assert page.evaluate("seen") == ["10,rgb(1, 0, 0),1px", "20,rgb(2, 0, 0),2px"]
    assert stayed(page)


# No flash

FRAMES = """(look) => {
  globalThis.seen = []
  const frame = () => {
    const now = eval(look)
    if (seen.at(-1) !== now) seen.push(now)
    requestAnimationFrame(frame)
  }
  frame()
}"""
STEADY = {
    "img": (
        f'<img src="{A}">',
        "",
        "(({ naturalWidth, width, complete: there }) => [naturalWidth, width, there].join())"
        "(document.querySelector('img'))",
    ),
    "use": (
        f'<svg><use href="{A}#a"/></svg>',
        "",
        "Math.max(...[...document.querySelectorAll('use')].filter((u) => getComputedStyle(u).visibility === 'visible')"
        ".map((u) => u.getBBox().width))",
    ),
    "content": (
        "<i></i>",
        f"<style>i {{ content: url({A}) }}</style>",
        "document.querySelector('i').getBoundingClientRect().width",
    ),
}
BETWEEN: dict[str, list[object]] = {"img": ["10,10,true", "20,20,true"], "use": [10, 20], "content": [10, 20]}


@pytest.mark.parametrize("where", STEADY)
def test_no_flash(opened: Open, page: Page, where: str) -> None:
    body, head, look = STEADY[where]
    site = opened(body, {"a.svg": svg(10)}, head=head, files=SLOW)
    wait_for(page, look, BETWEEN[where][0])
    page.evaluate(FRAMES, look)
    site.project.write_static("a.svg", svg(20))
    wait_for(page, "seen.at(-1)", BETWEEN[where][-1])
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("seen") == BETWEEN[where], "at no frame was it gone"
    assert stayed(page)


@pytest.mark.parametrize("place", ["style", "link"])
def test_a_font_without_a_flash(opened: Open, page: Page, place: str) -> None:
    sheet = "@font-face { font-family: test; src: url(/static/a.ttf) } span { font: 100px test, monospace }"
    head = {"style": f"<style>{sheet}</style>", "link": '<link rel="stylesheet" href="/static/a.css">'}[place]
    site = opened("<span>aaaa</span>", {"a.css": sheet}, head=head, files=SLOW)
    save(site, "a.ttf", make_font(1000))
    page.reload()
    wait_connected(page, count=2)
    width = "document.querySelector('span').getBoundingClientRect().width"
    wait_for(page, width, 400)
    page.evaluate(FRAMES, width)
    save(site, "a.ttf", make_font(2000))
    wait_for(page, width, 800)
    wait_for(page, "[...document.fonts].map(({ status }) => status).join()", "loaded")
    assert page.evaluate("seen") == [400, 800]


def test_a_shape_saved_twice_in_a_row(opened: Open, page: Page) -> None:
    markup = f'<use href="{A}#a" visibility="visible"/>'
    site = opened(f"<svg>{markup}</svg>", {"a.svg": svg(10)})
    for width in range(11, 31):
        site.project.write_static("a.svg", svg(width))
    wait_for(page, BOX, 30)
    wait_for(page, "document.querySelectorAll('use').length", 1)
    left = page.evaluate("document.querySelector('use').outerHTML").replace("</use>", "")
    assert re.sub(r"\?t=\d{16}", "", left) == markup.replace("/>", ">")
    assert stayed(page)


# Sounds and films


def sound(seconds: int) -> bytes:
    """Return silence."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000 * seconds)
    return data.getvalue()


PLAYERS = {
    "src": '<audio src="/static/a.wav"></audio>',
    "source": '<audio><source src="/static/a.wav"></audio>',
    "video": '<video src="/static/a.wav"></video>',
}


@pytest.mark.parametrize("body", PLAYERS.values(), ids=PLAYERS)
def test_a_sound_goes_on_where_it_was(opened: Open, page: Page, body: str) -> None:
    site = opened(body, {})
    save(site, "a.wav", sound(20))
    page.reload()
    wait_connected(page, count=2)
    player = "document.querySelector('audio, video')"
    wait_for(page, f"{player}.duration", 20)
    page.evaluate(f"{player}.currentTime = 7")
    save(site, "a.wav", sound(30))
    wait_for(page, f"[{player}.duration, {player}.currentTime, {player}.paused].join()", "30,7,true")


def test_a_sound_that_plays_goes_on_playing(opened: Open, page: Page) -> None:
    site = opened('<audio muted src="/static/a.wav"></audio>', {})
    save(site, "a.wav", sound(20))
    page.reload()
    wait_connected(page, count=2)
    player = "document.querySelector('audio')"
    wait_for(page, f"{player}.duration", 20)
    page.evaluate(f"{player}.currentTime = 7; {player}.play()")
    save(site, "a.wav", sound(30))
    wait_for(page, f"{player}.duration === 30 && {player}.currentTime >= 7 && !{player}.paused", True)


# What else may be


def test_a_page_that_does_not_show_it_is_left_alone(opened: Open, page: Page) -> None:
    site = opened('<img src="/static/a.svg">', {"a.svg": svg(10), "unused.svg": svg(10)})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("0")  # else the listener may come too late
    site.project.write_static("unused.svg", svg(20))
    site.project.write_static("a.svg", svg(20))
    wait_for(page, WIDTH.format("img"), 20)
    assert not [url for url in asked if "unused" in url]
    assert stayed(page)


def test_what_cannot_be_shown_is_not(opened: Open, page: Page) -> None:
    site = opened('<img src="/static/a.svg">', {"a.svg": svg(10)})
    site.project.write_static("a.svg", "<svg broken")
    wait_for_console(page, "warning: [hmr] /static/a.svg cannot be shown")
    assert page.evaluate(WIDTH.format("img")) == 10
    site.project.write_static("a.svg", svg(20))
    wait_for(page, WIDTH.format("img"), 20)
    assert mark_of(page) is not None and loads(page) == 1


def test_what_was_missing_comes(opened: Open, page: Page) -> None:
    site = opened('<img src="/static/a.svg">', {})
    assert page.evaluate(WIDTH.format("img")) == 0
    site.project.write_static("a.svg", svg(20))
    wait_for(page, WIDTH.format("img"), 20)
    assert mark_of(page) is not None and loads(page) == 1


def test_what_a_script_adds_later_is_new(opened: Open, page: Page) -> None:
    site = opened('<img src="/static/a.svg"><div></div>', {"a.svg": svg(10)})
    site.project.write_static("a.svg", svg(20))
    wait_for(page, WIDTH.format("img"), 20)
    page.evaluate("document.querySelector('div').innerHTML = '<p><img src=\"/static/a.svg\"></p>'")
    wait_for(page, WIDTH.format("div img"), 20)
    page.evaluate("document.querySelector('div img').src = '/static/a.svg'")
    wait_for(page, WIDTH.format("div img"), 20)
    assert "?t=" in page.evaluate("document.querySelector('div img').src")
    assert stayed(page)


def test_after_a_reload_it_is_still_the_new_one(opened: Open, page: Page) -> None:
    site = opened('<img src="/static/a.svg">', {"a.svg": svg(10)}, kind="fastapi")
    os.utime(site.project.static / "a.svg", (0, 0))
    page.reload()
    wait_connected(page, count=2)
    site.project.write_static("a.svg", svg(20))
    wait_for(page, WIDTH.format("img"), 20)
    page.reload()
    wait_connected(page, count=3)
    assert page.evaluate(WIDTH.format("img")) == 20, "also where the server lets browsers guess how long it stays fresh"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("0")  # else the listener may come too late
    site.project.write_static("a.svg", svg(30))
    wait_for(page, WIDTH.format("img"), 30)
    assert sum("a.svg" in url for url in asked) == 1


def test_undo_brings_the_old_one_back(opened: Open, page: Page) -> None:
    site = opened('<img src="/static/a.svg">', {"a.svg": svg(10)})
    for width in (20, 10, 20):
        site.project.write_static("a.svg", svg(width))
        wait_for(page, WIDTH.format("img"), width)
    assert stayed(page)


def test_a_preload_says_nothing(opened: Open, page: Page) -> None:
    head = '<link rel="preload" as="image" href="/static/a.svg">'
    site = opened('<img src="/static/a.svg">', {"a.svg": svg(10)}, head=head)
    site.project.write_static("a.svg", svg(20))
    wait_for(page, WIDTH.format("img"), 20)
    assert page.evaluate("document.querySelector('[rel=preload]').outerHTML") == head
    assert stayed(page)


@pytest.mark.parametrize("kind", ["fastapi", "django"])
def test_other_frameworks(opened: Open, page: Page, kind: str) -> None:
    site = opened('<img src="/static/a.svg">', {"a.svg": svg(10)}, kind=kind)
    site.project.write_static("a.svg", svg(20))
    wait_for(page, WIDTH.format("img"), 20)
    assert stayed(page)


def test_what_changed_while_the_server_was_away(opened: Open, page: Page) -> None:
    head = '<link rel="stylesheet" href="/static/css/a.css">'
    static = {"a.svg": svg(10), "css/a.css": '@import "deep.css";', "css/deep.css": "p { background: url(../a.svg) }"}
    site = opened('<p class="shown">text</p><img src="/static/a.svg">', static, head=head)
    site.server.stop()
    site.project.write_static("a.svg", svg(20))
    site.project.write_static("css/deep.css", static["css/deep.css"] + "p { color: rgb(0, 0, 200) }")
    site.server.start()
    wait_for(page, WIDTH.format("img"), 20)
    wait_for(page, BACKGROUND, True)
    wait_for(page, "getComputedStyle(document.querySelector('p')).color", "rgb(0, 0, 200)")
    assert mark_of(page) is not None and loads(page) == 1


def test_what_changed_while_the_page_was_being_loaded(opened: Open, page: Page) -> None:
    site = opened('<img src="/static/a.svg">', {"a.svg": svg(10)})
    page.route("**/__hmr/**/main.js", lambda route: (site.project.write_static("a.svg", svg(20)), route.continue_()))
    page.reload()
    wait_for(page, WIDTH.format("img"), 20)


def test_a_classic_script_reloads_and_says_so(opened: Open, page: Page) -> None:
    source = "document.title = 'one'"
    site = opened("", {"old.js": source}, head='<script src="/static/old.js"></script>')
    site.project.write_static("old.js", source.replace("one", "two"))
    wait_for_loads(page, 2)
    wait_for(page, "document.title", "two")
    wait_for_console(page, "reload: old.js is a classic script, which cannot be replaced")


def save(site: Site, name: str, content: bytes) -> None:
    """Save a file below /static/."""
    path: Path = site.project.static / name
    path.write_bytes(content)
