"""The app that bad inputs are tried on: a page, static files, and the bodies of a table; no framework's help."""

import mimetypes
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from contract.bad_inputs.bodies import BODIES
from contract.interfaces import Answer
from hmr_middleware import HmrMiddleware

PAGE = b"<!doctype html><title>alive</title>"
SECRET = b"what only the owner of this machine may read"
NOT_FOUND = Answer(b"not found", (("Content-Type", "text/plain"),), 404)


def answer(folder: Path, path: str) -> Answer:
    """Return what the app answers for the decoded *path*."""
    if path == "/":
        return Answer(PAGE, (("Content-Type", "text/html; charset=utf-8"),))
    if body := BODIES.get(path.removeprefix("/body/").partition(".")[0]):
        return Answer(body.body, body.headers, body.status)
    if path.startswith("/static/"):
        return static_file(folder / "static", path.removeprefix("/static/"))
    return NOT_FOUND


def static_file(root: Path, name: str) -> Answer:
    """Return the file called *name* below *root*, and nothing from elsewhere."""
    try:
        found = (root / name).resolve()
        is_inside = found.is_relative_to(root.resolve()) and found.is_file()
    except (OSError, ValueError, RuntimeError):
        return NOT_FOUND
    if not is_inside:
        return NOT_FOUND
    mime = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    return Answer(found.read_bytes(), (("Content-Type", mime),))


def wsgi_app(folder: Path) -> Any:
    """Return the app for a WSGI server."""

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        given = answer(folder, environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"))
        start_response(f"{given.status} Whatever", list(given.headers))
        return given.pieces()

    return HmrMiddleware(app, enabled=True, static={"/static/": folder / "static"})


def asgi_app(folder: Path) -> Any:
    """Return the app for an ASGI server; it takes no socket."""

    async def app(scope: dict[str, Any], _receive: object, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        given = answer(folder, scope["path"])
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in given.headers]
        await send({"type": "http.response.start", "status": given.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"".join(given.pieces())})

    return HmrMiddleware(app, enabled=True, static={"/static/": folder / "static"})


def prepare(folder: Path) -> None:
    """Put into *folder* what the tables ask for, and what nobody may get."""
    static = folder / "static"
    static.mkdir()
    for path in (folder / "secret.js", folder / ".env", static.with_name("static2"), static / "plain.js"):
        path.write_bytes(SECRET if path.parent == folder else b"export const plain = 1\n")
    (static / "linked.js").symlink_to(folder / "secret.js")
    (static / "loop.js").symlink_to("loop.js")
    (static / "folder.js").mkdir()
    (static / "line\nbreak.js").write_text("import.meta.hot\n")
    (static / "empty.js").write_text("")
    (static / "fence.js").write_text("import.meta.hot.accept()\n")
    (static / "tree").mkdir()
    (static / "tree" / "around").symlink_to("..")
    (static / ("n" * 250 + ".js")).write_text("export {}\n")
    os.mkfifo(static / "pipe.js")
