"""HTML from texts: nothing foreign gets in as markup."""

import pytest

from hmr_middleware.core.markup import Content, Markup, element, markup

CASES: list[tuple[Content, str]] = [
    (None, ""),
    ("", ""),
    ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
    (Markup("<b>"), "<b>"),
    (["<", Markup("<b>"), None, ["&"]], "&lt;<b>&amp;"),
    (element("p", "<i>"), "<p>&lt;i&gt;</p>"),
    (element("p", element("i", "x"), " & ", None), "<p><i>x</i> &amp; </p>"),
    (element("p.one.two", id='"><x'), '<p class="one two" id="&quot;&gt;&lt;x"></p>'),
    (element("details", open=True, hidden=False, title=None), "<details open></details>"),
    (element("meta", charset="utf-8"), '<meta charset="utf-8">'),
    (element("div", data_hmr_ignore=True), "<div data-hmr-ignore></div>"),
]


@pytest.mark.parametrize(("content", "expected"), CASES)
def test_markup(content: Content, expected: str) -> None:
    assert markup(content) == expected


def test_markup_that_is_changed_is_text_again() -> None:
    assert markup(Markup("<b>") + "<i>") == "&lt;b&gt;&lt;i&gt;"
