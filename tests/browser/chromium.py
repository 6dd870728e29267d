"""Find the Chromium that the tests drive. Run as a script, print its path: the set-up asks the same question."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
CLOSING = 30.0  # seconds


class NoChromiumError(RuntimeError):
    """No browser to test with: a failure and never a reason to skip, or the tests would pass by not running."""


def find_chromium(bundled: str) -> str:
    """Return the path of a Chromium that starts: HMR_CHROMIUM, else one on PATH, else *bundled*, Playwright's own.

    Raises NoChromiumError where there is none.
    """
    tried = list(_candidates(bundled))
    for path in tried:
        if _starts(path):
            return path
    raise NoChromiumError(
        f"no Chromium starts (tried: {', '.join(tried)}); install one, for example with `playwright install chromium`, "
        "or name one in HMR_CHROMIUM"
    )


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that `find_chromium` finds, without a window."""
    return playwright.chromium.launch(
        executable_path=find_chromium(playwright.chromium.executable_path),
        args=[*FLAGS, *_flags_of_this_user()],
    )


class Chromium:
    """The Chromium of a test run: a browser that dies, or hangs when a profile is closed, is replaced by another."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._start()

    def _start(self) -> None:
        self._browser = launch(self._playwright)
        self.process = _process_of(self._browser)

    def new_context(self) -> BrowserContext:
        """Return a fresh profile."""
        if not self._browser.is_connected():
            self._start()
        return self._browser.new_context(ignore_https_errors=True)  # nobody vouches for a certificate of a test

    def close_context(self, context: BrowserContext) -> None:
        """Close *context*. Now and then a closing profile hangs for ever: then the whole browser is ended."""
        ending = threading.Timer(CLOSING, os.kill, (self.process, signal.SIGKILL))
        ending.start()
        with contextlib.suppress(Error):
            context.close()
        ending.cancel()

    def close(self) -> None:
        """End the browser."""
        self._browser.close()


def _process_of(browser: Browser) -> int:
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return next(int(process["id"]) for process in found if process["type"] == "browser")


def _candidates(bundled: str) -> Iterator[str]:
    if chosen := os.environ.get("HMR_CHROMIUM"):
        yield chosen
        return
    yield from filter(None, map(shutil.which, NAMES))
    yield bundled


def _starts(path: str) -> bool:
    # Ubuntu puts a `chromium-browser` on PATH that only says how to install the real one.
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _flags_of_this_user() -> list[str]:
    # Chromium refuses to start its sandbox as root, which is who one is in most containers.
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def main() -> int:
    """Print the path of a Chromium that opens a page; return 1 where there is none."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        launch(playwright).close()
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:
        sys.exit(f"error: {error}")
