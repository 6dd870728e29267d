"""Pages follow templates and Python: what was typed stays, what the server changed comes."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Page

from browser.projects import Kind, document
from browser.servers import SERVERS
from browser.sites import Site
from browser.stories import stayed
from browser.tabs import console_lines, loads, mark, wait_connected, wait_for_console, wait_for_loads, wait_until

Start = Callable[..., Site]
KINDS: dict[Kind, str] = {"flask": "werkzeug", "fastapi": "uvicorn", "django": "runserver-noreload"}
EACH = [pytest.param(kind, server, id=kind) for kind, server in KINDS.items()]
RELOADING = ["werkzeug-reload", "uvicorn-reload", "fastapi-dev", "runserver"]
FORM = '<input id="typed"><p id="word">one</p>'


def open_page(site: Site, page: Page, path: str = "") -> None:
    """Open a page and do something that a reload would take away; return once it can follow."""
    page.goto(f"{site.url}{path}")
    wait_connected(page)
    mark(page)
    if page.locator("#typed").count():
        page.fill("#typed", "mine")
    ready(page)


def ready(page: Page) -> None:
    """Wait until the page has all that the first change needs."""
    wait_until(page, lambda: page.evaluate(LOADED), "the parts that follow")


LOADED = """(async () => {
  const names = performance.getEntriesByType("resource").map(({ name }) => name)
  const overlay = names.find((name) => name.includes("/overlay-style.js"))
  if (!overlay || !names.some((name) => name.includes("/__hmr/base?"))) return false
  await import(overlay.replace("/overlay-style.js", "/overlay.js")) // with all its parts
  return true
})()"""


# Writes down what is changed in the page from now on.
WATCH = """new MutationObserver((records) => {
  for (const { target, addedNodes, removedNodes } of records) {
    const names = [...addedNodes, ...removedNodes].map((node) => node.nodeName)
    // A server that takes its time is waited for in a corner.
    if (!names.includes("HMR-ERROR-OVERLAY")) (window.changes ??= []).push([target.nodeName, ...names])
  }
}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })"""


def text(page: Page, selector: str = "#word") -> str:
    """Return the text of an element."""
    return page.locator(selector).inner_text()


def wait_text(page: Page, expected: str, selector: str = "#word") -> None:
    """Wait until an element says *expected*."""
    wait_until(page, lambda: text(page, selector) == expected, f"{selector} to say {expected!r}")


def kept(page: Page) -> bool:
    """Return whether the page was not loaded again and what was typed is there."""
    return stayed(page) and page.locator("#typed").input_value() == "mine"


# Templates


@pytest.mark.parametrize(("kind", "server"), EACH)
def test_a_template_edit_shows_beside_what_was_typed(start: Start, page: Page, kind: Kind, server: str) -> None:
    site = start(kind, server, pages={"/": document(FORM)})
    open_page(site, page)
    for word in ("two", "three"):
        site.project.write_page("/", document(FORM.replace("one", word)))
        wait_text(page, word)
    assert kept(page)
    site.server.wait_for_output(re.compile(r"refresh index\.html -> 1 page, \d+ ms"))


BASE = document("{% block main %}{% endblock %}{% include 'part.html' %}")
PARTS = {
    "jinja": {
        "base.html": BASE,
        "part.html": "{% from 'macros.html' import say %}{{ say('one') }}\n",
        "macros.html": "{% macro say(word) %}<p id='word'>{{ word }}</p>{% endmacro %}\n",
    },
    "django": {
        "base.html": BASE,
        "part.html": "{% load words %}<p id='word'>{{ 'one'|say }}</p>\n",
        "macros.html": "",
    },
}
TAGS = """\
from django import template

