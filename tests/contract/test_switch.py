"""The switch: what is said first counts, and off costs nothing at all."""

import contextlib
import html
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route

from contract import django_project
from contract.interfaces import INTERFACES, Answer, ignore
from contract.sites import untag
from hmr_middleware import ConfigError, HmrMiddleware

PAGE = django_project.PAGE
HTML = ("Content-Type", "text/html")


@pytest.fixture(scope="module", autouse=True)
def django_is_set_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Configure Django for these tests."""
    django_project.set_up(tmp_path_factory.mktemp("django"))


@pytest.fixture(autouse=True)
def nothing_stays_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stop what was started for the apps of a test."""
    from hmr_middleware.service import Running

    started: list[Running] = []
    begin = Running.__init__

    def remember(self: Running, *args: Any) -> None:
        begin(self, *args)
        started.append(self)

    monkeypatch.setattr(Running, "__init__", remember)
    yield
    for running in started:
        running.watcher.stop()


def respond(_seen: object) -> Answer:
    """Answer with a page."""
    return Answer(PAGE.encode(), (HTML,))


def a_flask_app(debug: bool = False) -> flask.Flask:
    app = flask.Flask(__name__, static_folder=None)
    app.add_url_rule("/", view_func=lambda: PAGE)
    app.debug = debug
    return app


def a_starlette_app(debug: bool = False) -> Starlette:
    return Starlette(debug=debug, routes=[Route("/", lambda _request: HTMLResponse(PAGE))])


def a_fastapi_app(debug: bool = False) -> FastAPI:
    app = FastAPI(debug=debug)
    app.add_route("/", lambda _request: HTMLResponse(PAGE))
    return app


def is_on(app: Any) -> bool:
    """Return whether the page of *app* carries the client."""
    kind = "asgi" if isinstance(app, Starlette) or "Asgi" in type(app).__name__ else "wsgi"
    result = INTERFACES[kind].ask(app, "/", method="GET", headers={}, root="", notice=ignore)
    body, tags = untag(result.body)
    assert body == PAGE.encode()
    return bool(tags)


# Off

APPS: dict[str, Callable[[], Any]] = {
    "wsgi": lambda: INTERFACES["wsgi"].app(respond),
    "asgi": lambda: INTERFACES["asgi"].app(respond),
    "flask": a_flask_app,
    "starlette": a_starlette_app,
    "fastapi": a_fastapi_app,
    "django-wsgi": WSGIHandler,
    "django-asgi": ASGIHandler,
}


@pytest.mark.parametrize("kind", APPS)
@pytest.mark.parametrize("how", ["argument", "environment"])
def test_off_is_the_very_same_app(monkeypatch: pytest.MonkeyPatch, kind: str, how: str) -> None:
    app = APPS[kind]()
    before = dict(vars(app))
    monkeypatch.setenv("HMR_ENABLED", "0" if how == "environment" else "1")
    assert HmrMiddleware(app, enabled=False if how == "argument" else None) is app
    assert vars(app) == before


@pytest.mark.parametrize("kind", APPS)
def test_where_nobody_says_development_it_is_off(kind: str) -> None:
    app = APPS[kind]()
    assert HmrMiddleware(app) is app


@pytest.mark.parametrize("make", [a_flask_app, a_starlette_app, a_fastapi_app])
def test_an_app_without_debug_serves_its_pages_as_they_are(make: Callable[[], Any]) -> None:
    assert not is_on(HmrMiddleware(make()))


OFF = """
import sys, threading
from hmr_middleware import HmrMiddleware

def app(environ, start_response): ...

assert HmrMiddleware(app) is app
assert HmrMiddleware(app, enabled=False) is app
allowed = {"config", "errors", "hooks", "middleware", "native", "session"}
ours = {name.partition(".")[2] for name in sys.modules if name.startswith("hmr_middleware.")}
assert ours == allowed, ours
costly = {"watchfiles", "wsproto", "bs4", "asgiref", "asyncio", "logging"} & set(sys.modules)
assert not costly, costly
assert threading.active_count() == 1
"""
LAZY = """
import threading
from hmr_middleware import HmrMiddleware

app = HmrMiddleware(lambda environ, start_response: [], enabled=True)
assert threading.active_count() == 1
"""


