"""Faults of templates, views and servers: the page stays under what is said of them, and follows once they are over."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Frame, Page

from browser.projects import Kind, document
from browser.servers import SERVERS
from browser.sites import Site
from browser.tabs import console_lines, loads, mark, mark_of, page_errors, wait_connected, wait_for_loads, wait_until
from browser.test_pages import (
    ASKING,
    EACH,
    FORM,
    RELOADING,
    VIEWS,
    Start,
    kept,
    open_page,
    ready,
    settle_reloader,
    text,
    wait_text,
)

BROKEN = document(FORM.replace("one", "{% if %}"))


def overlay(page: Page) -> str:
    """Return what the overlay says over the page, the server's own page in its frame included."""
    said = page.evaluate(SAYS, ".panel")
    return "\n".join([said, *map(frame_text, page.frames[1:])]) if said else ""


def frame_text(frame: Frame) -> str:
    """Return what a frame shows; nothing while it goes away."""
    try:
        return frame.locator("body").inner_text(timeout=1_000)
    except Error:
        return ""


# What a part of the overlay says, where it is shown.
SAYS = """(part) => {
  const element = document.querySelector("hmr-error-overlay")?.shadowRoot.querySelector(part)
  return element?.checkVisibility() ? element.innerText : ""
}"""


def corner(page: Page) -> str:
    """Return what the notice in the corner says."""
    said: str = page.evaluate(SAYS, ".notice")
    return said


def wait_overlay(page: Page, *words: str, seconds: float = 20) -> None:
    """Wait until the overlay says *words*."""
    wait_until(page, lambda: all(word in overlay(page) for word in words), f"the overlay: {words}", seconds=seconds)


def wait_clear(page: Page, *, seconds: float = 20) -> None:
    """Wait until nothing is shown over the page or in its corner."""
    wait_until(page, lambda: not overlay(page) and not corner(page), "nothing over the page", seconds=seconds)


# Templates and views

TITLES: dict[Kind, str] = {"flask": "TemplateSyntaxError", "fastapi": "500", "django": "TemplateSyntaxError"}


@pytest.mark.parametrize(("kind", "server"), EACH)
def test_a_broken_template_heals(start: Start, page: Page, kind: Kind, server: str) -> None:
    site = start(kind, server, pages={"/": document(FORM)})
    open_page(site, page)
    site.project.write_page("/", BROKEN)
    wait_overlay(page, TITLES[kind])
    assert text(page) == "one"
    site.project.write_page("/", document(FORM.replace("one", "two")))
    wait_clear(page)
    wait_text(page, "two")
    assert kept(page)


def test_a_template_of_any_bytes_heals(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM)})
    open_page(site, page)
    path = site.project.write_page("/", document(FORM))
    path.write_bytes(bytes(range(256)))
    wait_overlay(page, "UnicodeDecodeError")
    assert text(page) == "one"
    site.project.write_page("/", document(FORM.replace("one", "two")))
    wait_clear(page)
    wait_text(page, "two")
    assert kept(page)


RAISING: dict[Kind, tuple[str, str]] = {
    "flask": ("app.py", "    return render_template("),
    "fastapi": ("app.py", "    return templates."),
    "django": ("website/views.py", "    return render("),
}


@pytest.mark.parametrize("server", RELOADING)
def test_a_view_that_raises_heals(start: Start, page: Page, server: str) -> None:
    kind = SERVERS[server].kind
    site = start(kind, server, pages={"/": ASKING})
    open_page(site, page)
    file, line = RAISING[kind]
    settle_reloader(site)
    site.project.replace(file, line, f"    raise RuntimeError('out of tea')\n{line}")
    wait_overlay(page, "500" if kind == "fastapi" else "out of tea")
    assert text(page) == "one"
    settle_reloader(site)
    site.project.replace(file, f"    raise RuntimeError('out of tea')\n{line}", line)
    _, old, new = VIEWS[kind]
    site.project.replace(file, old, new)
    wait_clear(page)
    wait_text(page, "two")
    assert kept(page)


