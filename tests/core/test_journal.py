"""What is kept of what has happened: the newest, and only so much of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hmr_middleware.core.journal import BOUNDARIES, NAMES, Journal, Kind, Note, Outcome, Topic
from hmr_middleware.core.reasons import NOT_TEXT, UTF_16


def test_the_newest_outcomes_are_kept() -> None:
    journal = Journal(outcomes=2)
    for at in (1, 2, 3):
        journal.add(Outcome(Kind.UPDATE, at))
    assert [outcome.at for outcome in journal.outcomes()] == [3, 2]


def test_of_a_storm_the_first_names_and_the_number_are_kept() -> None:
    journal = Journal()
    names = tuple(map(str, range(10_000)))
    journal.add(Outcome(Kind.UPDATE, 1, names, names))
    (kept,) = journal.outcomes()
    assert (kept.count, kept.changed, kept.boundaries) == (10_000, names[:NAMES], names[:BOUNDARIES])


def test_what_says_the_same_is_counted() -> None:
    journal = Journal()
    assert [journal.note(Note(Topic.PAGE, "/a", UTF_16, at)) for at in (1, 2, 3)] == [True, False, False]
    assert journal.notes() == (Note(Topic.PAGE, "/a", UTF_16, 3, 3),)


def test_what_two_ears_have_heard_of_one_time_counts_once() -> None:
    journal = Journal()
    for _ in range(2):
        journal.note(Note(Topic.FILE, "/a.js", UTF_16, 5))
    assert [note.count for note in journal.notes()] == [1]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Note(Topic.TEXT, "/a", UTF_16, 2), id="topic"),
        pytest.param(Note(Topic.PAGE, "/b", UTF_16, 2), id="subject"),
        pytest.param(Note(Topic.PAGE, "/a", NOT_TEXT, 2), id="reason"),
    ],
)
def test_what_says_something_else_stands_for_itself(other: Note) -> None:
    journal = Journal()
    first = Note(Topic.PAGE, "/a", UTF_16, 1)
    assert journal.note(first) and journal.note(other)
    assert set(journal.notes()) == {first, other}


def test_the_notes_of_one_topic_make_no_room_for_another() -> None:
    journal = Journal(notes=2)
    journal.note(Note(Topic.SOCKET, "x", UTF_16, 1))
    for at in range(5):
        journal.note(Note(Topic.PAGE, f"/{at}", UTF_16, at))
    assert [note.subject for note in journal.notes()] == ["/4", "/3", "x"]


def test_a_note_that_comes_again_is_the_newest() -> None:
    journal = Journal(notes=2)
    for subject, at in (("/a", 1), ("/b", 2), ("/a", 3), ("/c", 4)):
        journal.note(Note(Topic.PAGE, subject, UTF_16, at))
    assert [(note.subject, note.count) for note in journal.notes()] == [("/c", 1), ("/a", 2)]


def test_many_threads_lose_nothing() -> None:
    journal = Journal()
    with ThreadPoolExecutor(4) as pool:
        firsts = list(pool.map(lambda at: journal.note(Note(Topic.PAGE, "/a", UTF_16, at)), range(1_000)))
    assert (firsts.count(True), journal.notes()[0].count) == (1, 1_000)
