"""Django: what the staticfiles finders find, and the folders of the template engines."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from hmr_middleware.core.mounts import Mount
from hmr_middleware.discovery import Found, existing, mount
from hmr_middleware.frameworks.jinja import forget_templates


def discover() -> Found:
    """Return what the configured Django project serves."""
    from django.conf import settings

    return Found(
        mounts=tuple(dict.fromkeys(_mounts(settings))),
        templates=existing(_template_folders()),
        # Without DEBUG they are the names of the site in production: nobody should meet us there by an oversight.
        allowed_hosts=tuple(settings.ALLOWED_HOSTS) if settings.DEBUG else (),
        refreshers=(_refresh,),
    )


def _mounts(settings: Any) -> Iterator[Mount]:
    """Yield a Mount for every folder of every finder, in the finders' own order."""
    from django.apps import apps

    if not apps.is_installed("django.contrib.staticfiles") or not settings.STATIC_URL:
        return
    from django.contrib.staticfiles.finders import get_finders

    base = urlsplit(settings.STATIC_URL).path
    for finder in get_finders():
        for prefix, storage in _storages(finder):
            location = getattr(storage, "location", None)
            if location:
                yield mount(f"{base}{prefix}", location)


def _storages(finder: Any) -> Iterator[tuple[str, Any]]:
    """Yield the storages of *finder* with the prefix that each puts before its files' names."""
    storages = getattr(finder, "storages", None)
    if not isinstance(storages, dict):
        storages = {"": getattr(finder, "storage", None)}
    for storage in storages.values():
        yield (getattr(storage, "prefix", None) or ""), storage


def _template_folders() -> Iterator[str]:
    from django.template import engines

    for engine in engines.all():
        yield from map(str, getattr(engine, "template_dirs", ()))


def _refresh() -> None:
    """Empty the caches of every engine, whatever its backend, and of the one that renders forms."""
    from django.forms.renderers import get_default_renderer
    from django.template import engines

    for backend in (*engines.all(), getattr(get_default_renderer(), "engine", None)):
        forget_templates(getattr(backend, "env", None))
        for loader in getattr(getattr(backend, "engine", None), "template_loaders", ()):
            loader.reset()
