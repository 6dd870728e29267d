"""One session from the process that the user started down to every worker."""

import os
import sys
import time
from dataclasses import replace
from multiprocessing.process import current_process
from types import ModuleType

import pytest

from hmr_middleware.session import Session, current_session, is_called_from

VARIABLE = "_HMR_SESSION"
OURS, PARENT, STRANGER = os.getpid(), os.getppid(), 1
KEPT = Session(1_700_000_000_000_000, "secret")


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")  # so that it is put back, whatever the test leaves in it
    for name in ("WERKZEUG_RUN_MAIN", "RUN_MAIN", "SERVER_SOFTWARE"):
        monkeypatch.delenv(name, raising=False)


def hand_down(monkeypatch: pytest.MonkeyPatch, process: int) -> None:
    monkeypatch.setenv(VARIABLE, f"{KEPT.since}.{KEPT.token}.{process}")


def test_a_process_has_one_session() -> None:
    assert current_session() == current_session()


def test_a_session_begins_now() -> None:
    assert len(str(current_session().since)) == 16
    assert not current_session().is_shared


def test_tokens_cannot_be_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come from a secret that only this process and those that it spawns have."""
    first = current_session().token
    assert len(first) > 20
    monkeypatch.setattr(current_process(), "authkey", b"another process")
    monkeypatch.setenv(VARIABLE, "")
    assert current_session().token != first


def test_spawned_workers_have_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    first = current_session().token
    monkeypatch.setenv(VARIABLE, "")
    assert current_session().token == first


@pytest.mark.parametrize("reloader", ["WERKZEUG_RUN_MAIN", "RUN_MAIN"])
def test_a_reloader_hands_its_session_down(monkeypatch: pytest.MonkeyPatch, reloader: str) -> None:
    hand_down(monkeypatch, PARENT)
    monkeypatch.setenv(reloader, "true")
    assert current_session() == KEPT


def test_an_ordinary_parent_hands_nothing_down(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_down(monkeypatch, PARENT)
    assert current_session() != KEPT


def test_a_strangers_session_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_down(monkeypatch, STRANGER)
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    assert current_session() != KEPT


def test_the_own_session_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_down(monkeypatch, OURS)
    assert current_session() == KEPT


@pytest.mark.parametrize("value", ["", ".", "..", "x.secret.1", f"-5.secret.{OURS}", f"{KEPT.since}", "1.2.3.4"])
def test_a_variable_that_means_nothing_begins_a_session(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(VARIABLE, value)
    assert len(current_session().token) > 20


@pytest.mark.parametrize(
    ("module", "expected"), [(__name__, True), ("_pytest.runner", True), ("uvicorn.config", False)]
)
def test_is_called_from(module: str, expected: bool) -> None:
    assert is_called_from(module) is expected


def test_workers_that_import_the_app_themselves_look_up_when_their_server_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0")
    monkeypatch.setitem(sys.modules, "gunicorn", ModuleType("gunicorn"))
    began = set()
    for _worker in range(2):
        monkeypatch.setenv(VARIABLE, "")
        began.add(current_session().since)
        assert current_session().is_shared
    assert len(began) == 1
    assert 1_600_000_000_000_000 < began.pop() < time.time_ns() // 1000


def test_gunicorn_that_preloads_hands_its_session_down(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_down(monkeypatch, PARENT)
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0")
    monkeypatch.setitem(sys.modules, "gunicorn", ModuleType("gunicorn"))
    assert current_session() == replace(KEPT, is_shared=True)


def test_the_name_of_a_server_alone_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_down(monkeypatch, PARENT)
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0")
    monkeypatch.delitem(sys.modules, "gunicorn", raising=False)
    assert current_session() != KEPT
