"""Pages in a real browser, and the moment at which a saved file takes effect in them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from browser.chromium import launch
from playwright.sync_api import Browser, Error, Page, sync_playwright

OBSERVER = Path(__file__).with_name("observer.js")
TOLERANCE = 0.5  # milliseconds by which the page's clock and ours may differ
PATIENCE = 10_000  # milliseconds


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


def open_page(running: Browser, url: str, *, until: Literal["load", "networkidle"] = "networkidle") -> Page:
    """Open *url* in a fresh profile, so in a process of its own. Raises RuntimeError where its clock is not ours."""
    page = running.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(path=OBSERVER)
    page.goto(url)
    page.wait_for_load_state(until)
    check_clock(page)
    return page


def check_clock(page: Page) -> None:
    """Raise RuntimeError where the page's clock reads what ours did not, between asking it and being told."""
    asked = [(_now(), page.evaluate("observed.now()"), _now()) for _ in range(20)]
    before, told, after = min(asked, key=lambda times: times[2] - times[0])
    if not before - TOLERANCE <= told <= after + TOLERANCE:
        raise RuntimeError(f"the page's clock reads {told}, ours read {before} before and {after} after it")


def save(page: Page, path: Path, text: str, mark: str) -> tuple[float, float | None]:
    """Write *text* to *path* and return when that began and when *mark* showed in *page*, in epoch milliseconds.

    None instead where it never showed.
    """
    if path.suffix == ".css":
        page.evaluate("mark => observed.expectStyle(mark)", mark)
    if path.suffix == ".svg":
        page.evaluate("mark => observed.expectImage(mark)", mark)
    time.sleep(0.05)  # the machine comes to rest
    began = _now()
    path.write_text(text)
    time.sleep(0.05)  # nobody asks before it has happened: asking costs the browser time
    return began, _effect(page, mark)


def _effect(page: Page, mark: str) -> float | None:
    try:
        moment: float | None = page.evaluate("mark => observed.effect(mark)", mark)
    except Error:  # the page was loaded again while it was asked
        page.wait_for_load_state("networkidle")
        return None
    return moment


def _now() -> float:
    return time.time_ns() / 1_000_000
