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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from browser.projects import Kind

HOST = "127.0.0.1"
START_SECONDS = 20.0
STOP_SECONDS = 15.0  # it is a matter of a second, unless the machine is busy
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
PYWSGI = """
from gevent import monkey; monkey.patch_all()
import sys

from gevent.pywsgi import WSGIServer

from app import app

WSGIServer(("127.0.0.1", int(sys.argv[1])), app).serve_forever()
"""
# hypercorn cancels a connection's task after its graceful timeout, and asyncio tells of that.
CANCELLED = r"Exception in callback StreamReaderProtocol(?:.*\n)+?asyncio\.exceptions\.CancelledError\n"
# gunicorn closes what uvicorn has closed.
CLOSED_TWICE = r".*Error while closing socket \[Errno 9\] Bad file descriptor\n"
# Python's own last words where a script does not catch Ctrl+C.
INTERRUPTED = r"Traceback \(most recent call last\):\n(?:  .*\n)+KeyboardInterrupt\n"
# Two ways of writing the same list: what a project has before, and with, an app that brings its own runserver.
WITH_DAPHNE = (
    ("website/settings.py", "'django.contrib.staticfiles']", "'daphne', 'django.contrib.staticfiles']"),
    ("website/settings.py", "WSGI_APPLICATION =", "ASGI_APPLICATION = 'website.asgi.application'\nWSGI_APPLICATION ="),
)


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


def free_port() -> int:
    """Return a port at which nobody listens."""
    return next(_FREE_PORTS)


def answers(port: int) -> bool:
    """Return whether somebody listens at *port*."""
    with socket.socket() as client:
        return client.connect_ex((HOST, port)) == 0


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until *process* listens at *port*; raise RuntimeError where it ends before."""
    while not answers(port):
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with code {process.returncode}")
        time.sleep(POLL_SECONDS)


@dataclass(frozen=True)
class Recipe:
    """How to start one server, for which projects: arguments of this Python, with {port} to fill in.

    A terminal's Ctrl+C goes to all its processes, unless *has_master* says that one of them passes it on. *packages*
    are those whose versions tell what was tested. *edits* are what a project has to say of this server: a file, and
    what of it is replaced by what. *last_words* is a pattern of faults that the server tells of itself on Ctrl+C,
    with a socket of any app's open. Without *has_socket* the server gives no way to its sockets.
    """

    kind: Kind
    arguments: tuple[str, ...]
    packages: tuple[str, ...] = ()
    has_debug_flag: bool = False
    has_master: bool = False
    workers: int = 1
    has_socket: bool = True
    edits: tuple[tuple[str, str, str], ...] = ()
    script: str = ""
    last_words: str = ""

    def command(self, port: int) -> list[str]:
        """Return the command line that serves at *port*."""
        start = ("-c", self.script) if self.script else ()
        return [sys.executable, *start, *(argument.replace("{port}", str(port)) for argument in self.arguments)]

    @property
    def speaks_websocket(self) -> bool:
        """Return whether the server itself speaks WebSocket, as ASGI has it."""
        return self.has_socket and not {"daphne", "granian", "hypercorn", "uvicorn"}.isdisjoint(self.packages)

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what says "development" to us where the framework has no flag that does."""
        return {} if self.has_debug_flag else {"HMR_ENABLED": "1"}


def _flask(*arguments: str) -> Recipe:
    command = ("-m", "flask", "--app", "app", "--debug", "run", "--port", "{port}", *arguments)
    return Recipe("flask", command, ("flask", "werkzeug"), has_debug_flag=True)


def _gunicorn(kind: Kind, app: str, *arguments: str, packages: tuple[str, ...] = (), workers: int = 1) -> Recipe:
    # A worker of the kind "gthread" that hears of it twice at once waits for itself for ever: signalled while it
    # shuts its pool down, it does so again, and the pool's lock is held.
    counted = ("--workers", str(workers)) if workers > 1 else ()
    command = ("-m", "gunicorn", "--bind", f"{HOST}:{{port}}", *arguments, *counted, app)
    return Recipe(kind, command, ("gunicorn", *packages), has_master=True, workers=workers)


def _uvicorn(kind: Kind, app: str, *arguments: str, packages: tuple[str, ...] = (), workers: int = 1) -> Recipe:
    counted = ("--workers", str(workers)) if workers > 1 else ()
    command = ("-m", "uvicorn", "--port", "{port}", *arguments, *counted, app)
    return Recipe(kind, command, ("uvicorn", *packages), "--reload" in arguments, workers=workers)


def _runserver(*arguments: str, packages: tuple[str, ...] = (), edits: tuple[tuple[str, str, str], ...] = ()) -> Recipe:
    command = ("manage.py", "runserver", f"{HOST}:{{port}}", *arguments)
    return Recipe("django", command, ("django", *packages), has_debug_flag=True, edits=edits)


def _module(kind: Kind, name: str, *arguments: str, packages: tuple[str, ...] = ()) -> Recipe:
    return Recipe(kind, ("-m", name, *arguments), (name, *packages))


def _script(text: str, *packages: str, kind: Kind = "flask") -> Recipe:
    return Recipe(kind, ("{port}",), packages, script=text, last_words=INTERRUPTED)


