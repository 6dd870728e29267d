"""What is below /__hmr/ is ours: the client's files and the status, whatever the spelling."""

import re
from pathlib import Path

import pytest

import hmr_middleware
from contract.sites import Site

STATIC = Path(hmr_middleware.__file__).parent / "static"
CLIENT_FILES = sorted(path.name for path in STATIC.glob("*.js"))
OTHER_FILES = [("status.css", "text/css; charset=utf-8"), ("status.svg", "image/svg+xml")]


@pytest.mark.parametrize("name", CLIENT_FILES)
def test_the_client_is_served_as_it_is(site: Site, name: str) -> None:
    result = site.get(f"/__hmr/{name}")
    assert (result.status, result.body) == (200, (STATIC / name).read_bytes())
    assert result.header("content-type") == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(("name", "mime"), OTHER_FILES)
def test_what_the_status_page_looks_like_is_served_as_it_is(site: Site, name: str, mime: str) -> None:
    result = site.get(f"/__hmr/{name}")
    assert (result.status, result.body, result.header("content-type")) == (200, (STATIC / name).read_bytes(), mime)


def test_the_folder_in_the_tag_has_the_same_files_for_ever(site: Site) -> None:
    site.answers(b"<!doctype html><p>", ("Content-Type", "text/html"))
    found = re.search(rb'data-client="(~[0-9a-f]+)"', site.get("/").body)
    assert found
    result = site.get(f"/__hmr/{found[1].decode()}/main.js")
    assert (result.status, result.body) == (200, (STATIC / "main.js").read_bytes())
    assert result.header("cache-control") == "max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("~0123456789abcdef0123/main.js", 200, id="of-another-version"),
        pytest.param("~0123456789abcdef0123/status.json", 404, id="no-file"),
        pytest.param("~0123456789abcdef0123/", 404, id="no-status"),
        pytest.param("~0123456789abcdef0123/base", 404, id="no-document"),
        pytest.param("~short/main.js", 404, id="no-version"),
        pytest.param("~0123456789abcdef0123/~0123456789abcdef0123/main.js", 404, id="two-folders"),
    ],
)
def test_other_folders(site: Site, name: str, status: int) -> None:
    result = site.get(f"/__hmr/{name}")
    assert (result.status, result.header("cache-control")) == (status, "no-cache")


@pytest.mark.parametrize("name", ["client.js", "empty.js", "probe.js", "status.css", "nowhere"])
def test_nothing_of_ours_is_for_other_sites(site: Site, name: str) -> None:
    result = site.get(f"/__hmr/{name}")
    assert result.header("x-content-type-options") == "nosniff"
    assert result.header("cross-origin-resource-policy") == "same-origin"
    assert result.header("cache-control") == "no-cache"
    assert "access-control-allow-origin" not in result.names
    assert result.header("content-length") == str(len(result.body))


@pytest.mark.parametrize("root", ["", "/app"])
def test_it_is_found_below_the_root(site: Site, root: str) -> None:
    assert site.get("/__hmr/client.js", root=root).status == 200


def test_the_app_is_not_asked(site: Site) -> None:
    for path in ("", "client.js", "status.json", "nowhere", "%2e%2e/x"):
        site.get(f"/__hmr/{path}")
    assert site.seen == []


def test_the_token_stands_in_no_script(site: Site) -> None:
    assert all(b'"token"' not in site.get(f"/__hmr/{name}").body for name in CLIENT_FILES)


@pytest.mark.parametrize("path", ["/__hmr", "/__hmrs/client.js", "/x/__hmr/client.js", "/__HMR/client.js"])
def test_what_only_looks_like_it_is_the_app_s(site: Site, path: str) -> None:
    assert site.get(path).status == 404
    assert [seen.path for seen in site.seen] == [path]


@pytest.mark.parametrize(
    "name",
    [
        "/",
        "nowhere.js",
        "CLIENT.JS",
        "client.js/",
        "client.js/x",
        "client.js%00",
        "client.js%20",
        "./client.js",
        "/client.js",
        "x/../client.js",
        "../engine.py",
        "../static/client.js",
        "..%2fengine.py",
        "%2e%2e/engine.py",
        "%2e%2e%2fengine.py",
        "%252e%252e/engine.py",
        "..\\engine.py",
        "..%5cengine.py",
        "....//engine.py",
        "/etc/passwd",
        "%2fetc/passwd",
        "types.d.ts",
        "__init__.py",
        "status",
        "STATUS.json",
        "status.json/",
    ],
)
def test_no_other_file_is_ever_read(site: Site, name: str) -> None:
    assert site.get(f"/__hmr/{name}").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("name", ["", "client.js", "status.json", "nowhere"])
def test_other_methods_are_refused(site: Site, method: str, name: str) -> None:
    result = site.get(f"/__hmr/{name}", method=method)
    assert (result.status, result.header("allow")) == (405, "GET, HEAD")


@pytest.mark.parametrize("name", ["", "client.js", "status.json"])
def test_head_has_no_body(site: Site, name: str) -> None:
    head, get = site.get(f"/__hmr/{name}", method="HEAD"), site.get(f"/__hmr/{name}")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == get.headers


def test_what_the_browser_has_is_not_sent_again(site: Site) -> None:
    etag = site.get("/__hmr/client.js").header("etag")
    again = site.get("/__hmr/client.js", {"If-None-Match": str(etag)})
    assert (again.status, again.body) == (304, b"")


PROBE = [
    pytest.param("url=/a.js&url=/b.js%3Ft=1&missing=x", 'import "/a.js";\nimport "/b.js?t=1";\n', "x", id="two"),
    pytest.param("url=/a.json%3Ft=1", 'import "/a.json?t=1" with { type: "json" };\n', "none", id="json"),
    pytest.param("", "", "none", id="none"),
    pytest.param("url=//evil/a.js&url=https://evil/a.js&url=/%5Cevil/a.js", "", "none", id="other-hosts"),
    pytest.param("url=/a%22;evil()//.js", 'import "/a\\";evil()//.js";\n', "none", id="quotes"),
    pytest.param("missing=a}from'x';evil()//", "", "afromxevil", id="no-name"),
]


@pytest.mark.parametrize(("query", "imports", "missing"), PROBE)
def test_the_link_probe_imports_only_what_is_ours(site: Site, query: str, imports: str, missing: str) -> None:
    assert site.get(f"/__hmr/probe.js?{query}").body.decode() == f'{imports}import {{ {missing} }} from "./empty.js";'


@pytest.mark.parametrize("blank", ["%09", "%0A", "%0D"])
def test_the_link_probe_sees_through_blanks(site: Site, blank: str) -> None:
    assert b"evil" not in site.get(f"/__hmr/probe.js?url=/{blank}/evil/a.js").body
