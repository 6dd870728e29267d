"""Where the client's tag lands in a document, however the document arrives."""

import time
from itertools import combinations, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hmr_middleware.core.injection import LIMIT, Injector

TAG = b'<script src="/__hmr/client.js"></script>'
MARKER = b"/__hmr/client.js"
HERE = "▲"
"""Stands in a document where the tag must land; a document without it must pass untouched."""


def run(injector: Injector, chunks: list[bytes]) -> bytes:
    return b"".join([*(injector.feed(chunk) for chunk in chunks), injector.finish()])


def case(name: str, marked: str) -> object:
    return pytest.param(marked, id=name)


DOCUMENTS = [
    case("everything-in-order", "<!doctype html><html><head>▲<title>x</title></head><body></body></html>"),
    case("upper-case", "<!DOCTYPE HTML>\n<HTML LANG=EN>\n<HEAD>▲\n<TITLE>x</TITLE>"),
    case("bracket-in-double-quotes", '<html data-a="1>2" lang=en><head data-b="<head>">▲</head>'),
    case("bracket-in-single-quotes", "<html data-a='x>y'><head data-b='>'>▲</head>"),
    case("quotes-around-spaces", "<html a = \"p>q\"  b= 'r>s' c><head>▲"),
    case("quote-inside-an-unquoted-value", "<html title=it's><head>▲<p title='>'>"),
    case("quote-in-an-attribute-name", "<html a\"b><head>▲<p title='>'>"),
    case("equals-sign-starts-a-name", "<html =\"><head>▲<p title='>'>"),
    case("value-missing", "<html a=><head b = >▲"),
    case("equals-sign-inside-a-value", '<html a=b="c><head>▲"'),
    case("value-then-no-space", "<html a=\"1\"b='>'c><head>▲"),
    case("slash-in-tags", "<html/><head / >▲<meta>"),
    case("line-breaks-in-tags", "<!doctype\n html\n>\r\n<html\n\tlang=en\n><head\f\n>▲"),
    case("blank-lines-first", "\n \t\f\r\n<!doctype html>\n\n<html>\n <head>▲\n"),
    case("byte-order-mark", "\ufeff<!doctype html><head>▲"),
    case(
        "xml-declaration",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "u"><html><head>▲',
    ),
    case("comment-with-a-head", "<!-- <head> --><!doctype html><!--<head>--><html><!-- <head> --><head>▲"),
    case("comment-empty-early", "<!doctype html><!--><head>▲"),
    case("comment-dash-early", "<!doctype html><!---><head>▲"),
    case("comment-closed-by-bang", "<!doctype html><!-- a --!><head>▲"),
    case("comment-bang-only-is-open", "<!doctype html><!--!> --><head>▲"),
    case("comment-dash-bang-is-open", "<!doctype html><!---!> --><head>▲"),
    case("comment-many-dashes", "<!doctype html><!--- a -- b - > ----><head>▲"),
    case("comment-with-a-comment", "<!doctype html><!-- <!-- --><head>▲ -->"),
    case("conditional-comment", "<!doctype html><!--[if IE]><html class=ie><![endif]--><html><head>▲"),
    case("bogus-comment", "<!doctype html><![CDATA[ x ><head>▲"),
    case("head-left-out", "<!doctype html><html lang=en>▲<title>x</title><p>y"),
    case("html-and-head-left-out", "<!doctype html>\n▲<meta charset=utf-8><p>y"),
    case("doctype-then-text", "<!doctype html>▲Hello"),
    case("doctype-then-head", "<!doctype html><head>▲<link>"),
    case("head-in-a-script", "<!doctype html>▲<script>'<head>'</script><head>"),
    case("head-in-a-template", "<!doctype html><html>▲<body><template><head></head></template>"),
    case("header-is-no-head", "<!doctype html><html>▲<header>x</header>"),
    case("head-with-a-dash-is-no-head", "<!doctype html>▲<head-line>x</head-line>"),
    case("second-html-tag", "<html>▲<html><head>"),
    case("second-head", "<head>▲</head><head></head>"),
    case("import-map-first", '<!doctype html><head>▲<script type="importmap">{}</script>'),
    case("only-html", "<html>▲"),
    case("only-doctype", "<!doctype html>▲"),
    case("doctype-and-blanks", "<!doctype html> \n▲"),
    case("body-alone", "▲<body class=x><p>y"),
    case("title-alone", " ▲<title>x</title>"),
    case("frameset-alone", "▲<frameset cols=1><frame></frameset>"),
    case("comment-never-closed", "<!doctype html>▲<!-- <head>"),
    case("head-never-closed", "<!doctype html><html>▲<head class='x>"),
    case("text-beyond-ascii", "<!-- ünïcödé 漢字 --><html data-x=é><head>▲<title>é"),
]
FRAGMENTS = [
    case("element", "<div>part</div>"),
    case("row", "<tr><td>1</td></tr>"),
    case("text", "hello <html><head>"),
    case("json", '{"a": "<html><head>"}'),
    case("comment-then-element", "<!-- part --><li>x</li>"),
    case("header", "<header>x</header>"),
    case("custom-element", "<html-view></html-view>"),
    case("start-of-a-name", "<hea"),
    case("blanks", " \n "),
    case("comment-only", "<!-- x -->"),
    case("vertical-tab-is-no-space", "\v<html>"),
    case("doctype-never-closed", "<!doctype html"),
    case("html-never-closed", "<html lang='en>"),
    case("svg", "<svg><title>x</title></svg>"),
    case("empty", ""),
]
ASKED_FOR = [
    case("element", "▲<div>part</div>"),
    case("text", "▲hello"),
    case("script-with-a-head", "▲<script>'<head>'</script>"),
    case("comment-then-element", "<!-- x -->▲<li>"),
    case("blanks", " \n▲"),
    case("comment-only", "<!-- x -->▲"),
    case("comment-open", "▲<!-- x"),
    case("cut-in-a-tag", "▲<hea"),
    case("head", "<head>▲<title>"),
    case("doctype", "<!doctype html><html><head>▲"),
    case("doctype-never-closed", "<!doctype html"),
    case("empty", ""),
]


