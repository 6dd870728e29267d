"""What the server costs while nobody saves anything."""

import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from browser.servers import Server

from benchmarks.pages import browser, open_page
from benchmarks.process import cpu_seconds
from benchmarks.sites import BARE, OURS, VITE_NAME, serve
from benchmarks.table import Table, short, verdict
from benchmarks.update_latency import FILES

SECONDS = 10.0
WINDOWS = 3
NAMES = (OURS, BARE, VITE_NAME)
LIMIT = 0.3  # percent of one core, for ours without a tab


def run(seconds: float = SECONDS) -> list[Table]:
    """Measure all servers over the same stretches of time, first without a tab, then with one each."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {name: stack.enter_context(serve(name, Path(folder), FILES)) for name in NAMES}
        running = stack.enter_context(browser())
        for server in servers.values():  # ours starts with the first request
            open_page(running, server.url).context.close()
        alone = _shares(servers, seconds)
        for server in servers.values():
            open_page(running, server.url)
        watched = _shares(servers, seconds)
    note = f"Percent of one core, medians of {WINDOWS} stretches of {seconds:g} seconds, the same for all."
    rows = [["no tab", *map(short, alone), verdict(alone[0], LIMIT)], ["one visible tab", *map(short, watched), ""]]
    return [Table("Processor while idle", ("", *NAMES, f"target: ours without a tab {LIMIT}"), rows, note)]


def _shares(servers: Mapping[str, Server], seconds: float) -> list[float]:
    time.sleep(1)  # what a closing or opening tab sets off has died down
    pids = [server.process.pid for server in servers.values()]
    windows = [_window(pids, seconds) for _ in range(WINDOWS)]
    return [median(shares) for shares in zip(*windows, strict=True)]


def _window(pids: list[int], seconds: float) -> list[float]:
    before = [cpu_seconds(pid) for pid in pids]
    time.sleep(seconds)
    return [100 * (cpu_seconds(pid) - used) / seconds for pid, used in zip(pids, before, strict=True)]
