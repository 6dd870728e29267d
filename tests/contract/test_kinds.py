"""What modules import besides scripts, as it is served."""

import json
import threading

import pytest

from contract.sites import DOCUMENT, LAST_MODIFIED, MODULE, TAG, Site, etag_of

JSON = {"Sec-Fetch-Dest": "json", "Sec-Fetch-Mode": "cors"}
FETCH = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}


# JSON modules


@pytest.mark.parametrize("headers", [JSON, {}], ids=["json", "unknown"])
def test_json_passes_untouched_and_is_asked_for_again(site: Site, headers: dict[str, str]) -> None:
    result = site.get(site.write("a.json", '{"a": 1}'), headers)
    assert (result.body, result.header("etag"), result.header("last-modified")) == (
        b'{"a": 1}',
        etag_of(b'{"a": 1}'),
        LAST_MODIFIED,
    )
    assert result.header("cache-control") == "no-cache"


def test_json_that_a_script_fetches_is_the_apps_own(site: Site) -> None:
    result = site.get(site.write("a.json", "{}"), FETCH)
    assert (result.header("cache-control"), result.header("accept-ranges")) == (None, "bytes")


def test_importers_lead_to_the_live_json(site: Site) -> None:
    app = site.write("app.js", 'import a from "./a.json" with { type: "json" }; import.meta.hot')
    site.get(app, MODULE)
    site.get(site.write("a.json", "1"), JSON)
    version = site.edit("a.json", "2")
    assert f'"./a.json?t={version}" with'.encode() in site.get(f"{app}?t={version}", MODULE).body
    assert site.get(f"/static/a.json?t={version}", JSON).body == b"2"
    assert site.seen[-1].query == ""


# What no browser imports by itself


def test_a_proxy_is_served_where_the_app_has_no_answer(site: Site) -> None:
    site.write("a.css", "a { color: red } /* secret */")
    result = site.get("/static/a.css.proxy.js", MODULE)
    assert (result.status, result.header("content-type")) == (200, "text/javascript; charset=utf-8")
    assert result.header("content-length") == str(len(result.body))
    assert b"secret" not in result.body and b"export default" in result.body


def test_the_browser_keeps_a_proxy(site: Site) -> None:
    site.write("a.png", "")
    etag = site.get("/static/a.png.proxy.js", MODULE).header("etag")
    again = site.get("/static/a.png.proxy.js", {**MODULE, "If-None-Match": str(etag)})
    assert (again.status, again.body) == (304, b"")


NO_PROXY = {
    "no file": ("nowhere.css.proxy.js", MODULE),
    "no kind": ("a.exe.proxy.js", MODULE),
    "above the folder": ("..%2Fb.css.proxy.js", MODULE),
}


@pytest.mark.parametrize(("name", "headers"), NO_PROXY.values(), ids=NO_PROXY)
def test_what_gets_no_proxy(site: Site, name: str, headers: dict[str, str]) -> None:
    for file in ("a.css", "a.exe", "../b.css"):
        site.write(file, "")
    result = site.get(f"/static/{name}", headers)
    assert (result.status, result.body) == (404, b"not found")


def test_the_apps_own_answer_is_left_alone(site: Site) -> None:
    site.write("a.css", "")
    assert site.get(site.write("a.css.proxy.js", "1"), MODULE).body == b"1"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import './a.css'", "import '/static/a.css.proxy.js'"),
        ("import './b.css'", "import './b.css'"),
        ("import a from './a.css' with {type: 'css'}", "import a from './a.css' with {type: 'css'}"),
        ("import a from '/elsewhere/a.css'", "import a from '/elsewhere/a.css'"),
    ],
    ids=["file", "no-file", "typed", "outside-the-mounts"],
)
def test_imports_lead_to_proxies(site: Site, source: str, expected: str) -> None:
    site.write("a.css", "")
    assert site.get(site.write("app.js", source), MODULE).body.decode() == expected


def test_a_proxy_below_a_root(site: Site) -> None:
    site.write("a.css", "")
    served = site.get(site.write("app.js", "import './a.css'"), MODULE, root="/below").body
    assert served == b"import '/below/static/a.css.proxy.js'"
    assert b'"/below/__hmr/proxies.js"' in site.get("/static/a.css.proxy.js", MODULE, root="/below").body