def expected(marked: str, codec: str = "utf-8") -> bytes:
    before, mark, after = marked.partition(HERE)
    return (before + (TAG.decode() if mark else "") + after).encode(codec)


def check_cuts(marked: str, codec: str = "utf-8", **options: object) -> None:
    source, want = marked.replace(HERE, "").encode(codec), expected(marked, codec)
    points = range(len(source) + 1)
    cuts: list[tuple[int, ...]] = [(), *((point,) for point in points), tuple(points)]
    if len(source) < 36:
        cuts += combinations(points, 2)
    for cut in cuts:
        edges = [0, *cut, len(source)]
        chunks = [source[start:end] for start, end in pairwise(edges)]
        injector = Injector(TAG, **options)  # type: ignore[arg-type]
        assert run(injector, chunks) == want, f"cut at {cut[:3]}"
        assert injector.decided
        assert injector.added == len(want) - len(source)


@pytest.mark.parametrize("marked", DOCUMENTS + FRAGMENTS)
@pytest.mark.parametrize("marker", [None, MARKER], ids=["at-once", "with-marker"])
def test_place(marked: str, marker: bytes | None) -> None:
    check_cuts(marked, marker=marker)


@pytest.mark.parametrize("marked", ASKED_FOR)
def test_document_that_was_asked_for(marked: str) -> None:
    check_cuts(marked, is_document=True)


WIDE = [
    "everything-in-order",
    "text-beyond-ascii",
    "only-doctype",
    "body-alone",
    "comment-never-closed",
    "head-left-out",
]


@pytest.mark.parametrize("marked", [document for document in DOCUMENTS if document.id in WIDE] + FRAGMENTS[:3])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("bom", [True, False], ids=["bom", "declared"])
def test_wide_encodings(marked: str, codec: str, bom: bool) -> None:
    if bom:
        marked = "\ufeff" + marked
    check_cuts(marked, codec, charset="utf-8" if bom else codec)


