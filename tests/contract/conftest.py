"""Every test that takes `interface` or `site` runs through WSGI and through ASGI."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contract.interfaces import INTERFACES, Interface
from contract.sites import SINCE, TOKEN, Site


@pytest.fixture(params=list(INTERFACES))
def interface(request: pytest.FixtureRequest) -> Interface:
    """The interface that the test runs through."""
    return INTERFACES[request.param]


@pytest.fixture(autouse=True)
def a_session_of_our_own(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Let the session begin after every file was written; poll, for nobody waits for events here."""
    monkeypatch.setenv("_HMR_SESSION", f"{SINCE}.{TOKEN}.{os.getpid()}")
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)  # nothing is kept: the session's own token counts
    monkeypatch.setenv("HMR_POLL", "1")
    monkeypatch.delenv("HMR_ENABLED", raising=False)
    caplog.set_level(logging.INFO, logger="hmr_middleware")


@pytest.fixture
def site(interface: Interface, tmp_path: Path) -> Iterator[Site]:
    """An app with a folder of static files at /static/."""
    site = Site(interface, tmp_path)
    yield site
    site.stop()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[str], list[str]]:
    """Return a function that returns the warnings, and whatever is worse, that hold a text."""
    return lambda text: [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and text in record.getMessage()
    ]
