"""The text that is served: live versions in, the preamble in, everything else byte for byte."""

import json

import pytest

from hmr_middleware.core.rewriting import (
    PREAMBLE,
    env_statement,
    forwarding_module,
    rewrite_module,
    rewrite_stylesheet,
    splice,
)
from hmr_middleware.core.scan_css import scan_stylesheet
from hmr_middleware.core.scan_js import scan_module

HOT = PREAMBLE.decode()
HERE = "import.meta"  # where a module is, as the client is told
SHEETS = ("import a from './a.js' with {type: 'css'}", "import('./a.js', {with: {type: 'css'}})")
LIVE = {"./a.js": "./a.js?t=7", "./b.css": "./b.css?t=7", "./q": './q?"t=7', "./i.png": "./i (1).png"}


def module(source: str) -> str:
    text = source.encode()
    return rewrite_module(text, scan_module(text), LIVE.get, "/js/m.js").decode()


def asked(argument: str, fallback: str = "specifier", base: str = '"/js/m.js"') -> str:
    return f"(specifier=>globalThis.__hmr__?.url({fallback},{base})??{fallback})({argument})"


@pytest.mark.parametrize(
    ("splices", "expected"),
    [
        pytest.param([], "abcdef", id="none"),
        pytest.param([(1, 3, b"-")], "a-def", id="replaces"),
        pytest.param([(2, 2, b"-")], "ab-cdef", id="inserts"),
        pytest.param([(4, 5, b"2"), (0, 1, b"1")], "1bcd2f", id="in-any-order"),
        pytest.param([(0, 0, b"<"), (6, 6, b">")], "<abcdef>", id="at-the-ends"),
        pytest.param([(2, 2, b"-"), (2, 4, b"=")], "ab-=ef", id="side-by-side"),
    ],
)
def test_splice(splices: list[tuple[int, int, bytes]], expected: str) -> None:
    assert splice(b"abcdef", splices) == expected.encode()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param('import "./a.js"', 'import "./a.js?t=7"', id="side-effect"),
        pytest.param("import {x} from './a.js';", "import {x} from './a.js?t=7';", id="single-quotes"),
        pytest.param('export * from "./a.js"', 'export * from "./a.js?t=7"', id="re-export"),
        pytest.param(
            'import "./a.js"; import "./c.js"', 'import "./a.js?t=7"; import "./c.js"', id="only-what-changed"
        ),
        pytest.param("import '/x'; import './q'", "import '/x'; import './q?\\\"t=7'", id="quotes-in-the-url"),
        pytest.param("// ü\nimport './a.js'", "// ü\nimport './a.js?t=7'", id="behind-other-characters"),
        pytest.param("import.meta.hot.accept()", f"{HOT}import.meta.hot.accept()", id="hot"),
        pytest.param("\n\nimport.meta.hot", f"{HOT}\n\nimport.meta.hot", id="hot-behind-blank-lines"),
        pytest.param(
            "import a from './a.js' with {type: 'json'}", "import a from './a.js?t=7' with {type: 'json'}", id="data"
        ),
        pytest.param('import "./a.js"; import.meta.hot', f'{HOT}import "./a.js?t=7"; import.meta.hot', id="both"),
    ],
)
def test_module(source: str, expected: str) -> None:
    assert module(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import(name)", f"import({asked('name')})", id="in-a-classic-script"),
        pytest.param("export {}; import(name)", f"export {{}}; import({asked('name', base=HERE)})", id="in-a-module"),
        pytest.param("import()", "import()", id="nothing-to-ask-for"),
        pytest.param("import(import(a))", f"import({asked('import(' + asked('a') + ')')})", id="one-in-another"),
        pytest.param("import('./c.js')", f"""import({asked("'./c.js'")})""", id="literal"),
        pytest.param(
            "import('./a.js')",
            f"""import({asked("'./a.js'", '"./a.js?t=7"')})""",
            id="known-version-without-the-client",
        ),
        pytest.param(
            'import(x, {with: {type: "json"}})',
            f'import({asked("x")}, {{with: {{type: "json"}}}})',
            id="attributes-stay",
        ),
    ],
)
def test_dynamic_import_asks_the_client(source: str, expected: str) -> None:
    assert module(source) == expected