CHARSETS = [
    ("utf-8", "utf-8", True),
    ('"UTF-8"', "utf-8", True),
    ("no-such-charset", "utf-8", True),
    ("x-user-defined", "utf-8", True),
    ("shift_jis", "shift_jis", True),
    ("gb18030", "gb18030", True),
    ("iso-2022-jp", "ascii", True),
    ("utf-16", "utf-16-le", True),
    ("unicodefffe", "utf-16-be", True),
    ("utf-8\0", "utf-8", True),
    ("base64", "utf-8", True),
    (None, "utf-16-le", False),
    (None, "utf-16-be", False),
    (None, "utf-32", False),
    ("utf-32", "utf-32", False),
    ("utf-7", "utf-7", False),
    ("cp037", "cp037", False),
]


@pytest.mark.parametrize(("charset", "codec", "readable"), CHARSETS)
def test_charset(charset: str | None, codec: str, readable: bool) -> None:
    place = HERE if readable else ""
    check_cuts(f"<!doctype html><head>{place}<title>x", codec, charset=charset)


@pytest.mark.parametrize(("charset", "codec"), [(row[0], row[1]) for row in CHARSETS if not row[2]])
def test_unreadable_charset_stays_untouched_even_when_asked_for(charset: str | None, codec: str) -> None:
    check_cuts("hello, world", codec, charset=charset, is_document=True)


def test_stateful_japanese_before_the_place_stays_untouched() -> None:
    source = "<!doctype html><!-- 日本 --><head><title>x".encode("iso-2022-jp")
    assert run(Injector(TAG, charset="ISO-2022-JP"), [source]) == source


def test_stateful_japanese_after_the_place_is_no_obstacle() -> None:
    check_cuts("<!doctype html><head>▲<title>日本", "iso-2022-jp", charset="iso-2022-jp")


@pytest.mark.parametrize(
    "marked",
    [
        case("right-after-head", '<!doctype html><head><script src="/__hmr/client.js"></script>'),
        case("after-blanks", '<head>\n  <SCRIPT nonce="a" src="/app/__hmr/client.js" data-x></SCRIPT>'),
        case("head-implied", '<!doctype html><script src="/__hmr/client.js"></script><p>'),
        case("another-script", '<head>▲<script src="/app.js"></script><script src="/__hmr/client.js"></script>'),
        case("in-a-script's-text", '<head>▲<script>"/__hmr/client.js"</script>'),
        case("in-a-link", '<head>▲<link href="/__hmr/client.js">'),
        case("script-never-closed", "<head>▲<script data-x"),
        case("head-then-nothing", "<head>▲"),
        case("head-then-start-of-a-name", "<head>▲<scr"),
    ],
)
def test_marker(marked: str) -> None:
    check_cuts(marked, marker=MARKER)


def test_marker_is_read_in_wide_encodings() -> None:
    check_cuts('\ufeff<head><script src="/__hmr/client.js"></script>', "utf-16-le", marker=MARKER)


def test_two_injectors_in_a_row_insert_once() -> None:
    once = run(Injector(TAG, marker=MARKER), [b"<!doctype html><head><title>"])
    assert run(Injector(TAG, marker=MARKER), [once]) == once


def sent(chunks: list[bytes], **options: object) -> list[bytes]:
    injector = Injector(TAG, **options)  # type: ignore[arg-type]
    return [injector.feed(chunk) for chunk in chunks]


def test_what_is_settled_is_sent_at_once() -> None:
    chunks = [b"<!doctype html> <ht", b"ml lang=en", b"><!-- a", b" --><he", b"ad>x", b"y"]
    assert sent(chunks) == [b"<!doctype html> ", b"", b"<html lang=en>", b"<!-- a -->", b"<head>" + TAG + b"x", b"y"]


def test_nothing_is_sent_before_the_marker_is_ruled_out() -> None:
    chunks = [b"<!doctype html>", b"<head>", b"<s", b"tyle>"]
    assert sent(chunks, marker=MARKER) == [b"", b"", b"", b"<!doctype html><head>" + TAG + b"<style>"]


def test_fragment_is_sent_at_its_first_letter() -> None:
    assert sent([b"   <", b"d", b"iv>"]) == [b"", b"   <d", b"iv>"]


def test_decision_comes_with_the_doctype() -> None:
    injector = Injector(TAG)
    injector.feed(b"<!-- x --><!doctype html")
    assert not injector.decided
    injector.feed(b">")
    assert (injector.decided, injector.injected, injector.added) == (True, True, len(TAG))


