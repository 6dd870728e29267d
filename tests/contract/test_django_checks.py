"""What `manage.py check` says of the runserver that is run, by the order of the apps."""

import subprocess
import sys

import pytest

OURS, STATIC = "hmr_middleware.django", "django.contrib.staticfiles"
NOSTATIC = "whitenoise.runserver_nostatic"
CHECK = """
import sys

from django.conf import settings

settings.configure(INSTALLED_APPS=sys.argv[2:], HMR_ENABLED=eval(sys.argv[1]), STATIC_URL="/static/")

import django
from django.core.checks import run_checks

django.setup()
print(*sorted(f"{found.id} {found.hint}" for found in run_checks()), sep=";")
"""
CASES = {
    "ours first": ([OURS, STATIC], ""),
    "ours behind": ([STATIC, OURS], f'hmr_middleware.W001 List "{OURS}" before "{STATIC}" in INSTALLED_APPS.'),
    "daphne behind ours": ([OURS, "daphne", STATIC], ""),
    "daphne before ours": (
        ["daphne", OURS, STATIC],
        f'hmr_middleware.W001 List "{OURS}" before "daphne" in INSTALLED_APPS.',
    ),
    "one that takes ours for its base": ([NOSTATIC, OURS, STATIC], ""),
    "ours takes another for its base": ([OURS, NOSTATIC, STATIC], ""),
}


def check(apps: list[str], enabled: str = "None") -> str:
    """Return what the checks of a project with these *apps* find."""
    command = [sys.executable, "-c", CHECK, enabled, *apps]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.mark.parametrize(("apps", "found"), CASES.values(), ids=CASES)
def test_whose_runserver_is_run(apps: list[str], found: str) -> None:
    assert check(apps) == found


def test_a_switch_that_says_nothing() -> None:
    assert check([OURS, STATIC], "'perhaps'") == "hmr_middleware.E001 Use True or False."
