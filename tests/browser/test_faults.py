"""A save that does not work costs the page nothing, says what is wrong, and heals with the next that does."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from browser.projects import document
from browser.sites import Site
from browser.stories import LOG, story, wait_story
from browser.tabs import console_lines, loads, mark, mark_of, wait_connected, wait_for_loads, wait_until

SOURCE = (
    LOG + "log('{}'); import.meta.hot.dispose(() => log('dispose {}')); import.meta.hot.accept(() => log('callback'))"
)
OVERLAY = "document.querySelector('hmr-error-overlay')?.shadowRoot.textContent ?? ''"


def shown(page: Page) -> str:
    """Return the text of the overlay, "" where it does not cover the page."""
    text: str = page.evaluate(f"({OVERLAY})")
    is_open = page.evaluate(
        """() => {
        const root = document.querySelector('hmr-error-overlay')?.shadowRoot
        return Boolean(root?.querySelector('[role=alertdialog]')?.checkVisibility())
      }"""
    )
    return text if is_open else ""


@pytest.fixture
def opened(start: Callable[..., Site], page: Page) -> Callable[..., Site]:
    """Return a function that opens a page with these modules."""

    def open_site(static: dict[str, str], *, env: dict[str, str] | None = None) -> Site:
        body = '<input id="typed"><script type="module" src="/static/app.js"></script>'
        site = start("flask", "werkzeug", pages={"/": document(body)}, static=static, env=env)
        page.goto(site.url)
        wait_connected(page)
        mark(page)
        return site

    return open_site


FAULTS = {
    "syntax error": ("\n\nlog('two'; import.meta.hot.accept()", ["app.js", ":3"]),
    "missing export": ("import { missing } from './dep.js'; import.meta.hot.accept()", ["app.js", "missing"]),
    "missing file": ("import './nowhere.js'; import.meta.hot.accept()", ["nowhere.js", "404"]),
}


@pytest.mark.parametrize(("broken", "says"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_costs_nothing_and_heals(
    opened: Callable[..., Site], page: Page, broken: str, says: list[str]
) -> None:
    site = opened({"app.js": SOURCE.replace("{}", "one"), "dep.js": "export const there = 1"})
    page.fill("#typed", "kept")
    site.project.write_static("app.js", broken)
    wait_until(page, lambda: shown(page), "the overlay")
    assert all(part in shown(page) for part in says), shown(page)
    assert story(page) == ["one"]
    site.project.write_static("app.js", SOURCE.replace("{}", "two"))
    wait_story(page, ["one", "dispose one", "two", "callback"])
    wait_until(page, lambda: not shown(page), "no overlay")
    assert page.input_value("#typed") == "kept" and mark_of(page) is not None and loads(page) == 1


def test_a_server_error_for_a_module(start: Callable[..., Site], page: Page) -> None:
    app = (
        "from pathlib import Path\n"
        "from flask import Flask, abort, render_template, send_file\n"
        "from hmr_middleware import HmrMiddleware\n"
        "app = Flask(__name__, static_folder=None)\n"
        "@app.get('/')\n"
        "def front():\n"
        "    return render_template('index.html')\n"
        "@app.get('/static/<name>')\n"
        "def static(name):\n"
        "    if 'fail' in Path('static', name).read_text():\n"
        "        abort(500)\n"
        "    return send_file(Path('static', name).resolve())\n"
        "app = HmrMiddleware(app, static={'/static/': 'static'})\n"
    )
    body = '<script type="module" src="/static/app.js"></script>'
    files = {"app.py": app, "templates/index.html": document(body)}
    site = start("flask", "werkzeug", static={"app.js": SOURCE.replace("{}", "one")}, files=files)
    page.goto(site.url)
    wait_connected(page)
    mark(page)
    site.project.write_static("app.js", SOURCE.replace("{}", "fail"))
    wait_until(page, lambda: "500" in shown(page), "the overlay")
    site.project.write_static("app.js", SOURCE.replace("{}", "two"))
    wait_story(page, ["one", "dispose one", "two", "callback"])
    wait_until(page, lambda: not shown(page), "no overlay")
    assert mark_of(page) is not None


def test_a_version_that_throws_while_it_runs_heals(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"app.js": SOURCE.replace("{}", "one")})
    site.project.write_static("app.js", "throw new Error('too early'); import.meta.hot.accept()")
    wait_until(page, lambda: "too early" in shown(page), "the overlay")
    site.project.write_static("app.js", SOURCE.replace("{}", "two"))
    wait_story(page, ["one", "dispose one", "two", "callback"])
    wait_until(page, lambda: not shown(page), "no overlay")
    assert loads(page) == 1


@pytest.mark.parametrize("hot", ["import.meta.hot.accept()", "import.meta.hot.decline()"], ids=["update", "reload"])
def test_what_is_broken_keeps_nothing_else_from_the_page(opened: Callable[..., Site], page: Page, hot: str) -> None:
    static = {
        "app.js": "import './broken.js'; import './fine.js'",
        "broken.js": LOG + f"log('broken one'); {hot}",
        "fine.js": LOG + "log('fine one'); import.meta.hot.accept()",
        "page.css": "body { color: rgb(1, 1, 1) }",
    }
    site = opened(static)
    page.evaluate("document.head.insertAdjacentHTML('beforeend', '<link rel=stylesheet href=/static/page.css>')")
    wait_until(page, lambda: color(page) == "rgb(1, 1, 1)", "the stylesheet")
    site.project.write_static("broken.js", LOG + f"const = 'broken two'; {hot}")
    wait_until(page, lambda: "broken.js" in shown(page), "the overlay")
    site.project.write_static("fine.js", LOG + "log('fine two'); import.meta.hot.accept()")
    wait_story(page, ["broken one", "fine one", "fine two"])
    site.project.write_static("page.css", "body { color: rgb(2, 2, 2) }")
    wait_until(page, lambda: color(page) == "rgb(2, 2, 2)", "the stylesheet's new colour")
    assert "broken.js" in shown(page) and mark_of(page) is not None
    site.project.write_static("broken.js", LOG + f"log('broken three'); {hot}")
    wait_until(page, lambda: "broken three" in story(page), "the module to heal")
    wait_until(page, lambda: not shown(page), "no overlay")
    assert loads(page) == (1 if "accept" in hot else 2)
    assert story(page).count("fine two") == 1


def color(page: Page) -> str:
    found: str = page.evaluate("getComputedStyle(document.body).color")
    return found


def test_one_fault_of_two_files_holds_both_back(opened: Callable[..., Site], page: Page) -> None:
    static = {
        "app.js": "import './a.js'; import './b.js'",
        "a.js": LOG + "log('a1'); import.meta.hot.accept()",
        "b.js": LOG + "log('b1'); import.meta.hot.accept()",
    }
    site = opened(static)
    site.project.write_static("a.js", "log('a2'")
    wait_until(page, lambda: shown(page), "the overlay")
    site.project.write_static("b.js", static["b.js"].replace("b1", "b2"))
    site.project.write_static("a.js", static["a.js"].replace("a1", "a3"))
    wait_until(page, lambda: {"a3", "b2"} <= set(story(page)), "both")
    wait_until(page, lambda: not shown(page), "no overlay")
    assert sorted(story(page)) == ["a1", "a3", "b1", "b2"] and loads(page) == 1


@pytest.mark.parametrize("is_needed", [True, False], ids=["needed", "on demand"])
def test_a_reload_waits_for_what_is_broken_where_the_page_needs_it(
    opened: Callable[..., Site], page: Page, is_needed: bool
) -> None:
    imports = "import './broken.js';" if is_needed else "globalThis.load = () => import('./broken.js');"
    broken = LOG + "log('{}'); import.meta.hot.accept()"
    site = opened({"app.js": LOG + imports + "log('one')", "broken.js": broken.replace("{}", "whole")})
    page.evaluate("globalThis.load?.()")
    wait_until(page, lambda: "whole" in story(page), "both modules")
    site.project.write_static("broken.js", "log('; import.meta.hot.accept()")
    wait_until(page, lambda: "broken.js" in shown(page), "the overlay")
    output = len(site.server.output())
    site.project.write_static("app.js", LOG + imports + "log('two')")
    if is_needed:
        site.server.wait_for_output("reload: app.js: nobody accepts", after=output)
        site.project.write_static("broken.js", broken.replace("{}", "mended"))
        wait_story(page, ["mended", "two"])
    else:
        wait_story(page, ["two"])
    assert loads(page) == 2


FIRST_LOADS = {
    "entry with a syntax error": ({"app.js": "log('"}, "app.js", LOG + "log('well')"),
    "entry that is missing": ({"other.js": ""}, "app.js", LOG + "log('well')"),
    "leaf with a syntax error": ({"app.js": "import './leaf.js'", "leaf.js": "log('"}, "leaf.js", LOG + "log('well')"),
    "leaf that is missing": ({"app.js": "import './leaf.js'"}, "leaf.js", LOG + "log('well')"),
}


@pytest.mark.parametrize(("static", "name", "fixed"), FIRST_LOADS.values(), ids=FIRST_LOADS)
def test_a_page_that_failed_at_first_heals_by_itself(
    opened: Callable[..., Site], page: Page, static: dict[str, str], name: str, fixed: str
) -> None:
    site = opened(static)
    site.project.write_static(name, fixed)
    wait_story(page, ["well"])
    wait_until(page, lambda: not shown(page), "no overlay")


def test_a_page_that_failed_at_first_is_not_loaded_in_vain(opened: Callable[..., Site], page: Page) -> None:
    fine = LOG + "log('{}'); import.meta.hot.accept()"
    static = {"app.js": "import './broken.js'; import './fine.js'", "broken.js": "log('", "fine.js": fine}
    site = opened(static)
    wait_until(page, lambda: "broken.js" in shown(page), "the overlay")
    for number in (1, 2):
        asked = site.server.output().count("GET /static/app.js")
        site.project.write_static("fine.js", fine.replace("{}", str(number)))
        wait_until(page, lambda: site.server.output().count("GET /static/app.js") > asked, "another attempt")  # noqa: B023
    site.project.write_static("broken.js", "let let = 1")
    wait_until(page, lambda: "let" in shown(page), "the other fault")
    assert loads(page) == 1 and mark_of(page) is not None
    site.project.write_static("broken.js", "")
    wait_story(page, ["2"])
    assert loads(page) == 2


def test_an_error_of_the_running_page_is_a_small_notice(opened: Callable[..., Site], page: Page) -> None:
    opened({"app.js": "document.querySelector('#typed').onclick = () => { throw new Error('on click') }"})
    page.click("#typed")
    wait_until(page, lambda: "on click" in page.evaluate(f"({OVERLAY})"), "the notice")
    assert not shown(page)
    page.fill("#typed", "not in the way")


def test_an_overlay_that_could_not_be_loaded_is_loaded_later(start: Callable[..., Site], page: Page) -> None:
    body = document("<button onclick='throw Error(this.id)'></button>")
    site = start("flask", "werkzeug", pages={"/": body})
    failures: list[str] = []

    def fail(route: Route) -> None:
        failures.append(route.request.url)
        route.abort()

    page.route("**/overlay.js", fail)
    page.goto(site.url)
    wait_connected(page)
    wait_until(page, lambda: len(failures) >= 2, "both attempts")
    page.unroute("**/overlay.js")
    page.click("button")
    wait_until(page, lambda: page.evaluate(f"({OVERLAY})"), "the notice")


def test_a_notice_goes_when_its_module_runs_anew(opened: Callable[..., Site], page: Page) -> None:
    source = "document.querySelector('#typed').onclick = () => { %s }; import.meta.hot.accept()"
    site = opened({"app.js": source % "throw new Error('the old one')"})
    page.click("#typed")
    wait_until(page, lambda: "the old one" in page.evaluate(f"({OVERLAY})"), "the notice")
    site.project.write_static("app.js", "setTimeout(() => { throw new Error('the new one') });" + source % "")
    wait_until(page, lambda: "the new one" in page.evaluate(f"({OVERLAY})"), "the other notice")
    assert "the old one" not in page.evaluate(f"({OVERLAY})")
    site.project.write_static("app.js", source % "")
    wait_until(page, lambda: page.evaluate("document.querySelector('hmr-error-overlay')") is None, "no notice")
    assert loads(page) == 1


def test_an_error_of_the_page_during_an_update_is_the_pages_own(opened: Callable[..., Site], page: Page) -> None:
    source = LOG + "log('{}'); import.meta.hot.accept()"
    site = opened({"app.js": source.replace("{}", "one")})
    page.evaluate("setInterval(() => { throw new Error('every moment') }, 1)")
    site.project.write_static("app.js", source.replace("{}", "two"))
    wait_story(page, ["one", "two"])
    assert not shown(page)


def test_errors_that_nobody_wants_to_be_told_of(start: Callable[..., Site], page: Page) -> None:
    app = (
        "from flask import Flask, render_template\n"
        "from hmr_middleware import HmrMiddleware\n"
        "app = Flask(__name__)\n"
        "@app.get('/')\n"
        "def front():\n"
        "    return render_template('index.html')\n"
        "app = HmrMiddleware(app, ignored_errors=['*\"quiet\"*'])\n"
    )
    button = "<button id={} onclick='throw Error(`{}`)'></button>"
    body = button.format("quiet", 'a "quiet" one') + button.format("loud", "loud")
    site = start("flask", "werkzeug", files={"app.py": app, "templates/index.html": document(body)})
    page.goto(site.url)
    wait_connected(page)
    page.evaluate("quiet.click(); loud.click()")
    wait_until(page, lambda: "loud" in page.evaluate(f"({OVERLAY})"), "the notice")
    assert "quiet" not in page.evaluate(f"({OVERLAY})")


def test_the_overlay_can_be_switched_off(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"app.js": SOURCE.replace("{}", "one")}, env={"HMR_OVERLAY": "0"})
    site.project.write_static("app.js", "log('two'")
    wait_until(page, lambda: any("SyntaxError" in line for line in console_lines(page)), "the console")
    site.project.write_static("app.js", SOURCE.replace("{}", "two"))
    wait_until(page, lambda: "two" in story(page), "the next save")
    assert page.evaluate("document.querySelector('hmr-error-overlay')") is None


def test_a_loop_of_reloads_is_stopped(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"app.js": LOG + "log(0)"})
    for number in range(1, 6):
        site.project.write_static("app.js", LOG + f"log({number})")
        wait_for_loads(page, number + 1)
        wait_connected(page, count=number + 1)
    site.project.write_static("app.js", LOG + "log(6)")
    wait_until(page, lambda: "reloads within" in shown(page), "the explanation")
    assert loads(page) == 6


def test_why_a_page_reloads(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"app.js": "import './leaf.js'", "leaf.js": "1"})
    site.project.write_static("leaf.js", "2")
    wait_for_loads(page, 2)
    said = [line for line in console_lines(page) if "reload: leaf.js <- app.js: nobody accepts" in line]
    assert said and "accept() in leaf.js or app.js would have kept the page" in said[0]
