"""What a page is told of a change while it refuses something."""

from pathlib import Path

import pytest

from hmr_middleware.core.changes import Change
from hmr_middleware.core.messages import Reload, UpdateMessage
from hmr_middleware.core.mounts import Mount, Mounts
from hmr_middleware.core.propagation import Plan
from hmr_middleware.core.urls import Origin
from hmr_middleware.engine import Engine
from hmr_middleware.files import FileState
from hmr_middleware.pages import Page
from hmr_middleware.planning import Saying, plan_for

ROOT = Path("/srv")
NOW = 1_700_000_000_000_000
TEXTS = {
    "/app.js": 'import "./hot.js"; import "./cold.js"; import "./other.js"; import.meta.hot.decline()',
    "/hot.js": "import.meta.hot.accept()",
    "/cold.js": "export let a",
    "/other.js": "import.meta.hot.accept()",
}


class Memory:
    """The files of TEXTS."""

    def stat(self, path: Path) -> FileState | None:
        text = TEXTS.get(f"/{path.name}")
        return None if text is None else FileState(NOW, NOW, len(text), 1)

    def read(self, path: Path) -> bytes:
        return TEXTS[f"/{path.name}"].encode()


@pytest.fixture
def engine() -> Engine:
    found = Engine(Memory(), Mounts((Mount("/", ROOT),)), since=NOW, now=lambda: NOW + 1)
    for url, text in TEXTS.items():
        found.script(url, 0, text.encode(), Origin(), as_module=True)
    return found


@pytest.fixture
def page() -> Page:
    return Page(dict.fromkeys(TEXTS, 0), {"/app.js"})


def updated(message: object) -> list[str] | None:
    return [item.accepted for item in message.updates] if isinstance(message, UpdateMessage) else None


@pytest.mark.parametrize(
    ("changed", "refused", "whole", "alone"),
    [
        pytest.param("/hot.js", (), ["/hot.js"], None, id="nothing-refused"),
        pytest.param("/hot.js", ("/other.js",), ["/hot.js", "/other.js"], ["/hot.js"], id="an-update-refused"),
        pytest.param("/hot.js", ("/cold.js",), None, ["/hot.js"], id="a-reload-refused"),
        pytest.param("/cold.js", ("/hot.js",), None, None, id="a-reload-follows"),
        pytest.param("/elsewhere.js", ("/hot.js",), ["/hot.js"], None, id="of-no-page"),
    ],
)
def test_plan_for(
    engine: Engine, page: Page, changed: str, refused: tuple[str, ...], whole: list[str] | None, alone: list[str] | None
) -> None:
    saying = plan_for(engine, page, Change(urls=(changed,)), frozenset(refused))
    assert updated(saying.message) == whole
    assert isinstance(saying.message, UpdateMessage | Reload)
    assert updated(saying.message.alone) == alone


@pytest.mark.parametrize(("changed", "again"), [("/hot.js", True), ("/elsewhere.js", True), ("/cold.js", False)])
def test_a_reload_that_only_what_was_refused_asks_for(engine: Engine, page: Page, changed: str, again: bool) -> None:
    message = plan_for(engine, page, Change(urls=(changed,)), frozenset({"/cold.js"})).message
    assert isinstance(message, Reload) and message.again is again


def test_the_part_has_the_versions_of_the_whole(engine: Engine, page: Page) -> None:
    engine.pages.renew(["/other.js"])
    message = plan_for(engine, page, Change(urls=("/hot.js",)), frozenset({"/other.js"})).message
    assert isinstance(message, UpdateMessage) and message.alone is not None
    assert message.alone.versions["/hot.js"] == message.versions["/hot.js"]


def test_a_message_is_put_into_words_once_for_all_who_hear_the_same() -> None:
    saying = Saying(Plan(), Reload("why", ("/static/a.js",)))
    assert saying.words(None) is saying.words(None)
    assert "why" in saying.words(None)[0]
    assert saying.words("") == ('{"type":"reload"}',), "a stock client hears ESM-HMR's words"
    assert Saying(Plan(), None).words(None) == ()
