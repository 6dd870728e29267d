"""An app to try: static files in a folder, and whatever a test lets it answer."""

import hashlib
import mimetypes
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract.interfaces import Answer, Interface, Notice, Respond, Result, Seen, ignore
from hmr_middleware import HmrMiddleware

SINCE = 4_102_444_800_000_000  # far away, so that every file is older; an edit has the time that a test gives it
TOKEN = "token"
TAG = re.compile(rb'<script src="[^"]*/__hmr/client\.js"[^>]*></script>')
LAST_MODIFIED = "Wed, 01 Jan 2020 00:00:00 GMT"

MODULE = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"}
CLASSIC = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors"}
STYLE = {"Sec-Fetch-Dest": "style", "Sec-Fetch-Mode": "no-cors"}
DOCUMENT = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}


class Site:
    """An app with hot module replacement around it."""

    def __init__(self, interface: Interface, folder: Path) -> None:
        self.interface = interface
        self.folder = folder / "static"
        self.folder.mkdir()
        self.settings: dict[str, Any] = {}
        self.respond: Respond = self.serve_file
        self.seen: list[Seen] = []
        self._edits = 0
        self._app: Any = None

    @property
    def app(self) -> Any:
        """The app as a server gets it."""
        if self._app is None:
            settings: dict[str, Any] = {"enabled": True, "static": {"/static/": self.folder}, **self.settings}
            self._app = HmrMiddleware(self.interface.app(self._answer), **settings)
        return self._app

    def stop(self) -> None:
        """Stop what runs in the background."""
        running = self._app and self._app._service.ready()
        if running:
            running.watcher.stop()
            running.hub.close()

    def _answer(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        return self.respond(seen)

    def serve_file(self, seen: Seen) -> Answer:
        """Answer as a framework serves static files."""
        path = self.folder / seen.path.removeprefix("/static/")
        if not path.is_file():
            return Answer(b"not found", (("Content-Type", "text/plain"),), 404)
        body = path.read_bytes()
        return Answer(
            body,
            (
                ("Content-Type", f"{mimetypes.guess_type(path.name)[0]}; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("ETag", etag_of(body)),
                ("Last-Modified", LAST_MODIFIED),
                ("Accept-Ranges", "bytes"),
            ),
        )

    def answers(self, body: Any, *headers: tuple[str, str], status: int = 200) -> None:
        """Let the app answer everything with this."""
        self.respond = lambda _seen: Answer(body, headers, status)

    def write(self, name: str, text: str) -> str:
        """Write a file that is older than the session; return its URL."""
        (self.folder / name).write_text(text)
        return f"/static/{name}"

    def edit(self, name: str, text: str) -> int:
        """Change a file and let the engine know, as its watcher would; return the new version."""
        self._edits += 1
        path, beside = self.folder / name, self.folder.parent / "edit"
        beside.write_text(text)
        version = SINCE + self._edits * 1_000_000
        os.utime(beside, ns=(version * 1000, version * 1000))
        beside.replace(path)  # with its time: the real watcher looks on
        self.app._service.running().engine.change([path])
        return version

    def get(
        self,
        target: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        root: str = "",
        notice: Notice = ignore,
        body: bytes = b"",
    ) -> Result:
        """Return what a browser gets."""
        ask = self.interface.ask
        return ask(self.app, target, method=method, headers=headers or {}, root=root, notice=notice, body=body)


def etag_of(body: bytes) -> str:
    """Return the ETag that the app gives to a file."""
    return f'"app-{hashlib.md5(body).hexdigest()}"'


def untag(body: bytes) -> tuple[bytes, int]:
    """Return *body* without the client's tags, and how many there were."""
    return TAG.subn(b"", body)
