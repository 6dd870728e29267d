"""What the terminal says, and what is kept of it for the status page: from one place."""

import logging

import pytest

from hmr_middleware.core.journal import Kind, Outcome, Topic
from hmr_middleware.core.messages import UpdateMessage
from hmr_middleware.core.propagation import Plan, Update
from hmr_middleware.core.reasons import NO_URL, OUR_FAULT, UTF_16, Reason, host_not_allowed
from hmr_middleware.planning import Saying
from hmr_middleware.reporting import OFFERED, Reporter, Told, count, line_of

A, B, C, D = "/a.js", "/b.js", "/c.js", "/d.js"


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (Outcome(Kind.UPDATE, 0, (A,), (B,), pages=1, milliseconds=2.6), "update /a.js -> 1 boundary, 1 client, 3 ms"),
        (
            Outcome(Kind.UPDATE, 0, (A, B, C, D), (B, C), pages=2, milliseconds=0.1),
            "update /a.js, /b.js, /c.js and 1 more -> 2 boundaries, 2 clients, 0 ms",
        ),
        (Outcome(Kind.UPDATE, 0, (), (A,), occasion="given up", pages=1), "update /a.js (given up)"),
        (Outcome(Kind.RELOAD, 0, (A,), reason="a.js: nobody", pages=3), "reload: a.js: nobody (3 clients)"),
        (Outcome(Kind.RELOAD, 0, (A,), reason="a.js: nobody", occasion="away"), "reload: a.js: nobody (away)"),
        (Outcome(Kind.REFRESH, 0, ("x.html",), pages=1, milliseconds=4.0), "refresh x.html -> 1 page, 4 ms"),
        (Outcome(Kind.UNUSED, 0, (A,)), "changed /a.js: no open page uses it"),
        (Outcome(Kind.UNUSED, 0, (A,), reason="ask again"), "changed /a.js: ask again"),
    ],
)
def test_line(outcome: Outcome, line: str) -> None:
    assert line_of(outcome) == line


@pytest.fixture
def reporter(caplog: pytest.LogCaptureFixture) -> Reporter:
    caplog.set_level(logging.INFO, logger="hmr_middleware")
    return Reporter(now=iter(range(1, 100)).__next__)


def test_a_change_of_what_could_not_be_imported(reporter: Reporter) -> None:
    told = Told()
    count(told, Saying(Plan(fresh=(A,)), UpdateMessage("", False, (), {}, (), {A: 7})), 2)
    reporter.change((A,), told, 1.0)
    assert [(kept.kind, kept.reason, kept.pages) for kept in reporter.journal.outcomes()] == [(Kind.UNUSED, OFFERED, 2)]


def test_a_change_that_some_pages_take_and_others_do_not(reporter: Reporter, caplog: pytest.LogCaptureFixture) -> None:
    reporter.change((A,), Told({B}, updated=1, reloaded=2, reasons={"nobody": None}), 1.0)
    assert [(kept.kind, kept.pages, kept.at) for kept in reporter.journal.outcomes()] == [
        (Kind.RELOAD, 2, 2),
        (Kind.UPDATE, 1, 1),
    ]
    assert caplog.messages == ["update /a.js -> 1 boundary, 1 client, 1 ms", "reload: nobody (2 clients)"]


def test_what_means_nothing_is_not_told(reporter: Reporter, caplog: pytest.LogCaptureFixture) -> None:
    reporter.change((), Told(), 1.0)
    reporter.refresh((), 0, 1.0)
    reporter.plan(Plan(), "missed while away")
    assert (reporter.journal.outcomes(), caplog.messages) == ((), [])


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Plan(reason="why", changed=(A,)), Outcome(Kind.RELOAD, 1, (A,), (), "why", "away", 1, count=1)),
        (Plan((Update(A, A, False),)), Outcome(Kind.UPDATE, 1, (), (A,), "", "away", 1)),
    ],
)
def test_what_one_page_is_told(reporter: Reporter, plan: Plan, expected: Outcome) -> None:
    reporter.plan(plan, "away")
    assert reporter.journal.outcomes() == (expected,)


@pytest.mark.parametrize(
    ("topic", "reason", "lines"),
    [
        (Topic.PAGE, UTF_16, ["/x is served without the client: it is UTF-16; serve it as UTF-8"]),
        (Topic.TEXT, Reason("it is odd"), ["left /x as it is: it is odd"]),
        (
            Topic.SOCKET,
            host_not_allowed("evil.test"),
            ["refused a socket: the Host 'evil.test' is not allowed; list it in allowed_hosts"],
        ),
        (Topic.FILE, NO_URL, []),
    ],
)
def test_what_is_left_out_is_told_once(
    reporter: Reporter, caplog: pytest.LogCaptureFixture, topic: Topic, reason: Reason, lines: list[str]
) -> None:
    for _ in range(3):
        reporter.left_out(topic, "/x", reason)
    assert caplog.messages == lines
    assert [(note.subject, note.reason, note.count) for note in reporter.journal.notes()] == [("/x", reason, 3)]


def test_what_a_browser_said_is_kept_on_one_line(reporter: Reporter) -> None:
    reporter.left_out(Topic.SOCKET, "a\r\nb\x1b" + "c" * 1_000, UTF_16)
    (note,) = reporter.journal.notes()
    assert note.subject.startswith("a  b c") and len(note.subject) == 300


def test_a_fault_of_ours_comes_with_its_traceback(reporter: Reporter, caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise KeyError("x")
    except KeyError:
        reporter.left_out(Topic.TEXT, "/x.js", OUR_FAULT)
    assert "KeyError: 'x'" in caplog.text
