"""Saves without end, 20 tabs: no update is lost, and the process is the same size afterwards.

`make test` makes a few; `make soak` sets SOAK_SAVES to 2,000 and shows what the process held.
"""

import itertools
import os
import re
import sys
import time
from pathlib import Path

import pytest
from browser.servers import SERVERS
from browser.sites import Site, start_site
from conformance.frames import SECONDS, Raw, dial

from soak.processes import Held, held_by
from soak.tabs import Tab, fetch

SAVES = int(os.environ.get("SOAK_SAVES", "40"))
MODULES = [f"m{number}.js" for number in range(20)]
URLS = [f"/static/{name}" for name in MODULES]
MODULE = "export const text = '{}'; import.meta.hot.accept()\n"
STEADY, RESTLESS, DEAF = 12, 5, 3
GROWTH = 5.0  # megabytes
WAVES = 120  # of 100 kB: more than the system and we together keep for one who does not read
FLOOD = """
from hmr_middleware import hmr

@hmr.on("flood")
def flood(_data, _client):
    hmr.send("water", "x" * 100_000)
"""
SERVERS_OF_BOTH_KINDS = ("werkzeug", "uvicorn")
APPS = {
    "werkzeug": "from flask import Flask\n\napp = Flask(__name__)\n",
    "uvicorn": "from fastapi import FastAPI\nfrom fastapi.staticfiles import StaticFiles\n\n"
    "app = FastAPI()\napp.mount('/static', StaticFiles(directory='static'))\n",
}
WRAP = "\nfrom hmr_middleware import HmrMiddleware\n\napp = HmrMiddleware(app)\n"
DOES_NOT_READ = "a client does not read; its socket is closed"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("server", SERVERS_OF_BOTH_KINDS)
def test_no_update_is_lost_and_nothing_piles_up(tmp_path: Path, server: str) -> None:
    files = {"app.py": APPS[server] + FLOOD + WRAP}
    static = dict.fromkeys(MODULES, MODULE.format("first"))
    site = start_site(tmp_path, SERVERS[server].kind, server, static=static, files=files)
    try:
        for url in URLS:
            fetch(site.server.url + url)
        soak(site)
        assert "Traceback" not in site.server.output()
    finally:
        site.server.stop()


def soak(site: Site) -> None:
    """Save and save again while tabs come and go; the first saves, and those who do not read, are the warm-up."""
    saver = Saver(site)
    tabs = [Tab(site.server.port, URLS if number % 2 else URLS[::2]) for number in range(STEADY + RESTLESS)]
    deaf = [be_deaf(site.server.port) for _ in range(DEAF)]
    drown(tabs, site)
    for raw in deaf:
        raw.socket.close()
    saver.run(SAVES // 4, tabs[:STEADY], tabs[STEADY:])
    before = settled(site.server.process.pid, tabs)
    saver.run(SAVES, tabs[:STEADY], tabs[STEADY:])
    after = settled(site.server.process.pid, tabs, most=before)
    sys.stdout.write(f"{SAVES} saves, {len(tabs) + DEAF} tabs: before {before}; after {after}\n")
    assert {url: version for tab in tabs for url, version in tab.live.items() if version != saver.versions[url]} == {}
    assert not any(tab.reloads for tab in tabs)
    assert after.resident - before.resident <= GROWTH


class Saver:
    """Saves one module after the other, each as soon as the tabs have the last."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._numbers = itertools.count()
        self.versions = dict.fromkeys(URLS, 0)

    def run(self, saves: int, steady: list[Tab], restless: list[Tab]) -> None:
        """Make so many saves. The restless miss one save in three, and come back."""
        for _ in range(saves):
            number = next(self._numbers)
            url = URLS[number % len(URLS)]
            gone = [tab for place, tab in enumerate(restless) if (number + place) % 3 == 0]
            for place, tab in enumerate(gone):
                tab.leave(politely=bool(place % 2))
            self.versions[url] = self._save(MODULES[number % len(URLS)], f"save {number}")
            for tab in (*steady, *(tab for tab in restless if tab not in gone)):
                if url in tab.live:
                    tab.catch_up(url, self.versions[url])
            for tab in gone:
                tab.connect()
                if url in tab.live:
                    tab.catch_up(url, self.versions[url])

    def _save(self, name: str, text: str) -> int:
        """Write a module; return its version: when it was written, in microseconds."""
        path = self._site.project.write_static(name, MODULE.format(text))
        return path.stat().st_mtime_ns // 1000


def be_deaf(port: int) -> Raw:
    """Connect, say hello, and never read again."""
    raw = dial(port, receive_buffer=4_096)
    raw.say(type="hello", modules=dict.fromkeys(URLS, 0), entries=URLS)
    return raw


def drown(tabs: list[Tab], site: Site) -> None:
    """Have everybody sent more than is kept for one who does not read, and wait until those are cut off."""
    for wave in range(WAVES):
        tabs[0].raw.say(type="custom", event="flood")
        for tab in tabs:
            while tab.events <= wave:
                tab.hear()
    site.server.wait_for_output(re.compile(f"({re.escape(DOES_NOT_READ)}.*){{{DEAF}}}", re.DOTALL))


def settled(pid: int, tabs: list[Tab], most: Held | None = None) -> Held:
    """Return what the process holds once it has answered everything, and has no more to clear away than *most*.

    Without *most*, that is once the same is seen for a quarter of a second. Raises TimeoutError.
    """
    for tab in tabs:
        tab.sync()
    seen, since, deadline = held_by(pid), time.monotonic(), time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        last, seen = seen, held_by(pid)
        if most and seen.threads <= most.threads and seen.descriptors <= most.descriptors:
            return seen
        if (last.threads, last.descriptors) != (seen.threads, seen.descriptors):
            since = time.monotonic()
        if not most and time.monotonic() - since > 0.25:
            return seen
        time.sleep(0.01)
    raise TimeoutError(f"it was {most or last}, and is {seen}")
