"""From a text's scan to its links."""

import pytest

from hmr_middleware.core.graph import EVERYTHING, Links
from hmr_middleware.core.linking import links_of_module, links_of_page, links_of_stylesheet
from hmr_middleware.core.scan_css import scan_stylesheet
from hmr_middleware.core.scan_js import scan_module


def resolve(specifier: str) -> str | None:
    return f"/{specifier.removeprefix('./')}" if specifier.startswith("./") else None


def links(**fields: object) -> Links:
    return Links(**fields)  # type: ignore[arg-type]


A = frozenset({"/a.js"})
HOT = "import.meta.hot"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("", links(), id="empty"),
        pytest.param('import "./a.js"', links(imports={"/a.js": frozenset()}), id="side-effect"),
        pytest.param(
            'import {x as y} from "./a.js"; export {z} from "./a.js"',
            links(imports={"/a.js": frozenset({"x", "z"})}),
            id="names-of-two-statements",
        ),
        pytest.param('import * as a from "./a.js"', links(imports={"/a.js": EVERYTHING}), id="namespace"),
        pytest.param(
            'import("./a.js")', links(imports={"/a.js": EVERYTHING}, dynamic=frozenset({"/a.js"})), id="dynamic"
        ),
        pytest.param(
            'import "./a.js"; import("./a.js")', links(imports={"/a.js": EVERYTHING}), id="dynamic-and-static"
        ),
        pytest.param("import(name)", links(), id="dynamic-unknown"),
        pytest.param('import "vue"', links(), id="not-ours"),
        pytest.param(
            'import a from "./a.css" with { type: "css" }',
            links(imports={"/a.css": frozenset()}, sheets=frozenset({"/a.css"})),
            id="a-sheet-is-renewed-in-place",
        ),
        pytest.param(
            'import a from "./a.json" with { type: "json" }',
            links(imports={"/a.json": frozenset({"default"})}),
            id="data",
        ),
        pytest.param(f"{HOT}.accept()", links(accepts_itself=True), id="accepts-itself"),
        pytest.param(f'{HOT}.accept("./a.js")', links(accepted=A), id="accepts-one"),
        pytest.param(f'{HOT}.accept(["./a.js", "vue"])', links(accepted=A, accepts_itself=True), id="accepts-a-list"),
        pytest.param(f"{HOT}.decline()", links(declines_itself=True), id="declines-itself"),
        pytest.param(f'{HOT}.decline("./a.js")', links(declined=A), id="declines-one"),
        pytest.param(
            f'export const x = 1, y = 2; {HOT}.acceptExports(["x"])',
            links(accepted_exports=frozenset({"x"})),
            id="accepts-an-export",
        ),
        pytest.param(
            f'export default 1; export const x = 1; {HOT}.acceptExports(["x", "default"])',
            links(accepted_exports=frozenset({"x", "default"}), accepts_itself=True),
            id="accepts-every-export",
        ),
        pytest.param(
            f'export * from "vue"; {HOT}.acceptExports(["x"])',
            links(accepted_exports=frozenset({"x"})),
            id="accepts-of-an-open-set",
        ),
    ],
)
def test_module(source: str, expected: Links) -> None:
    assert links_of_module(scan_module(source.encode()), resolve) == expected


def test_a_page_says_what_its_inline_modules_say_but_never_accepts_itself() -> None:
    sources = (
        f'import {{ x }} from "./a.js"; {HOT}.accept("./a.js", f); {HOT}.accept()',
        f'import {{ y }} from "./a.js"; import s from "./s.css" with {{ type: "css" }}; {HOT}.decline("./b.js")',
    )
    parts = [links_of_module(scan_module(source.encode()), resolve) for source in sources]
    assert links_of_page(parts) == links(
        imports={"/a.js": frozenset({"x", "y"}), "/s.css": frozenset()},
        accepted=A,
        declined=frozenset({"/b.js"}),
        sheets=frozenset({"/s.css"}),
    )


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        pytest.param("a { color: red }", {}, id="none"),
        pytest.param('@import "./a.css";', {"/a.css": EVERYTHING}, id="import"),
        pytest.param(
            '@import "./a.css"; b { background: url(./c.png) }',
            {"/a.css": EVERYTHING, "/c.png": EVERYTHING},
            id="images",
        ),
        pytest.param("b { background: url(./c?x) }", {}, id="what-is-no-file"),
        pytest.param('@import "https://other/a.css";', {}, id="not-ours"),
    ],
)
def test_stylesheet(source: str, imports: dict[str, frozenset[str]]) -> None:
    expected = Links(imports=imports, accepted_exports=frozenset())
    assert links_of_stylesheet(scan_stylesheet(source.encode()), resolve) == expected
