"""What a test sees of a tab: what it printed, what went wrong in it, and whether it was loaded again."""

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakKeyDictionary

from playwright.sync_api import ConsoleMessage, Error, Page

SECONDS = 10.0
CONNECTED = "[hmr] connected"

T = TypeVar("T")


@dataclass
class Record:
    """Everything that happened in one tab since it was opened, oldest first."""

    console_lines: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        sections = ("console", self.console_lines), ("page errors", self.page_errors), ("loads", self.loads)
        return "\n".join(f"{name}:\n" + "".join(f"  {line}\n" for line in lines) for name, lines in sections)


_RECORDS: WeakKeyDictionary[Page, Record] = WeakKeyDictionary()
_MARKS = itertools.count(1)


def watch(page: Page) -> Page:
    """Begin to record what happens in *page*, and return it."""
    record = _RECORDS[page] = Record()

    def on_console(message: ConsoleMessage) -> None:
        record.console_lines.append(f"{message.type}: {message.text}")

    def on_error(error: Error) -> None:
        record.page_errors.append(str(error))

    def on_load(loaded: Page) -> None:
        record.loads.append(loaded.url)

    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("domcontentloaded", on_load)
    return page


def record_of(page: Page) -> Record:
    """Return the record of a watched *page*; it grows while Playwright is being called."""
    return _RECORDS[page]


def console_lines(page: Page) -> list[str]:
    """Return what *page* printed so far, each line as "type: text"."""
    return record_of(page).console_lines


def page_errors(page: Page) -> list[str]:
    """Return the uncaught errors of *page* so far."""
    return record_of(page).page_errors


def loads(page: Page) -> int:
    """Return how many documents *page* has loaded, the first one included."""
    return len(record_of(page).loads)


def wait_until(page: Page, condition: Callable[[], T], what: str, *, seconds: float = SECONDS) -> T:
    """Return the first true result of *condition*; raise AssertionError that names *what* after *seconds*."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} seconds for {what}\n{record_of(page)}")
        # Playwright delivers events only while it is being called.
        page.wait_for_timeout(10)
    return result


def wait_for_console(
    page: Page, pattern: str | re.Pattern[str], *, after: int = 0, count: int = 1, seconds: float = SECONDS
) -> list[str]:
    """Return the console lines with *pattern* (plain text or a compiled expression) once there are *count* of them.

    Only lines from the index *after* on are looked at.
    """
    wanted = re.compile(re.escape(pattern)) if isinstance(pattern, str) else pattern

    def found() -> list[str]:
        lines = [line for line in console_lines(page)[after:] if wanted.search(line)]
        return lines if len(lines) >= count else []

    return wait_until(page, found, f"{count} console line(s) with {wanted.pattern!r}", seconds=seconds)


def wait_connected(page: Page, *, count: int = 1) -> None:
    """Wait until the client in *page* has said, *count* times since the tab was opened, that it is connected."""
    wait_for_console(page, CONNECTED, count=count)


def wait_for_loads(page: Page, count: int) -> None:
    """Wait until *page* has loaded *count* documents, the first one included."""
    wait_until(page, lambda: loads(page) >= count, f"{count} loads")


def mark(page: Page) -> int:
    """Put a new mark on the window of *page* and return it; a reload takes it away."""
    value = next(_MARKS)
    page.evaluate("value => { window.__mark = value }", value)
    return value


def mark_of(page: Page) -> int | None:
    """Return the mark on the window of *page*, or None where it was loaded since."""
    value: int | None = page.evaluate("() => window.__mark ?? null")
    return value