@pytest.mark.parametrize("script", [OFF, LAZY], ids=["off-imports-nothing", "on-starts-nothing-before-a-request"])
def test_what_it_costs(script: str) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("HMR_", "_HMR_"))}
    ran = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=False)
    assert ran.stderr == ""


# What is said first counts

SWITCHES = [
    # argument, environment, the framework's setting, debug flag -> on
    (None, None, None, False, False),
    (None, None, None, True, True),
    (None, None, True, False, True),
    (None, None, False, True, False),
    (None, None, "on", False, True),
    (None, None, "", True, True),
    (None, "1", False, False, True),
    (None, "0", True, True, False),
    (None, "", None, True, True),
    (True, "0", False, False, True),
    (False, "1", True, True, False),
]


@pytest.mark.parametrize(("argument", "variable", "setting", "debug", "expected"), SWITCHES)
@pytest.mark.parametrize("framework", ["flask", "django"])
def test_precedence(
    monkeypatch: pytest.MonkeyPatch,
    framework: str,
    argument: bool | None,
    variable: str | None,
    setting: object,
    debug: bool,
    expected: bool,
) -> None:
    if variable is not None:
        monkeypatch.setenv("HMR_ENABLED", variable)
    if framework == "flask":
        app = a_flask_app(debug)
        app.config["HMR_ENABLED"] = setting
        assert is_on(HmrMiddleware(app, enabled=argument)) is expected
        return
    with override_settings(DEBUG=debug, HMR_ENABLED=setting, ALLOWED_HOSTS=["*"]):
        assert is_on(HmrMiddleware(WSGIHandler(), enabled=argument)) is expected


@pytest.mark.parametrize(
    ("argument", "variable", "setting", "debug", "expected"), [row for row in SWITCHES if row[2] is None]
)
@pytest.mark.parametrize("make", [a_starlette_app, a_fastapi_app])
def test_precedence_without_settings(
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[bool], Any],
    argument: bool | None,
    variable: str | None,
    setting: object,  # noqa: ARG001
    debug: bool,
    expected: bool,
) -> None:
    if variable is not None:
        monkeypatch.setenv("HMR_ENABLED", variable)
    assert is_on(HmrMiddleware(make(debug), enabled=argument)) is expected


def test_debug_may_be_switched_on_after_the_wrapping() -> None:
    """As `app.run(debug=True)` does."""
    app = HmrMiddleware(a_flask_app())
    app.debug = True
    assert is_on(app)


@pytest.mark.parametrize("framework", ["flask", "django"])
def test_an_unclear_setting_is_refused(framework: str) -> None:
    app = a_flask_app()
    app.config["HMR_ENABLED"] = "maybe"
    with override_settings(HMR_ENABLED="maybe"), pytest.raises(ConfigError, match=r"HMR_ENABLED.*one of 1, 0.*'maybe'"):
        is_on(HmrMiddleware(app if framework == "flask" else WSGIHandler()))


@pytest.mark.parametrize(("arguments", "expected"), [({}, "settings"), ({"ignored_errors": ["argument"]}, "argument")])
def test_settings_of_django(arguments: dict[str, Any], expected: str) -> None:
    with override_settings(HMR={"ignored_errors": ["settings"]}, DEBUG=True, ALLOWED_HOSTS=["*"]):
        app = HmrMiddleware(WSGIHandler(), **arguments)
        page = INTERFACES["wsgi"].ask(app, "/", method="GET", headers={}, root="", notice=ignore)
    assert f'data-ignore="["{expected}"]"' in html.unescape(page.body.decode())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("on", r"settings\.HMR must map settings to values, for example .*; got 'on'"),
        ({"wach": []}, r"settings\.HMR: there is no setting 'wach' there; those are static, templates, watch"),
        ({"enabled": True}, r"settings\.HMR: there is no setting 'enabled' there"),
        ({"watch": "content"}, r"watch must be a list of paths, got 'content'"),
    ],
)
def test_settings_of_django_that_cannot_be_used(value: object, message: str) -> None:
    with override_settings(HMR=value), pytest.raises(ConfigError, match=message):
        HmrMiddleware(WSGIHandler())