SERVERS: dict[str, Recipe] = {
    "werkzeug": _flask("--no-reload"),
    "werkzeug-reload": _flask(),
    "werkzeug-no-threads": _flask("--no-reload", "--without-threads"),
    "wsgiref": _script(WSGIREF),
    "gunicorn-sync": _gunicorn("flask", "app:app"),
    "gunicorn-gthread": _gunicorn("flask", "app:app", "--threads", "4"),
    "waitress": replace(_module("flask", "waitress", f"--listen={HOST}:{{port}}", "app:app"), has_socket=False),
    # A worker of granian that is signalled twice at once does not end.
    "granian-wsgi": replace(
        _module("flask", "granian", "--interface", "wsgi", "--port", "{port}", "app:app"),
        has_socket=False,
        has_master=True,
    ),
    "gunicorn-gevent": _gunicorn("flask", "app:app", "--worker-class", "gevent", packages=("gevent",)),
    "gunicorn-preload": _gunicorn("flask", "app:app", "--preload"),
    "gunicorn-workers": _gunicorn("flask", "app:app", workers=3),
    "gunicorn-gthread-workers": _gunicorn("flask", "app:app", "--threads", "4", workers=3),
    "gunicorn-preload-workers": _gunicorn("flask", "app:app", "--preload", workers=3),
    # Its worker ends for the terminal's signal only: the master's it ignores, until it is killed after half a minute.
    "gunicorn-uvicorn": replace(
        _gunicorn("fastapi", "app:app", "--worker-class", "uvicorn_worker.UvicornWorker"),
        packages=("gunicorn", "uvicorn-worker", "uvicorn"),
        has_master=False,
        last_words=CLOSED_TWICE,
    ),
    "cheroot": replace(_module("flask", "cheroot", "--bind", f"{HOST}:{{port}}", "app:app"), last_words=INTERRUPTED),
    "gevent": _script(PYWSGI, "gevent"),
    "uvicorn": _uvicorn("fastapi", "app:app"),
    "uvicorn-reload": _uvicorn("fastapi", "app:app", "--reload"),
    "uvicorn-workers": _uvicorn("fastapi", "app:app", workers=3),
    "uvicorn-lifespan-off": _uvicorn("fastapi", "app:app", "--lifespan", "off"),
    "uvicorn-h11-websockets": _uvicorn(
        "fastapi", "app:app", "--http", "h11", "--ws", "websockets", packages=("h11", "websockets")
    ),
    "uvicorn-httptools-wsproto": _uvicorn(
        "fastapi", "app:app", "--http", "httptools", "--ws", "wsproto", packages=("httptools", "wsproto")
    ),
    "fastapi-dev": Recipe(
        "fastapi",
        ("-m", "fastapi", "dev", "app.py", "--port", "{port}"),
        ("fastapi", "fastapi-cli", "uvicorn"),
        has_debug_flag=True,
    ),
    "hypercorn": replace(
        _module("fastapi", "hypercorn", "--bind", f"{HOST}:{{port}}", "app:app"), last_words=CANCELLED
    ),
    "granian": _module("fastapi", "granian", "--interface", "asgi", "--port", "{port}", "app:app"),
    "daphne": _module("django", "daphne", "--port", "{port}", "website.asgi:application"),
    "runserver": _runserver(),
    "runserver-noreload": _runserver("--noreload"),
    "runserver-nothreading": _runserver("--noreload", "--nothreading"),
    "runserver-daphne": _runserver(packages=("daphne",), edits=WITH_DAPHNE),
    "runserver-daphne-noreload": _runserver("--noreload", packages=("daphne",), edits=WITH_DAPHNE),
    "gunicorn-django": _gunicorn("django", "website.wsgi:application", packages=("django",)),
    "uvicorn-django": _uvicorn("django", "website.asgi:application", packages=("django",)),
}

# Frameworks of which nothing is known, each with a server that its own documentation has.
FRAMEWORKS: dict[str, Recipe] = {
    "Quart": _module("quart", "hypercorn", "--bind", f"{HOST}:{{port}}", "app:app", packages=("quart",)),
    "Litestar": _uvicorn("litestar", "app:app", packages=("litestar",)),
    "Bottle": _script(WSGIREF, "bottle", kind="bottle"),
    "Falcon, WSGI": _script(WSGIREF, "falcon", kind="falcon"),
    "Falcon, ASGI": _uvicorn("falcon-asgi", "app:app", packages=("falcon",)),
    "Pyramid": _script(WSGIREF, "pyramid", kind="pyramid"),
    "plain WSGI": _script(WSGIREF, kind="wsgi"),
    "plain ASGI": _uvicorn("asgi", "app:app"),
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
    port: int = field(default_factory=free_port)
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
        """Stop with Ctrl+C, kill what is left after STOP_SECONDS, and return whether Ctrl+C ended every process."""
        process, self._process = self._process, None
        if process is None:
            return True
        if self.recipe.has_master:
            process.send_signal(signal.SIGINT)
        else:
            _signal_group(process.pid, signal.SIGINT)
        try:
            return _ends(process, STOP_SECONDS)
        finally:
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
        return answers(self.port)

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


def _ends(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Return whether *process* and its children, such as a reloader's, end within that many *seconds*."""
    deadline = time.monotonic() + seconds
    while process.poll() is None or processes_of(process.pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def processes_of(leader: int) -> list[int]:
    """Return the living processes of the session that *leader* began: it and its children."""
    found = (path for path in Path("/proc").iterdir() if path.name.isdecimal())
    return sorted(int(path.name) for path in found if _lives_in(path, leader))


def _lives_in(process: Path, session: int) -> bool:
    with contextlib.suppress(OSError):  # it has just ended
        state, _parent, _group, its_session = (process / "stat").read_text().rpartition(")")[2].split()[:4]
        return int(its_session) == session and state != "Z"
    return False


def _let_interrupts_through() -> None:
    # What a shell puts in the background ignores SIGINT, and its children inherit that: Ctrl+C would do nothing.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