register = template.Library()
register.filter("say", lambda word: word)
"""
CHILD = "{% extends 'base.html' %}{% block main %}<input id='typed'><h1>one</h1>{% endblock %}\n"


@pytest.mark.parametrize(("kind", "server"), EACH)
def test_includes_inheritance_and_macros(start: Start, page: Page, kind: Kind, server: str) -> None:
    parts = PARTS["django" if kind == "django" else "jinja"]
    files = {f"templates/{name}": source for name, source in parts.items()}
    if kind == "django":
        files |= {"website/templatetags/__init__.py": "", "website/templatetags/words.py": TAGS}
        files["website/settings.py"] = django_settings(libraries={"words": "website.templatetags.words"})
    site = start(kind, server, pages={"/": CHILD}, files=files)
    open_page(site, page)
    site.project.replace("templates/part.html", "'one'", "'two'")
    wait_text(page, "two")
    site.project.replace("templates/index.html", "<h1>one", "<h1>three")
    wait_text(page, "three", "h1")
    site.project.replace("templates/base.html", "<head>", "<head><title>four</title>")
    wait_until(page, lambda: page.title() == "four", "the title")
    if kind != "django":
        site.project.replace("templates/macros.html", "{{ word }}", "{{ word }}!")
        wait_text(page, "two!")
    assert kept(page)


def django_settings(*, debug: bool = True, libraries: dict[str, str] | None = None) -> str:
    """Return settings with template libraries of the project's own."""
    from browser.projects import DJANGO_SETTINGS

    source = DJANGO_SETTINGS.format(apps=["hmr_middleware.django", "django.contrib.staticfiles"])
    source = source.replace('"APP_DIRS": True,', f'"APP_DIRS": True, "OPTIONS": {{"libraries": {libraries or {}}}},')
    return source.replace("DEBUG = True", f"DEBUG = {debug}\nHMR_ENABLED = True").replace("HOSTS = []", "HOSTS = ['*']")


UNCACHED = {
    "flask": ("gunicorn-sync", {}),
    "fastapi": (
        "uvicorn",
        {
            "app.py": "import jinja2\nfrom fastapi import FastAPI, Request\n"
            "from fastapi.templating import Jinja2Templates\nfrom hmr_middleware import HmrMiddleware\n"
            "app = FastAPI()\nloader = jinja2.FileSystemLoader('templates')\n"
            "templates = Jinja2Templates(env=jinja2.Environment(loader=loader, auto_reload=False))\n\n\n"
            "@app.get('/')\ndef index(request: Request):\n"
            "    return templates.TemplateResponse(request, 'index.html')\n\n\napp = HmrMiddleware(app)\n"
        },
    ),
    "django": ("uvicorn-django", {"website/settings.py": django_settings(debug=False)}),
}


@pytest.mark.parametrize("kind", UNCACHED)
def test_caches_never_serve_old_text_without_debug(start: Start, page: Page, kind: Kind) -> None:
    server, files = UNCACHED[kind]
    site = start(kind, server, pages={"/": document(FORM)}, files=files)
    open_page(site, page)
    for word in ("two", "three"):
        site.project.write_page("/", document(FORM.replace("one", word)))
        wait_text(page, word)
    assert kept(page)


def test_a_page_that_a_template_does_not_concern_sees_nothing(
    start: Start, page: Page, open_tab: Callable[[], Page]
) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM), "/other": document(FORM)})
    other = open_tab()
    open_page(site, page)
    open_page(site, other, "other")
    other.evaluate(WATCH)
    told = len(console_lines(other))
    site.project.write_page("/", document(FORM.replace("one", "two")))
    wait_text(page, "two")
    site.project.write_page("/other", document(FORM.replace("one", "three")))
    wait_text(other, "three")
    lines = [line for line in console_lines(other)[told:] if "patched" in line]
    assert len(lines) == 1
    assert kept(page) and kept(other)
    site.server.wait_for_output("refresh index.html -> 2 pages")


def test_a_touch_asks_nobody(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM), "/other": document(FORM)})
    open_page(site, page)
    before = site.server.output().count("GET / ")
    for name in ("index.html", "other.html"):
        (site.project.templates / name).touch()
    site.project.write_page("/other", document(FORM.replace("one", "two")))
    site.server.wait_for_output("refresh other.html")
    wait_until(page, lambda: site.server.output().count("GET / ") > before, "the comparison")
    assert "refresh index.html" not in site.server.output()


def test_a_template_and_a_module_saved_together_both_come(start: Start, page: Page) -> None:
    module = "document.querySelector('#out').textContent = '{}'\nimport.meta.hot.accept()\n"
    body = FORM + '<p id="out"></p><script type="module" src="/static/app.js"></script>'
    site = start("flask", "werkzeug", pages={"/": document(body)}, static={"app.js": module.format("a")})
    open_page(site, page)
    wait_text(page, "a", "#out")
    for number in range(10):
        site.project.write_static("app.js", module.format(f"b{number}"))
        site.project.write_page("/", document(body.replace("one", f"two{number}")))
    wait_text(page, "two9")
    wait_text(page, "b9", "#out")
    assert kept(page)