POLLING = [
    pytest.param(None, None, None, id="nothing-is-said"),
    pytest.param(None, True, True, id="setting"),
    pytest.param(False, True, False, id="the-argument-overrules-the-setting"),
]


@pytest.mark.parametrize("framework", ["flask", "django"])
@pytest.mark.parametrize(("argument", "setting", "expected"), POLLING)
def test_whether_to_poll_may_be_a_setting(
    monkeypatch: pytest.MonkeyPatch, framework: str, argument: bool | None, setting: bool | None, expected: bool | None
) -> None:
    seen: list[bool | None] = []
    monkeypatch.delenv("HMR_POLL")
    monkeypatch.setattr("hmr_middleware.service.Service.__init__", lambda _, config, _find: seen.append(config.poll))
    app = a_flask_app(debug=True)
    app.config["HMR_POLL"] = setting
    with override_settings(DEBUG=True, HMR_POLL=setting), contextlib.suppress(AttributeError):  # nothing is served
        is_on(HmrMiddleware(app if framework == "flask" else WSGIHandler(), poll=argument))
    assert seen == [expected]


@pytest.mark.parametrize("framework", ["flask", "django"])
def test_an_unclear_setting_for_polling_is_refused(framework: str) -> None:
    app = a_flask_app(debug=True)
    app.config["HMR_POLL"] = "often"
    refused = pytest.raises(ConfigError, match=r"HMR_POLL.*one of 1, 0.*'often'")
    with override_settings(DEBUG=True, HMR_POLL="often"), refused:
        is_on(HmrMiddleware(app if framework == "flask" else WSGIHandler()))


@pytest.mark.parametrize("framework", ["flask", "django"])
def test_other_settings_of_the_framework(framework: str) -> None:
    app = a_flask_app(True)
    app.config["HMR_TRANSPORT"] = "polling"
    with override_settings(DEBUG=True, HMR_TRANSPORT="polling", ALLOWED_HOSTS=["*"]):
        wrapped = HmrMiddleware(app if framework == "flask" else WSGIHandler())
        served = INTERFACES["wsgi"].ask(wrapped, "/", method="GET", headers={}, root="", notice=ignore).body
    assert b' data-transport="polling"' in served


def test_an_unclear_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HMR_ENABLED", "maybe")
    with pytest.raises(ConfigError, match="HMR_ENABLED"):
        HmrMiddleware(a_flask_app())


# Servers that reload


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["/venv/bin/fastapi", "dev", "main.py"], True),
        (["fastapi.exe", "dev"], True),
        (["/venv/bin/fastapi", "run", "main.py"], False),
        (["manage.py", "dev"], False),
        (["/venv/bin/uvicorn", "main:app"], False),
    ],
)
def test_fastapi_dev(monkeypatch: pytest.MonkeyPatch, argv: list[str], expected: bool) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    assert is_on(HmrMiddleware(a_fastapi_app())) is expected


SERVED = """
from contract.test_switch import a_starlette_app
from hmr_middleware import HmrMiddleware
app = HmrMiddleware(a_starlette_app())
"""


@pytest.mark.parametrize("reload", [True, False])
def test_uvicorn_with_reload(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reload: bool) -> None:
    from uvicorn.config import Config

    name = f"served_with_reload_{reload}"
    (tmp_path / f"{name}.py").write_text(SERVED)
    monkeypatch.syspath_prepend(tmp_path)
    config = Config(f"{name}:app", reload=reload, reload_dirs=[str(tmp_path)], log_config=None)
    config.load()
    assert is_on(sys.modules[name].app) is reload


# Ways to put it in


@pytest.mark.parametrize("make", [a_flask_app, a_starlette_app, a_fastapi_app])
def test_a_framework_s_app_stays_its_own_object(make: Callable[[bool], Any]) -> None:
    app = make(True)
    assert HmrMiddleware(app) is app
    assert is_on(app)


@pytest.mark.parametrize("make", [a_flask_app, a_starlette_app, a_fastapi_app])
def test_putting_it_in_twice_is_once(make: Callable[[bool], Any]) -> None:
    app = make(True)
    assert is_on(HmrMiddleware(HmrMiddleware(app)))


