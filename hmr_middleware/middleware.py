"""HmrMiddleware: recognise the app, install or wrap, or hand it back untouched.

Nothing is imported here but the settings: switched off, the package costs one function call.
"""

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from hmr_middleware.config import Config, read_config, read_named, read_switch, with_ways
from hmr_middleware.errors import ConfigError
from hmr_middleware.session import current_session, is_served_with_reload

_PathLike = str | os.PathLike[str]


class HmrMiddleware:
    """Give *app* hot module replacement while it is being developed.

    A Flask, Starlette or FastAPI app is changed in place and returned, so that `flask run` and `fastapi dev` still find
    it; any other WSGI or ASGI callable is wrapped. Where nothing says that this is development, *app* comes back as it
    is: the switch is *enabled*, else the environment's HMR_ENABLED, else the framework's setting of that name, else its
    debug flag (`uvicorn --reload` and `fastapi dev` count as one), else off. In Django, `settings.HMR` may name the
    other arguments. Where something unmistakable says that this is production, such as APP_ENV=production or
    `fastapi run`, on is an error; `enabled=True` makes it a warning.

    Arguments:
        app: what a server would be given.
        enabled: True or False overrule everything else.
        static: URL prefixes and the folders served there, beyond what is found by itself.
        templates: template folders, beyond what is found by itself.
        watch: more files or folders to watch.
        ignore: shell patterns of paths whose changes mean nothing.
        allowed_hosts: Host names that may connect, besides localhost and IP addresses; ".name" means all below it.
        ignored_errors: patterns of messages or files, "*" stands for anything, of page errors that nobody wants shown.
        env: what modules find in `import.meta.env`, besides MODE, DEV, PROD, SSR and BASE_URL; no secrets.
        poll: True looks at the files in use regularly instead of waiting for events, False never does; else the
            environment's HMR_POLL, else the framework's setting of that name, else where events do not arrive.
        transport: how open pages are told: "auto", or only by "socket", "side-port" or "polling".
        side_port: the port of 127.0.0.1 for servers that give no way to their sockets, or 0 for any that is free.

    Raises ConfigError for an unknown kind of app, for settings that cannot be used, and in production.
    """

    def __new__(
        cls,
        app: Any,
        *,
        enabled: bool | None = None,
        static: Mapping[str, _PathLike] | None = None,
        templates: Iterable[_PathLike] = (),
        watch: Iterable[_PathLike] = (),
        ignore: Iterable[str] = (),
        allowed_hosts: Iterable[str] = (),
        ignored_errors: Iterable[str] = (),
        env: Mapping[str, str | int | float | bool] | None = None,
        poll: bool | None = None,
        transport: str | None = None,
        side_port: int | None = None,
    ) -> Any:
        options: dict[str, Any] = {
            "static": static,
            "templates": templates,
            "watch": watch,
            "ignore": ignore,
            "allowed_hosts": allowed_hosts,
            "ignored_errors": ignored_errors,
            "env": env,
            "poll": poll,
            "transport": transport,
            "side_port": side_port,
        }
        if _is_django(app):
            options = _with_settings(options)
        config = read_config(enabled=enabled, **options)
        install = next(install for is_kind, install in _KINDS if is_kind(app))
        if config.enabled is False:
            return app
        if config.enabled:
            _check_production(config)  # now, and not with the first request
        return install(app, config)


# Flask


def _is_flask(app: object) -> bool:
    return _descends_from(app, "flask", "Flask")


def _install_flask(app: Any, config: Config) -> Any:
    if not isinstance(app.wsgi_app, _FlaskGate):
        app.wsgi_app = _FlaskGate(app, app.wsgi_app, config)
    return app


def _is_method_of_flask(app: object) -> bool:
    return _is_flask(getattr(app, "__self__", None))


def _wrap_method_of_flask(method: Any, config: Config) -> Any:
    return _FlaskGate(method.__self__, method, config)


class _FlaskGate:
    """Stands before a Flask app until the first request: `app.run(debug=True)` says only then what it is."""

    def __init__(self, flask: Any, inner: Any, config: Config) -> None:
        self._flask = flask
        self._inner = inner
        self._config = config
        self._decided: Any = None
        current_session()  # begins here where a reloader's parent imports the app
        if config.enabled or flask.debug or os.environ.get("WERKZEUG_RUN_MAIN") == "true":
            # The first request is too late: the debugger is on its way already.
            import_module("hmr_middleware.frameworks.flask").open_debugger()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if self._decided is None:
            self._decided = self._decide()
        return self._decided(environ, start_response)

    def _decide(self) -> Any:
        flask = self._flask
        if not _is_on(self._config, flask.config.get("HMR_ENABLED"), bool(flask.debug)):
            return self._inner
        config = with_ways(_with_poll(self._config, flask.config.get("HMR_POLL")), flask.config.get)
        return _wrap_wsgi(self._inner, config, _discovery("flask", flask))


# Starlette and FastAPI


def _is_starlette(app: object) -> bool:
    return _descends_from(app, "starlette", "Starlette")


def _install_starlette(app: Any, config: Config) -> Any:
    if hasattr(app, "_hmr_reloading"):
        return app
    app._hmr_reloading = is_served_with_reload()
    current_session()
    build = app.build_middleware_stack

    def build_with_hmr() -> Any:
        stack = build()
        if not _is_on(config, None, app.debug or app._hmr_reloading):
            return stack
        return _wrap_starlette(stack, app, config)

    app.build_middleware_stack = build_with_hmr
    if app.middleware_stack is not None:
        app.middleware_stack = build_with_hmr()
    return app


