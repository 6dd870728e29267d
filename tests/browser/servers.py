"""Real servers, started as a developer starts them and stopped with Ctrl+C."""

import contextlib
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from browser.projects import Kind

HOST = "127.0.0.1"
START_SECONDS = 20.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02

T = TypeVar("T")

# Settings of the surrounding shell that would change what a server does.
SETTINGS_OF_SERVERS = ("HMR_", "FLASK_", "WERKZEUG_", "DJANGO_", "GUNICORN_", "UVICORN_", "FASTAPI_", "WEB_CONCURRENCY")
QUIET_AND_PLAIN = {
    "COLUMNS": "200",
    "FASTAPI_CLOUD_DISABLE_VERSION_CHECK": "1",
    "NO_COLOR": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
}

WSGIREF = """
import sys
from wsgiref.simple_server import make_server

from app import app

with make_server("127.0.0.1", int(sys.argv[1]), app) as server:
    server.serve_forever()
"""


def _free_ports() -> Iterator[int]:
    # Below the range from which systems lend ports to outgoing connections: a server must find its own again
    # after a restart. Each process of a parallel run has its own, and another run most likely others.
    run = sum(os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid())).encode())
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + (run + worker) % 12 * 1_000
    for port in itertools.cycle(range(first, first + 1_000)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            yield port


_FREE_PORTS = _free_ports()


@dataclass(frozen=True)
class Recipe:
    """How to start one server, for which projects: arguments of this Python, with {port} to fill in.

    A terminal's Ctrl+C goes to all its processes, unless *has_master* says that one of them passes it on.
    """

    kind: Kind
    arguments: tuple[str, ...]
    has_debug_flag: bool = False
    has_master: bool = False

    def command(self, port: int) -> list[str]:
        """Return the command line that serves at *port*."""
        return [sys.executable, *(argument.replace("{port}", str(port)) for argument in self.arguments)]

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what says "development" to us where the framework has no flag that does."""
        return {} if self.has_debug_flag else {"HMR_ENABLED": "1"}


def _flask(*arguments: str) -> Recipe:
    command = ("-m", "flask", "--app", "app", "--debug", "run", "--port", "{port}")
    return Recipe("flask", (*command, *arguments), has_debug_flag=True)


def _gunicorn(kind: Kind, app: str, *arguments: str) -> Recipe:
    # A worker of the kind "gthread" that hears of it twice at once waits for itself for ever: signalled while it
    # shuts its pool down, it does so again, and the pool's lock is held.
    return Recipe(kind, ("-m", "gunicorn", "--bind", f"{HOST}:{{port}}", *arguments, app), has_master=True)


def _granian(interface: str, kind: Kind, app: str, *arguments: str) -> Recipe:
    # A worker of granian that is signalled twice at once does not end.
    command = ("-m", "granian", "--interface", interface, "--port", "{port}", *arguments, app)
    return Recipe(kind, command, has_master=True)


def _uvicorn(kind: Kind, app: str, *arguments: str, has_debug_flag: bool = False) -> Recipe:
    return Recipe(kind, ("-m", "uvicorn", "--port", "{port}", *arguments, app), has_debug_flag)


def _runserver(*arguments: str) -> Recipe:
    return Recipe("django", ("manage.py", "runserver", f"{HOST}:{{port}}", *arguments), has_debug_flag=True)


SERVERS: Mapping[str, Recipe] = {
    "werkzeug": _flask("--no-reload"),
    "werkzeug-reload": _flask(),
    "wsgiref": Recipe("flask", ("-c", WSGIREF, "{port}")),
    "gunicorn-sync": _gunicorn("flask", "app:app"),
    "gunicorn-gthread": _gunicorn("flask", "app:app", "--threads", "4"),
    "waitress": Recipe("flask", ("-m", "waitress", f"--listen={HOST}:{{port}}", "app:app")),
    "granian-wsgi": Recipe(
        "flask", ("-m", "granian", "--interface", "wsgi", "--port", "{port}", "app:app"), has_master=True
    ),
    "uvicorn": _uvicorn("fastapi", "app:app"),
    "uvicorn-reload": _uvicorn("fastapi", "app:app", "--reload", has_debug_flag=True),
    "fastapi-dev": Recipe("fastapi", ("-m", "fastapi", "dev", "app.py", "--port", "{port}"), has_debug_flag=True),
    "runserver": _runserver(),
    "runserver-noreload": _runserver("--noreload"),
    "gunicorn-django": _gunicorn("django", "website.wsgi:application"),
    "uvicorn-django": _uvicorn("django", "website.asgi:application"),
}


def servers_for(kind: Kind) -> list[str]:
    """Return the names of the servers that can serve a project of this *kind*."""
    return [name for name, recipe in SERVERS.items() if recipe.kind == kind]


@dataclass
class Server:
    """One server process with its children: started, stopped and started again at the same port.

    *directory* is the project, *log* the file that collects the output (outside of *directory*, where reloaders
    look for changes). *environment* is added to the recipe's.
    """

    recipe: Recipe
    directory: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: next(_FREE_PORTS))
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Return the site's origin, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Return the process; raise RuntimeError where the server was not started or is stopped."""
        if self._process is None:
            raise RuntimeError("the server is not running; call start()")
        return self._process

    def start(self) -> None:
        """Start and return once the port answers; raise RuntimeError with the output where it does not."""
        _let_interrupts_through()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.recipe.command(self.port),
                cwd=self.directory,
                env=_environment({**self.recipe.environment, **self.environment}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait(self._answers, f"no answer at {self.url}", START_SECONDS)
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> bool:
        """Stop with Ctrl+C, kill what is left after STOP_SECONDS, and return whether Ctrl+C was enough."""
        process, self._process = self._process, None
        if process is None:
            return True
        if self.recipe.has_master:
            process.send_signal(signal.SIGINT)
        else:
            _signal_group(process.pid, signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            # Also the children of a leader that is gone, such as a reloader's.
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()

    def restart(self) -> bool:
        """Stop and start at the same port; return whether Ctrl+C was enough."""
        by_interrupt = self.stop()
        self.start()
        return by_interrupt

    def output(self) -> str:
        """Return everything the server has printed, over all its starts."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def wait_for_output(self, pattern: str | re.Pattern[str], *, after: int = 0, seconds: float = 10) -> re.Match[str]:
        """Return the match of *pattern* (plain text or a compiled expression) in the output from offset *after* on.

        Raises RuntimeError with the output where it does not appear within *seconds*.
        """
        wanted = re.compile(re.escape(pattern)) if isinstance(pattern, str) else pattern
        return self._wait(lambda: wanted.search(self.output(), after), f"no output {wanted.pattern!r}", seconds)

    def _answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex((HOST, self.port)) == 0

    def _wait(self, condition: Callable[[], T | None], failure: str, seconds: float) -> T:
        deadline = time.monotonic() + seconds
        while True:
            # Asked first, so that the last words of a server that ends are still looked at.
            code = self.process.poll()
            if result := condition():
                return result
            if code is not None:
                raise RuntimeError(f"{failure}: the server ended with code {code}; its output:\n{self.output()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{failure} within {seconds} seconds; its output:\n{self.output()}")
            time.sleep(POLL_SECONDS)


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_OF_SERVERS)}
    return {**inherited, **QUIET_AND_PLAIN, **added}


def _signal_group(leader: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, number)


def _let_interrupts_through() -> None:
    # What a shell puts in the background ignores SIGINT, and its children inherit that: Ctrl+C would do nothing.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
