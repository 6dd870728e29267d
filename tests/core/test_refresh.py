"""What the app says has changed, though no file tells of it."""

import json
import logging
import re
import threading

import pytest

from hmr_middleware.core.mounts import Mounts
from hmr_middleware.engine import Engine
from hmr_middleware.files import Disk
from hmr_middleware.hooks import Hmr
from hmr_middleware.hub import Client, Hub
from hmr_middleware.pages import Page


class Tab:
    """A wire that keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, object]] = []

    def send(self, text: str) -> None:
        """Keep a message."""
        self.sent.append(json.loads(text))

    def close(self) -> None:
        """End nothing."""

    def refreshes(self) -> list[object]:
        """Return the names that came with each refresh."""
        return [message["paths"] for message in self.sent if message["type"] == "refresh"]


class App:
    """An app's side and the hub that speaks for it, with a clock of its own."""

    def __init__(self) -> None:
        self.now = 1_000
        self.hmr = Hmr()
        self.engine = Engine(Disk(), Mounts([]), since=1_000, now=lambda: self.now)
        self.hub = Hub(self.engine, "1000", hooks=self.hmr)

    def open(self, page: Page | None = None) -> Tab:
        """Return a tab that is connected already; without a *page* it is a stock client's."""
        tab = Tab()
        self.hub.join(Client(tab, page=page))
        return tab

    def connect(self, served: int) -> Tab:
        """Return a tab that connects now; it was *served* its page before."""
        tab = Tab()
        client = Client(tab)
        self.hub.join(client)
        hello = {"type": "hello", "page": "p", "url": "/", "modules": {}, "since": served}
        self.hub.receive(client, json.dumps(hello))
        done = threading.Event()
        self.hub.later(done.set)
        assert done.wait(5)
        return tab


@pytest.mark.parametrize(
    ("names", "told"),
    [
        pytest.param((), ["content"], id="unnamed"),
        pytest.param(("posts",), ["posts"], id="one"),
        pytest.param(("posts", "menu"), ["posts", "menu"], id="two"),
        pytest.param(("a\nb",), ["a b"], id="two-lines"),
    ],
)
def test_every_page_is_told_what_has_changed(names: tuple[str, ...], told: list[str]) -> None:
    app = App()
    tabs = [app.open(Page()), app.open(Page())]
    app.hmr.refresh(*names)
    assert [tab.refreshes() for tab in tabs] == [[told], [told]]


def test_a_stock_client_hears_nothing_that_it_does_not_know() -> None:
    app = App()
    tab = app.open()
    app.hmr.refresh()
    assert tab.sent == []


def test_the_terminal_tells(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("hmr_middleware"), "propagate", True)
    app = App()
    app.open(Page())
    app.open()
    with caplog.at_level(logging.INFO, "hmr_middleware"):
        app.hmr.refresh("posts", "menu")
    assert re.fullmatch(r"refresh posts, menu -> 1 page, \d+ ms", caplog.messages[-1])


@pytest.mark.parametrize(("served", "expected"), [(1_500, [[]]), (2_500, [])], ids=["before", "afterwards"])
def test_a_page_that_was_on_its_way_looks_again(served: int, expected: list[object]) -> None:
    app = App()
    app.now = 2_000
    app.hmr.refresh("posts")
    assert app.connect(served).refreshes() == expected


def test_it_may_come_from_any_thread() -> None:
    app = App()
    tab = app.open(Page())
    threads = [threading.Thread(target=app.hmr.refresh, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, tab.refreshes())) == [f"['{number}']" for number in range(8)]


def test_template_caches_are_left_alone() -> None:
    app = App()
    emptied: list[str] = []
    app.engine.refreshers = (lambda: emptied.append("emptied"),)
    app.hmr.refresh()
    assert emptied == []


def test_where_it_is_off_nothing_happens() -> None:
    Hmr().refresh("posts")
