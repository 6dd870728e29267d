"""When saves are told of together; time is passed in."""

from pathlib import Path

import pytest

from hmr_middleware.core.storms import LOCKED, LONGEST, MANY, QUIET, Storm


def files(count: int, first: int = 0) -> list[Path]:
    return [Path(f"/x{number}") for number in range(first, first + count)]


@pytest.mark.parametrize("count", [0, 1, MANY - 1])
def test_a_few_are_no_storm(count: int) -> None:
    storm = Storm()
    assert not storm.add(files(count), 0, busy=False)
    assert not storm and not storm.is_over(100, busy=False)


def test_many_are_one() -> None:
    storm = Storm()
    assert storm.add(files(MANY), 0, busy=False)
    assert storm.add(files(1, MANY), 0.1, busy=False)
    assert storm.release() == tuple(files(MANY + 1))
    assert not storm


def test_the_first_file_is_one_while_a_repository_is_busy() -> None:
    assert Storm().add(files(1), 0, busy=True)


def test_it_is_over_once_it_is_quiet() -> None:
    storm = Storm()
    storm.add(files(MANY), 0, busy=False)
    storm.add(files(1, MANY), 0.1, busy=False)
    assert not storm.is_over(0.1 + QUIET - 0.01, busy=False)
    assert storm.is_over(0.1 + QUIET, busy=False)


def test_a_file_that_is_known_already_does_not_prolong_it() -> None:
    storm = Storm()
    storm.add(files(MANY), 0, busy=False)
    storm.add(files(MANY), 0.1, busy=False)
    assert storm.is_over(QUIET, busy=False)


def test_it_is_not_over_while_a_repository_is_busy() -> None:
    storm = Storm()
    storm.add(files(1), 0, busy=True)
    assert not storm.is_over(LOCKED - 0.1, busy=True)
    assert storm.is_over(LOCKED - 0.1, busy=False)


def test_a_lock_that_is_held_while_nothing_comes_does_not_matter() -> None:
    storm = Storm()
    storm.add(files(1), 0, busy=True)
    assert storm.is_over(LOCKED, busy=True)


@pytest.mark.parametrize("busy", [True, False])
def test_it_does_not_go_on_for_ever(busy: bool) -> None:
    storm = Storm()
    storm.add(files(MANY), 0, busy=busy)
    storm.add(files(1, MANY), LONGEST, busy=busy)
    assert storm.is_over(LONGEST, busy=busy)
    storm.release()
    assert not storm.add(files(1), LONGEST, busy=False)
