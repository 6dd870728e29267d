"""A client that knows the ESM-HMR specification and nothing else, on real sockets of both kinds of server.

Source: the archived ESM-HMR specification and its reference client (github.com/FredKSchott/esm-hmr).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.request import Request, urlopen

import pytest
from browser.projects import document
from browser.servers import SERVERS
from browser.sites import Site, start_site
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

SECONDS = 10.0
ACCEPTING = "export default '{}'; import.meta.hot.accept();"
MODULES = {
    "self.js": ACCEPTING,
    "left.js": "import './mid.js';" + ACCEPTING,
    "right.js": "import './mid.js';" + ACCEPTING,
    "mid.js": "import './leaf.js'",
    "leaf.js": "export default '{}'",
    "owner.js": "import './owned.js'; import.meta.hot.accept('./owned.js', () => {})",
    "owned.js": "export default '{}'",
    "plain.js": "export default '{}'",
    "end.js": ACCEPTING,
    "fault.js": ACCEPTING,
    "a.css": "body { color: red } /* {} */",
}
HOOK = """
from hmr_middleware import hmr

@hmr.on_update
def look(context):
    hmr.send("app:saved", context.file.name)
    if "broken" in context.read():
        raise RuntimeError("the hook is broken")
"""
APPS = {
    "werkzeug": "from flask import Flask\n\napp = Flask(__name__)\n",
    "uvicorn": (
        "from fastapi import FastAPI\nfrom fastapi.staticfiles import StaticFiles\n\n"
        "app = FastAPI()\napp.mount('/static', StaticFiles(directory='static'))\n"
    ),
}
WRAP = "\nfrom hmr_middleware import HmrMiddleware\n\napp = HmrMiddleware(app)\n"
END = {"type": "update", "url": "/static/end.js", "bubbled": False}


@pytest.fixture(scope="module", params=list(APPS))
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A real server whose modules a browser has loaded."""
    server = request.param
    folder = tmp_path_factory.mktemp(server)
    files = {"app.py": APPS[server] + HOOK + WRAP}
    site = start_site(folder, SERVERS[server].kind, server, pages={"/": document("")}, static=MODULES, files=files)
    for name in MODULES:
        destination = "style" if name.endswith(".css") else "script"
        fetch = Request(f"{site.url}static/{name}", headers={"Sec-Fetch-Dest": destination, "Sec-Fetch-Mode": "cors"})
        with urlopen(fetch, timeout=SECONDS) as answer:
            assert answer.status == 200
    yield site
    site.server.stop()


class StockClient:
    """It dials "/" with the one subprotocol, says which modules accept, and keeps what it is told."""

    def __init__(self, socket: ClientConnection, site: Site) -> None:
        self.socket = socket
        self.site = site

    def accept(self, name: str) -> None:
        """Say that a module accepts."""
        self.socket.send(json.dumps({"id": f"/static/{name}", "type": "hotAccept"}))

    def save(self, *names: str, word: str = "new") -> None:
        """Save modules with another text than before."""
        for name in names:
            path = self.site.project.static / name
            path.write_text(f"{MODULES[name].replace('{}', word)}\n/* {path.stat().st_mtime_ns} */")

    def heard(self) -> list[dict[str, Any]]:
        """Return every message from now on until that of one more save, which is left out."""
        first = self.next_message()
        self.save("end.js")  # not before: saves of one moment are one batch
        return [first, *iter(self.next_message, END)]

    def next_message(self) -> dict[str, Any]:
        """Return the next message. Raises TimeoutError."""
        message: dict[str, Any] = json.loads(self.socket.recv(SECONDS))
        return message


@pytest.fixture
def dial(site: Site) -> Iterator[Callable[[], StockClient]]:
    """Return a function that connects one more client."""
    address = f"{site.server.url.replace('http', 'ws')}/"
    with ExitStack() as stack:

        def dial_one() -> StockClient:
            socket = connect(
                address,
                subprotocols=[Subprotocol("esm-hmr")],
                origin=Origin(site.server.url),
                compression=None,
                proxy=None,
            )
            return StockClient(stack.enter_context(socket), site)

        yield dial_one


SAVES = {
    "self-accepting": ("self.js", [{"type": "update", "url": "/static/self.js", "bubbled": False}]),
    "one-message-for-each-boundary": (
        "leaf.js",
        [
            {"type": "update", "url": "/static/left.js", "bubbled": True},
            {"type": "update", "url": "/static/right.js", "bubbled": True},
        ],
    ),
    "an-accepted-dependency": ("owned.js", [{"type": "update", "url": "/static/owner.js", "bubbled": False}]),
    "a-stylesheet": ("a.css", [{"type": "update", "url": "/static/a.css", "bubbled": False}]),
    "nobody-accepts": ("plain.js", [{"type": "reload"}]),
}


@pytest.mark.parametrize(("name", "expected"), SAVES.values(), ids=SAVES)
def test_a_save_is_told_in_the_specification_s_words(
    dial: Callable[[], StockClient], name: str, expected: list[dict[str, Any]]
) -> None:
    client = dial()
    client.accept("self.js")
    client.save(name)
    assert client.heard() == expected


def test_a_fault_is_told_and_told_again_to_who_comes_late(dial: Callable[[], StockClient]) -> None:
    client = dial()
    client.save("fault.js", word="broken")
    error, *others = client.heard()
    assert error.pop("errorStackTrace").startswith("Traceback")
    assert error == {
        "type": "error",
        "title": "Update hook failed",
        "errorMessage": "RuntimeError: the hook is broken",
        "fileLoc": "",
    }
    assert others == [{"type": "update", "url": "/static/fault.js", "bubbled": False}]
    late = dial()
    late.accept("self.js")
    assert late.next_message()["errorMessage"] == error["errorMessage"]


def test_a_fault_that_is_mended_is_not_told_any_more(dial: Callable[[], StockClient]) -> None:
    client = dial()
    client.save("fault.js", word="broken")
    assert [message["type"] for message in client.heard()] == ["error", "update"]
    client.save("fault.js", word="mended")
    assert [message["type"] for message in client.heard()] == ["update"]
    late = dial()
    late.accept("self.js")
    late.save("self.js")
    assert [message["type"] for message in late.heard()] == ["update"]


def test_a_client_that_says_more_is_told_of_a_fault_once(dial: Callable[[], StockClient]) -> None:
    client = dial()
    client.save("fault.js", word="broken")
    assert [message["type"] for message in client.heard()] == ["error", "update"]
    ours = dial()
    for said in ("hello", "hello", "ping"):
        ours.socket.send(json.dumps({"type": said}))
    types = [message["type"] for message in iter(ours.next_message, {"type": "pong"})]
    assert [name for name in types if name != "custom"] == ["connected", "error"]
