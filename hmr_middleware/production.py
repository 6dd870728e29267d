"""Signs that an app is in production, where nothing of this is meant to be on; only those that are unmistakable.

A debug flag that is off is none: people develop with it off, and switch this on by HMR_ENABLED=1.
"""

import ipaddress
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import PurePath
from typing import Any

from hmr_middleware.errors import ConfigError

logger = logging.getLogger("hmr_middleware")

_VARIABLES = ("APP_ENV", "DJANGO_ENV", "ENV", "ENVIRONMENT", "FASTAPI_ENV", "FLASK_ENV", "PYTHON_ENV")
_WORDS = ("production", "prod")
_DEPLOYED = ("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")  # what `manage.py check --deploy` asks for
_LOCAL = (
    "localhost",
    "local",
    "test",
    "internal",
    "lan",
    "arpa",
)  # the last part of names that are not of the Internet


def check_production(*, explicit: bool, settings: Any = None) -> None:
    """Refuse what was switched on in production; where *explicit* code says so all the same, only warn of it, once.

    *settings* are Django's, where it is that. Raises ConfigError.
    """
    sign = next(_signs(os.environ, sys.argv, settings), "")
    if not sign:
        return
    if explicit:
        _warn(sign)
        return
    raise ConfigError(
        f"hot module replacement is switched on, but {sign} says that this is production: set HMR_ENABLED=0 there, "
        "or pass enabled=True where this is development all the same"
    )


@cache
def _warn(sign: str) -> None:
    logger.warning("hot module replacement is on by enabled=True, although %s says that this is production", sign)


def _signs(environ: Mapping[str, str], argv: Sequence[str], settings: Any) -> Iterator[str]:
    for name in _VARIABLES:
        if environ.get(name, "").strip().lower() in _WORDS:
            yield f"the environment's {name}={environ[name]}"
    if argv[1:2] == ["run"] and _is_fastapi(PurePath(argv[0])):
        yield "the command `fastapi run`"
    if settings is not None:
        yield from _signs_of_django(settings)


def _is_fastapi(command: PurePath) -> bool:
    name = command.parent.name if command.name == "__main__.py" else command.stem
    return name in ("fastapi", "fastapi_cli")


def _signs_of_django(settings: Any) -> Iterator[str]:
    module = str(settings.SETTINGS_MODULE or "")
    if module.rpartition(".")[2] in _WORDS:
        yield f"the settings module {module}"
    if settings.DEBUG:
        return
    for name in _DEPLOYED:
        if getattr(settings, name):
            yield f"settings.{name}={getattr(settings, name)!r} with DEBUG=False"
    if settings.ALLOWED_HOSTS and not any(map(_is_local, settings.ALLOWED_HOSTS)):
        yield f"settings.ALLOWED_HOSTS={_shortened(settings.ALLOWED_HOSTS)} with DEBUG=False"


def _is_local(host: str) -> bool:
    """Return whether *host* may be a machine that people develop on: "*" is any, a name without a dot is no site's."""
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        parts = host.lower().strip(".").split(".")
        return len(parts) == 1 or parts[-1] in _LOCAL


def _shortened(hosts: Iterable[str]) -> str:
    first, *others = hosts
    return f"[{first!r}, ...]" if others else f"[{first!r}]"