def test_what_is_half_written_is_never_shown(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM)})
    open_page(site, page)
    page.evaluate(
        "new MutationObserver(() => (window.seen ??= []).push(document.querySelector('#word')?.textContent))"
        ".observe(document, {subtree: true, childList: true, characterData: true})"
    )
    source = document(FORM.replace("one", "two") + "<p>more</p>\n" * 500)
    with (site.project.templates / "index.html").open("w") as file:
        for at in range(0, len(source), 2_000):
            file.write(source[at : at + 2_000])
            file.flush()
            site.project.write_static(f"{at}.txt", "another event\n")
    wait_text(page, "two")
    assert set(page.evaluate("window.seen")) == {"two"}
    assert kept(page) and page.locator("p").count() == 501


def test_a_new_template_and_one_that_comes_back(start: Start, page: Page) -> None:
    body = "{% include ['special.html', 'usual.html'] %}<input id='typed'>"
    files = {"templates/usual.html": "<p id='word'>one</p>\n"}
    site = start("flask", "werkzeug", pages={"/": document(body)}, files=files)
    open_page(site, page)
    special = site.write("templates/special.html", "<p id='word'>two</p>\n")
    wait_text(page, "two")
    special.unlink()
    wait_text(page, "one")
    assert kept(page)


# The page itself


def test_a_hidden_tab_catches_up_when_it_is_shown(start: Start, page: Page, open_tab: Callable[[], Page]) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM), "/other": document(FORM)})
    open_page(site, page)
    hide(page, True)
    other = open_tab()
    open_page(site, other, "other")
    asked = site.server.output().count("GET / ")
    for word in ("two", "three"):
        site.project.write_page("/", document(FORM.replace("one", word)))
        site.project.write_page("/other", document(FORM.replace("one", word)))
        wait_text(other, word)
    assert text(page) == "one"
    hide(page, False)
    wait_text(page, "three")
    assert kept(page)
    assert site.server.output().count("GET / ") == asked + 1


def hide(page: Page, hidden: bool) -> None:
    """Let the page think that it is hidden, or shown again."""
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange')) }",
        hidden,
    )


def _has_told(told: list[str], count: int) -> bool:
    return sum('"refresh"' in text for text in told) >= count


def test_on_hold_nothing_comes_until_it_may(start: Start, page: Page) -> None:
    told: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda text: told.append(str(text))))
    site = start("flask", "werkzeug", pages={"/": document(FORM)})
    open_page(site, page)
    page.evaluate("hmr.pause()")
    for number, (before, word, let_in) in enumerate(
        [("one", "two", "hmr.apply()"), ("two", "three", "hmr.resume()")], 1
    ):
        site.project.write_page("/", document(FORM.replace("one", word)))
        wait_until(page, partial(_has_told, told, number), "the message")
        page.evaluate("new Promise((resolve) => setTimeout(resolve))")
        assert text(page) == before
        page.evaluate(let_in)
        wait_text(page, word)
    assert kept(page)


def test_a_changed_inline_script_means_a_reload(start: Start, page: Page) -> None:
    body = FORM + "<script>window.version = 1</script>"
    site = start("flask", "werkzeug", pages={"/": document(body)})
    open_page(site, page)
    site.project.write_page("/", document(body.replace("version = 1", "version = 2")))
    wait_for_loads(page, 2)
    wait_until(page, lambda: page.evaluate("window.version") == 2, "the new script")
    wait_for_console(page, re.compile(r"\[hmr\] reload: .*script"))


def test_a_reload_can_be_prevented(start: Start, page: Page) -> None:
    body = FORM + "<script>window.version = 1</script>"
    site = start("flask", "werkzeug", pages={"/": document(body)})
    open_page(site, page)
    page.evaluate("hmr.on('vite:beforeFullReload', (event) => { event.preventDefault(); window.asked = event.reason })")
    site.project.write_page("/", document(body.replace("version = 1", "version = 2")))
    wait_until(page, lambda: page.evaluate("window.asked"), "the question")
    assert kept(page)


