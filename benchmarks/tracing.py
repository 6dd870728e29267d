"""Imported by a measured server: notes when each of its stages is reached, in milliseconds of the epoch."""

import functools
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO


def start(path: Path) -> None:
    """Write the times to the file *path* from now on."""
    from hmr_middleware.engine import Engine
    from hmr_middleware.websocket import Connection
    from hmr_middleware.wsgi import WsgiHmr

    # Under these very names the stages stand in the table of update_stages.
    out = path.open("a", buffering=1)
    _note_calls(out, Engine, "change", before="noticed")
    _note_calls(out, Connection, "send", before="planned")
    _note_calls(out, Connection, "_send", after="written")
    _note_calls(out, WsgiHmr, "__call__", before="request", after="answered")


def _note_calls(out: TextIO, owner: type, name: str, *, before: str = "", after: str = "") -> None:
    original: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(original)
    def noted(*args: Any, **options: Any) -> Any:
        _note(out, before)
        try:
            return original(*args, **options)
        finally:
            _note(out, after)

    setattr(owner, name, noted)


def _note(out: TextIO, stage: str) -> None:
    if stage:
        out.write(f"{time.time_ns() / 1_000_000} {stage}\n")


def read(path: Path, since: float) -> dict[str, float]:
    """Return when each stage was first reached from *since* on, in epoch milliseconds."""
    reached: dict[str, float] = {}
    for line in path.read_text().splitlines():
        moment, stage = line.split()
        if float(moment) >= since:
            reached.setdefault(stage, float(moment))
    return reached


if __name__ == "__main__":
    sys.exit("imported by the app that is measured, see update_stages.py")
