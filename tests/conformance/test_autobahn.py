"""Autobahn's fuzzing client against our WebSocket: its categories 1 to 10, those without compression.

It goes the whole way that a page's socket goes: through the middleware, off the server's hands, onto our loop. Only
what is said there is not the protocol but an echo, and the limits are lifted. `make autobahn` sets the client up and
runs every server; `make test` runs the one that AUTOBAHN_AGENTS names.

Source: github.com/crossbario/autobahn-testsuite. It needs CPython 2.7; where there is none, test_frames.py alone holds
the same ground.
"""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from browser.servers import SERVERS, Server
from browser.sites import start_site

HERE = Path(__file__).resolve().parent
WSTEST = HERE.parents[1] / ".tools" / "autobahn" / "client" / "bin" / "wstest"
CASES = [f"{category}.*" for category in range(1, 11)]
COUNT = 301
PASSED = {"OK", "INFORMATIONAL"}
SECONDS = 240


@dataclass(frozen=True)
class Agent:
    """One way that a socket of ours comes about: on which server, with which settings, and where it is dialled."""

    server: str
    env: Mapping[str, str] = field(default_factory=dict)
    port: Callable[[Server], int] = attrgetter("port")


def side_port_of(server: Server) -> int:
    """Return where the side port listens, which is opened for the first page that asks."""
    ask = Request(f"{server.url}/__hmr/side-port", b"{}", {"Origin": server.url})
    with urlopen(ask, timeout=10) as answer:
        port: int = json.loads(answer.read())["port"]
    return port


AGENTS = {
    "werkzeug": Agent("werkzeug"),
    "gunicorn-gthread": Agent("gunicorn-gthread"),
    "runserver": Agent("runserver-noreload"),
    "side-port": Agent("werkzeug", {"HMR_TRANSPORT": "side-port"}, side_port_of),
}
CHOSEN = os.environ.get("AUTOBAHN_AGENTS", ",".join(AGENTS)).split(",")


@pytest.mark.skipif(
    not WSTEST.exists(), reason="AUTOBAHN DID NOT RUN: it needs CPython 2.7; `make autobahn` sets it up"
)
@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize("name", CHOSEN)
def test_every_case_passes_and_none_only_just(name: str, tmp_path: Path) -> None:
    agent = AGENTS[name]
    env = {**agent.env, "PYTHONPATH": str(HERE / "lifted")}
    site = start_site(tmp_path, SERVERS[agent.server].kind, agent.server, env=env)
    try:
        found = fuzz(tmp_path, f"ws://127.0.0.1:{agent.port(site.server)}", site.server.url)
    finally:
        site.server.stop()
    assert len(found) == COUNT
    assert {case: result for case, result in found.items() if not is_passed(result)} == {}
    assert "Traceback" not in site.server.output()


def fuzz(folder: Path, url: str, origin: str) -> dict[str, Any]:
    """Run the client and return what each case came to."""
    agent = {"agent": "ours", "url": url, "origin": origin, "protocols": ["esm-hmr"]}
    spec = {"outdir": "reports", "servers": [agent], "cases": CASES, "exclude-cases": [], "exclude-agent-cases": {}}
    (folder / "spec.json").write_text(json.dumps(spec))
    command = [str(WSTEST), "-m", "fuzzingclient", "-s", "spec.json"]
    subprocess.run(command, cwd=folder, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads((folder / "reports" / "index.json").read_text())["ours"]
    return found


def is_passed(result: Mapping[str, str]) -> bool:
    """Return whether a case was answered and closed as it should be: "non-strict" is not."""
    return {result["behavior"], result["behaviorClose"]} <= PASSED