@pytest.mark.parametrize(("debug", "expected"), [(True, True), (False, False)])
def test_around_the_wsgi_app_of_flask(debug: bool, expected: bool) -> None:
    app = a_flask_app(debug)
    app.wsgi_app = HmrMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    assert is_on(app) is expected


def test_both_ways_into_flask_tag_once() -> None:
    app = a_flask_app(True)
    app.wsgi_app = HmrMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    assert is_on(HmrMiddleware(app))


@pytest.mark.parametrize("make", [a_starlette_app, a_fastapi_app])
@pytest.mark.parametrize(
    ("debug", "enabled", "expected"), [(True, None, True), (False, None, False), (False, True, True)]
)
def test_add_middleware(make: Callable[[bool], Any], debug: bool, enabled: bool | None, expected: bool) -> None:
    app = make(debug)
    app.add_middleware(HmrMiddleware, enabled=enabled)
    assert is_on(app) is expected


def test_a_list_of_middleware() -> None:
    routes = [Route("/", lambda _request: HTMLResponse(PAGE))]
    assert is_on(Starlette(debug=True, routes=routes, middleware=[Middleware(HmrMiddleware)]))


def test_add_middleware_and_around_tag_once() -> None:
    app = a_starlette_app(True)
    app.add_middleware(HmrMiddleware)
    assert is_on(HmrMiddleware(app))


def test_starlette_after_its_first_request() -> None:
    app = a_starlette_app(True)
    assert not is_on(app)
    assert is_on(HmrMiddleware(app))


def test_middleware_of_starlette_that_comes_later_is_inside() -> None:
    app = HmrMiddleware(a_starlette_app(True))
    app.add_middleware(lambda inner: inner)
    assert is_on(app)


# Kinds of apps


class WsgiObject:
    """A WSGI app as an object."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return INTERFACES["wsgi"].app(respond)(environ, start_response)


class WsgiIterable:
    """A WSGI app as a class whose objects are the responses (PEP 3333 shows one)."""

    def __init__(self, _environ: Any, start_response: Any) -> None:
        start_response("200 OK", [HTML])

    def __iter__(self) -> Iterator[bytes]:
        yield PAGE.encode()


class AsgiObject:
    """An ASGI app as an object."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await INTERFACES["asgi"].app(respond)(scope, receive, send)

    def not_async(self, scope: Any, receive: Any, send: Any) -> Any:
        return self(scope, receive, send)


class Asgi2Class:
    """An app of ASGI 2: made with the scope, called with the rest."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        await INTERFACES["asgi"].app(respond)(self.scope, receive, send)


@pytest.mark.parametrize(
    ("app", "interface"),
    [
        pytest.param(WsgiObject(), "wsgi", id="wsgi-object"),
        pytest.param(WsgiObject().__call__, "wsgi", id="wsgi-method"),
        pytest.param(WsgiIterable, "wsgi", id="wsgi-class"),
        pytest.param(lambda *args: WsgiObject()(*args), "wsgi", id="wsgi-any-arguments"),
        pytest.param(AsgiObject(), "asgi", id="asgi-object"),
        pytest.param(AsgiObject().__call__, "asgi", id="asgi-method"),
        pytest.param(AsgiObject().not_async, "asgi", id="asgi-without-async"),
        pytest.param(Asgi2Class, "asgi", id="asgi-2-class"),
    ],
)
def test_which_interface_an_app_has(app: Any, interface: str) -> None:
    wrapped = HmrMiddleware(app, enabled=True)
    assert type(wrapped).__name__.lower().startswith(interface)
    assert is_on(wrapped)


@pytest.mark.parametrize(
    "app",
    [None, 5, "module:app", [], object(), flask, lambda: None, lambda _scope: None],
    ids=lambda app: type(app).__name__,
)
@pytest.mark.parametrize("enabled", [True, None])
def test_what_is_no_app_is_refused(app: Any, enabled: bool | None) -> None:
    with pytest.raises(ConfigError) as caught:
        HmrMiddleware(app, enabled=enabled)
    message = str(caught.value)
    assert message.startswith("app must be")
    assert repr(app) in message
    assert "pass the object" in message
