"""When a file that has just changed is waited for."""

import pytest

from hmr_middleware.core.settling import Unsettled, judge

WHOLE = {"size": 9, "was_size": 9, "complete": True, "was_complete": True}


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        pytest.param({}, None, id="whole"),
        pytest.param({"size": 0}, Unsettled.EMPTY, id="truncated"),
        pytest.param({"size": 0, "was_size": 0}, None, id="was-empty-before"),
        pytest.param({"size": 9, "was_size": 0}, None, id="no-longer-empty"),
        pytest.param({"complete": False}, Unsettled.HALF_WRITTEN, id="broke-off"),
        pytest.param({"complete": False, "was_complete": False}, None, id="was-broken-before"),
        pytest.param({"was_complete": False}, None, id="healed"),
        pytest.param({"size": 0, "complete": False}, Unsettled.EMPTY, id="empty-counts-before-broken"),
    ],
)
def test_judge(differences: dict[str, object], expected: Unsettled | None) -> None:
    assert judge(**{**WHOLE, **differences}) is expected  # type: ignore[arg-type]


def test_no_file_is_waited_for_longer_than_a_third_of_a_second() -> None:
    assert all(0 < reason.value < 0.34 for reason in Unsettled)
