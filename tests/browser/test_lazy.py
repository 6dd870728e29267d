"""What a page imports while it runs, and cannot: the fix is there when it is asked for again, at no cost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.tabs import loads, mark, mark_of, wait_connected, wait_for_loads, wait_until

ASK = """
document.querySelector("#go").onclick = async () => {
  const out = document.querySelector("#out")
  out.textContent = "asked"
  try { out.textContent = (await import("./route.js")).show() } catch { out.textContent = "failed" }
};
"""
ROUTE = "import { part } from './part.js'; export const show = () => `route with ${part}`;"
PART = "export const part = 'part'; import.meta.hot.accept()"
BODY = (
    '<input id="typed"><button id="go">go</button><p id="out"></p><script type="module" src="/static/app.js"></script>'
)


@pytest.fixture
def opened(start: Callable[..., Site], page: Page) -> Callable[[dict[str, str]], Site]:
    """Return a function that opens a page with these modules."""

    def open_site(static: dict[str, str]) -> Site:
        site = start("flask", "werkzeug", pages={"/": document(BODY)}, static=static)
        page.goto(site.url)
        wait_connected(page)
        mark(page)
        page.fill("#typed", "kept")
        return site

    return open_site


def ask(page: Page, expected: str) -> None:
    """Ask for the route, and wait for what comes of it."""
    page.click("#go")
    wait_until(page, lambda: page.text_content("#out") not in ("", "asked"), "an answer")
    assert page.text_content("#out") == expected


def anew(page: Page) -> int:
    """Return the version at which the route may be asked for again, 0 where it may not."""
    version: int = page.evaluate("__hmr__.anew.get('/static/route.js') ?? 0")
    return version


def wait_anew(page: Page) -> None:
    """Wait until the page has been told that it may ask for the route again."""
    wait_until(page, lambda: anew(page), "leave to ask again")


def kept(page: Page) -> bool:
    """Return whether the page is as it was."""
    return mark_of(page) is not None and loads(page) == 1 and page.input_value("#typed") == "kept"


BROKEN = {
    "syntax error": {"part.js": "export const part = ('part'; import.meta.hot.accept()"},
    "missing file": {},
    "missing export": {"part.js": "export const other = 1; import.meta.hot.accept()"},
    "throws": {"part.js": "throw new Error('no'); import.meta.hot.accept(); export const part = 1"},
    "accepts nothing": {"part.js": "export const part = ("},
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("was_good", [False, True], ids=["at first", "later"])
def test_what_a_click_asked_for_in_vain_is_there_after_the_fix(
    opened: Callable[[dict[str, str]], Site], page: Page, fault: str, was_good: bool
) -> None:
    broken, good = BROKEN[fault], "export const part = 'part'" if fault == "accepts nothing" else PART
    site = opened({"app.js": ASK, "route.js": ROUTE, **({"part.js": good} if was_good else broken)})
    if was_good:
        for name, text in broken.items():
            site.project.write_static(name, text)
        if not broken:
            (site.project.static / "part.js").unlink()
    ask(page, "failed")
    site.project.write_static("part.js", good)
    wait_anew(page)
    ask(page, "route with part")
    assert kept(page)


def test_what_came_at_last_is_hot_as_ever(opened: Callable[[dict[str, str]], Site], page: Page) -> None:
    site = opened({"app.js": ASK, "route.js": ROUTE})
    ask(page, "failed")
    site.project.write_static("part.js", PART)
    wait_anew(page)
    ask(page, "route with part")
    wait_until(page, lambda: page.evaluate("!__hmr__.failed.size"), "word of it")
    site.project.write_static("part.js", PART + "; globalThis.again = true")
    wait_until(page, lambda: page.evaluate("globalThis.again"), "the next edit")
    assert kept(page)


def test_it_may_be_asked_for_again_and_again(opened: Callable[[dict[str, str]], Site], page: Page) -> None:
    site = opened({"app.js": ASK, "route.js": ROUTE, "part.js": "export const part = ("})
    before = 0
    for text in ("export const part = (1", "export const part = (2", PART):
        ask(page, "failed")
        site.project.write_static("part.js", text)
        wait_until(page, lambda before=before: anew(page) > before, "leave to ask again")  # type: ignore[misc]
        before = anew(page)
    ask(page, "route with part")
    assert kept(page)


def test_the_route_itself_is_missing(opened: Callable[[dict[str, str]], Site], page: Page) -> None:
    site = opened({"app.js": ASK, "part.js": PART})
    ask(page, "failed")
    site.project.write_static("route.js", ROUTE)
    wait_anew(page)
    ask(page, "route with part")
    assert kept(page)


def test_fixed_while_the_server_was_away(opened: Callable[[dict[str, str]], Site], page: Page) -> None:
    site = opened({"app.js": ASK, "route.js": ROUTE})
    ask(page, "failed")
    site.server.stop()
    site.project.write_static("part.js", PART)
    site.server.start()
    wait_anew(page)
    ask(page, "route with part")
    assert kept(page)


def test_who_accepts_what_a_click_asked_for_in_vain_is_handed_it(
    opened: Callable[[dict[str, str]], Site], page: Page
) -> None:
    accept = (
        "import.meta.hot.accept('./route.js', ({ show }) => { document.querySelector('#out').textContent = show() })"
    )
    site = opened({"app.js": ASK + accept, "route.js": ROUTE, "part.js": "export const part = ("})
    ask(page, "failed")
    site.project.write_static("part.js", PART)
    wait_until(page, lambda: page.text_content("#out") == "route with part", "the callback")
    ask(page, "route with part")
    assert kept(page)


def test_asked_for_while_the_server_was_away(opened: Callable[[dict[str, str]], Site], page: Page) -> None:
    site = opened({"app.js": ASK, "route.js": ROUTE, "part.js": PART})
    site.server.stop()
    ask(page, "failed")
    site.server.start()
    wait_anew(page)
    ask(page, "route with part")
    assert kept(page)


AT_ONCE = """
const out = document.querySelector("#out")
import("./route.js").then(({ show }) => (out.textContent = show()), () => (out.textContent = "failed"));
"""


def test_what_runs_at_once_is_imported_again_by_who_accepts(
    opened: Callable[[dict[str, str]], Site], page: Page
) -> None:
    site = opened(
        {"app.js": AT_ONCE + "import.meta.hot.accept()", "route.js": ROUTE, "part.js": "export const part = ("}
    )
    wait_until(page, lambda: page.text_content("#out") == "failed", "the fault")
    site.project.write_static("part.js", PART)
    wait_until(page, lambda: page.text_content("#out") == "route with part", "the route")
    assert kept(page)


def test_what_runs_at_once_and_nobody_accepts_is_loaded_again(
    opened: Callable[[dict[str, str]], Site], page: Page
) -> None:
    site = opened({"app.js": AT_ONCE, "route.js": ROUTE, "part.js": "export const part = ("})
    wait_until(page, lambda: page.text_content("#out") == "failed", "the fault")
    site.project.write_static("part.js", PART)
    wait_for_loads(page, 2)
    wait_until(page, lambda: page.text_content("#out") == "route with part", "the route")


def test_a_new_file_that_is_imported_on_demand_disturbs_nothing(
    opened: Callable[[dict[str, str]], Site], page: Page
) -> None:
    site = opened({"app.js": ASK})
    site.project.write_static("part.js", PART)
    site.project.write_static("route.js", ROUTE)
    site.project.write_static("app.js", ASK + "import.meta.hot.accept(); globalThis.again = true")
    wait_until(page, lambda: loads(page) == 2 or page.evaluate("globalThis.again"), "the edit")
    ask(page, "route with part")


def test_what_is_still_broken_is_no_reason_to_load_the_page_again(
    opened: Callable[[dict[str, str]], Site], page: Page
) -> None:
    app = "import './clock.js';" + AT_ONCE
    site = opened(
        {"app.js": app, "route.js": ROUTE, "part.js": "export const part = 1", "clock.js": "import.meta.hot.accept()"}
    )
    wait_until(page, lambda: page.text_content("#out") == "route with 1", "the route")
    site.project.write_static("part.js", "export const part = (")
    wait_until(page, lambda: page.evaluate("__hmr__.refused.size"), "the refusal")
    for time in (1, 2):
        site.project.write_static("clock.js", f"globalThis.time = {time}; import.meta.hot.accept()")
        wait_until(page, lambda time=time: page.evaluate("globalThis.time") == time, "the clock")  # type: ignore[misc]
    assert kept(page)
    site.project.write_static("part.js", "export const part = 2")
    wait_for_loads(page, 2)
