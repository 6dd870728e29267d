"""When a file that has just changed is waited for."""

import pytest

from hmr_middleware.core.settling import Unsettled, judge, signs_of_an_end

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


TEMPLATE = b"{% extends 'base.html' %}\n{% block main %}<p>{{ price }}</p>{% endblock %}\n"
PAGE = b"<!doctype html><html><body><p>{# a note #}</p></body></html>\n"


@pytest.mark.parametrize(
    ("text", "unnoticed"), [(TEMPLATE, [TEMPLATE.index(b"\n") + 1]), (PAGE, [])], ids=["template", "page"]
)
def test_where_a_template_is_cut_a_sign_of_its_end_is_lost(text: bytes, unnoticed: list[int]) -> None:
    """Only between two lines that belong to nothing it cannot be seen."""
    whole = signs_of_an_end(text)
    assert [at for at in range(1, len(text)) if whole <= signs_of_an_end(text[:at])] == unnoticed


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        pytest.param(b"<p>one</p>\n", set(), id="whole"),
        pytest.param(b"", {"line"}, id="empty"),
        pytest.param(b"<p>one</p>", {"line"}, id="no-line-end"),
        pytest.param(b"<p>one</p\n", {"markup"}, id="in-a-tag"),
        pytest.param(b"<html><p>\n", {"document"}, id="no-end-of-the-document"),
        pytest.param(b"{{ price }\n", {"template"}, id="in-an-expression"),
        pytest.param(b"{% block a %}\n", {"blocks"}, id="in-a-block"),
        pytest.param(b"{%- block a %}{%- endblock %}\n", set(), id="trimmed-blocks"),
    ],
)
def test_signs_of_an_end(text: bytes, missing: set[str]) -> None:
    assert signs_of_an_end(b"<html></html>{% block x %}{% endblock %}\n") - signs_of_an_end(text) == missing
