"""What goes wrong around us: a killed worker, a server that crashes, a full disk. Service goes on.

`make soak` sets SOAK_RESTARTS to 50.
"""

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser.servers import SERVERS, Server
from browser.sites import Site, start_site
from conformance.frames import SECONDS

from soak.processes import children_of, group_is_gone
from soak.tabs import Tab, fetch

RESTARTS = int(os.environ.get("SOAK_RESTARTS", "2"))
WORKERS = 3
TABS = 6
URLS = ("/static/one.js", "/static/two.js")
MODULE = "export const text = '{}'; import.meta.hot.accept()\n"
STATIC = {"one.js": MODULE.format("first"), "two.js": MODULE.format("first")}
Start = Callable[..., Site]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a server whose modules a browser has loaded."""
    sites: list[Site] = []

    def start(server: str, **env: str) -> Site:
        sites.append(start_site(tmp_path, SERVERS[server].kind, server, static=STATIC, env=env))
        load(sites[-1])
        return sites[-1]

    yield start
    for site in sites:
        site.server.stop()


def load(site: Site) -> None:
    """Load the modules, as a browser does."""
    for url in URLS:
        fetch(site.server.url + url)


def save(site: Site, name: str, text: str) -> int:
    """Write a module; return its version."""
    return site.project.write_static(name, MODULE.format(text)).stat().st_mtime_ns // 1000


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for *condition*. Raises TimeoutError."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.01)


def all_catch_up(tabs: list[Tab], site: Site, text: str) -> None:
    """Save both modules, and wait until every tab has them."""
    for url in URLS:
        version = save(site, url.rpartition("/")[2], text)
        for tab in tabs:
            tab.catch_up(url, version)


def reconnect(tab: Tab) -> bool:
    """Connect again where the server has hung up; return whether that was so."""
    try:
        tab.sync()
        return False
    except ConnectionError:
        tab.connect()
        return True


def test_a_worker_that_is_killed(start: Start) -> None:
    site = start("gunicorn-gthread", GUNICORN_CMD_ARGS=f"--workers {WORKERS}")
    master = site.server.process.pid
    tabs = [Tab(site.server.port, URLS) for _ in range(TABS)]
    all_catch_up(tabs, site, "before")
    moved = 0
    for worker in sorted(children_of(master)):
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda gone=worker: gone not in children_of(master), "the worker goes")  # type: ignore[misc]
        moved += sum(reconnect(tab) for tab in tabs)
        all_catch_up(tabs, site, f"without {worker}")
        wait_until(lambda: len(children_of(master)) == WORKERS, "gunicorn starts another worker")
    assert moved >= TABS, "every socket was on some worker, and all of them were killed"
    assert not any(tab.reloads for tab in tabs)
    assert "Traceback" not in site.server.output()


@pytest.mark.parametrize("server", ["werkzeug", "uvicorn"])
@pytest.mark.timeout(900)
def test_a_server_that_crashes_again_and_again(start: Start, server: str) -> None:
    site = start(server)
    tabs = [Tab(site.server.port, URLS) for _ in range(TABS)]
    for number in range(RESTARTS):
        leader = site.server.process.pid
        os.kill(leader, signal.SIGKILL)
        site.server.stop()
        assert group_is_gone(leader), "no process outlives the server"
        version = save(site, "one.js", f"while away {number}")
        site.server.start()  # at the same port, or it raises
        for tab in tabs:
            assert reconnect(tab)
            tab.catch_up(URLS[0], version)
        all_catch_up(tabs, site, f"after crash {number}")
    assert not any(tab.reloads for tab in tabs)
    assert "Traceback" not in site.server.output()


@contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """Let every write of *server* to a file fail, that of its log included."""
    unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    try:
        yield
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)


@pytest.mark.parametrize("server", ["werkzeug", "uvicorn"])
def test_a_full_disk_is_nothing_to_us(start: Start, server: str) -> None:
    site = start(server)
    tabs = [Tab(site.server.port, URLS) for _ in range(TABS)]
    with full_disk(site.server):
        said = site.server.output()
        all_catch_up(tabs, site, "full")
        load(site)
        tabs.append(Tab(site.server.port, URLS))
        all_catch_up(tabs, site, "and still full")
        assert site.server.output() == said, "what is said meanwhile has no place to go"
    all_catch_up(tabs, site, "there is room again")
    assert not any(tab.reloads for tab in tabs)
    assert "Traceback" not in site.server.output()


@contextmanager
def few_descriptors(server: Server, spare: int) -> Iterator[None]:
    """Let *server* open no more than *spare* files and sockets."""
    pid = server.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path(f"/proc/{pid}/fd").iterdir())
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1 + spare, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def test_a_process_that_may_open_no_more_files(start: Start) -> None:
    site = start("werkzeug")
    tabs = [Tab(site.server.port, URLS) for _ in range(TABS)]
    with few_descriptors(site.server, spare=2), pytest.raises(ConnectionRefusedError, match="503"):
        Tab(site.server.port, URLS)  # accepted, and duplicated: there is none for the dead end
    site.server.wait_for_output("ulimit -n")
    tabs.append(Tab(site.server.port, URLS))
    all_catch_up(tabs, site, "with more of them")
    assert "Traceback" not in site.server.output()
