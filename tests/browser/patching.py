"""A page that is patched by hand: no server and no socket, only the client's own files and two documents."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

from browser.tabs import wait_until
from hmr_middleware.endpoints import client_files

ORIGIN = "http://patch.test"
HELPERS = Path(__file__).with_name("patching.js")


def html(body: str, head: str = "") -> str:
    """Return a whole document as short as can be."""
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


@dataclass
class Patched:
    """A page whose server says what the test says."""

    page: Page
    result: dict[str, Any] = field(default_factory=dict)

    def apply(self, document: str) -> dict[str, Any]:
        """Bring the page up to *document* and return what that did."""
        self.result = self.page.evaluate("html => patchTo(html)", document)
        assert not any("could not" in line for line in self.told()), self.told()
        return self.result

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        return self.page.evaluate(script)

    def body(self) -> str:
        """Return the markup of the live body's content."""
        markup: str = self.run("document.body.innerHTML")
        return markup

    def told(self) -> list[str]:
        """Return what was logged."""
        lines: list[str] = self.run("told")
        return lines

    def unlike(self, document: str) -> str:
        """Return where the live page differs from *document* loaded anew, "" where it does not."""
        found: str = self.page.evaluate("html => freshDifference(html)", document)
        return found

    def wait(self, condition: str) -> None:
        """Wait until the JavaScript expression *condition* is true."""
        wait_until(self.page, lambda: self.run(condition), condition)


def open_patched(
    page: Page,
    document: str,
    *,
    script: str = "",
    options: str = "{}",
    files: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Patched:
    """Load *document*, whose scripts run, then *script*; then begin to follow what the server will say.

    *files* are served besides, by path; *options* are those of `createPatcher`, as JavaScript.
    """

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        ours = client_files().get(path.removeprefix("/__hmr/"))
        if path == "/":
            route.fulfill(body=document, content_type="text/html; charset=utf-8", headers=headers)
        elif path.startswith("/__hmr/") and ours is not None:
            route.fulfill(body=ours, content_type="text/javascript")
        elif files and path in files:
            route.fulfill(body=files[path], content_type="text/css" if path.endswith(".css") else "text/javascript")
        else:
            route.fulfill(status=404)

    page.route(f"{ORIGIN}/**", answer)
    page.goto(f"{ORIGIN}/")
    page.evaluate(f"() => {{ {HELPERS.read_text()} }}")
    if script:
        page.evaluate(f"() => {{ {script} }}")
    page.evaluate(f"html => startPatcher(html, {options})", document)
    return Patched(page)