def test_a_changed_file_is_a_changed_proxy(site: Site) -> None:
    site.write("a.png", "1")
    app = site.write("app.js", "import a from './a.png'")
    site.get(app, MODULE)
    site.get("/static/a.png.proxy.js", MODULE)
    version = site.edit("a.png", "2")
    assert f"a.png.proxy.js?t={version}".encode() in site.get(f"{app}?t={version}", MODULE).body
    assert b"addressOf" in site.get(f"/static/a.png.proxy.js?t={version}", MODULE).body


# import.meta.env


def test_env_is_what_the_app_lists_and_nothing_of_the_process(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "of the process")
    site.settings["env"] = {"API": "/api/"}
    served = site.get(site.write("app.js", "import.meta.env.API"), MODULE).body.decode()
    statement, rest = served.split(";", 1)
    assert rest == "import.meta.env.API"
    assert json.loads(statement.removeprefix("import.meta.env=")) == {
        "MODE": "development",
        "DEV": True,
        "PROD": False,
        "SSR": False,
        "BASE_URL": "/",
        "API": "/api/",
    }


# Inline modules


@pytest.mark.parametrize(
    ("policy", "attribute"),
    [("script-src 'self'", b" data-csp>"), ("script-src 'sha256-abc='", b' data-csp="hash">')],
    ids=["hosts", "hashes"],
)
def test_the_tag_says_what_kind_of_policy_the_page_has(site: Site, policy: str, attribute: bytes) -> None:
    site.answers(b"<!doctype html><p>", ("Content-Type", "text/html"), ("Content-Security-Policy", policy))
    found = TAG.search(site.get("/", DOCUMENT).body)
    assert found and attribute in found[0]


INLINE = {
    "quoted": b'<script type="module">import "./static/a.js"</script>',
    "bare": b"<SCRIPT async type=module >import '/static/a.js'</SCRIPT>",
    "beside a base": b'<base href="/static/"><script type="module">import "./a.js"</script>',
}


@pytest.mark.parametrize("markup", INLINE.values(), ids=INLINE)
def test_inline_modules_are_importers(site: Site, markup: bytes) -> None:
    site.answers(b"<!doctype html>" + markup, ("Content-Type", "text/html"))
    site.get("/page?a=1", DOCUMENT)
    running = site.app._service.running()
    done = threading.Event()
    running.hub.later(done.set)  # what is done after the response is done in order
    assert done.wait(5)
    assert running.engine.graph.add("/static/a.js").importers == {"/page?a=1"}


# Images, fonts and the like

IMAGE = {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}


@pytest.mark.parametrize("headers", [IMAGE, {}], ids=["image", "unknown"])
def test_an_image_passes_untouched_and_is_asked_for_again(site: Site, headers: dict[str, str]) -> None:
    result = site.get(site.write("a.svg", "<svg/>"), headers)
    assert result.body == b"<svg/>"
    assert (result.header("etag"), result.header("accept-ranges")) == (etag_of(b"<svg/>"), "bytes")
    assert result.header("cache-control") == "no-cache"


def test_the_app_never_sees_the_version_of_an_image(site: Site) -> None:
    assert site.get(site.write("a.svg", "<svg/>") + f"?v=3&t={'1' * 16}", IMAGE).body == b"<svg/>"
    assert site.seen[-1].query == "v=3"


@pytest.mark.parametrize("status", [206, 304])
def test_parts_and_confirmations_of_a_film(site: Site, status: int) -> None:
    site.answers(
        b"" if status == 304 else b"part", ("Cache-Control", "max-age=99"), ("Expires", "never"), status=status
    )
    result = site.get("/static/a.mp4", {"Sec-Fetch-Dest": "video", "Range": "bytes=0-3"})
    assert (result.status, result.header("cache-control"), result.header("expires")) == (status, "no-cache", None)


@pytest.mark.parametrize("target", ["/media/a.png", "/static/a", "/"])
def test_an_image_that_is_not_from_our_folders_is_the_apps_own(site: Site, target: str) -> None:
    site.answers(b"image", ("Content-Type", "image/png"), ("Cache-Control", "max-age=99"))
    assert site.get(target, IMAGE).header("cache-control") == "max-age=99"
