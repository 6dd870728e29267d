"""EDGE: the token that admits to the socket, the same for every worker of a project and after every restart.

It is made from a secret in a file of the user's that nobody else may read. To make new tokens, delete the file.
"""

import contextlib
import hashlib
import logging
import os
import secrets
import stat
import tempfile
from pathlib import Path

logger = logging.getLogger("hmr_middleware")

_SIZE = 32  # bytes


def project_token() -> str:
    """Return the token of the project in the working directory, or "" where no secret can be kept."""
    try:
        secret = _secret(_place())
    except (OSError, RuntimeError):  # a home that is read-only, full, or none at all
        return ""
    project = os.fsencode(os.path.realpath("."))
    return hashlib.blake2b(project, key=secret, digest_size=16, person=b"hmr_middleware").hexdigest() if secret else ""


def _place() -> Path:
    """Return where the secret is (XDG Base Directory Specification: state that outlives a restart). May raise."""
    said = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME", "")
    folder = Path(said) if Path(said).is_absolute() else Path.home() / ".local" / "state"
    return folder / "hmr_middleware" / "secret"


def _secret(path: Path) -> bytes:
    """Return the secret in the file at *path*, which is made where there is none; b"" where it is not safe to use."""
    with contextlib.suppress(FileNotFoundError):
        return _read(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, whole = tempfile.mkstemp(dir=path.parent)  # for the user's eyes only
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor)
            file.write(secrets.token_bytes(_SIZE))
        with contextlib.suppress(FileExistsError):
            os.link(whole, path)  # all of it at once, and never over that of another worker
    finally:
        Path(whole).unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 (a descriptor)
        found, secret = os.fstat(file.fileno()), file.read(_SIZE + 1)
    if len(secret) == _SIZE and _is_private(found):
        return secret
    logger.warning("%s is not used: it must be a file of %d bytes, of yours and with mode 600; delete it", path, _SIZE)
    return b""


def _is_private(found: os.stat_result) -> bool:
    """Return whether only the user may read what was *found*."""
    if os.name == "nt":
        return True  # the folder is the user's own
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
