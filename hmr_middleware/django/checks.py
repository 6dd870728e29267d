"""System checks: is our runserver the one that `manage.py runserver` runs?"""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.core.management import get_commands

from hmr_middleware.config import read_switch
from hmr_middleware.errors import ConfigError


def check_order(**_kwargs: Any) -> list[CheckMessage]:
    """Return a warning where another app's runserver is used, and an error where HMR_ENABLED is unclear."""
    found: list[CheckMessage] = []
    owner = get_commands().get("runserver")
    if owner != "hmr_middleware.django":
        found.append(
            checks.Warning(
                f"manage.py runserver is that of {owner}, so static files pass by hmr_middleware.",
                hint=f'List "hmr_middleware.django" before "{owner}" in INSTALLED_APPS.',
                id="hmr_middleware.W001",
            )
        )
    try:
        read_switch("settings.HMR_ENABLED", getattr(settings, "HMR_ENABLED", None))
    except ConfigError as error:
        found.append(checks.Error(str(error), hint="Use True or False.", id="hmr_middleware.E001"))
    return found
