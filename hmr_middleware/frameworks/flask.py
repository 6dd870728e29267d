"""Flask: its static folders, blueprints included, its template folders, and its debugger."""

from collections.abc import Iterator
from functools import partial, wraps
from pathlib import Path
from typing import Any

from hmr_middleware.core.mounts import Mount
from hmr_middleware.discovery import Found, existing, mount
from hmr_middleware.frameworks.jinja import forget_templates, search_paths
from hmr_middleware.wsgi import pass_error_pages


def discover(app: Any) -> Found:
    """Return what the Flask *app* serves, blueprints included; let its debugger's pages have the client."""
    open_debugger()
    loaders = [app.jinja_env.loader, *(blueprint.jinja_loader for blueprint in app.blueprints.values())]
    return Found(
        mounts=tuple(dict.fromkeys(_mounts(app))),
        templates=existing(path for loader in [app.jinja_loader, *loaders] for path in search_paths(loader)),
        refreshers=(lambda: forget_templates(app.jinja_env),),
    )


def open_debugger() -> None:
    """Let Werkzeug's debugger, which stands outside of the app, answer as if it stood inside; once in a process.

    Only what it answers where the app raised is concerned: its console and its own files are not.
    """
    from werkzeug.debug import DebuggedApplication

    plain = DebuggedApplication.debug_application
    if hasattr(plain, "__wrapped__"):
        return

    @wraps(plain)
    def debug_application(self: Any, environ: Any, start_response: Any) -> Any:
        return pass_error_pages(partial(plain, self))(environ, start_response)

    DebuggedApplication.debug_application = debug_application  # type: ignore[method-assign]


def _mounts(app: Any) -> Iterator[Mount]:
    """Yield a Mount for every rule that Flask itself adds for a static folder."""
    for rule in app.url_map.iter_rules():
        owner, _, name = rule.endpoint.rpartition(".")
        folder = getattr(app.blueprints.get(owner) if owner else app, "static_folder", None)
        if name == "static" and folder and rule.rule.endswith("<path:filename>") and Path(folder).is_dir():
            yield mount(rule.rule.removesuffix("<path:filename>"), folder)
