"""Calls onto an event loop: it is woken once for all that waits, and what fails stops nothing."""

from collections.abc import Callable

import pytest

from hmr_middleware.calls import Calls


class Loop:
    """An event loop that runs when it is told to."""

    def __init__(self) -> None:
        self.woken: list[Callable[[], object]] = []
        self.closed = False

    def call_soon_threadsafe(self, callback: Callable[[], object]) -> None:
        if self.closed:
            raise RuntimeError("Event loop is closed")
        self.woken.append(callback)

    def run(self) -> None:
        woken, self.woken = self.woken, []
        for callback in woken:
            callback()


@pytest.fixture
def loop() -> Loop:
    return Loop()


def calls_on(loop: Loop) -> Calls:
    return Calls(loop)  # type: ignore[arg-type]


def test_the_loop_is_woken_once_for_all_that_waits(loop: Loop) -> None:
    calls, called = calls_on(loop), list[int]()
    for number in range(3):
        calls.add(called.append, number)
    assert len(loop.woken) == 1 and called == []
    loop.run()
    assert called == [0, 1, 2]


def test_and_again_for_what_comes_afterwards(loop: Loop) -> None:
    calls, called = calls_on(loop), list[str]()
    calls.add(called.append, "first")
    loop.run()
    calls.add(called.append, "second")
    loop.run()
    assert called == ["first", "second"]


def test_what_a_call_adds_is_called_as_well(loop: Loop) -> None:
    calls, called = calls_on(loop), list[str]()
    calls.add(calls.add, called.append, "added")
    while loop.woken:
        loop.run()
    assert called == ["added"]


def test_what_fails_stops_nothing(loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    calls, called = calls_on(loop), list[str]()
    calls.add(called.remove, "nothing")
    calls.add(called.append, "behind it")
    loop.run()
    assert called == ["behind it"]
    assert [record.getMessage() for record in caplog.records] == ["a fault of ours"]


def test_a_closed_loop_is_no_error(loop: Loop) -> None:
    loop.closed = True
    calls_on(loop).add(print)
    assert loop.woken == []
