"""The token: one for all workers of a project and for all restarts, from a secret that only its user can read."""

import contextlib
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from contract.bad_inputs.peers import Peer, ServerProcess, get, token_of, upgrade

from hmr_middleware.tokens import project_token


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the user's that nothing is in yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def secret_in(state: Path) -> Path:
    return state / "hmr_middleware" / "secret"


def test_it_is_the_same_again_and_has_128_bits() -> None:
    token = project_token()
    assert bytes.fromhex(token) and len(token) == 32
    assert project_token() == token


def test_each_project_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = project_token()
    monkeypatch.chdir(tmp_path)
    assert project_token() not in ("", here)


def test_each_user_has_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = project_token()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    assert project_token() not in ("", mine)


def test_only_its_user_can_read_the_secret(state: Path) -> None:
    before = os.umask(0)
    try:
        project_token()
    finally:
        os.umask(before)
    assert stat.S_IMODE(secret_in(state).stat().st_mode) == 0o600
    assert stat.S_IMODE(secret_in(state).parent.stat().st_mode) == 0o700
    assert [path.name for path in secret_in(state).parent.iterdir()] == ["secret"]


def test_the_secret_is_none_of_the_token(state: Path) -> None:
    token = project_token()
    assert token not in secret_in(state).read_bytes().hex()


def test_a_deleted_secret_makes_new_tokens(state: Path) -> None:
    before = project_token()
    secret_in(state).unlink()
    assert project_token() not in ("", before)


def test_without_the_setting_it_is_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # means nothing (XDG Base Directory Specification)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert project_token()
    assert (tmp_path / ".local/state/hmr_middleware/secret").is_file()


ASK = "from hmr_middleware.tokens import project_token; input(); print(project_token())"


def test_workers_that_begin_at_once_agree() -> None:
    workers = [
        subprocess.Popen([sys.executable, "-c", ASK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("\n")
        worker.stdin.flush()
    tokens = {worker.communicate()[0] for worker in workers}
    assert len(tokens) == 1 and len(tokens.pop().strip()) == 32


def link_elsewhere(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def put_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda path: path.chmod(0o644), "mode 600", id="readable-by-all"),
        pytest.param(lambda path: path.chmod(0o620), "mode 600", id="writable-by-a-group"),
        pytest.param(lambda path: path.write_bytes(b""), "32 bytes", id="empty"),
        pytest.param(lambda path: path.write_bytes(b"x" * 33), "32 bytes", id="too-long"),
        pytest.param(put_a_pipe, "32 bytes", id="pipe"),
        pytest.param(link_elsewhere, "", id="link"),
        pytest.param(put_a_folder, "", id="folder"),
    ],
)
def test_what_others_may_have_put_there_is_not_used(
    state: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], object], said: str
) -> None:
    project_token()
    spoil(secret_in(state))
    assert project_token() == ""
    assert said in caplog.text and (not said or str(secret_in(state)) in caplog.text)


@pytest.mark.parametrize("place", ["/dev/null", "/dev/full/x", "/proc/self/none"])
def test_where_nothing_can_be_kept_there_is_none(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", place)
    assert project_token() == ""


def test_a_full_disk_leaves_nothing_behind(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    assert project_token() == ""
    assert list(secret_in(state).parent.iterdir()) == []


# Workers that import the app themselves, and know nothing of each other

WORKERS = 3
APP = """
import os
from hmr_middleware import HmrMiddleware

def page(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html"), ("X-Process", str(os.getpid()))])
    return [b"<!doctype html>"]

app = HmrMiddleware(page, enabled=True)
"""


@contextlib.contextmanager
def one_peer_for_each_worker(server: ServerProcess) -> Iterator[list[Peer]]:
    """Connect to every worker: each waits for the request of the one connection that it has taken."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Peer(server.port)) for _ in range(WORKERS)]


def tokens_by_process(server: ServerProcess) -> dict[str, str]:
    """Return the token in the pages of each worker; a busy machine may start one of them late."""
    found: dict[str, str] = {}
    while len(found) < WORKERS:
        with one_peer_for_each_worker(server) as peers:
            for peer in peers:
                peer.send(get(server.host, "/", connection="close"))
                _status, headers = peer.head()
                found[headers["x-process"]] = token_of(peer.body(headers))
    return found


def answers_to_sockets(server: ServerProcess, token: str) -> set[int]:
    """Return what every worker says to a page behind a proxy that rewrites the Host: only the token speaks for it."""
    carries = {"Origin": "https://tunnel.test", "Sec-WebSocket-Protocol": f"esm-hmr, hmr-token.{token}"}
    with one_peer_for_each_worker(server) as peers:
        for peer in peers:
            peer.send(upgrade(server.host, carries))
        return {peer.head()[0] for peer in peers}


def test_any_worker_admits_the_page_of_any_other_also_after_a_restart(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    server = ServerProcess(["-m", "gunicorn", "-w", str(WORKERS), "--bind", "fd://{fd}", "app:app"], tmp_path)
    try:
        before = tokens_by_process(server)
        assert len(set(before.values())) == 1
        token = next(iter(before.values()))
        assert answers_to_sockets(server, token) == {101}
        assert answers_to_sockets(server, token[::-1]) == {403}
        server.stop()
        server.start()
        after = tokens_by_process(server)
        assert after.keys().isdisjoint(before) and set(after.values()) == {token}
        assert answers_to_sockets(server, token) == {101}
    finally:
        server.close()
