"""What the examples' READMEs promise, edit by edit: what is seen, and what is kept."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.conftest import Evidence
from browser.examples import EXAMPLES
from browser.sites import Site
from browser.tabs import console_lines, mark, mark_of, wait_connected, wait_for_console, wait_for_loads, wait_until
from browser.test_page_faults import corner, overlay, wait_clear, wait_overlay
from browser.test_pages import ready, settle_reloader

Start = Callable[[str], Site]
Action = Callable[[Page], None]


# What a reader does before the first edit, and what must outlive the edits.


def _fill_basket(page: Page) -> None:
    for slug in ("bread", "tomato", "tomato"):
        page.click(f".product[data-slug={slug}] .add")
    page.fill("#filter", "to")
    page.fill("#message", "ring twice")


def _check_out(page: Page) -> None:
    page.click("#check-out")
    page.wait_for_selector("#receipt[open]")


def _find_nothing(page: Page) -> None:
    page.fill("#filter", "ato")
    page.wait_for_selector("#nothing")


def _begin_note(page: Page) -> None:
    page.fill("#id_title", "Bridge")
    page.fill("#id_text", "two **bold** words")
    page.check("input[value=sky]")


def _find_no_kingfisher(page: Page) -> None:
    page.fill("#search", "kingfisher")


def _order_by_title(page: Page) -> None:
    page.select_option("#order", "title")


def _show_statistics(page: Page) -> None:
    page.click("#show-statistics")
    page.wait_for_selector("#statistics[open]")


BEGIN: Mapping[str, Action] = {"flask": _fill_basket, "django": _begin_note}

KEPT: Mapping[str, str] = {
    "flask": """() => [
        ...document.querySelectorAll("#lines .name, #lines .count, #receipt .number"),
    ].map((element) => element.textContent).concat(
        document.querySelector("#filter").value,
        document.querySelector("#message").value,
        document.querySelector("#timer").dataset.began,
    )""",
    "django": """() => [
        ...["title", "text", "colour"].map((name) => document.querySelector("#editor").elements[name].value),
        document.querySelector("#search").value,
        document.querySelector("#order").value,
        document.querySelector("#statistics").open,
        document.querySelector("#stopwatch").dataset.began,
    ]""",
}


def _style(selector: str, name: str) -> str:
    return f"getComputedStyle(document.querySelector({selector!r})).{name}"


def _text(selector: str) -> str:
    return f"document.querySelector({selector!r}).textContent"


def _count(selector: str) -> str:
    return f"document.querySelectorAll({selector!r}).length"


def _address(selector: str, name: str) -> str:
    """Return the last part of an address, and whether it has a version."""
    return f"document.querySelector({selector!r}).{name}.replace(/.*\\/|=\\d{{16}}/g, '')"


def _nothing(page: Page) -> None:
    del page


@dataclass(frozen=True)
class Case:
    """One numbered edit: *shows* is an expression, *first* what to do before the edit."""

    example: str
    number: int
    shows: str
    before: str | bool | int
    after: str | bool | int
    first: Action = _nothing

    def __str__(self) -> str:
        return f"{self.example}-{self.number}"


HOT = (
    Case("flask", 1, _style("#check-out", "backgroundColor"), "rgb(47, 111, 78)", "rgb(138, 59, 109)"),
    Case("flask", 2, _style("#shelf", "gridTemplateColumns") + ".split(' ').length", 3, 2),
    Case("flask", 3, _text("#total"), "€13.50", "EUR\xa013.50"),
    Case("flask", 4, "document.querySelector('#nothing').hidden", False, True, _find_nothing),
    Case("flask", 5, _text("#timer") + ".replace(/:.*/, '')", "Reserved for 9", "Reserved for 19"),
    Case("flask", 6, _text("#receipt h2"), "Thank you!", "See you soon!", _check_out),
    Case("flask", 10, _address("[data-slug=tomato] use", "href.baseVal"), "produce.svg#tomato", "produce.svg?t#tomato"),
    Case("flask", 11, _text(".product .add"), "Add", "Into the basket"),
    Case("flask", 12, _text(".product[data-slug=tomato] .price"), "€4.20 a kilo", "€3.80 a kilo"),
    Case("flask", 14, _text("#board") + ".includes('mint')", False, True),
    Case("django", 1, _style(".top", "backgroundColor"), "rgb(33, 68, 63)", "rgb(74, 44, 79)"),
    Case("django", 2, _style(":root", "getPropertyValue('--tilt')"), "0deg", "1.5deg"),
    Case("django", 3, _count("#preview mark, #wall mark"), 0, 4),
    Case("django", 4, _text("#count"), "3 words", "3 words so far"),
    Case("django", 5, _count(".note:not([hidden])"), 0, 1, _find_no_kingfisher),
    Case("django", 6, _text(".note h2"), "Hedge by the mill", "Weir", _order_by_title),
    Case("django", 7, _text("#stopwatch") + ".replace(/ for.*/, '')", "Writing", "At the desk"),
    Case("django", 8, _text("#statistics h2"), "On the wall", "In figures", _show_statistics),
    Case("django", 11, _address(".brand img", "src"), "leaf.svg", "leaf.svg?t"),
    Case("django", 12, _text(".note time") + ".replace(/.* ago/, '')", "", ", outdoors"),
    Case(
        "django", 13, "[...document.querySelectorAll('.note h2')].some((it) => it.textContent == 'At the weir')", 0, 1
    ),
    Case("django", 15, _text("#season") + ".includes('redwings')", False, True),
)


@dataclass(frozen=True)
class Later:
    """An edit of a file that the page has not loaded; *opens* makes it load, and *shows* what it brought."""

    example: str
    number: int
    opens: Action
    shows: str
    after: str


LATER = (Later("flask", 7, _check_out, _text("#receipt li"), "1 \N{MULTIPLICATION SIGN} Sourdough loaf: €5.10"),)

BROKEN = {"flask": (8, "line.js"), "django": (9, "preview.js")}


# What the framework's own error page says.
FAULTS = {"flask": (13, "No filter named 'shout'"), "django": (14, "Invalid filter: 'shout'")}


# Where the app cannot be loaded, and what the page says then.
STOPPED = {"flask": (16, "SyntaxError"), "django": (17, "Waiting for the server")}

# Another page, what shows there that it follows, and an edit that the first page shows.
ELSEWHERE = {
    "flask": (15, "delivery", _text("main p") + ".includes('by noon')", 14, _text("#board") + ".includes('mint')"),
    "django": (16, "notes/2/", "document.title.includes('Out of doors')", 15, _text("#season") + ".includes('redw')"),
}


@dataclass(frozen=True)
class Declined:
    """An edit of the module *name*, which declines; *shows* is an expression for what is there after the reload."""

    example: str
    number: int
    name: str
    shows: str
    after: str | int


DECLINED = (
    Declined("flask", 9, "store.js", _count("#lines li"), 0),
    Declined("django", 10, "drafts.js", _text("#notice") + " + id_title.value", "Here is your draft again.Bridge"),
)


@pytest.fixture
def begin(tmp_path: Path, page: Page, evidence: Evidence) -> Iterator[Start]:
    """Return a function that starts an example, opens it, and does what a reader does first."""
    sites: list[Site] = []

    def begin_one(example: str) -> Site:
        site = EXAMPLES[example].start(tmp_path)
        sites.append(site)
        evidence.append((f"output of {site.url}", site.server.output))
        page.goto(site.url)
        wait_connected(page)
        ready(page)
        BEGIN[example](page)
        mark(page)
        return site

    yield begin_one
    for site in sites:
        site.server.stop()


@pytest.mark.parametrize("case", HOT, ids=str)
def test_edit_is_seen_and_the_rest_is_kept(case: Case, begin: Start, page: Page) -> None:
    site = begin(case.example)
    case.first(page)
    wait_until(page, lambda: page.evaluate(case.shows) == case.before, f"{case.shows} to be {case.before!r}")
    marked, kept = mark_of(page), page.evaluate(KEPT[case.example])
    EXAMPLES[case.example].edits()[case.number].make(site.project)
    wait_until(page, lambda: page.evaluate(case.shows) == case.after, f"{case.shows} to be {case.after!r}")
    assert (mark_of(page), page.evaluate(KEPT[case.example])) == (marked, kept)


@pytest.mark.parametrize("later", LATER, ids=lambda later: later.example)
def test_module_that_comes_later_comes_new(later: Later, begin: Start, page: Page) -> None:
    site = begin(later.example)
    marked = mark_of(page)
    edit = EXAMPLES[later.example].edits()[later.number]
    edit.make(site.project)
    later.opens(page)
    assert (page.evaluate(later.shows), mark_of(page)) == (later.after, marked)


@pytest.mark.parametrize("example", BROKEN)
def test_broken_version_changes_nothing_until_it_is_mended(example: str, begin: Start, page: Page) -> None:
    number, name = BROKEN[example]
    site = begin(example)
    marked, kept = mark_of(page), page.evaluate(KEPT[example])
    edit = EXAMPLES[example].edits()[number]
    edit.make(site.project)
    (line,) = wait_for_console(page, "SyntaxError")
    assert f"/{name}:" in line
    edit.undo(site.project)
    wait_for_console(page, "[hmr] update")
    assert (mark_of(page), page.evaluate(KEPT[example])) == (marked, kept)


@pytest.mark.parametrize("example", FAULTS)
def test_fault_of_a_template_is_over_the_page_until_it_is_mended(example: str, begin: Start, page: Page) -> None:
    number, words = FAULTS[example]
    site = begin(example)
    marked, kept = mark_of(page), page.evaluate(KEPT[example])
    edit = EXAMPLES[example].edits()[number]
    edit.make(site.project)
    wait_overlay(page, words)
    edit.undo(site.project)
    wait_clear(page)
    assert (mark_of(page), page.evaluate(KEPT[example])) == (marked, kept)


@pytest.mark.parametrize("example", STOPPED)
def test_app_that_cannot_be_loaded_is_waited_for(example: str, begin: Start, page: Page) -> None:
    number, words = STOPPED[example]
    site = begin(example)
    marked, kept = mark_of(page), page.evaluate(KEPT[example])
    edit = EXAMPLES[example].edits()[number]
    settle_reloader(site)
    edit.make(site.project)
    wait_until(page, lambda: words in overlay(page) + corner(page), words, seconds=20)
    edit.undo(site.project)
    for _ in range(3):  # Django's reloader may be too late to see it
        with suppress(AssertionError):
            wait_clear(page, seconds=8)
            break
        (site.project.root / edit.path).touch()
    wait_clear(page)
    assert (mark_of(page), page.evaluate(KEPT[example])) == (marked, kept)


@pytest.mark.parametrize("example", ELSEWHERE)
def test_only_the_page_that_is_made_of_it_follows(
    example: str, begin: Start, page: Page, open_tab: Callable[[], Page]
) -> None:
    number, path, follows, last, shows = ELSEWHERE[example]
    site = begin(example)
    marked, kept = mark_of(page), page.evaluate(KEPT[example])
    other = open_tab()
    other.goto(f"{site.url}{path}")
    wait_connected(other)
    ready(other)
    lines = len(console_lines(page))
    edits = EXAMPLES[example].edits()
    edits[number].make(site.project)
    wait_until(other, lambda: other.evaluate(follows), follows)
    edits[last].make(site.project)
    wait_until(page, lambda: page.evaluate(shows), shows)
    assert (mark_of(page), page.evaluate(KEPT[example])) == (marked, kept)
    assert len([line for line in console_lines(page)[lines:] if "[hmr] patched" in line]) == 1


def test_what_no_file_tells(begin: Start, page: Page, open_tab: Callable[[], Page]) -> None:
    site = begin("django")
    marked, kept = mark_of(page), page.evaluate(KEPT["django"])
    other = open_tab()
    other.goto(site.url)
    other.fill("#id_title", "Ford")
    other.fill("#id_text", "passable again")
    other.click("#editor button")
    wait_until(page, lambda: page.evaluate("wall.textContent.includes('passable')"), "the other tab's note")
    assert (mark_of(page), page.evaluate(KEPT["django"])) == (marked, kept)


@pytest.mark.parametrize("declined", DECLINED, ids=lambda declined: declined.example)
def test_declined_change_loads_the_page_again(declined: Declined, begin: Start, page: Page) -> None:
    site = begin(declined.example)
    EXAMPLES[declined.example].edits()[declined.number].make(site.project)
    wait_for_loads(page, 2)
    wait_connected(page, count=2)
    assert (mark_of(page), page.evaluate(declined.shows)) == (None, declined.after)
    site.server.wait_for_output(f"reload: {declined.name}: {declined.name} declines updates")


@pytest.mark.parametrize("example", BEGIN)
def test_every_numbered_edit_is_tried(example: str) -> None:
    tried = [(case.example, case.number) for case in (*HOT, *LATER, *DECLINED)]
    tried += [(name, number) for name, (number, _) in (*BROKEN.items(), *FAULTS.items(), *STOPPED.items())]
    tried += [(name, number) for name, (number, *_) in ELSEWHERE.items()]
    assert sorted(number for name, number in tried if name == example) == sorted(EXAMPLES[example].edits())


@pytest.mark.parametrize("example", BEGIN)
def test_untouched_example_says_nothing_but_that_it_is_connected(example: str, begin: Start, page: Page) -> None:
    begin(example)
    assert console_lines(page) == ["info: [hmr] connected"]