PROXIED = {"./a.png": "/r/a.png.proxy.js"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import u from './a.png'", "import u from '/r/a.png.proxy.js'", id="static"),
        pytest.param(
            "import('./a.png')",
            'import((specifier=>globalThis.__hmr__?.url("/r/a.png.proxy.js","/m.js")??"/r/a.png.proxy.js")("/r/a.png.proxy.js"))',
            id="dynamic",
        ),
        pytest.param(
            "import.meta.hot.accept('./a.png')",
            'import.meta.hot=globalThis.__hmr__?.hot(import.meta,{"./a.png":"/r/a.png.proxy.js"});'
            "import.meta.hot.accept('./a.png')",
            id="accepted",
        ),
        pytest.param("import.meta.hot.accept()", f"{HOT}import.meta.hot.accept()", id="accepts-itself"),
    ],
)
def test_what_a_proxy_stands_for(source: str, expected: str) -> None:
    text = source.encode()
    assert rewrite_module(text, scan_module(text), PROXIED.get, "/m.js", PROXIED).decode() == expected


ENV = env_statement("/root", {"MODE": "tests", "API": "</script>"})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import.meta.env.API", f"{ENV.decode()}import.meta.env.API", id="env"),
        pytest.param("f(import.meta)", f"{HOT}{ENV.decode()}f(import.meta)", id="both"),
        pytest.param("import.meta.url", "import.meta.url", id="neither"),
    ],
)
def test_env(source: str, expected: str) -> None:
    text = source.encode()
    assert rewrite_module(text, scan_module(text), LIVE.get, "/m.js", env=ENV).decode() == expected


def test_the_names_in_env() -> None:
    values = json.loads(ENV.removeprefix(b"import.meta.env=").removesuffix(b";"))
    expected = {"MODE": "tests", "DEV": True, "PROD": False, "SSR": False, "BASE_URL": "/root/", "API": "</script>"}
    assert values == expected


@pytest.mark.parametrize("source", ["", "let a = 1", 'import "./c.js"', "import {", "\ufeffexport {}", "\0\1", *SHEETS])
def test_a_module_without_need_is_the_same_object(source: str) -> None:
    text = source.encode()
    assert rewrite_module(text, scan_module(text), LIVE.get, "/m.js") is text


@pytest.mark.parametrize(
    "source",
    ["import.meta.hot", "#!/bin/node\nimport.meta.hot", "/* a\n b */ import.meta.hot", '"use strict"; import.meta.hot'],
    ids=["plain", "hashbang", "comment", "directive"],
)
def test_lines_keep_their_numbers(source: str) -> None:
    before, after = source.splitlines(), module(source).splitlines()
    assert len(before) == len(after)
    assert HOT in "".join(after)


@pytest.mark.parametrize(
    ("exports", "expected"),
    [
        pytest.param((), 'export * from "/m.js?t=7";', id="none"),
        pytest.param(("a", "b"), 'export * from "/m.js?t=7";', id="names"),
        pytest.param(
            ("a", "default"), 'export * from "/m.js?t=7";\nexport { default } from "/m.js?t=7";', id="with-a-default"
        ),
    ],
)
def test_forwarding_module(exports: tuple[str, ...], expected: str) -> None:
    assert forwarding_module("/m.js?t=7", frozenset(exports)).decode() == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param('@import "./b.css";', '@import "./b.css?t=7";', id="import"),
        pytest.param("@import url(./b.css) print;", "@import url(./b.css?t=7) print;", id="bare-url"),
        pytest.param("a{b:url('./i.png')}", "a{b:url('./i\\ \\(1\\).png')}", id="special-characters"),
        pytest.param("a{b:url(./i.png)}", "a{b:url(./i\\ \\(1\\).png)}", id="special-characters-without-quotes"),
        pytest.param("/* ./b.css */ @import './b.css'", "/* ./b.css */ @import './b.css?t=7'", id="not-in-a-comment"),
    ],
)
def test_stylesheet(source: str, expected: str) -> None:
    text = source.encode()
    assert rewrite_stylesheet(text, scan_stylesheet(text), LIVE.get).decode() == expected


@pytest.mark.parametrize("source", ["", "a{color:red}", "@import './c.css'", "a{", "\0"])
def test_a_stylesheet_without_need_is_the_same_object(source: str) -> None:
    text = source.encode()
    assert rewrite_stylesheet(text, scan_stylesheet(text), LIVE.get) is text
