"""Fixtures of the browser tests: one browser for all of them, fresh servers and a fresh profile for each."""

from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from browser.chromium import Chromium, NoChromiumError
from browser.sites import Site, start_site
from browser.table import Row, as_property, rows_in, write
from browser.tabs import SECONDS, record_of, watch

Evidence = list[tuple[str, Callable[[], str]]]
EVIDENCE = pytest.StashKey[Evidence]()


# Not "session": Playwright keeps an event loop running in this thread, and later tests want their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Chromium]:
    """Return the running Chromium. Without one the tests fail; they are never skipped."""
    with sync_playwright() as playwright:
        try:
            running = Chromium(playwright)
        except NoChromiumError as error:
            pytest.fail(str(error), pytrace=False)
        yield running
        running.close()


@pytest.fixture
def context(browser: Chromium) -> Iterator[BrowserContext]:
    """Return a fresh browser profile: no cache, no storage, no other tab."""
    fresh = browser.new_context()
    fresh.set_default_timeout(SECONDS * 1000)
    yield fresh
    browser.close_context(fresh)


@pytest.fixture
def open_tab(context: BrowserContext, evidence: Evidence) -> Callable[[], Page]:
    """Return a function that opens one more empty tab of this profile; see `tabs` for what is recorded of it."""

    def open_one() -> Page:
        page = watch(context.new_page())
        evidence.append(("tab", lambda: str(record_of(page))))
        return page

    return open_one


@pytest.fixture
def page(open_tab: Callable[[], Page]) -> Page:
    """Return an empty tab of a fresh profile."""
    return open_tab()


@pytest.fixture
def start(tmp_path: Path, evidence: Evidence) -> Iterator[Callable[..., Site]]:
    """Return `start_site`, short of its first argument: `start("flask", "werkzeug", pages={...})`."""
    sites: list[Site] = []
    numbers = count(1)

    def start_one(*args: Any, **options: Any) -> Site:
        directory = tmp_path / f"site{next(numbers)}"
        directory.mkdir()
        site = start_site(directory, *args, **options)
        sites.append(site)
        evidence.append((f"output of {site.url}", site.server.output))
        return site

    yield start_one
    for site in sites:
        site.server.stop()


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Evidence:
    """Return the list of what the report shows where this test fails: titles and functions that give the text."""
    collected: Evidence = []
    request.node.stash[EVIDENCE] = collected
    return collected


@pytest.fixture
def shown(request: pytest.FixtureRequest) -> Callable[[Row], None]:
    """Return a function that takes what this test has shown into docs/servers.md, should the test pass."""
    return lambda row: request.node.user_properties.append(as_property(row))


ROWS: list[Row] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect what was shown, in the process that hears of every test."""
    if report.when == "call" and report.passed:
        ROWS.extend(rows_in(report.user_properties))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write docs/servers.md, where the run was asked to."""
    if not hasattr(session.config, "workerinput"):
        write(ROWS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the evidence to the report of a failed test."""
    report = yield
    if report.when == "call" and report.failed:
        report.sections += [(title, text()) for title, text in item.stash.get(EVIDENCE, [])]
    return report
