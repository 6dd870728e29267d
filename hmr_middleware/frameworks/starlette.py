"""Starlette and FastAPI: their StaticFiles mounts, nested ones too, and the Jinja2Templates that endpoints use."""

from collections.abc import Iterable, Iterator
from typing import Any

from hmr_middleware.core.mounts import Mount
from hmr_middleware.discovery import Found, existing, mount
from hmr_middleware.frameworks.jinja import forget_templates, search_paths


def discover(app: Any) -> Found:
    """Return what the routes of *app* serve."""
    routes = list(_all_routes(getattr(app, "routes", None) or [], ""))
    environments = _environments(routes)
    return Found(
        mounts=tuple(dict.fromkeys(found for prefix, route in routes for found in _mounts(prefix, route))),
        templates=existing(path for env in environments for path in search_paths(env.loader)),
        refreshers=(lambda: _refresh(app),),
    )


def _refresh(app: Any) -> None:
    """Empty the caches of the templates in use now: routes may have come since."""
    for environment in _environments(_all_routes(getattr(app, "routes", None) or [], "")):
        forget_templates(environment)


def _environments(routes: Iterable[tuple[str, Any]]) -> list[Any]:
    found = {id(item.env): item.env for _, route in routes for item in _templates(route)}
    return list(found.values())


def _all_routes(routes: Iterable[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield every route with the path that it is mounted at."""
    for route in routes:
        here = prefix + getattr(route, "path", "")
        yield here, route
        inner = getattr(route, "routes", None) or getattr(_unwrapped(route), "routes", None) or []
        yield from _all_routes(inner, here if _is_mount(route) else prefix)


def _is_mount(route: Any) -> bool:
    return hasattr(route, "app") and not hasattr(route, "endpoint")


def _unwrapped(route: Any) -> Any:
    """Return the app of a mount without the middleware around it."""
    app: Any = getattr(route, "app", None)
    while not (hasattr(app, "routes") or hasattr(app, "all_directories")) and hasattr(app, "app"):
        app = app.app
    return app


def _mounts(prefix: str, route: Any) -> Iterator[Mount]:
    for folder in getattr(_unwrapped(route), "all_directories", ()) if _is_mount(route) else ():
        yield mount(prefix, folder)


def _templates(route: Any) -> Iterator[Any]:
    """Yield the Jinja2Templates among the global names of the module that a route's endpoint is from."""
    endpoint = getattr(route, "endpoint", None)
    names = getattr(endpoint, "__globals__", {})
    yield from (value for value in list(names.values()) if type(value).__name__ == "Jinja2Templates")
