"""What a stylesheet refers to, and whether it looks whole."""

import time

import pytest
import tinycss2
from hypothesis import given
from hypothesis import strategies as st

from hmr_middleware.core.scan_css import ReferenceKind, scan_stylesheet

REFERENCES = [
    ("nothing", "a { color: red }", "", ""),
    ("import-string", '@import "a.css";', "a.css", ""),
    ("import-single-quotes", "@import 'a.css' print;", "a.css", ""),
    ("import-url", "@import url(a.css) layer(x) supports(display: grid) screen;", "a.css", ""),
    ("import-url-string", '@import url( "a b.css" ) layer;', "a b.css", ""),
    ("import-upper-case", '@IMPORT URL("a.css");', "a.css", ""),
    ("import-src", '@import src("a.css");', "a.css", ""),
    ("import-comment-between", '@import/* x */ /* y */"a.css";', "a.css", ""),
    ("import-tight", '@import"a.css";@import"b.css";', "a.css b.css", ""),
    ("import-then-url", '@import "a.css"; a { b: url(c.png) }', "a.css", "c.png"),
    ("import-longer-name", '@imports "a.css"; @import-x "b.css";', "", ""),
    ("import-in-comment", '/* @import "a.css"; */', "", ""),
    ("import-in-string", "a { content: \"@import 'a.css'\" }", "", ""),
    ("charset", '@charset "utf-8";', "", ""),
    ("url", "a { b: url(i.png) url('j.png'), url(\t\"k.png\"\n) }", "", "i.png j.png k.png"),
    ("url-in-property", "a { --x: url(i.png); mask: URL(j.svg#m) }", "", "i.png j.svg#m"),
    ("url-in-comment", "/* url(i.png) */", "", ""),
    ("url-in-string", "a { content: 'url(i.png)' }", "", ""),
    ("url-longer-name", "a { b: my-url(i.png) xurl(j.png) éurl(k.png) url-x(l.png) }", "", ""),
    ("url-bad", "a { b: url(i j.png) url(k'l) url(m\"n) } c { d: url(e.png) }", "", "e.png"),
    ("url-comment-is-text", "a { b: url(/*i*/j.png) }", "", "/*i*/j.png"),
    ("url-with-modifier", 'a { b: url("i.png" x(y)) }', "", "i.png"),
    ("url-empty", "a { b: url() url('') url( ) }", "", ""),
    ("data", "a { b: url(data:image/png;base64,AA==) url('DATA:,x') }", "", ""),
    ("fragment", "a { b: url(#x) url('#y') }", "", ""),
    ("src", "a { b: src('i.png') src( /* x */ \"j.png\") src(k.png) }", "", "i.png j.png"),
    ("image-set", 'a { b: image-set("i.png" 1x, url(j.png) 2x) } c { d: "e" }', "", "i.png j.png"),
    (
        "image-set-type",
        'a { b: image-set("i.avif" type("image/avif"), "j.png" type("image/png")) }',
        "",
        "i.avif j.png",
    ),
    ("image-set-nested", 'a { b: image-set(url("i.png") 1x, f(g("h")) 2x, "j.png" 3x) "k" }', "", "i.png j.png"),
    ("image-set-prefixed", "a { b: -webkit-image-set('i.png' 1x); c: x-image-set('j.png') }", "", "i.png"),
    ("escaped-quote", "a { b: 'it\\'s url(i.png)'; c: url(j.png) }", "", "j.png"),
    ("escape-outside-string", ".x-\\[\\'y\\'\\] { b: url(i.png) }", "", "i.png"),
    ("escape-in-url", "a { b: url(\\28 i\\29.png) url(j\\).png) url('k\\\n.png') }", "", "(i).png j).png k.png"),
    ("escape-out-of-range", "a { b: url(\\110000 i\\0 j\\d800 k) }", "", "\ufffdi\ufffdj\ufffdk"),
    ("beyond-ascii", "a { b: url(é.png) url('漢.png') }", "", "é.png 漢.png"),
    ("broken-string", "a { b: 'x\n; c: url(i.png) }", "", "i.png"),
    ("broken-string-in-url", "a { b: url('x\n) } c { d: url(i.png) }", "", "i.png"),
    ("absolute", "a { b: url(https://cdn.test/i.png) }", "", "https://cdn.test/i.png"),
]


@pytest.mark.parametrize(
    ("source", "imports", "urls"), [row[1:] for row in REFERENCES], ids=[row[0] for row in REFERENCES]
)
def test_references(source: str, imports: str, urls: str) -> None:
    scan = scan_stylesheet(source.encode())
    assert " ".join(scan.imports) == imports
    assert " ".join(scan.urls) == urls
    assert scan.complete


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("@import 'a.css'; b { c: url( d.png ) url( \"e.png\" ) }", ["a.css", "d.png", "e.png"]),
        ("/* é */ a { b: url(é.png) url(\\28 x) }", ["é.png", "\\28 x"]),
    ],
    ids=["quotes-and-blanks-left-out", "bytes-not-letters"],
)
def test_spans(source: str, texts: list[str]) -> None:
    encoded = source.encode()
    spans = [encoded[item.start : item.end].decode() for item in scan_stylesheet(encoded).references]
    assert spans == texts