def test_starlette_s_own_page_is_shown(start: Start, page: Page) -> None:
    head = "from fastapi import FastAPI, Request\nfrom fastapi.templating import Jinja2Templates\n"
    head += "from hmr_middleware import HmrMiddleware\n\napp = FastAPI(debug=True)\n"
    view = 'templates = Jinja2Templates(directory="templates")\n\n\n@app.get("/")\ndef index(request: Request):\n'
    view += '    return templates.TemplateResponse(request, "index.html")\n\n\napp = HmrMiddleware(app)\n'
    site = start("fastapi", "uvicorn", pages={"/": document(FORM)}, files={"app.py": head + view})
    open_page(site, page)
    site.project.write_page("/", BROKEN)
    wait_overlay(page, "TemplateSyntaxError", "Traceback")
    site.project.write_page("/", document(FORM.replace("one", "two")))
    wait_text(page, "two")
    wait_clear(page)
    assert kept(page)


GONE = """\
from pathlib import Path

from flask import Flask, abort, render_template
from hmr_middleware import HmrMiddleware

app = HmrMiddleware(Flask(__name__), watch=["content"])


@app.route("/")
def index():
    word = Path("content/word.md")
    return render_template("index.html", word=word.read_text()) if word.exists() else abort(404)
"""


def test_a_page_that_is_not_found_any_more_heals(start: Start, page: Page) -> None:
    """And what is watched besides templates counts as one."""
    files = {"app.py": GONE, "content/word.md": "one\n"}
    body = FORM.replace("one", "{{ word }}")
    site = start("flask", "werkzeug", pages={"/": document(body)}, files=files)
    open_page(site, page)
    (site.project.root / "content" / "word.md").unlink()
    wait_overlay(page, "404", "Not Found")
    site.write("content/word.md", "two\n")
    wait_text(page, "two")
    wait_clear(page)
    assert kept(page)


def test_what_was_dismissed_stays_away_until_the_next_save(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM)})
    open_page(site, page)
    site.project.write_page("/", BROKEN)
    wait_overlay(page, "TemplateSyntaxError")
    page.keyboard.press("Escape")
    wait_until(page, lambda: not overlay(page), "the overlay to go")
    site.project.write_page("/", BROKEN + "\n")
    wait_overlay(page, "TemplateSyntaxError")
    assert kept(page)


def test_without_the_overlay_the_console_tells(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM)}, env={"HMR_OVERLAY": "0"})
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    site.project.write_page("/", BROKEN)
    wait_until(page, lambda: any("[hmr] 500" in line for line in console_lines(page)), "the console's line")
    assert not page.locator("hmr-error-overlay").count()
    site.project.write_page("/", document(FORM.replace("one", "two")))
    wait_text(page, "two")
    assert mark_of(page)


NO_FRAMES = """\
from flask import Flask, make_response, render_template
from hmr_middleware import HmrMiddleware

app = HmrMiddleware(Flask(__name__))


@app.route("/")
def index():
    response = make_response(render_template("index.html"))
    response.headers["Content-Security-Policy"] = "{}"
    return response
"""


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param("default-src 'self'; frame-src 'none'", id="no-frames"),
        pytest.param("default-src 'none'", id="nothing"),
        pytest.param("require-trusted-types-for 'script'", id="trusted-types"),
        pytest.param("require-trusted-types-for 'script'; trusted-types app", id="listed-trusted-types"),
    ],
)
def test_what_failed_can_be_read_under_a_policy(start: Start, page: Page, policy: str) -> None:
    files = {"app.py": NO_FRAMES.format(policy)}
    site = start("flask", "werkzeug", pages={"/": document(FORM)}, files=files)
    open_page(site, page)
    site.project.write_page("/", BROKEN)
    wait_overlay(page, "TemplateSyntaxError")
    site.project.write_page("/", document(FORM.replace("one", "two")))
    wait_text(page, "two")
    wait_clear(page)
    assert kept(page)


# The server


SYNTAX = {"flask": "app.py", "fastapi": "app.py", "django": "website/views.py"}


