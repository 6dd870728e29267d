"""What the status says of a process, and how its page shows that."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from hmr_middleware.core.graph import Links
from hmr_middleware.core.journal import Journal, Kind, Note, Outcome, Topic
from hmr_middleware.core.mounts import Mount, Mounts
from hmr_middleware.core.reasons import NO_URL, NOT_LOADED, UTF_16, host_not_allowed
from hmr_middleware.engine import Engine
from hmr_middleware.files import Disk
from hmr_middleware.hub import Client, Hub
from hmr_middleware.pages import Page
from hmr_middleware.status import LONGEST, MODULES, PLANNED, Status, boundary_of
from hmr_middleware.status_page import page

ALL = frozenset({"*"})
EVIL = "<img src=x onerror=alert(1)>"


class NoWire:
    """A wire that leads nowhere."""

    def send(self, text: str) -> None:
        """Send nothing."""

    def close(self) -> None:
        """End nothing."""


@pytest.fixture
def status(tmp_path: Path) -> Status:
    engine = Engine(Disk(), Mounts([Mount("/static/", tmp_path)]), since=1, now=lambda: 2)
    return Status(
        pid=7,
        since=1_000_000,
        static=(("/static/", tmp_path / "shop" / "static"),),
        templates=(tmp_path / "shop" / "templates",),
        watched=(tmp_path / "elsewhere" / "static",),
        watched_by=lambda: "events",
        hub=Hub(engine, "1"),
        engine=engine,
        journal=Journal(),
        bases=((tmp_path / "shop", ""),),
    )


def shown(status: Status) -> BeautifulSoup:
    return BeautifulSoup(page(status.facts(), "~x"), "html.parser")


def rows(status: Status, section: str) -> list[str]:
    """Return what the rows of a *section* of the page say."""
    found = shown(status).select(f"section[aria-labelledby={section}] li")
    return [" ".join(row.get_text(" ").split()) for row in found]


def test_folders_are_named_from_the_project_on(status: Status) -> None:
    facts = status.facts()
    assert [(it.prefix, it.folder) for it in facts.static] == [("/static/", "static")]
    assert (facts.templates, facts.watched, facts.watched_by) == (("templates",), ("…/elsewhere/static",), "events")


SAVES = [
    pytest.param("/self.js", "update", ("/self.js",), id="accepts-itself"),
    pytest.param("/low.js", "update", ("/self.js",), id="below-a-boundary"),
    pytest.param("/main.js", "reload", ("main.js: nobody accepts",), id="root"),
    pytest.param("/cold.js", "reload", ("cold.js: cold.js declines updates",), id="declines"),
    pytest.param("/a.png", "swap", (), id="asset"),
    pytest.param("/a.css", "swap", (), id="stylesheet"),
]


@pytest.mark.parametrize(("url", "save", "reach"), SAVES)
def test_what_a_save_would_bring(status: Status, url: str, save: str, reach: tuple[str, ...]) -> None:
    graph = status.engine.graph
    graph.link("/main.js", Links(imports={"/self.js": ALL, "/cold.js": ALL}))
    graph.link("/self.js", Links(imports={"/low.js": ALL}, accepts_itself=True))
    graph.link("/cold.js", Links(declines_itself=True))
    graph.link("/a.png", Links(in_place=True))
    graph.link("/a.css", Links(accepts_itself=True))
    (known,) = [it for it in status.facts().modules if it.url == url]
    assert (known.save, known.reach) == (save, reach)


def test_what_is_known_changes_with_the_graph(status: Status) -> None:
    graph = status.engine.graph
    graph.link("/main.js", Links(imports={"/a.js": ALL}))
    assert {it.save for it in status.facts().modules} == {"reload"}
    graph.link("/main.js", Links(imports={"/a.js": ALL}, accepts_itself=True))
    assert {it.save for it in status.facts().modules} == {"update"}


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (Links(), ""),
        (Links(accepts_itself=True), "accepts itself"),
        (Links(accepted=frozenset({"/js/b.js", "/js/a.js"})), "accepts a.js, b.js"),
        (Links(accepts_itself=True, accepted=frozenset({"/a.js"})), "accepts itself; accepts a.js"),
        (Links(accepted_exports=frozenset({"x", "a"})), "accepts its exports a, x"),
        (Links(declines_itself=True, accepts_itself=True), "declines updates"),
    ],
)
def test_boundary(links: Links, expected: str) -> None:
    assert boundary_of(links) == expected


def test_a_large_graph_is_shown_in_part(status: Status) -> None:
    for number in range(MODULES + 5):
        status.engine.graph.link(f"/{number:04}.js", Links(imports={f"/{number + 1:04}.js": ALL}))
    facts = status.facts()
    assert (len(facts.modules), facts.modules_in_all) == (MODULES, MODULES + 6)
    assert [bool(it.save) for it in facts.modules].count(True) == PLANNED
    assert max(len(it.reach[0]) for it in facts.modules if it.reach) < LONGEST + 5
    assert "And 6 more." in shown(status).get_text()


def test_who_is_connected(status: Status) -> None:
    for client in (
        Client(NoWire(), page=Page(modules={"/a.js": 0}, refused={"/b.js"}), url="/shop", visible=True),
        Client(NoWire(), page=Page(), url="/about"),
        Client(NoWire()),
    ):
        status.hub.join(client)
    assert rows(status, "pages") == [
        "open A stock ESM-HMR client it is told of every change",
        "hidden / about by socket · 0 files loaded",
        "visible / shop by socket · 1 file loaded could not link / b.js : tried again with the next save",
    ]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            Outcome(Kind.UPDATE, 0, ("a",), ("b",), pages=1, milliseconds=2.04),
            "update a → b · 1 page · 2 ms 00:00:00 UTC",
        ),
        (
            Outcome(Kind.UPDATE, 0, (), ("b",), occasion="missed while away", pages=1),
            "update b missed while away · 1 page 00:00:00 UTC",
        ),
        (Outcome(Kind.RELOAD, 0, ("a",), reason="a: nobody", pages=2), "reload a a: nobody · 2 pages 00:00:00 UTC"),
        (
            Outcome(Kind.REFRESH, 0, ("x",), pages=2, milliseconds=0.5),
            "refresh x compared with what the server says now · 2 pages · 0.5 ms 00:00:00 UTC",
        ),
        (
            Outcome(Kind.UNUSED, 0, ("a", "b", "c", "d")),
            "unused a , b , c and 1 more no open page uses it 00:00:00 UTC",
        ),
    ],
)
def test_what_a_save_came_to(status: Status, outcome: Outcome, expected: str) -> None:
    status.journal.add(outcome)
    assert rows(status, "updates") == [expected]


def test_the_newest_updates_are_seen_at_once(status: Status) -> None:
    for at in range(15):
        status.journal.add(Outcome(Kind.UNUSED, at, (str(at),)))
    found = shown(status)
    assert [row.get_text() for row in found.select("section > ul > li .title")][:10] == list(map(str, range(14, 4, -1)))
    assert found.select_one("section[aria-labelledby=updates] summary").get_text() == "5 more"


def test_why_not_comes_first_and_says_what_to_do(status: Status) -> None:
    status.journal.note(Note(Topic.PAGE, "/old", host_not_allowed("a.test"), 1_000_000))
    status.journal.note(Note(Topic.PAGE, "/old", host_not_allowed("a.test"), 2_000_000))
    status.journal.note(Note(Topic.FILE, "x.txt", NO_URL, 3_000_000))
    found = shown(status)
    assert found.main.find("section")["aria-labelledby"] == "why-not"
    assert found.title.get_text() == "(2) Status · hmr_middleware"
    assert [code.get_text() for code in found.select("strong code")] == ["allowed_hosts", "static"]
    assert rows(status, "why-not") == [
        "page / old The Host 'a.test' is not allowed. List it in allowed_hosts . 2 times, last 00:00:02 UTC",
        "file x.txt It was saved, and no URL leads to it. "
        "Name its folder in static , or what pages are made of in watch. 00:00:03 UTC",
    ]


def test_where_all_is_well_there_is_no_why_not(status: Status) -> None:
    assert "Why not" not in page(status.facts(), "~x")


def test_a_file_that_a_page_has_loaded_since_is_not_left_out(status: Status, tmp_path: Path) -> None:
    status.journal.note(Note(Topic.FILE, "/static/a.js", NOT_LOADED, 1))
    assert [it.subject for it in status.facts().why_not] == ["/static/a.js"]
    status.engine.graph.place("/static/a.js", tmp_path / "a.js")
    assert status.facts().why_not == ()


def test_no_foreign_text_becomes_markup(status: Status) -> None:
    for topic in Topic:
        status.journal.note(Note(topic, EVIL, host_not_allowed(EVIL), 1))
    for kind in Kind:
        status.journal.add(Outcome(kind, 1, (EVIL,), (EVIL,), EVIL, EVIL))
    status.hub.join(Client(NoWire(), page=Page(refused={EVIL}), url=EVIL))
    status.engine.graph.link(EVIL, Links(imports={EVIL: ALL}, accepted=frozenset({EVIL})))
    status.static, status.templates = ((EVIL, Path(EVIL)),), (Path(EVIL),)
    html = page(status.facts(), "~x")
    assert "<img" not in html and html.count("&lt;img") > 10


def test_the_json_says_the_same(status: Status) -> None:
    status.journal.note(Note(Topic.PAGE, "/a", UTF_16, 5))
    said = json.loads(json.dumps(status.facts().as_json()))
    assert said["why_not"] == [
        {
            "topic": "page",
            "subject": "/a",
            "why": "it is UTF-16",
            "remedy": "serve it as UTF-8",
            "setting": "",
            "count": 1,
            "at": 5,
        }
    ]
    assert (said["pid"], said["pages"], said["modules"], said["modules_in_all"]) == (7, [], [], 0)
