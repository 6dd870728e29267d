"""Every bad input of the tables, against real servers: the expected outcome, and nobody else is any the worse for it.

After each: the process is alive, the next page is served, the log holds no traceback, and a socket that is open all the
time has been told nothing but the answer to its own question.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from contract.bad_inputs.bodies import BODIES, HOT, TAGGED, Body
from contract.bad_inputs.configurations import CONFIGURATIONS
from contract.bad_inputs.files import FILES, Deed
from contract.bad_inputs.frames import FRAMES, GONE, LIVES, WRONG, Frames
from contract.bad_inputs.handshakes import HANDSHAKES, THE_APP_S, WELCOME, Handshake
from contract.bad_inputs.messages import MESSAGES
from contract.bad_inputs.peers import TEXT, Peer, ServerProcess, fetch, frame, get, lines, token_of, upgrade
from contract.bad_inputs.requests import REQUESTS, Bad
from contract.bad_inputs.serve import SERVERS
from contract.bad_inputs.site import PAGE, SECRET, prepare
from contract.sites import untag
from hmr_middleware import ConfigError, HmrMiddleware

CHANGES = ("update", "reload", "refresh")
PACKAGE = "hmr_middleware"
PREAMBLE = b"import.meta.hot="


@dataclass
class Trial:
    """A server, and somebody who is connected to it all the time."""

    name: str
    server: ServerProcess
    folder: Path
    token: str
    bystander: Peer
    seen: int = 0
    is_noisy: bool = False  # the server itself fails, and says so

    def meant(self, value: Any) -> Any:
        """Return what a table's *value* means here."""
        if isinstance(value, list):
            return [self.meant(item) for item in value]
        if not isinstance(value, str):
            return value
        return value.replace("HOST", self.server.host).replace("TOKEN", self.token)

    def new_lines(self) -> str:
        """Return what the server has printed since the last time."""
        said = self.server.said(self.seen)
        self.seen += len(said.encode())
        return said

    def connect(self, url: str = "/static/plain.js") -> Peer:
        """Return a peer whose socket is open, and whose page has loaded what is at *url*."""
        peer = Peer(self.server.port)
        peer.send(upgrade(self.server.host))
        assert peer.head()[0] == WELCOME
        peer.say(type="hello", url="/", since=time.time_ns() // 1000, modules={url: 0})
        assert peer.hear(*CHANGES) == "connected"  # before its hello it is told of every change
        return peer

    def check_all_is_well(self) -> None:
        """Check that nobody noticed."""
        said = self.new_lines()
        assert "Traceback" not in said or (self.is_noisy and PACKAGE not in said), said
        assert self.server.process.poll() is None, said
        status, _headers, body = fetch(self.server.port, get(self.server.host, "/", sec_fetch_dest="document"))
        assert (status, untag(body)) == (200, (PAGE, 1))
        self.bystander.say(type="ping")
        assert self.bystander.hear() == "pong"


# What an app answers, what its files become and what a message says is the same to every server of a kind.
ONE_OF_EACH_KIND = pytest.mark.parametrize("running", ["werkzeug", "uvicorn"], indirect=True, scope="module")


@pytest.fixture(scope="module", params=list(SERVERS))
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """Start a server, and connect to it."""
    folder = tmp_path_factory.mktemp(request.param)
    prepare(folder)
    server = ServerProcess(["-m", "contract.bad_inputs.serve", request.param, "{fd}", str(folder)], folder)
    try:
        page = fetch(server.port, get(server.host, "/", sec_fetch_dest="document"))[2]
        trial = Trial(request.param, server, folder, token_of(page), Peer(server.port))
        trial.bystander = trial.connect()
        yield trial
    finally:
        server.close()


@pytest.fixture
def trial(running: Trial) -> Iterator[Trial]:
    """Return the running server; whatever a test does to it, all is well afterwards."""
    running.new_lines()
    running.is_noisy = False
    yield running
    running.check_all_is_well()


@pytest.mark.parametrize("case", HANDSHAKES.values(), ids=HANDSHAKES)
def test_handshakes(trial: Trial, case: Handshake) -> None:
    changed = {name: trial.meant(value) for name, value in case.changed.items()}
    with Peer(trial.server.port) as peer:
        peer.send(upgrade(trial.server.host, changed, trial.meant(case.line)) + case.behind)
        status, headers = peer.head()
        expected = case.by.get(trial.name, case.expected)
        trial.is_noisy = expected in (0, 500)
        if expected == THE_APP_S:
            assert status not in (0, WELCOME)
            return
        assert status == expected
        if status == WELCOME:
            assert headers["sec-websocket-protocol"] == "esm-hmr"
            assert "/smuggled" not in trial.server.said(trial.seen)
        if status == WELCOME and not case.behind and "sec-websocket-extensions" not in headers:
            peer.say(type="hello")
            assert peer.hear(*CHANGES) == "connected"


@pytest.mark.parametrize("case", REQUESTS.values(), ids=REQUESTS)
def test_requests(trial: Trial, case: Bad) -> None:
    given = {"Host": trial.server.host, **{name: trial.meant(value) for name, value in case.headers.items()}}
    head = lines(f"{case.method} {trial.meant(case.target)} {case.version}", given)
    status, headers, body = fetch(trial.server.port, head + case.body)
    assert status == case.by.get(trial.name, case.expected)
    check_nothing_is_given_away(trial, headers, body)
    if "__hmr/" in case.target and status in (200, 403, 405):
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"


def check_nothing_is_given_away(trial: Trial, headers: dict[str, str], body: bytes) -> None:
    assert not {name for name in headers if name.startswith("access-control-")}
    everything = body + repr(headers).encode()
    for what in (SECRET, b"root:", str(trial.folder).encode(), b"hmr_middleware/", b"site-packages"):
        assert what not in everything


@ONE_OF_EACH_KIND
@pytest.mark.parametrize(("name", "case"), BODIES.items(), ids=BODIES)
def test_bodies(trial: Trial, name: str, case: Body) -> None:
    head = lines(f"GET /body/{name}{case.ending} HTTP/1.1", {"Host": trial.server.host, **case.asked})
    status, headers, body = fetch(trial.server.port, head)
    assert status == case.status
    if case.expected == TAGGED:
        assert untag(body) == (case.body, 1)
    elif case.expected == HOT:
        assert body.startswith(PREAMBLE) and body.endswith(case.body)
    else:
        assert body == case.body
    assert int(headers.get("content-length", len(body))) == len(body)


@pytest.mark.parametrize("case", FRAMES.values(), ids=FRAMES)
def test_frames(trial: Trial, case: Frames) -> None:
    expected = case.by.get(trial.name, case.expected)
    if trial.name == "uvicorn-h11" and expected in WRONG:
        expected = GONE
    with trial.connect() as peer:
        peer.send(case.sent)
        if case.then == "reset":
            peer.reset()
            return
        if case.then == "end":
            peer.socket.shutdown(1)
        elif expected == LIVES:
            peer.say(type="ping")
        assert peer.hear() == expected


@ONE_OF_EACH_KIND
@pytest.mark.parametrize(("text", "why"), MESSAGES.values(), ids=MESSAGES)
def test_messages(trial: Trial, text: str, why: str) -> None:
    with trial.connect() as peer:
        peer.send(frame(text.encode("utf-8", "surrogatepass"), TEXT))
        peer.say(type="ping")
        assert peer.hear(*CHANGES) == "pong"  # what it has said of itself it may have missed
        check_nothing_is_given_away(trial, {}, peer.heard)
    said = trial.server.said(trial.seen)
    assert why in said
    assert bool(re.search("dropped a message", said)) == (bool(why) and "browser:" not in why)
    assert "\x1b" not in said and "\n[hmr] forged" not in said


@ONE_OF_EACH_KIND
@pytest.mark.parametrize(("name", "case"), FILES.items(), ids=FILES)
def test_files(trial: Trial, name: str, case: Deed) -> None:
    path = trial.folder / "static" / case.name.format(name)
    asked = get(trial.server.host, f"/static/{quote(path.name)}", sec_fetch_dest="script", sec_fetch_mode="cors")
    path.write_text("export const known = 1\nimport.meta.hot.accept()\n")
    assert fetch(trial.server.port, asked)[0] == 200
    case.do(path)
    fetch(trial.server.port, get(trial.server.host, "/static/fence.js", sec_fetch_dest="script"))
    with trial.connect("/static/fence.js") as peer:
        fence = trial.folder / "static" / "fence.js"  # when that is noticed, so is what was done before
        fence.write_text(f"import.meta.hot.accept()\n// {name}\n")
        assert peer.hear() == "update"
        check_nothing_is_given_away(trial, {}, peer.heard)
    status, headers, body = fetch(trial.server.port, asked)
    assert status == case.status
    check_nothing_is_given_away(trial, headers, body)


@pytest.mark.parametrize(("settings", "environ", "said"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_configurations(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], environ: dict[str, str], said: tuple[str, ...]
) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as caught:
        HmrMiddleware(lambda _environ, _start_response: [], **settings)
    message = str(caught.value)
    assert all(part in message for part in said), message
    assert "\n" not in message and message.isprintable()
