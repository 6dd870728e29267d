"""When the session began, and its secret: the same in every worker and after every restart by a reloader.

Both come from the process that the user started. It hands them down through the environment where it imports the app
itself (Werkzeug's reloader, Django's, gunicorn --preload); where it does not (gunicorn, uvicorn --reload), its children
look up when it began.
"""

import hashlib
import os
import sys
import time
from dataclasses import dataclass
from multiprocessing.process import current_process
from pathlib import Path
from types import FrameType

_VARIABLE = "_HMR_SESSION"


@dataclass(frozen=True, slots=True)
class Session:
    """*since* is in microseconds since the epoch; *token* admits to the socket and stands in the pages only.

    Where the user's own token can be kept (see tokens.py), that is taken in its place.
    Where it *is_shared*, other workers may serve pages of it, and may have done so before this one began.
    """

    since: int
    token: str
    is_shared: bool = False


def current_session() -> Session:
    """Return the session that this process belongs to; where it belongs to none, one begins."""
    since, token, process, shared = ([*os.environ.get(_VARIABLE, "").split("."), "", "", ""])[:4]
    if since.isdigit() and _is_family(process):
        return Session(int(since), token, is_shared=_is_gunicorn() or bool(shared))
    supervised = _supervisor_began()
    session = Session(supervised or time.time_ns() // 1000, _new_token(), is_shared=bool(supervised))
    os.environ[_VARIABLE] = f"{session.since}.{session.token}.{os.getpid()}.{'shared' if supervised else ''}"
    return session


def _new_token() -> str:
    """Return a token; the processes that multiprocessing spawns (uvicorn's) have a secret in common to make it from."""
    return hashlib.blake2b(current_process().authkey, digest_size=16, person=b"hmr_middleware").hexdigest()


def _is_family(process: str) -> bool:
    """Return whether *process* is this one, or the reloader or preloading server that started it.

    Any other parent is only somebody whose environment we got, and whose session is not ours.
    """
    if process == str(os.getpid()):
        return True
    handed_down = any(os.environ.get(name) == "true" for name in ("WERKZEUG_RUN_MAIN", "RUN_MAIN"))
    return process == str(os.getppid()) and (handed_down or _is_gunicorn())


def _is_gunicorn() -> bool:
    return os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn") and "gunicorn" in sys.modules


def _supervisor_began() -> int:
    """Return when the server that this process is a worker of began, in microseconds, or 0 where there is none."""
    if not (_is_gunicorn() or is_called_from("uvicorn._subprocess")):
        return 0
    try:
        fields = Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()
        lines = Path("/proc/stat").read_text().splitlines()
        booted = next(int(line.split()[1]) for line in lines if line.startswith("btime"))
        return booted * 1_000_000 + int(fields[19]) * 1_000_000 // os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration):
        return 0  # no such file system: each worker counts from its own start


def is_called_from(module: str) -> bool:
    """Return whether a function of *module* is on this thread's stack."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == module:
            return True
        frame = frame.f_back
    return False


def is_served_with_reload() -> bool:
    """Return whether `uvicorn --reload` (also as `uvicorn.run(reload=True)`) or `fastapi dev` imports the app now."""
    if sys.argv[1:2] == ["dev"] and os.path.basename(sys.argv[0]) in ("fastapi", "fastapi.exe"):  # noqa: PTH119
        return True
    frame = sys._getframe() if is_called_from("uvicorn.config") else None
    while frame is not None:
        server_config = frame.f_locals.get("self")
        if frame.f_globals.get("__name__") == "uvicorn.config" and getattr(server_config, "reload", False):
            return True
        frame = frame.f_back
    return False
