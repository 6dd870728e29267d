"""System checks: is our runserver the one that `manage.py runserver` runs?"""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.core.management import get_commands, load_command_class

from hmr_middleware.config import read_switch
from hmr_middleware.errors import ConfigError

_SWITCHES = {"HMR_ENABLED": "E001", "HMR_POLL": "E002"}


def check_order(**_kwargs: Any) -> list[CheckMessage]:
    """Return a warning where another app's runserver is used, and an error for each of our settings that is unclear."""
    found: list[CheckMessage] = []
    owner = get_commands().get("runserver")
    if not _builds_on_ours(owner):
        found.append(
            checks.Warning(
                f"manage.py runserver is that of {owner}, so static files pass by hmr_middleware.",
                hint=f'List "hmr_middleware.django" before "{owner}" in INSTALLED_APPS.',
                id="hmr_middleware.W001",
            )
        )
    for name, number in _SWITCHES.items():
        try:
            read_switch(f"settings.{name}", getattr(settings, name, None))
        except ConfigError as error:
            found.append(checks.Error(str(error), hint="Use True or False.", id=f"hmr_middleware.{number}"))
    return found


def _builds_on_ours(owner: Any) -> bool:
    """Return whether the runserver of the app *owner* is ours, or one that takes the next one for its base."""
    command = load_command_class(owner, "runserver") if isinstance(owner, str) else owner
    return any(base.__module__.startswith("hmr_middleware.") for base in type(command).__mro__)
