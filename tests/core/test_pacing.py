"""How often files are looked at, and that it never costs more than it may."""

import pytest

from hmr_middleware.core.pacing import Pace, pace

CASES = [
    (True, True, Pace.POLLING),
    (True, False, Pace.POLLING_UNSEEN),
    (False, True, Pace.CHECKING),
    (False, False, Pace.CHECKING_UNSEEN),
]


@pytest.mark.parametrize(("polling", "seen", "expected"), CASES)
def test_pace(polling: bool, seen: bool, expected: Pace) -> None:
    assert pace(polling=polling, seen=seen) is expected


# Of a core: what a look costs, over the time from its begin to the next one.
MOST = {Pace.POLLING: 0.02, Pace.POLLING_UNSEEN: 0.003, Pace.CHECKING: 0.001, Pace.CHECKING_UNSEEN: 0.001}


@pytest.mark.parametrize(("kind", "most"), MOST.items(), ids=lambda value: str(getattr(value, "name", value)))
@pytest.mark.parametrize("cost", [0.0001, 0.002, 0.1, 10])
def test_a_look_never_costs_more_than_its_share(kind: Pace, most: float, cost: float) -> None:
    assert cost / (cost + kind.pause(cost)) <= most


def test_who_looks_is_told_soon() -> None:
    assert Pace.POLLING.pause(0.0015) <= 0.15 < Pace.POLLING_UNSEEN.pause(0.0015) <= 1
