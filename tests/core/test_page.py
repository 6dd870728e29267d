"""What a page refers to, read out of its HTML."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmr_middleware.core.page import ImportMap, Page, parse_import_map, read_page

URL = "http://dev.test/shop/page"
HOST = "http://dev.test"


def case(name: str, html: str, **expected: object) -> object:
    return pytest.param(html, {"base": URL, **expected}, id=name)


PAGES = [
    case("nothing", "<p>hello"),
    case("empty", ""),
    case("module", '<script type="module" src="app.js"></script>', module_scripts=(f"{HOST}/shop/app.js",)),
    case("single-quotes", "<script type='module' src='/app.js'></script>", module_scripts=(f"{HOST}/app.js",)),
    case("no-quotes", "<script type=module src=/app.js></script>", module_scripts=(f"{HOST}/app.js",)),
    case("upper-case", '<SCRIPT TYPE="MODULE" SRC="/App.js"></SCRIPT>', module_scripts=(f"{HOST}/App.js",)),
    case("blanks", '<script\n type = " module "\n src = " /app.js\n"\n></script >', module_scripts=(f"{HOST}/app.js",)),
    case("entities", "<script src='/a.js?x=1&amp;y=&#50;&quot;'></script>", classic_scripts=(f'{HOST}/a.js?x=1&y=2"',)),
    case(
        "query-that-looks-like-an-entity",
        "<script src=/a.js?x&copy=1></script>",
        classic_scripts=(f"{HOST}/a.js?x&copy=1",),
    ),
    case("first-of-two-attributes", "<script src=/a.js src=/b.js></script>", classic_scripts=(f"{HOST}/a.js",)),
    case("bracket-in-attribute", '<script data-x="a>b" src="/a.js"></script>', classic_scripts=(f"{HOST}/a.js",)),
    case("apostrophe-outside-quotes", "<p title=it's><script src=/a.js></script>'", classic_scripts=(f"{HOST}/a.js",)),
    case("markup-in-attribute", "<div data-html='<script src=/a.js></script>'></div>"),
    case("markup-in-srcdoc", '<iframe srcdoc="<base href=/x/>"><link rel=stylesheet href=a.css></iframe>'),
    case("host-in-capitals", "<script src=//CDN.Test></script>", classic_scripts=("http://cdn.test/",)),
    case("bad-url", "<script src='http://['></script><script src=''></script>"),
    case(
        "data-url",
        "<script type=module src='data:text/javascript,1'></script>",
        module_scripts=("data:text/javascript,1",),
    ),
    case(
        "classic-types",
        "".join(
            f"<script type='{kind}' src={number}></script>"
            for number, kind in enumerate(
                ["", "text/javascript", " Application/X-ECMAScript ", "text/javascript1.5", "text/livescript"]
            )
        ),
        classic_scripts=tuple(f"{HOST}/shop/{number}" for number in range(5)),
    ),
    case(
        "no-javascript",
        "".join(
            f"<script type='{kind}' src=x></script>"
            for kind in [
                "application/json",
                "text/template",
                "speculationrules",
                "modules",
                "text/javascript; charset=utf-8",
            ]
        ),
    ),
    case(
        "language",
        "<script language=JavaScript src=a></script><script language=vbs src=b></script>",
        classic_scripts=(f"{HOST}/shop/a",),
    ),
    case("nomodule", "<script nomodule src=/old.js></script>"),
    case("inline-classic", "<script>alert(1)</script>"),
    case(
        "inline-module", "<script type=module>import 'a' // &amp; </script>", inline_modules=("import 'a' // &amp; ",)
    ),
    case(
        "text-with-tags",
        "<script type=module>'</head><script src=x>'</script>",
        inline_modules=("'</head><script src=x>'",),
    ),
    case("text-with-link", "<script>'<link rel=stylesheet href=a.css>'</script>"),
    case(
        "text-escaped",
        "<script type=module><!--<script></script>--></script><base href=/b/>",
        base=f"{HOST}/b/",
        inline_modules=("<!--<script></script>-->",),
    ),
    case(
        "text-escaped-once",
        "<script type=module><!-- </script><base href=/b/>",
        base=f"{HOST}/b/",
        inline_modules=("<!-- ",),
    ),
    case("text-escape-empty", "<script type=module><!--><script></script>", inline_modules=("<!--><script>",)),
    case("script-open", "<script type=module>a", inline_modules=("a",)),
    case("script-like-names", "<scripty src=/a.js></scripty><script-x src=/b.js></script-x><basement href=/x/>"),
    case("other-end-tag", "<script type=module></scripts></script>", inline_modules=("</scripts>",)),
    case("tag-cut-off", "<script src=/a.js></script><script src=/b.j", classic_scripts=(f"{HOST}/a.js",)),
    case(
        "quote-cut-off",
        "<script src=/a.js></script><link rel=stylesheet href='b><p>",
        classic_scripts=(f"{HOST}/a.js",),
    ),
    case(
        "comment",
        "<!-- <script src=/a.js></script> --><!--><script src=/b.js></script>",
        classic_scripts=(f"{HOST}/b.js",),
    ),
    case("comment-open", "<!-- <script src=/a.js></script>"),
    case("comment-in-script", "<script>/* <!-- */</script><base href=/b/>", base=f"{HOST}/b/"),
    *(
        case(
            f"text-of-{name}",
            f"<{name}><script src=/a.js></script><base href=/b/></{name.upper()} ><script src=/c.js></script>",
            classic_scripts=(f"{HOST}/c.js",),
        )
        for name in ["title", "textarea", "style", "noscript", "xmp", "iframe"]
    ),
    case(
        "template",
        "<template><script src=/a.js></script></template><script src=/b.js></script>",
        classic_scripts=(f"{HOST}/b.js",),
    ),
    case(
        "template-in-template",
        "<template><template></template><base href=/a/></template></template><base href=/b/>",
        base=f"{HOST}/b/",
    ),
    case(
        "shadow-root",
        "<template shadowrootmode=open><link rel=stylesheet href=/a.css></template>",
        stylesheets=(f"{HOST}/a.css",),
    ),
    case("template-in-script", "<script>'<template>'</script><base href=/b/>", base=f"{HOST}/b/"),
    case("stylesheet", '<link rel="stylesheet" href="../a.css?v=1">', stylesheets=(f"{HOST}/a.css?v=1",)),
    case("stylesheet-among-words", '<link rel="Alternate\nSTYLESHEET" href=/a.css />', stylesheets=(f"{HOST}/a.css",)),
    case(
        "stylesheet-disabled",
        "<link rel=stylesheet href=/a.css disabled><link rel=icon href=/i.png><link rel=stylesheet>",
    ),
    case(
        "preload",
        "<link rel=modulepreload href=/a.js><link rel=preload as=script href=/b.js>",
        preloads=(f"{HOST}/a.js",),
    ),
    case("base", "<base href=/b/><script src=a.js></script>", base=f"{HOST}/b/", classic_scripts=(f"{HOST}/b/a.js",)),
    case(
        "base-of-another-host",
        "<base href=//cdn.test/x/y><link rel=stylesheet href=a.css>",
        base="http://cdn.test/x/y",
        stylesheets=("http://cdn.test/x/a.css",),
    ),
    case(
        "base-comes-late",
        "<script src=a.js></script><base href=/b/>",
        base=f"{HOST}/b/",
        classic_scripts=(f"{HOST}/shop/a.js",),
    ),
    case("base-first-counts", "<base target=_top><base href=/b/><base href=/c/>", base=f"{HOST}/b/"),
    case("base-unusable", "<base href=data:,x>"),
    case("nonce", "<script nonce=abc></script><script nonce=def></script>", nonce="abc"),
    case("nonce-of-a-style", "<style nonce=abc></style>", nonce="abc"),
    case(
        "nonce-in-a-policy",
        "<meta http-equiv=Content-Security-Policy content=\"script-src 'self' 'nonce-a+/b=='\">",
        nonce="a+/b==",
    ),
    case("nonce-hidden", "<script nonce></script>"),
    case(
        "document-order",
        "<script src=1></script><p><script src=2></script>",
        classic_scripts=(f"{HOST}/shop/1", f"{HOST}/shop/2"),
    ),
    case(
        "unreadable-tag",
        '<script src="/a.js"<b></script><script src=/b.js></script>',
        classic_scripts=(f"{HOST}/a.js", f"{HOST}/b.js"),
    ),
    case("import-map-from-elsewhere", "<script type=importmap src=/map.json></script>"),
]


@pytest.mark.parametrize(("html", "expected"), PAGES)
def test_read_page(html: str, expected: dict[str, object]) -> None:
    assert read_page(html, URL) == Page(**expected)  # type: ignore[arg-type]


MAPS = [
    ("bare", '{"imports": {"vue": "/vue.js"}}', {"vue": f"{HOST}/vue.js"}),
    ("relative", '{"imports": {"a": "./a.js", "b": "../b.js"}}', {"a": f"{HOST}/shop/a.js", "b": f"{HOST}/b.js"}),
    ("url-as-key", '{"imports": {"/a.js": "/b.js"}}', {f"{HOST}/a.js": f"{HOST}/b.js"}),
    ("absolute", '{"imports": {"a": "https://CDN.test/a.js"}}', {"a": "https://cdn.test/a.js"}),
    ("data", '{"imports": {"a": "data:text/javascript,1"}}', {"a": "data:text/javascript,1"}),
    ("bare-address", '{"imports": {"a": "b"}}', {"a": ""}),
    ("no-address", '{"imports": {"a": null, "b": 1, "c": ""}}', {"a": "", "b": "", "c": ""}),
    ("folder-to-file", '{"imports": {"a/": "/a"}}', {"a/": ""}),
    ("empty-key", '{"imports": {"": "/a.js"}}', {}),
    ("bad-json", '{"imports": {"a": "/a.js",}}', {}),
    ("no-json", "", {}),
    ("array", "[]", {}),
    ("string", '"imports"', {}),
    ("imports-array", '{"imports": ["a"]}', {}),
    ("scopes-array", '{"imports": {"a": "/a.js"}, "scopes": []}', {}),
    ("scope-array", '{"imports": {"a": "/a.js"}, "scopes": {"/x/": []}}', {}),
    ("nested-without-end", "[" * 100_000, {}),
    ("entities-are-text", '{"imports": {"a": "/a.js?x&amp;y"}}', {"a": f"{HOST}/a.js?x&amp;y"}),
]


@pytest.mark.parametrize(("text", "imports"), [row[1:] for row in MAPS], ids=[row[0] for row in MAPS])
def test_import_map_is_read(text: str, imports: dict[str, str]) -> None:
    page = read_page(f"<script type=importmap>{text}</script>", URL)
    assert page.import_map == ImportMap(imports)


def test_import_map_follows_the_base() -> None:
    page = read_page('<base href="/b/"><script type="importmap">{"imports": {"a": "./a.js"}}</script>', URL)
    assert page.import_map.imports == {"a": f"{HOST}/b/a.js"}


def test_several_import_maps_merge_and_the_first_wins() -> None:
    first = '{"imports": {"a": "/1"}, "scopes": {"/s/": {"c": "/1"}}}'
    second = '{"imports": {"a": "/2", "b": "/2"}, "scopes": {"/s/": {"c": "/2", "d": "/2"}, "/t/": {"e": "/2"}}}'
    html = "".join(f"<script type=importmap>{text}</script>" for text in (first, "oops", second))
    one, two = f"{HOST}/1", f"{HOST}/2"
    assert read_page(html, URL).import_map == ImportMap(
        {"a": one, "b": two}, {f"{HOST}/s/": {"c": one, "d": two}, f"{HOST}/t/": {"e": two}}
    )


MAP = parse_import_map(
    """{
    "imports": {
        "vue": "/vue.js", "lib/": "/lib/", "lib/deep/": "/deep/", "lib/exact.js": "/exact.js", "/moved/": "/new/",
        "blocked": null, "lib/blocked/": null, "https://cdn.test/x.js": "/x.js", "data:text/": "/d/", "node:": "/n.js"
    },
    "scopes": {
        "/admin/": {"vue": "/admin/vue.js", "lib/": "/admin/lib/", "off": null},
        "/admin/old/": {"vue": "/admin/old/vue.js"},
        "/one.js": {"vue": "/one/vue.js"}
    }
}""",
    URL,
)
RESOLUTIONS = [
    ("bare", "vue", "/app.js", "/vue.js"),
    ("unknown", "react", "/app.js", None),
    ("bare-with-a-tail", "vue/x", "/app.js", None),
    ("prefix", "lib/a/b.js", "/app.js", "/lib/a/b.js"),
    ("prefix-itself", "lib/", "/app.js", "/lib/"),
    ("prefix-without-slash", "lib", "/app.js", None),
    ("longest-prefix", "lib/deep/a.js", "/app.js", "/deep/a.js"),
    ("exact-before-prefix", "lib/exact.js", "/app.js", "/exact.js"),
    ("prefix-does-not-climb", "lib/../a.js", "/app.js", None),
    ("prefix-does-not-leave", "lib/http://evil.test/", "/app.js", None),
    ("refused", "blocked", "/app.js", None),
    ("refused-prefix-hides-shorter", "lib/blocked/a.js", "/app.js", None),
    ("relative", "./b.js", "/x/a.js", "/x/b.js"),
    ("relative-up", "../b.js", "/x/y/a.js", "/x/b.js"),
    ("root", "/b.js", "/x/a.js", "/b.js"),
    ("remapped-url", "./a.js", "/moved/b.js", "/new/a.js"),
    ("remapped-absolute-url", "https://CDN.test/x.js", "/app.js", "/x.js"),
    ("dots-without-slash", ".b.js", "/app.js", None),
    ("empty", "", "/app.js", None),
    ("scope", "vue", "/admin/app.js", "/admin/vue.js"),
    ("scope-longest", "vue", "/admin/old/app.js", "/admin/old/vue.js"),
    ("scope-falls-back-to-wider", "lib/a.js", "/admin/old/app.js", "/admin/lib/a.js"),
    ("scope-falls-back-to-top", "lib/exact.js", "/one.js", "/exact.js"),
    ("scope-of-one-module", "vue", "/one.js", "/one/vue.js"),
    ("scope-of-one-module-is-no-folder", "vue", "/one.js/x", "/vue.js"),
    ("scope-refuses", "off", "/admin/a.js", None),
]


@pytest.mark.parametrize(
    ("specifier", "importer", "expected"), [row[1:] for row in RESOLUTIONS], ids=[row[0] for row in RESOLUTIONS]
)
def test_resolve(specifier: str, importer: str, expected: str | None) -> None:
    assert MAP.resolve(specifier, HOST + importer) == (HOST + expected if expected else None)


def test_resolve_keeps_other_absolute_urls() -> None:
    assert MAP.resolve("https://other.test/a.js", URL) == "https://other.test/a.js"
    assert MAP.resolve("data:text/javascript,1", URL) == "data:text/javascript,1"  # no prefix applies: not hierarchical


def test_import_map_without_entries_resolves_urls_alone() -> None:
    assert ImportMap().resolve("./a.js", URL) == f"{HOST}/shop/a.js"
    assert ImportMap().resolve("a", URL) is None


HOSTILE = ["<", "<script", "<script>", "<!--", "<!-- -", "<link href='", '<a b="', "<a =", "<template>", "</template>"]
HOSTILE += [
    "<template shadowrootmode=open>",
    "<title>",
    "<title></titl",
    "<script><!--<script>",
    "</script",
    "<!",
    "=",
    "'",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_input_takes_linear_time(piece: str) -> None:
    start = time.process_time()
    read_page(piece * 20_000, URL)
    assert time.process_time() - start < 1


MARKUP = [
    "<script",
    "<link",
    "<base",
    "<meta",
    "<style",
    "<template",
    "<title",
    "</script",
    "</style",
    "</template",
    "</title",
]
MARKUP += [
    " src=",
    " href=",
    " type=",
    " rel=",
    "module",
    "importmap",
    "stylesheet",
    "'",
    '"',
    ">",
    "/",
    "<!--",
    "-->",
    "=",
]
MARKUP += ["{", "}", '{"imports":{"a":"./b"}}', "&amp;", "&", "\0", "\n", " ", "é", "http://[", "//", "<", "a"]


@given(st.lists(st.sampled_from(MARKUP), max_size=25).map("".join))
def test_any_text_is_read(html: str) -> None:
    page = read_page(html, URL)
    for name in ("module_scripts", "classic_scripts", "stylesheets", "preloads"):
        assert all(":" in url for url in getattr(page, name))