def test_a_page_in_another_charset(start: Start, page: Page) -> None:
    view = (
        "from flask import Flask, Response, render_template\nfrom hmr_middleware import HmrMiddleware\n"
        "app = HmrMiddleware(Flask(__name__))\n\n\n@app.route('/')\ndef index():\n"
        "    html = render_template('index.html')\n"
        "    return Response(html.encode('latin-1'), content_type='text/html; charset=iso-8859-1')\n"
    )
    body = FORM + "<p id='name'>Jürgen</p>"
    site = start("flask", "werkzeug", pages={"/": document(body)}, files={"app.py": view})
    open_page(site, page)
    site.project.write_page("/", document(body.replace("one", "zwölf")))
    wait_text(page, "zwölf")
    assert text(page, "#name") == "Jürgen" and kept(page)


def test_a_page_with_a_policy(start: Start, page: Page) -> None:
    """The nonce differs with every answer; fetching oneself is not allowed by it."""
    view = (
        "import secrets\nfrom flask import Flask, make_response, render_template\n"
        "from hmr_middleware import HmrMiddleware\napp = HmrMiddleware(Flask(__name__))\n\n\n@app.route('/')\n"
        "def index():\n    nonce = secrets.token_hex(8)\n"
        "    response = make_response(render_template('index.html', nonce=nonce))\n"
        "    policy = f\"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; img-src data:\"\n"
        "    response.headers['Content-Security-Policy'] = policy\n    return response\n"
    )
    body = FORM + '<script nonce="{{ nonce }}">window.ran = (window.ran ?? 0) + 1</script>'
    site = start("flask", "werkzeug", pages={"/": document(body)}, files={"app.py": view})
    open_page(site, page)
    site.project.write_page("/", document(body.replace("one", "two")))
    wait_text(page, "two")
    assert kept(page) and page.evaluate("window.ran") == 1


def test_a_script_that_leads_elsewhere_takes_the_page_along(start: Start, page: Page) -> None:
    """As Turbo, htmx or a router do: the document of the new address counts from then on."""
    pages = {"/": document(FORM), "/other": document(FORM.replace("one", "other"))}
    site = start("flask", "werkzeug", pages=pages)
    open_page(site, page)
    with page.expect_response(lambda response: response.url.endswith("/other") and has_asked(response)):
        page.evaluate("history.pushState({}, '', '/other'); document.querySelector('#word').textContent = 'other'")
    page.wait_for_timeout(100)
    site.project.write_page("/other", document(FORM.replace("one", "two")))
    wait_text(page, "two")
    assert kept(page)


def has_asked(response: object) -> bool:
    """Return whether the client has asked for *response*."""
    return "x-hmr-refresh" in response.request.headers  # type: ignore[attr-defined]


# What is not fetched, or not patched in

FORM_VIEW = """\
from flask import Flask, redirect, render_template, request, session
from hmr_middleware import HmrMiddleware

app = HmrMiddleware(Flask(__name__))
app.secret_key = "x"


@app.route("/", methods=["GET", "POST"])
def index():
    if "out" in session:
        return redirect("/login")
    return render_template("index.html")


@app.route("/login")
def login():
    return render_template("login.html")


@app.route("/leave")
def leave():
    session["out"] = "1"
    return "gone"
"""
LOGIN = document("<h1>Who are you?</h1>")


@pytest.fixture
def form(start: Start) -> Site:
    """Return a site whose front page takes a form and may ask for a login."""
    body = FORM + '<form method="post"><button>Send</button></form>'
    files = {"app.py": FORM_VIEW, "templates/login.html": LOGIN}
    return start("flask", "werkzeug", pages={"/": document(body)}, files=files)


def notice(page: Page) -> str:
    """Return what the notice in the corner says."""
    said: str = page.evaluate(
        "document.querySelector('hmr-error-overlay')?.shadowRoot.querySelector('.notice').innerText ?? ''"
    )
    return said


def test_a_page_from_a_form_is_told_and_not_fetched(form: Site, page: Page) -> None:
    open_page(form, page)
    page.click("button")
    wait_connected(page, count=2)
    ready(page)
    mark(page)
    sent = form.server.output().count('"POST / ')
    asked = form.server.output().count('"GET / ')
    form.project.replace("templates/index.html", "one", "two")
    wait_until(page, lambda: "came from a form" in notice(page), "the notice")
    assert text(page) == "one"
    assert (form.server.output().count('"POST / '), form.server.output().count('"GET / ')) == (sent, asked)


