"""Switched on in production: refused, unless the code itself insists, and then with a warning."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from contract import django_project
from contract.test_switch import APPS, a_fastapi_app, a_flask_app, is_on, nothing_stays_behind  # noqa: F401
from hmr_middleware import ConfigError, HmrMiddleware, production

VARIABLES = ("APP_ENV", "DJANGO_ENV", "ENV", "ENVIRONMENT", "FASTAPI_ENV", "FLASK_ENV", "PYTHON_ENV")


@pytest.fixture(scope="module", autouse=True)
def django_is_set_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Configure Django for these tests."""
    django_project.set_up(tmp_path_factory.mktemp("django"))


@pytest.fixture(autouse=True)
def no_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what this environment may say, and forget what was warned of."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    production._warn.cache_clear()


def check_refused(app: Any, *names: str, **settings: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        is_on(HmrMiddleware(app, **settings))
    for name in (*names, "production", "HMR_ENABLED=0", "enabled=True"):
        assert name in str(caught.value)


@pytest.mark.parametrize("kind", APPS)
@pytest.mark.parametrize("name", VARIABLES)
def test_an_environment_that_is_called_production(monkeypatch: pytest.MonkeyPatch, kind: str, name: str) -> None:
    monkeypatch.setenv("HMR_ENABLED", "1")
    monkeypatch.setenv(name, "Production")
    check_refused(APPS[kind](), f"{name}=Production")


@pytest.mark.parametrize("value", ["", "development", "dev", "staging", "test", "nonproduction", "/etc/profile"])
@pytest.mark.parametrize("name", VARIABLES)
def test_an_environment_that_is_not(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("HMR_ENABLED", "1")
    monkeypatch.setenv(name, value)
    assert is_on(HmrMiddleware(a_flask_app()))


@pytest.mark.parametrize("kind", APPS)
def test_what_is_off_is_never_refused(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    app = APPS[kind]()
    assert HmrMiddleware(app) is app
    assert HmrMiddleware(app, enabled=False) is app
    monkeypatch.setenv("HMR_ENABLED", "0")
    assert HmrMiddleware(app) is app


@pytest.mark.parametrize("switch", ["debug flag", "setting"])
def test_whatever_switched_it_on(monkeypatch: pytest.MonkeyPatch, switch: str) -> None:
    monkeypatch.setenv("FLASK_ENV", "production")
    app = a_flask_app(switch == "debug flag")
    app.config["HMR_ENABLED"] = True
    check_refused(app, "FLASK_ENV=production")


@pytest.mark.parametrize(
    ("argv", "refused"),
    [
        (["/venv/bin/fastapi", "run", "main.py"], True),
        (["/lib/fastapi/__main__.py", "run"], True),
        (["fastapi.exe", "run"], True),
        (["/venv/bin/fastapi", "dev"], False),
        (["/venv/bin/flask", "run"], False),
        (["manage.py", "run"], False),
        (["/lib/gunicorn/__main__.py", "run:app"], False),
        ([], False),
    ],
)
def test_fastapi_run(monkeypatch: pytest.MonkeyPatch, argv: list[str], refused: bool) -> None:
    monkeypatch.setenv("HMR_ENABLED", "1")
    monkeypatch.setattr(sys, "argv", argv)
    if refused:
        check_refused(a_fastapi_app(), "fastapi run")
    else:
        assert is_on(HmrMiddleware(a_fastapi_app()))


LOCAL = {"ALLOWED_HOSTS": ["localhost"], "DEBUG": False}
DJANGO = [
    pytest.param({**LOCAL, "SECURE_SSL_REDIRECT": True}, "SECURE_SSL_REDIRECT=True", id="https"),
    pytest.param({**LOCAL, "SECURE_HSTS_SECONDS": 60}, "SECURE_HSTS_SECONDS=60", id="hsts"),
    pytest.param({"DEBUG": False, "ALLOWED_HOSTS": ["shop.example"]}, "['shop.example']", id="a-public-name"),
    pytest.param({"DEBUG": False, "ALLOWED_HOSTS": [".a.com", "8.8.8.8"]}, "['.a.com', ...]", id="a-public-address"),
    pytest.param({**LOCAL, "SETTINGS_MODULE": "site.settings.production"}, "site.settings.production", id="module"),
    pytest.param({"DEBUG": True, "SETTINGS_MODULE": "config.prod"}, "config.prod", id="module-with-debug"),
]


@pytest.mark.parametrize(("settings", "sign"), DJANGO)
def test_django_s_settings(monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], sign: str) -> None:
    monkeypatch.setenv("HMR_ENABLED", "1")
    with override_settings(**settings):
        check_refused(WSGIHandler(), sign)


@pytest.mark.parametrize(
    "settings",
    [
        LOCAL,
        {**LOCAL, "ALLOWED_HOSTS": ["shop.example", "localhost"]},
        {**LOCAL, "ALLOWED_HOSTS": ["*"]},
        {**LOCAL, "ALLOWED_HOSTS": ["shop.test", "web", "192.168.1.7", "[::1]"]},
        {**LOCAL, "SETTINGS_MODULE": "site.production.settings"},
        {"DEBUG": True, "SECURE_SSL_REDIRECT": True, "ALLOWED_HOSTS": ["shop.example"]},
    ],
    ids=["local", "with-a-local-name", "any", "local-names", "package", "debug"],
)
def test_what_says_nothing_of_production(monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]) -> None:
    monkeypatch.setenv("HMR_ENABLED", "1")
    with override_settings(**settings):
        assert HmrMiddleware(app := WSGIHandler()) is not app


@pytest.mark.parametrize("kind", APPS)
def test_code_that_insists_is_warned_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    monkeypatch.setenv("APP_ENV", "prod")
    app = HmrMiddleware(APPS[kind](), enabled=True)
    HmrMiddleware(APPS[kind](), enabled=True)
    (warning,) = (record for record in caplog.records if record.levelname == "WARNING")
    assert "APP_ENV=prod" in warning.getMessage() and "enabled=True" in warning.getMessage()
    assert "django" in kind or is_on(app)


INSISTS = """
import os
from hmr_middleware import HmrMiddleware

os.environ["APP_ENV"] = "production"
HmrMiddleware(lambda environ, start_response: [], enabled=True)
"""


def test_the_warning_is_seen_at_every_start(tmp_path: Path) -> None:
    for _start in range(2):
        ran = subprocess.run([sys.executable, "-c", INSISTS], capture_output=True, text=True, check=True, cwd=tmp_path)
        assert ran.stderr.count("APP_ENV=production") == len(ran.stderr.splitlines()) == 1