def _is_starlette_middleware(app: object) -> bool:
    """Return whether *app* is what `add_middleware` hands over: a part of Starlette's stack."""
    return type(app).__module__.startswith("starlette.") and any(hasattr(part, "routes") for part in _layers(app))


def _wrap_starlette_middleware(app: Any, config: Config) -> Any:
    parts = list(_layers(app))
    debug = any(getattr(part, "debug", False) is True for part in parts)
    if not _is_on(config, None, debug or is_served_with_reload()):
        return app
    return _wrap_starlette(app, parts[-1], config)


def _layers(app: object) -> Iterator[object]:
    """Yield *app* and what it wraps, down to what has routes."""
    part: object | None = app
    while part is not None:
        yield part
        part = None if hasattr(part, "routes") else getattr(part, "app", None)


def _wrap_starlette(stack: Any, app: Any, config: Config) -> Any:
    return _wrap_asgi(stack, config, _discovery("starlette", app))


# Django


def _is_django(app: object) -> bool:
    return _descends_from(app, "django", "BaseHandler")


def _with_settings(options: dict[str, Any]) -> dict[str, Any]:
    """Return *options* with those of `settings.HMR` for what was not given."""
    from django.conf import settings

    named = read_named("settings.HMR", getattr(settings, "HMR", None), options)
    return {name: named.get(name, value) if value in (None, ()) else value for name, value in options.items()}


def _wrap_django(app: Any, config: Config) -> Any:
    from django.conf import settings

    if not _is_on(config, getattr(settings, "HMR_ENABLED", None), bool(settings.DEBUG)):
        return app
    _check_production(config, settings)
    config = _with_poll(config, getattr(settings, "HMR_POLL", None))
    config = with_ways(config, lambda name: getattr(settings, name, None))
    return (_wrap_asgi if _is_asgi(app) else _wrap_wsgi)(app, config, _discovery("django"))


# Any other app


def _is_wrapped(app: object) -> bool:
    return type(app).__module__ in ("hmr_middleware.wsgi", "hmr_middleware.asgi") or isinstance(app, _FlaskGate)


def _wrap_any(app: Any, config: Config) -> Any:
    asgi, legacy = _is_asgi(app), _is_legacy_asgi(app)
    if not asgi and not legacy and not _takes(app, 2):
        raise ConfigError(
            f"app must be a WSGI or ASGI callable, or a Flask, Starlette or FastAPI app; got {app!r}: "
            "pass the object that your server is given"
        )
    if not _is_on(config, None, not _takes(app, 2) and is_served_with_reload()):
        return app
    if legacy:
        from asgiref.compatibility import double_to_single_callable

        app = double_to_single_callable(app)  # type: ignore[no-untyped-call]
        return _wrap_asgi(app, config, _discovery("none"))
    return (_wrap_asgi if asgi else _wrap_wsgi)(app, config, _discovery("none"))


def _is_asgi(app: Any) -> bool:
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None)):  # noqa: B004
        return True
    return _takes(app, 3) and not _takes(app, 2)


def _is_legacy_asgi(app: Any) -> bool:
    """Return whether *app* speaks ASGI 2: a class; made with the scope, it is called with receive and send."""
    return inspect.isclass(app) and _takes(app, 1) and not _takes(app, 2)


def _takes(app: Any, count: int) -> bool:
    """Return whether *app* can be called with *count* positional arguments."""
    if not callable(app):
        return False
    try:
        inspect.signature(app).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # no signature: written in C
        return True
    return True


def _discovery(framework: str, *args: Any) -> Callable[[], Any]:
    """Return what looks an app over, later: that module is found by its name, for it stands above this one."""
    return lambda: import_module(f"hmr_middleware.frameworks.{framework}").discover(*args)


def _wrap_wsgi(app: Any, config: Config, discover: Callable[[], Any]) -> Any:
    from hmr_middleware.service import Service
    from hmr_middleware.wsgi import WsgiHmr

    current_session()
    return WsgiHmr(app, Service(config, discover))


def _wrap_asgi(app: Any, config: Config, discover: Callable[[], Any]) -> Any:
    from hmr_middleware.asgi import AsgiHmr
    from hmr_middleware.service import Service

    current_session()
    return AsgiHmr(app, Service(config, discover))


# The switch


def _is_on(config: Config, setting: object, debug: bool) -> bool:
    """Return what the switch says. Raises ConfigError where the framework's setting is unclear."""
    if config.enabled is not None:
        return config.enabled
    said = read_switch("HMR_ENABLED", setting)
    on = debug if said is None else said
    if on:
        _check_production(config)
    return on


def _check_production(config: Config, settings: Any = None) -> None:
    """Raise ConfigError where something else says that this is production. *settings* are Django's."""
    from hmr_middleware.production import check_production

    check_production(explicit=config.explicit, settings=settings)


def _with_poll(config: Config, setting: object) -> Config:
    """Return *config* with the framework's *setting* where it says nothing itself. Raises ConfigError."""
    said = read_switch("HMR_POLL", setting)
    return config if config.poll is not None else replace(config, poll=said)


def _descends_from(app: object, package: str, name: str) -> bool:
    """Return whether *app* is an instance of a class of *package*, without importing that."""
    return any(base.__name__ == name and base.__module__.partition(".")[0] == package for base in type(app).__mro__)


_KINDS: tuple[tuple[Callable[[object], bool], Callable[[Any, Config], Any]], ...] = (
    (_is_wrapped, lambda app, _config: app),
    (_is_flask, _install_flask),
    (_is_method_of_flask, _wrap_method_of_flask),
    (_is_starlette, _install_starlette),
    (_is_starlette_middleware, _wrap_starlette_middleware),
    (_is_django, _wrap_django),
    (lambda _app: True, _wrap_any),
)
