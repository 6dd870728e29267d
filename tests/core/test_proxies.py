"""Modules that stand for files that no browser imports by itself."""

import pytest

from hmr_middleware.core.proxies import proxied, proxies_for, proxy_for, proxy_text
from hmr_middleware.core.scan_js import scan_module

PAIRS = [
    pytest.param("/x/a.css", "/x/a.css.proxy.js", id="stylesheet"),
    pytest.param("/x/a.module.css", "/x/a.module.css.proxy.js", id="css-module"),
    pytest.param("/a.json", "/a.json.proxy.js", id="data"),
    pytest.param("/a.png", "/a.png.proxy.js", id="image"),
    pytest.param("/a.woff2?v=3", "/a.woff2.proxy.js?v=3", id="font-with-a-query"),
    pytest.param("/%C3%BC.svg", "/%C3%BC.svg.proxy.js", id="encoded"),
]


@pytest.mark.parametrize(("file", "proxy"), PAIRS)
def test_a_file_and_its_proxy(file: str, proxy: str) -> None:
    assert (proxy_for(file), proxied(proxy)) == (proxy, file)


@pytest.mark.parametrize("url", ["/a.js", "/a.mjs", "/a", "/", "/a.html", "/css", "/a.css/", "/a.css.proxy.js"])
def test_what_has_no_proxy(url: str) -> None:
    assert proxy_for(url) is None


@pytest.mark.parametrize("url", ["/a.js", "/a.css", "/a.js.proxy.js", "/.proxy.js", "/a.proxy.js", "/a.css?.proxy.js"])
def test_what_is_no_proxy(url: str) -> None:
    assert proxied(url) is None


TEXTS = [
    pytest.param("/a.css.proxy.js", ["/root/__hmr/proxies.js"], True, id="stylesheet"),
    pytest.param("/a.module.css.proxy.js", ["/root/__hmr/proxies.js"], False, id="css-module"),
    pytest.param("/x/a%22.json.proxy.js?b", ["./a%22.json"], False, id="data"),
    pytest.param("/a.png.proxy.js", ["/root/__hmr/proxies.js"], False, id="image"),
]


@pytest.mark.parametrize(("url", "imports", "accepts"), TEXTS)
def test_the_text_is_a_module_with_a_default_export(url: str, imports: list[str], accepts: bool) -> None:
    scan = scan_module(proxy_text(url, "/root"))
    assert ([item.specifier for item in scan.imports], scan.self_accepting) == (imports, accepts)
    assert scan.complete and scan.exports == {"default"}


def test_only_files_get_one() -> None:
    urls = {"./a.css": "/x/a.css", "lib/b.json": "/b.json", "./c.css": "/c.css", "./d.js": "/d.js"}
    assert proxies_for(urls, lambda url: url != "/c.css") == {
        "./a.css": "/x/a.css.proxy.js",
        "lib/b.json": "/b.json.proxy.js",
    }