def test_growth_is_counted_in_the_document_s_encoding() -> None:
    injector = Injector(TAG, charset="utf-16be")
    injector.feed("<!doctype html><p>".encode("utf-16-be"))
    assert injector.added == 2 * len(TAG)


LONG = b"x" * LIMIT
OVERLONG = {
    "comment-first": (b"<!-- " + LONG, b"", b" --><!doctype html><head>"),
    "doctype": (b"<!doctype " + LONG, b"", b"><head>"),
    "html-tag": (b"<html a=" + LONG, b"", b"><head>"),
    "blanks": (b" " * LIMIT, b"", b"<html><head>"),
    "comment-after-doctype": (b"<!doctype html>", TAG, b"<!--" + LONG + b"--><head>"),
    "head-tag": (b"<html>", TAG, b"<head a='" + LONG + b"'>"),
}


@pytest.mark.parametrize(("before", "tag", "after"), OVERLONG.values(), ids=OVERLONG)
@pytest.mark.parametrize("size", [1 << 30, 1000, 7])
def test_no_more_than_the_limit_is_held_back(before: bytes, tag: bytes, after: bytes, size: int) -> None:
    source = before + after
    injector = Injector(TAG)
    output, fed = bytearray(), 0
    for start in range(0, len(source), size):
        chunk = source[start : start + size]
        fed += len(chunk)
        output += injector.feed(chunk)
        assert fed - len(output) < LIMIT
    assert bytes(output) + injector.finish() == before + tag + after


@pytest.mark.parametrize(
    "construct",
    [
        b"<!doctype html><!-- " + b"-" * 60_000 + b" -->",
        b'<html a="' + b">" * 60_000 + b'">',
        b"<html " + b"a=b " * 15_000 + b">",
    ],
    ids=["dashes", "brackets", "attributes"],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le"])
def test_single_bytes_take_linear_time(construct: bytes, charset: str) -> None:
    source = (construct[: 60_000 if charset == "utf-8" else 30_000]).decode().encode(charset)
    injector = Injector(TAG, charset=charset)
    start = time.process_time()
    for at in range(len(source)):
        injector.feed(source[at : at + 1])
    assert time.process_time() - start < 2  # a scan anew for every byte takes ten times as long


def test_tag_must_be_ascii() -> None:
    with pytest.raises(ValueError, match="must be ASCII"):
        Injector("<script src='/é.js'>".encode())


OPENERS = ("<!doctype html>", "<!doctype", "<html", "<head", "<body", "<title>", "<script", "</head>", "<!--", "<?")
PIECES = st.sampled_from([*OPENERS, *"<>-!/ \na='\"é\0\x1b\ufeff", "x=1", "-->", "--!>", MARKER.decode()])


@given(
    pieces=st.lists(PIECES, max_size=14),
    cuts=st.sets(st.integers(0, 60), max_size=8),
    codec=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
    declared=st.booleans(),
    is_document=st.booleans(),
    marker=st.sampled_from([None, MARKER]),
)
@example(["<!doctype"], set(), "utf-8", False, True, None)
def test_nothing_but_the_tag_is_added(
    pieces: list[str], cuts: set[int], codec: str, declared: bool, is_document: bool, marker: bytes | None
) -> None:
    source = "".join(pieces).encode(codec)

    def inject(*cuts: int) -> tuple[bytes, int]:
        injector = Injector(TAG, is_document=is_document, charset=codec if declared else None, marker=marker)
        edges = [0, *sorted(cuts), len(source) + 60]
        output, promised = b"", None
        for start, end in pairwise(edges):
            output += injector.feed(source[start:end])
            if promised is None and injector.decided:
                promised = injector.added
            assert injector.decided or not output
        output += injector.finish()
        assert promised in (None, injector.added)
        return output, injector.added

    output, added = inject(*cuts)
    assert (output, added) == inject()
    assert len(output) == len(source) + added
    tags = [
        tag for tag in (TAG, TAG.decode().encode("utf-16-le"), TAG.decode().encode("utf-16-be")) if len(tag) == added
    ]
    assert output == source or any(
        output[:at] + output[at + added :] == source
        for tag in tags
        for at in range(len(output))
        if output.startswith(tag, at)
    )
