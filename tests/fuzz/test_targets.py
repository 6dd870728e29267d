"""The short form: a few hundred inputs for each target, the same in every run. `make fuzz` is the long one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_what_must_hold_for_any_bytes(target: Target) -> None:
    words = st.lists(st.sampled_from(target.words) | st.binary(max_size=4), max_size=30).map(b"".join)

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(words | st.binary(max_size=100))
    def run(data: bytes) -> None:
        target.run(data)

    run()
