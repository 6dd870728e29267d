"""All patterns of the core hold on every CPython from 3.11.0 on."""

import re
from pathlib import Path

import pytest

import hmr_middleware.core

FILES = sorted(Path(hmr_middleware.core.__file__).parent.glob("*.py"))
# A possessive repetition of a group, but for one whose last alternative always fails (gh-106052).
UNSAFE = re.compile(r"(?<!\(\?!\))(?<!\()\)(?:\*\+|\+\+|\?\+|\{[\d,]+\}\+)")
# Where the alternative is put in: the helper itself.
HELPER = 'rb"|(?!))*+"'


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_no_possessive_group_may_fail_half_way(path: Path) -> None:
    source = path.read_text(encoding="utf-8").replace(HELPER, "")
    assert UNSAFE.findall(source) == []
