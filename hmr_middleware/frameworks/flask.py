"""Flask: its static folders, blueprints included, and its template folders."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hmr_middleware.core.mounts import Mount
from hmr_middleware.discovery import Found, existing, mount
from hmr_middleware.frameworks.jinja import forget_templates, search_paths


def discover(app: Any) -> Found:
    """Return what the Flask *app* serves, blueprints included."""
    loaders = [app.jinja_env.loader, *(blueprint.jinja_loader for blueprint in app.blueprints.values())]
    return Found(
        mounts=tuple(dict.fromkeys(_mounts(app))),
        templates=existing(path for loader in [app.jinja_loader, *loaders] for path in search_paths(loader)),
        refreshers=(lambda: forget_templates(app.jinja_env),),
    )


def _mounts(app: Any) -> Iterator[Mount]:
    """Yield a Mount for every rule that Flask itself adds for a static folder."""
    for rule in app.url_map.iter_rules():
        owner, _, name = rule.endpoint.rpartition(".")
        folder = getattr(app.blueprints.get(owner) if owner else app, "static_folder", None)
        if name == "static" and folder and rule.rule.endswith("<path:filename>") and Path(folder).is_dir():
            yield mount(rule.rule.removesuffix("<path:filename>"), folder)