def test_kinds_in_order() -> None:
    kinds = [item.kind for item in scan_stylesheet(b"@import url(a);b{c:url(d)}@import 'e'").references]
    assert kinds == [ReferenceKind.IMPORT, ReferenceKind.URL, ReferenceKind.IMPORT]


COMPLETE = ["", "a{}", "@media x{a{}}", "/**/", "a{b:'{'}", "/*{*/", ".a\\{{}", "a{b:url({)}", "@import 'x'", "a{}\n"]
HALF_WRITTEN = [
    "a{",
    "@media x{a{}",
    "/*",
    "/*/",
    "/* x *",
    "a{} /* }",
    "'x",
    '"x',
    "'x\\'",
    "url(x",
    "url('x",
    "a{b:image-set('x'",
]


@pytest.mark.parametrize("source", COMPLETE)
def test_complete(source: str) -> None:
    assert scan_stylesheet(source.encode()).complete


@pytest.mark.parametrize("source", [*HALF_WRITTEN, "a{}}", "url(a b"])
def test_half_written(source: str) -> None:
    assert not scan_stylesheet(source.encode()).complete


HOSTILE = [
    "/*",
    "*",
    '"',
    "'\n",
    "url(",
    "url(a",
    "url(a ",
    'url("',
    "@import",
    "@import/*",
    "@import/**/",
    "src(/*",
    "src(/**/",
]
HOSTILE += ["image-set(", 'image-set("a"', "image-set((", "\\", "(", ")", "{", "@import url("]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_input_takes_linear_time(piece: str) -> None:
    start = time.process_time()
    scan_stylesheet(piece.encode() * 20_000)
    assert time.process_time() - start < 1


@given(st.binary(max_size=60) | st.lists(st.sampled_from([*HOSTILE, "}", "*/", "x", " ", "\n", "é"])).map("".join))
def test_any_bytes_are_scanned(source: str | bytes) -> None:
    encoded = source if isinstance(source, bytes) else source.encode()
    ends = [0]
    for item in scan_stylesheet(encoded).references:
        assert ends[-1] <= item.start <= item.end <= len(encoded)
        ends.append(item.end)


def by_tinycss2(source: str) -> tuple[list[str], list[str]]:
    """Return the imports and URLs that an independent parser of the standard sees."""
    imports: list[str] = []
    urls: list[str] = []

    def url_of(node: object) -> str | None:
        if node.type == "url":  # type: ignore[attr-defined]
            return str(node.value)  # type: ignore[attr-defined]
        if node.type == "function" and node.lower_name in ("url", "src"):  # type: ignore[attr-defined]
            return next((str(item.value) for item in node.arguments if item.type == "string"), None)  # type: ignore[attr-defined]
        return None

    def walk(nodes: list[object] | None) -> None:
        for node in nodes or []:
            found = url_of(node)
            if found is not None:
                urls.append(found)
            else:
                walk(getattr(node, "arguments", None) or getattr(node, "content", None))

    for rule in tinycss2.parse_stylesheet(source, skip_comments=True):
        prelude = getattr(rule, "prelude", None) or []
        if rule.type == "at-rule" and rule.lower_at_keyword == "import":
            values = [
                item.value if item.type == "string" else url_of(item) for item in prelude if item.type != "whitespace"
            ]
            imports += [value for value in values[:1] if value is not None]
        else:
            walk(prelude)
            walk(getattr(rule, "content", None))
    return imports, urls


RULES = ["@import 'a.css';", '@import url( "b.css" ) print;', "@import url(c.css);", "@media x { a { b: url(d.png) } }"]
RULES += [
    "/* url(no) */",
    "a { content: 'url(no) \\' {'; b: url('e.png') }",
    ".x\\:y\\'z { b: URL(f.png), g(url(h\\29 i.png)) }",
]
RULES += [
    "a { b: url(bad url'); c: url(j.png) }",
    "@font-face { src: url(k.woff2) format('woff2'), src('l.woff2') }",
    "\n",
]
RULES += [".a:not([x='}']) { --y: { z: url(m.png) } }", "a { b: xurl(no) url-no(no) }", "@charset 'x';"]


@given(st.lists(st.sampled_from(RULES), max_size=8).map("".join))
def test_agrees_with_an_independent_parser(source: str) -> None:
    scan = scan_stylesheet(source.encode())
    assert (list(scan.imports), list(scan.urls)) == by_tinycss2(source)
    assert scan.complete
