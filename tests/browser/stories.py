"""Modules that say what happens to them, and the story that they have told together."""

from playwright.sync_api import Error, Page

from browser.sites import Site
from browser.tabs import loads, mark_of, page_errors, wait_until

LOG = "const log = (what) => (globalThis.story ??= []).push(what);"


def telling(static: dict[str, str]) -> dict[str, str]:
    """Return *static* with a `log(what)` in every module."""
    return {name: LOG + text if name.endswith(".js") else text for name, text in static.items()}


def save(site: Site, name: str, text: str) -> None:
    """Save a module whose story goes on."""
    site.project.write_static(name, LOG + text)


def story(page: Page) -> list[str]:
    """Return what the modules have told, in order; nothing while the page is being loaded again."""
    try:
        told: list[str] = page.evaluate("globalThis.story ?? []")
    except Error:
        return []
    return told


def wait_story(page: Page, expected: list[str]) -> None:
    """Wait until the story is *expected*."""
    try:
        wait_until(page, lambda: story(page) == expected, f"the story {expected}")
    except AssertionError as error:
        raise AssertionError(f"the story is {story(page)}\n{error}") from None


def stayed(page: Page) -> bool:
    """Return whether the page was not loaded again, and nothing was thrown into it."""
    return mark_of(page) is not None and loads(page) == 1 and not page_errors(page)