@pytest.mark.parametrize("server", RELOADING)
def test_a_server_that_cannot_start_is_waited_for(start: Start, page: Page, server: str) -> None:
    kind = SERVERS[server].kind
    site = start(kind, server, pages={"/": ASKING})
    open_page(site, page)
    path = site.project.root / SYNTAX[kind]
    good = path.read_text()
    settle_reloader(site)
    path.write_text(good + "\ndef broken(:\n")
    if server == "werkzeug-reload":
        wait_overlay(page, "SyntaxError")
    else:
        wait_until(page, lambda: "Waiting for the server" in corner(page), "the notice", seconds=20)
    assert text(page) == "one"
    path.write_text(good.replace(*VIEWS[kind][1:]))
    notice_the_fix(site, page, path)
    wait_clear(page)
    assert kept(page)


def notice_the_fix(site: Site, page: Page, path: Path) -> None:
    """Wait for the page that follows *path*, which is saved again where Django's reloader was too late to see it."""
    for _ in range(4 if site.project.kind == "django" else 1):
        with suppress(AssertionError):
            wait_until(page, lambda: text(page) == "two", "the fix", seconds=8)
            return
        path.touch()
    wait_text(page, "two")


def test_a_server_that_is_gone_is_waited_for_quietly_and_once(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM)})
    open_page(site, page)
    ready(page)
    site.server.stop()
    wait_until(page, lambda: "Waiting for the server" in corner(page), "the notice", seconds=20)
    assert not overlay(page)
    page.fill("#typed", "mine")
    site.server.start()
    wait_clear(page)
    assert kept(page) and not page_errors(page)


# Error pages from the start


@pytest.mark.parametrize(("kind", "server"), EACH)
def test_a_page_that_failed_at_first_heals_by_itself(start: Start, page: Page, kind: Kind, server: str) -> None:
    files = {}
    if kind == "fastapi":
        files["app.py"] = (
            "from fastapi import FastAPI, Request\nfrom fastapi.templating import Jinja2Templates\n"
            "from hmr_middleware import HmrMiddleware\n\napp = FastAPI(debug=True)\n"
            'templates = Jinja2Templates(directory="templates")\n\n\n@app.get("/")\ndef index(request: Request):\n'
            '    return templates.TemplateResponse(request, "index.html")\n\n\napp = HmrMiddleware(app)\n'
        )
    site = start(kind, server, pages={"/": BROKEN}, files=files)
    assert page.goto(site.url).status == 500  # type: ignore[union-attr]
    wait_connected(page)
    site.project.write_page("/", BROKEN.replace("{% if %}", "{% for %}"))
    wait_for_loads(page, 2)
    wait_connected(page, count=2)
    wait_until(page, lambda: "for" in page.locator("body").inner_text(), "the newest error")
    site.project.write_page("/", document(FORM))
    wait_for_loads(page, 3)
    wait_text(page, "one")
    wait_connected(page, count=3)
    assert loads(page) == 3


def test_the_debugger_still_works(start: Start, page: Page) -> None:
    """Its page has the client; its style sheet, its script and its console are as they were."""
    view = "from flask import Flask\nfrom hmr_middleware import HmrMiddleware\napp = HmrMiddleware(Flask(__name__))\n"
    view += "\n\n@app.route('/')\ndef index():\n    tea = 41\n    raise RuntimeError(f'out of tea {tea}')\n"
    site = start("flask", "werkzeug", files={"app.py": view}, env={"WERKZEUG_DEBUG_PIN": "off"})
    page.goto(site.url)
    wait_connected(page)
    frame = page.locator(".frame", has_text="out of tea").last
    frame.locator("img[title='Open an interactive python shell in this frame']").first.dispatch_event("click")
    page.locator(".console input").fill("tea + 1")
    page.locator(".console input").press("Enter")
    wait_until(page, lambda: re.search(r"^42$", page.locator(".console").inner_text(), re.M), "the console's answer")
    assert page.evaluate("getComputedStyle(document.querySelector('div.debugger')).backgroundColor")
    assert loads(page) == 1 and not page_errors(page)