def test_a_login_page_is_not_patched_in(form: Site, page: Page, context: BrowserContext) -> None:
    open_page(form, page)
    context.request.get(f"{form.url}leave")
    form.project.replace("templates/index.html", "one", "two")
    wait_until(page, lambda: "/login" in notice(page), "the notice")
    assert text(page) == "one" and kept(page)
    context.clear_cookies()
    form.project.replace("templates/index.html", "two", "three")
    wait_text(page, "three")
    wait_until(page, lambda: not notice(page), "the notice to go")
    assert kept(page)


def test_an_app_may_know_a_refresh_and_skip_what_it_counts(start: Start, page: Page) -> None:
    view = (
        "from flask import Flask, render_template, request\nfrom hmr_middleware import HmrMiddleware\n"
        "app = HmrMiddleware(Flask(__name__))\nseen = []\n\n\n@app.route('/')\ndef index():\n"
        "    if 'X-HMR-Refresh' not in request.headers:\n        seen.append(1)\n"
        "    return render_template('index.html', visits=len(seen))\n"
    )
    body = FORM + "<p id='visits'>{{ visits }}</p>"
    site = start("flask", "werkzeug", pages={"/": document(body)}, files={"app.py": view})
    open_page(site, page)
    site.project.write_page("/", document(body.replace("one", "two")))
    wait_text(page, "two")
    assert text(page, "#visits") == "1" and kept(page)


# Python


VIEWS: dict[Kind, tuple[str, str, str]] = {
    "flask": ("app.py", 'render_template("index.html")', 'render_template("index.html", word="two")'),
    "fastapi": ("app.py", '(request, "index.html")', '(request, "index.html", {"word": "two"})'),
    "django": ("website/views.py", 'render(request, "index.html")', 'render(request, "index.html", {"word": "two"})'),
}
ASKING = document('<input id="typed"><p id="word">{% if word %}{{ word }}{% else %}one{% endif %}</p>')


@pytest.mark.parametrize("server", RELOADING)
def test_a_python_edit_shows_beside_what_was_typed(start: Start, page: Page, server: str) -> None:
    kind = SERVERS[server].kind
    site = start(kind, server, pages={"/": ASKING})
    open_page(site, page)
    page.evaluate("window.state = { alive: true }")
    file, old, new = VIEWS[kind]
    settle_reloader(site)
    site.project.replace(file, old, new)
    wait_text(page, "two")
    assert kept(page) and page.evaluate("window.state.alive")
    assert not page.locator("hmr-error-overlay").count()


def settle_reloader(site: Site) -> None:
    """Wait until the reloader has a first look at the files behind it: it compares by the second one."""
    if site.server.recipe.kind == "django":
        site.server.wait_for_output(re.compile("Watching for file changes"))


@pytest.mark.parametrize("server", RELOADING)
def test_a_python_edit_without_effect_does_nothing(start: Start, page: Page, server: str) -> None:
    kind = SERVERS[server].kind
    site = start(kind, server, pages={"/": ASKING})
    open_page(site, page)
    page.evaluate(WATCH)
    settle_reloader(site)
    with page.expect_response(has_asked, timeout=20_000):
        site.write(VIEWS[kind][0], (site.project.root / VIEWS[kind][0]).read_text() + "\n# nothing\n")
    wait_connected(page, count=2)
    assert page.evaluate("window.changes ?? []") == []
    assert kept(page)


def test_a_template_saved_while_the_server_was_away(start: Start, page: Page) -> None:
    site = start("flask", "werkzeug", pages={"/": document(FORM)})
    open_page(site, page)
    site.server.stop()
    site.project.write_page("/", document(FORM.replace("one", "two")))
    site.server.start()
    wait_text(page, "two")
    assert kept(page) and loads(page) == 1


def test_an_edit_before_the_page_was_idle(start: Start, page: Page) -> None:
    """The server that sent the page is gone before the page has loaded what it follows with."""
    site = start("flask", "werkzeug", pages={"/": document(FORM)})
    page.route(re.compile("/__hmr/.*pages-here"), lambda route: route.abort())
    with page.expect_response(re.compile("/__hmr/base")) as asked:
        page.goto(site.url)
    asked.value.finished()
    wait_connected(page)
    site.server.stop()
    site.project.write_page("/", document(FORM.replace("one", "two")))
    page.unroute_all()
    site.server.start()
    wait_text(page, "two")
    assert loads(page) == 1
