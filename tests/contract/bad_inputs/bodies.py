"""What an app may answer: HTML that is none, scripts that are none, in encodings that are not what they say."""

import gzip
import zlib
from dataclasses import dataclass, field

UNTOUCHED, TAGGED, HOT = "byte for byte", "with the tag", "with the preamble"
HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
PAGE = b"<!doctype html><title>x</title><p>x"
USES_HOT = b"import.meta.hot.accept()\n"
DOCUMENT = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
MODULE = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"}
STYLE = {"Sec-Fetch-Dest": "style", "Sec-Fetch-Mode": "no-cors"}


@dataclass(frozen=True)
class Body:
    """A body, what the app says it is, what the browser asked for, and what becomes of it."""

    body: bytes
    expected: str
    mime: str = HTML
    more: tuple[tuple[str, str], ...] = ()
    status: int = 200
    asked: dict[str, str] = field(default_factory=lambda: DOCUMENT)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers that the app sends."""
        return (("Content-Type", self.mime), *self.more)

    @property
    def ending(self) -> str:
        """The end of a URL that such a thing is asked for by."""
        return {"script": ".js", "style": ".css"}.get(self.asked["Sec-Fetch-Dest"], "")


def script(body: bytes, expected: str, mime: str = SCRIPT) -> Body:
    """Return what comes for a module."""
    return Body(body, expected, mime, asked=MODULE)


def style(body: bytes, mime: str = "text/css") -> Body:
    """Return what comes for a stylesheet."""
    return Body(body, UNTOUCHED, mime, asked=STYLE)


def encoded(body: bytes, encoding: str) -> Body:
    """Return a document that claims an encoding it does not have."""
    return Body(body, UNTOUCHED, more=(("Content-Encoding", encoding),))


BODIES: dict[str, Body] = {
    # HTML
    "html-empty": Body(b"", UNTOUCHED),
    "html-nul": Body(b"<!doctype html>\0<p>", UNTOUCHED),
    "html-one-byte": Body(b"<", TAGGED),
    "html-utf-16-marked": Body(PAGE.decode().encode("utf-16"), UNTOUCHED),
    "html-utf-16-unmarked": Body(PAGE.decode().encode("utf-16-le"), UNTOUCHED),
    "html-utf-32": Body(PAGE.decode().encode("utf-32"), UNTOUCHED),
    "html-gb18030-said-to-be-utf-8": Body(PAGE + "中文".encode("gb18030") * 9, UNTOUCHED),
    "html-iso-2022-jp": Body(PAGE + "日本".encode("iso-2022-jp"), TAGGED, "text/html; charset=iso-2022-jp"),
    "html-unknown-charset": Body(PAGE + b"\xff", UNTOUCHED, "text/html; charset=nonsense"),
    "html-charset-that-is-no-text": Body(PAGE + b"\xff", UNTOUCHED, "text/html; charset=base64"),
    "html-charset-with-a-nul": Body(PAGE + b"\xff", UNTOUCHED, 'text/html; charset="utf\\08"'),
    "html-ebcdic": Body(PAGE.decode().encode("cp037"), UNTOUCHED, "text/html; charset=cp037"),
    "html-head-in-a-comment": Body(b"<!-- <head> --><p>", TAGGED),
    "html-comment-never-closed": Body(b"<!doctype html><!-- " + b"-" * 200_000, TAGGED),
    "html-doctype-never-closed": Body(b"<!doctype " + b"x" * 200_000, UNTOUCHED),
    "html-tag-never-closed": Body(b"<html " + b"a='" * 50_000, TAGGED),
    "html-head-in-a-script": Body(b"<script>'</head>'</script>" + PAGE, TAGGED),
    "html-one-long-line": Body(b"<!doctype html>" + b"x" * 5_000_000, TAGGED),
    "html-nothing-but-blanks": Body(b" " * 200_000, TAGGED),
    "html-nested-deeply": Body(b"<!doctype html>" + b"<div>" * 100_000, TAGGED),
    "html-import-map-that-is-none": Body(PAGE + b"<script type=importmap>{" + b"[" * 50_000 + b"</script>", TAGGED),
    "html-import-map-of-lists": Body(PAGE + b'<script type=importmap>{"imports":[]}</script>', TAGGED),
    "html-base-that-is-none": Body(
        PAGE + b'<base href="http://["><script type=module>import "./a.js"</script>', TAGGED
    ),
    "html-inline-module-never-closed": Body(PAGE + b"<script type=module>import '" + b"x" * 100_000, TAGGED),
    "html-surrogates": Body(PAGE + b"\xed\xa0\x80" * 9, UNTOUCHED),
    "html-gzip-lie": encoded(PAGE, "gzip"),
    "html-gzip-cut": encoded(gzip.compress(PAGE, mtime=0)[:-9], "gzip"),
    "html-deflate-lie": encoded(PAGE, "deflate"),
    "html-two-encodings-one-lie": encoded(zlib.compress(PAGE), "gzip, deflate"),
    "html-unknown-encoding": encoded(PAGE, "compress"),
    "html-encoding-of-commas": Body(PAGE, TAGGED, more=(("Content-Encoding", ",,,"),)),
    "html-attachment": Body(PAGE, UNTOUCHED, more=(("Content-Disposition", "attachment; filename=mail.html"),)),
    "html-two-content-types": Body(PAGE, TAGGED, more=(("Content-Type", "image/png"),)),
    "html-policy-of-noise": Body(PAGE, TAGGED, more=(("Content-Security-Policy", ";;, ,'nonce-\xff';script-src"),)),
    "html-policy-with-markup": Body(PAGE, TAGGED, more=(("Content-Security-Policy", "script-src 'nonce-\"><b>'"),)),
    "html-206": Body(PAGE, UNTOUCHED, status=206),
    "html-299": Body(PAGE, TAGGED, status=299),
    "html-599": Body(PAGE, TAGGED, status=599),
    "xml": Body(b"<?xml version='1.0'?><feed/>", UNTOUCHED, "application/xml"),
    "svg": Body(b"<svg xmlns='http://www.w3.org/2000/svg'/>", UNTOUCHED, "image/svg+xml"),
    "type-of-noise": Body(PAGE, UNTOUCHED, ";;;=,/"),
    "type-empty": Body(PAGE, UNTOUCHED, ""),
    # Scripts
    "script-as-html": script(PAGE, UNTOUCHED, HTML),
    "script-is-a-picture": script(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), UNTOUCHED),
    "script-template-never-closed": script(b"import.meta.hot;`${" * 1_000, HOT),
    "script-regex-never-closed": script(b"import.meta.hot;/[" + b"(" * 10_000, HOT),
    "script-brackets": script(b"([{" * 40_000, UNTOUCHED),
    "script-imports": script(b"import{" * 20_000, UNTOUCHED),
    "script-import-words": script(b"import " * 20_000, UNTOUCHED),
    "script-import-of-noise": script(b"import 'http://[';import '\\ud800';import '\\u{110000}'\n", UNTOUCHED),
    "script-marked": script(b"\xef\xbb\xbfexport {}\n", UNTOUCHED),
    "script-utf-16": script("import.meta.hot".encode("utf-16"), UNTOUCHED),
    "script-separators": script("'\u2028';//\u2029\n".encode(), UNTOUCHED),
    "script-hashbang": script(b"#!/usr/bin/env node\nexport {}\n", UNTOUCHED),
    "script-words-in-texts": script(b"'import.meta.hot';/import.meta.hot/;//import.meta.hot\n", UNTOUCHED),
    "script-latin-1": script(b"'\xe9';" + USES_HOT, HOT, "text/javascript; charset=latin-1"),
    "script-hot-within-noise": script(b"'\xff\xfe';" + USES_HOT, HOT),
    "script-escaped-names": script(b"import.m\\u0065ta.hot\n", UNTOUCHED),
    "script-empty": script(b"", UNTOUCHED),
    "script-nul": script(b"\0" * 100_000, UNTOUCHED),
    # Stylesheets
    "style-never-closed": style(b"@import url(" + b"x" * 100_000),
    "style-imports": style(b"@import" * 20_000),
    "style-escapes": style(b"@im\\70ort '\\110000 \\d800 \\0';url(\\" + b"\\" * 50_000),
    "style-comment-never-closed": style(b"/*" * 50_000),
    "style-brackets": style(b"{[(" * 50_000),
    "style-picture": style(b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
    "style-utf-16": style("@import 'a'".encode("utf-16")),
}
