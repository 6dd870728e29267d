"""Drive Firefox over WebDriver BiDi, which it speaks itself. Run as a script, print its path: so does the set-up.

One thread, one command at a time: events that come meanwhile are kept for the tab that they belong to.
Source: W3C WebDriver BiDi.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from websockets.sync.client import ClientConnection, connect

NAMES = ("firefox-esr", "firefox")
SECONDS = 20.0
START_SECONDS = 60.0
POLL_SECONDS = 0.02
EVENTS = ("log.entryAdded", "browsingContext.domContentLoaded")

# A private profile asks nobody anything, and is not throttled for lying in the background.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.min_background_timeout_value": 4,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}

_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")

T = TypeVar("T")


class NoFirefoxError(RuntimeError):
    """No Firefox to test with: a failure and never a reason to skip, or the tests would pass by not running."""


class BidiError(RuntimeError):
    """Firefox answered with an error, or a script threw."""


def find_firefox() -> str:
    """Return the path of a Firefox that starts: HMR_FIREFOX, else one on PATH. Raises NoFirefoxError."""
    chosen = os.environ.get("HMR_FIREFOX")
    tried = [chosen] if chosen else list(filter(None, map(shutil.which, NAMES)))
    for path in tried:
        if _starts(path):
            return path
    raise NoFirefoxError(
        f"no Firefox starts (tried: {', '.join(tried or NAMES)}); install Firefox ESR, for example with "
        "`apt-get install firefox-esr`, or name one in HMR_FIREFOX"
    )


def _starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class Firefox:
    """A running Firefox, at the other end of *socket*."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._tabs: dict[str, Tab] = {}
        self._numbers = itertools.count(1)
        self.command("session.new", capabilities={})
        self.command("session.subscribe", events=list(EVENTS))

    def open_tab(self) -> "Tab":
        """Return a new, empty tab."""
        context = self.command("browsingContext.create", type="tab")["context"]
        return self._tabs.setdefault(context, Tab(self, context))

    def command(self, method: str, **parameters: object) -> Any:
        """Return the result of a command. Raises BidiError."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv(SECONDS))).get("id") != number:
            self._keep(answer)
        if answer["type"] == "error":
            raise BidiError(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def _keep(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        context = parameters.get("context") or parameters.get("source", {}).get("context")
        if context in self._tabs:
            self._tabs[context].hear(event["method"], parameters)


@dataclass
class Tab:
    """A tab, with what it printed ("level: text") and how many documents it has loaded since it was opened."""

    firefox: Firefox
    context: str
    console: list[str] = field(default_factory=list)
    loads: int = 0

    def hear(self, method: str, parameters: dict[str, Any]) -> None:
        """Keep an event of this tab."""
        if method == "browsingContext.domContentLoaded":
            self.loads += 1
        else:
            self.console.append(f"{parameters['level']}: {parameters['text']}")

    def goto(self, url: str) -> None:
        """Load *url* and everything that it needs to be complete."""
        self.firefox.command("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, expression: str, *, as_user: bool = False) -> Any:
        """Return the value of a JavaScript expression, awaited, as JSON carries it. Raises BidiError.

        *as_user* says that a user has just asked for it ("transient activation").
        """
        answer = self.firefox.command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
            target={"context": self.context},
            awaitPromise=True,
            userActivation=as_user,
        )
        if answer["type"] != "success":
            raise BidiError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def wait(self, condition: Callable[[], T], what: str, *, seconds: float = SECONDS) -> T:
        """Return the first true result of *condition*; raise AssertionError that names *what* after *seconds*."""
        deadline = time.monotonic() + seconds
        while not (result := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} seconds for {what}\n{self}")
            time.sleep(POLL_SECONDS)
            self.firefox.command("session.status")  # events are read while a command is being answered
        return result

    def wait_for_console(self, text: str, *, count: int = 1) -> None:
        """Wait until *text* was printed *count* times since the tab was opened."""
        self.wait(lambda: sum(text in line for line in self.console) >= count, f"{count} console line(s) with {text!r}")

    def close(self) -> None:
        """Close the tab."""
        self.firefox.command("browsingContext.close", context=self.context)

    def __str__(self) -> str:
        return f"loads: {self.loads}\nconsole:\n" + "".join(f"  {line}\n" for line in self.console)


@contextlib.contextmanager
def running_firefox() -> Iterator[Firefox]:
    """Start a Firefox without a window and with a fresh profile; end it afterwards. Raises NoFirefoxError."""
    path = find_firefox()
    with (
        tempfile.TemporaryDirectory(prefix="hmr-firefox-", ignore_cleanup_errors=True) as directory,
        _launched(path, Path(directory)) as address,
        connect(f"{address}/session", max_size=None, proxy=None) as socket,
    ):
        yield Firefox(socket)


@contextlib.contextmanager
def _launched(path: str, directory: Path) -> Iterator[str]:
    profile, log = directory / "profile", directory / "log"
    profile.mkdir()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [path, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield _address(process, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while not (found := _LISTENING.search(log.read_text(errors="replace"))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NoFirefoxError(f"Firefox does not listen; it said:\n{log.read_text(errors='replace')}")
        time.sleep(POLL_SECONDS)
    return found[1]


def main() -> int:
    """Print the path of a Firefox that opens a page."""
    with running_firefox() as firefox:
        firefox.open_tab().goto("about:blank")
    sys.stdout.write(f"{find_firefox()}\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:
        sys.exit(f"error: {error}")
