"""Pages without a socket of the server's: which way they are told, the side port, and polling."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from contract.interfaces import HOST, Result
from contract.sites import MODULE, TOKEN, Site
from hmr_middleware import poll_sessions, side_port
from hmr_middleware.core.polls import MAX_BODY
from hmr_middleware.hub import Client

ORIGIN = f"http://{HOST}"
OURS = {"Origin": ORIGIN, "X-HMR-Token": TOKEN}
HELLO = {"type": "hello", "page": "p", "url": "/", "modules": {"/static/a.js": 0}, "entries": ["/static/a.js"]}
MODULE_TEXT = "import.meta.hot.accept(); // {}\n"
SECONDS = 5
Log = Callable[[str], list[str]]


def post(site: Site, name: str, headers: Mapping[str, str | None] | None = None, **body: Any) -> Result:
    """Send what a page sends."""
    given = {name: value for name, value in {**OURS, **(headers or {})}.items() if value is not None}
    return site.get(f"/__hmr/{name}", given, method="POST", body=json.dumps(body).encode())


def answer(site: Site, name: str, **body: Any) -> dict[str, Any]:
    """Return the answer to what a page sends."""
    result = post(site, name, **body)
    assert result.status == 200, result
    said: dict[str, Any] = json.loads(result.body)
    return said


class Tab:
    """A page that polls."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.session = ""
        self.received = self.sent = 0
        self.heard: list[dict[str, Any]] = []

    def ask(self, *messages: object, **more: Any) -> dict[str, Any]:
        """Ask once, and take what comes."""
        said = answer(self.site, "poll", **self.question(*messages), **more)
        if "session" in said:
            self.session, self.sent = said["session"], said["received"]
            fresh = said["messages"][self.received - said["sent"] :]
            self.received += len(fresh)
            self.heard += map(json.loads, fresh)
        return said

    def question(self, *messages: object) -> dict[str, Any]:
        texts = [json.dumps(message) for message in messages]
        return {"session": self.session, "received": self.received, "sent": self.sent, "messages": texts}

    def wait_for(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Ask until *count* messages of this *kind* have come."""
        deadline = time.monotonic() + SECONDS
        while len(found := [message for message in self.heard if message["type"] == kind]) < count:
            assert time.monotonic() < deadline, f"no {count} times {kind!r} among {self.heard}"
            self.ask()
        return found


@pytest.fixture
def tab(site: Site) -> Tab:
    """Return a page that polls, greeted, with one module."""
    site.write("a.js", MODULE_TEXT)
    site.get("/static/a.js", MODULE)
    tab = Tab(site)
    tab.ask(HELLO)
    tab.wait_for("connected")
    return tab


# The choice


def mark_of(site: Site) -> str:
    """Return what the tag of a page says of transports."""
    site.answers(b"<!doctype html><p>", ("Content-Type", "text/html"))
    found = re.search(rb' data-transport="([^"]*)"', site.get("/").body)
    return found[1].decode() if found else ""


@pytest.mark.parametrize(
    ("setting", "expected"),
    [(None, ""), ("auto", ""), ("socket", "socket"), ("side-port", "side-port"), ("polling", "polling")],
)
def test_a_page_is_told_what_is_not_as_always(site: Site, setting: str | None, expected: str) -> None:
    site.settings["transport"] = setting
    assert mark_of(site) == expected


@pytest.mark.parametrize("way", ["poll", "side-port"])
@pytest.mark.parametrize("setting", ["socket", "polling", "side-port"])
def test_another_way_than_the_forced_one_is_closed(site: Site, setting: str, way: str) -> None:
    site.settings |= {"transport": setting, "side_port": 0}
    is_it = setting == {"poll": "polling"}.get(way, way)
    result = post(site, way)
    assert result.status == (200 if is_it else 404)
    assert is_it or setting.encode() in result.body


@pytest.mark.parametrize(
    ("setting", "tried", "why"),
    [
        ("polling", [], "transport is set to 'polling'"),
        (None, ["socket", "side-port"], "the browser does not reach the side port"),
        (None, ["socket"], "WebSockets do not get through"),
    ],
)
def test_the_terminal_says_once_what_is_used_and_why(
    site: Site, caplog: pytest.LogCaptureFixture, setting: str | None, tried: list[str], why: str
) -> None:
    site.settings["transport"] = setting
    for _ in range(3):
        answer(site, "poll", tried=tried)
    said = [record.getMessage() for record in caplog.records if "open pages poll" in record.getMessage()]
    assert len(said) == 1 and why in said[0]


def test_the_policy_lets_the_side_port_through_where_it_is_used(site: Site) -> None:
    policy = "default-src 'none'; connect-src 'self'"
    for setting, added in {"side-port": " ws://127.0.0.1:*", "polling": "", "auto": ""}.items():
        site.settings["transport"] = setting
        site.stop()
        site._app = None
        html = ("Content-Type", "text/html"), ("Content-Security-Policy", policy)
        site.answers(b"<!doctype html><p>", *html)
        sent = site.get("/").header("content-security-policy")
        assert sent and sent.split("; ")[1] == f"connect-src 'self'{added}"


# Who may ask


@pytest.mark.parametrize("way", ["poll", "side-port"])
@pytest.mark.parametrize(
    ("headers", "names"),
    [
        pytest.param({"host": "evil.test"}, "allowed_hosts", id="host-in-spite-of-the-token"),
        pytest.param({"X-HMR-Token": None, "Origin": "http://evil.test"}, "'http://evil.test'", id="origin"),
        pytest.param({"X-HMR-Token": None, "Origin": "http://localhost:5001"}, "Origin", id="port"),
        pytest.param({"X-HMR-Token": None, "Origin": "null"}, "'null'", id="null"),
        pytest.param({"X-HMR-Token": None, "Origin": None}, "'none'", id="no-origin"),
        pytest.param({"X-HMR-Token": "guess", "Origin": None}, "token", id="wrong-token"),
        pytest.param({"X-HMR-Token": "", "Origin": None}, "token", id="empty-token"),
        pytest.param({"X-HMR-Token": "\xfc", "Origin": None}, "token", id="token-beyond-ascii"),
    ],
)
def test_refused_with_one_log_line(site: Site, log: Log, way: str, headers: dict[str, str | None], names: str) -> None:
    site.settings["side_port"] = 0
    result = post(site, way, headers)
    assert (result.status, result.body) == (403, b"")
    assert len(log("refused")) == len(log(names)) == 1


@pytest.mark.parametrize(
    "headers", [{"X-HMR-Token": None}, {"X-HMR-Token": "stale"}, {"Origin": "https://tunnel.test"}]
)
def test_the_own_origin_or_the_token_will_do(site: Site, headers: dict[str, str | None]) -> None:
    assert post(site, "poll", headers).status == 200


@pytest.mark.parametrize("way", ["poll", "side-port"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_they_are_asked_by_post_only(site: Site, method: str, way: str) -> None:
    result = site.get(f"/__hmr/{way}", OURS, method=method)
    assert (result.status, result.header("allow")) == (405, "POST")


def test_nothing_is_for_other_sites(site: Site) -> None:
    result = post(site, "poll")
    assert result.header("cache-control") == "no-store"
    assert result.header("cross-origin-resource-policy") == "same-origin"
    assert result.header("x-content-type-options") == "nosniff"
    assert "access-control-allow-origin" not in result.names


@pytest.mark.parametrize("body", [b"", b"{", b'{"sent": -1}'])
def test_a_body_that_means_nothing_is_refused(site: Site, body: bytes) -> None:
    assert site.get("/__hmr/poll", OURS, method="POST", body=body).status == 400


def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    assert site.get("/__hmr/poll", OURS, method="POST", body=b" " * (MAX_BODY + 1)).status == 413


# Polling


def test_a_page_that_polls_is_told_of_changes_in_order(tab: Tab) -> None:
    versions = [tab.site.edit("a.js", MODULE_TEXT.format(edit)) for edit in (1, 2)]
    told = tab.wait_for("update", 2)
    assert [message["updates"][0]["version"] for message in told] == versions
    assert len(tab.wait_for("connected")) == 1
    client = next(iter(tab.site.app._service.ready().hub._clients))
    assert client.transport == "polling"


class SlowWire:
    """A wire on which a change is on its way while its page says hello: the hello comes just as a text is sent."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.on_send: Callable[[], object] = lambda: None

    def send(self, text: str) -> None:
        on_send, self.on_send = self.on_send, lambda: None
        on_send()
        self.told.append(json.loads(text)["type"])

    def close(self) -> None:
        """Nothing has to be ended."""


def test_a_hello_does_not_overtake_a_change_that_is_being_told(site: Site) -> None:
    """That one is in the words for stock clients, which a page that is greeted does not understand."""
    site.write("a.js", MODULE_TEXT)
    site.get("/static/a.js", MODULE)
    hub, wire, greeted = site.app._service.ready().hub, SlowWire(), threading.Event()
    client = Client(wire)
    hub.join(client)

    def say_hello() -> None:
        hub.receive(client, json.dumps(HELLO))
        hub.later(greeted.set)
        assert not greeted.wait(0.2), "the hello waits until the change is told"

    wire.on_send = say_hello
    site.edit("a.js", MODULE_TEXT.format("new"))
    assert greeted.wait(SECONDS)
    assert wire.told[:2] == ["update", "connected"] and client.page


def test_an_answer_that_is_lost_comes_again(tab: Tab) -> None:
    tab.site.edit("a.js", MODULE_TEXT.format("new"))
    lost = answer(tab.site, "poll", **tab.question())
    assert json.loads(lost["messages"][0])["type"] == "update"
    again = answer(tab.site, "poll", **tab.question())
    assert again == lost
    tab.wait_for("update")
    assert tab.ask()["messages"] == []


def test_what_a_page_says_twice_is_heard_once(tab: Tab, caplog: pytest.LogCaptureFixture) -> None:
    first, second = ({"type": "log", "text": f"word {number}"} for number in (1, 2))
    question = tab.question(first)
    answer(tab.site, "poll", **question)
    answer(tab.site, "poll", **question)  # its answer was lost, say
    question["messages"].append(json.dumps(second))
    assert answer(tab.site, "poll", **question)["received"] == tab.sent + 2
    tab.sent += 2
    tab.ask({"type": "ping"})
    tab.wait_for("pong")  # whatever was said before has been heard
    said = [record.getMessage() for record in caplog.records if "word" in record.getMessage()]
    assert said == ["browser: word 1", "browser: word 2"]


def test_a_session_that_is_not_known_is_gone(site: Site) -> None:
    assert answer(site, "poll", session=f"{os.getpid():x}.guess") == {"gone": True}


@pytest.mark.parametrize("name", ["", ".x", "zz.x", "0.x", "-1.x", "fffffffffffffffff.x"])
def test_a_session_of_nobody_is_gone(site: Site, name: str) -> None:
    assert answer(site, "poll", session=f"{name}.guess") == {"gone": True}


@pytest.fixture
def other_process(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """Return a process that waits: a worker of the same server, or somebody else's."""
    waiting = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE, start_new_session=request.param) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("other_process", [False], indirect=True)
def test_a_session_of_another_worker_is_elsewhere_while_that_lives(
    site: Site, other_process: subprocess.Popen[bytes]
) -> None:
    session = f"{other_process.pid:x}.name"
    assert answer(site, "poll", session=session) == {"elsewhere": True}
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()
    assert answer(site, "poll", session=session) == {"gone": True}


@pytest.mark.parametrize("other_process", [True], indirect=True)
def test_of_other_processes_nothing_is_said(site: Site, other_process: subprocess.Popen[bytes]) -> None:
    assert answer(site, "poll", session=f"{other_process.pid:x}.name") == {"gone": True}


@pytest.mark.parametrize("counts", [{"sent": 99}, {"received": 99}], ids=str)
def test_counts_that_cannot_be_end_the_session(tab: Tab, counts: dict[str, int]) -> None:
    assert answer(tab.site, "poll", **{**tab.question(), **counts}) == {"gone": True}
    assert tab.ask() == {"gone": True}


def test_a_page_that_goes_says_so(tab: Tab) -> None:
    hub = tab.site.app._service.ready().hub
    assert len(hub) == 1
    assert tab.ask(bye=True) == {"gone": True}
    assert len(hub) == 0


def test_a_page_that_does_not_ask_is_forgotten(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, polls = tab.site.app._service.ready().hub, tab.site.app._service.ready().transports.polls
    monkeypatch.setattr(polls, "_now", lambda: time.monotonic() + poll_sessions.EXPIRES - 30)
    polls.expire()
    assert len(hub) == len(polls) == 1
    monkeypatch.setattr(polls, "_now", lambda: time.monotonic() + poll_sessions.EXPIRES + 1)
    polls.expire()
    assert len(hub) == len(polls) == 0


def test_a_page_that_leaves_too_much_begins_anew(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll_sessions, "MAX_UNREAD", 3)
    for edit in range(5):
        version = tab.site.edit("a.js", MODULE_TEXT.format(edit))
    assert len(tab.site.app._service.ready().hub) == 0
    assert tab.ask() == {"gone": True}
    tab.session, tab.sent, tab.received = "", 0, 0
    tab.ask(HELLO)
    assert [message["updates"][0]["version"] for message in tab.wait_for("update")] == [version], "one net difference"


def test_sessions_are_not_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll_sessions, "MAX_SESSIONS", 2)
    names = [answer(site, "poll")["session"] for _ in range(4)]
    kept = ["session" in answer(site, "poll", session=name) for name in names]
    assert kept[-2:] == [True, True] and not kept[0]


def test_sessions_are_not_to_be_guessed(site: Site) -> None:
    names = {answer(site, "poll")["session"].partition(".")[2] for _ in range(3)}
    assert len(names) == 3 and min(map(len, names)) >= 20


# The side port


@pytest.fixture
def port(site: Site) -> Iterator[Callable[[], dict[str, Any]]]:
    """Return a function that asks where the side port is; it is closed afterwards."""
    site.settings["side_port"] = 0
    yield lambda: answer(site, "side-port")
    side_port._let_go()


def dial(where: Mapping[str, Any], origin: str | None = ORIGIN, **options: Any) -> ClientConnection:
    """Open a socket at the side port, as the client does."""
    offered: Any = options.pop("offered", ["esm-hmr", f"hmr-token.{where['ticket']}"])
    url = f"ws://{options.pop('host', '127.0.0.1')}:{where['port']}/"
    there = socket.create_connection(("127.0.0.1", where["port"]), SECONDS)
    return connect(url, sock=there, origin=origin, subprotocols=offered, compression=None)  # type: ignore[arg-type]


def refusal_of(where: Mapping[str, Any], **options: Any) -> int:
    """Return the status that a handshake is refused with."""
    with pytest.raises(InvalidStatus) as caught, dial(where, **options):
        pass
    return caught.value.response.status_code


def test_a_page_is_told_over_the_side_port(site: Site, port: Callable[[], dict[str, Any]]) -> None:
    site.write("a.js", MODULE_TEXT)
    site.get("/static/a.js", MODULE)
    with dial(port()) as connection:
        assert connection.subprotocol == "esm-hmr"
        connection.send(json.dumps(HELLO))
        assert json.loads(connection.recv(SECONDS))["type"] == "connected"
        version = site.edit("a.js", MODULE_TEXT.format("new"))
        assert json.loads(connection.recv(SECONDS))["updates"][0]["version"] == version
        client = next(iter(site.app._service.ready().hub._clients))
        assert (client.transport, client.origin.host) == ("side-port", HOST)


def test_it_is_opened_when_a_page_needs_it_and_stays_where_it_is(
    site: Site, port: Callable[[], dict[str, Any]]
) -> None:
    mark_of(site)
    assert site.app._service.ready()._loop is None
    first, second = port(), port()
    assert first["port"] == second["port"] and first["ticket"] != second["ticket"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"origin": "http://evil.test"}, id="origin"),
        pytest.param({"origin": None}, id="no-origin"),
        pytest.param({"origin": "null"}, id="null"),
        pytest.param({"offered": ["esm-hmr"]}, id="no-ticket"),
        pytest.param({"offered": ["esm-hmr", f"hmr-token.{TOKEN}"]}, id="the-token-is-no-ticket"),
        pytest.param({"offered": ["esm-hmr", "hmr-token."]}, id="empty-ticket"),
        pytest.param({"host": "evil.test"}, id="host"),
        pytest.param({"host": "localhost"}, id="another-name-of-the-address"),
    ],
)
def test_the_side_port_refuses(port: Callable[[], dict[str, Any]], log: Log, options: dict[str, Any]) -> None:
    assert refusal_of(port(), **options) == 403
    assert len(log("refused a socket at the side port")) == 1


def test_a_ticket_admits_once(port: Callable[[], dict[str, Any]]) -> None:
    where = port()
    with dial(where):
        pass
    assert refusal_of(where) == 403


HANDSHAKE = (
    "{method} / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: {upgrade}\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: esm-hmr\r\nSec-WebSocket-Key: {key}\r\n{more}\r\n"
)
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        pytest.param("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 426, id="a-page"),
        pytest.param("HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 405, id="head"),
        pytest.param("OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 405, id="options"),
        pytest.param("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 405, id="post"),
        pytest.param(HANDSHAKE.format(method="GET", upgrade="h2c", key=KEY, more=""), 426, id="another-upgrade"),
        pytest.param(HANDSHAKE.format(method="POST", upgrade="websocket", key=KEY, more=""), 405, id="posted"),
        pytest.param(HANDSHAKE.format(method="GET", upgrade="websocket", key="short", more=""), 400, id="short-key"),
        pytest.param(HANDSHAKE.format(method="GET", upgrade="websocket", key="\xfc", more=""), 400, id="key"),
        pytest.param(
            HANDSHAKE.format(method="GET", upgrade="websocket", key=KEY, more="Content-Length: 1\r\n"), 400, id="body"
        ),
        pytest.param(HANDSHAKE.format(method="GET", upgrade="websocket", key=KEY, more=""), 403, id="no-ticket"),
        pytest.param("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, id="two-hosts"),
        pytest.param("nonsense\r\n\r\n", 400, id="nonsense"),
        pytest.param("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, id="tls"),
        pytest.param("GET / HTTP/1.1\r\nX: " + "x" * 20_000, 431, id="endless-head"),
    ],
)
def test_it_takes_handshakes_and_nothing_else(
    port: Callable[[], dict[str, Any]], request_text: str, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", port()["port"]), SECONDS) as browser:
        browser.sendall(request_text.encode("latin-1"))
        received = b""
        while piece := browser.recv(4_096):
            received += piece
    assert received.startswith(f"HTTP/1.1 {status} ".encode())
    assert received.endswith(b"\r\n\r\n")


def test_half_a_handshake_is_not_waited_for(
    port: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_port, "PATIENCE", 0.01)
    with socket.create_connection(("127.0.0.1", port()["port"]), SECONDS) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\n")
        assert browser.recv(1) == b""


def test_frames_that_come_with_the_handshake_are_read(port: Callable[[], dict[str, Any]]) -> None:
    where = port()
    protocols = f"Sec-WebSocket-Protocol: esm-hmr, hmr-token.{where['ticket']}\r\nOrigin: {ORIGIN}\r\n"
    head = HANDSHAKE.format(method="GET", upgrade="websocket", key=KEY, more="")
    head = head.replace("Sec-WebSocket-Protocol: esm-hmr\r\n", protocols)
    head = head.replace("Host: 127.0.0.1", f"Host: 127.0.0.1:{where['port']}")
    ping = b"\x89\x80" + bytes(4)  # masked, with zeros
    with socket.create_connection(("127.0.0.1", where["port"]), SECONDS) as browser:
        browser.sendall(head.encode() + ping)
        received = b""
        while b"\r\n\r\n\x8a\x00" not in received:
            piece = browser.recv(4_096)
            assert piece, received
            received += piece
    assert received.startswith(b"HTTP/1.1 101 ")


def test_a_port_that_is_taken_is_left_to_its_owner(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        site.settings["side_port"] = wanted
        found = answer(site, "side-port")["port"]
    assert found != wanted and (wanted < found <= wanted + side_port.NEXT or found > 1024)
    side_port._let_go()


def test_where_no_port_is_free_a_page_is_told_so(site: Site, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_port(_wanted: int) -> socket.socket:
        raise OSError(98, "no port is free")

    monkeypatch.setattr(side_port, "_listen", no_port)
    assert answer(site, "side-port") == {"port": 0}
    assert len(log("no side port")) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_the_child_of_a_fork_lets_go_of_the_port(port: Callable[[], dict[str, Any]]) -> None:
    port()
    listeners = [listener for listener in side_port._LISTENERS if listener.fileno() != -1]
    assert listeners
    child = os.fork()
    if not child:
        os._exit(0 if all(listener.fileno() == -1 for listener in listeners) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert all(listener.fileno() != -1 for listener in listeners)
