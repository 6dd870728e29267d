"""A file as it was when it was last taken notice of, and what its text was found to say."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from hmr_middleware.core.assets import is_asset
from hmr_middleware.core.texts import Scan, scan_file
from hmr_middleware.files import Files, FileState

SCANS_KEPT = 64  # a changed file is scanned when it changes, and not again when it is asked for
LARGE = 4 * 1024 * 1024  # bytes; of an asset beyond that the time and the size have to do


@dataclass(frozen=True, slots=True)
class Source:
    """See the module."""

    state: FileState
    digest: bytes
    stamp: int  # when it changed, microseconds; 0: not since the session began
    complete: bool = True
    gone: bool = False  # since then

    def is_of(self, state: FileState | None) -> bool:
        """Return whether nothing has happened to the file, of which *state* is what `stat` says now."""
        return self.gone if state is None else not self.gone and state == self.state


@dataclass(frozen=True, slots=True)
class Look:
    """What a file holds; *digest* stands for it. The *content* of a large film is left where it is."""

    digest: bytes
    size: int
    content: bytes


def look_at(files: Files, path: Path, state: FileState) -> Look | None:
    """Return what the file at *path* holds, or None where it cannot be read."""
    if state.size > LARGE and is_asset(path.name):
        return Look(digest_of(repr((state.mtime, state.size, state.inode)).encode()), state.size, b"")
    try:
        content = files.read(path)
    except OSError:
        return None
    return Look(digest_of(content), len(content), content)


def digest_of(content: bytes) -> bytes:
    """Return what stands for *content*."""
    return hashlib.blake2b(content, digest_size=16).digest()


class Verbatim:
    """Which URLs the app answers with their file as it is: any other answer was read while that was being written."""

    def __init__(self) -> None:
        self._served: set[str] = set()
        self._torn: dict[str, bytes] = {}

    def note(self, url: str, body: bytes, file: bytes) -> None:
        """Take notice of an answer for *url*; *body* and *file* stand for what was sent and for what is on disk."""
        if body == file:
            self._served.add(url)
            self._torn.pop(url, None)

    def is_torn(self, url: str, body: bytes, file: bytes) -> bool:
        """Return whether *body* is part of a file. An app that gives the same answer twice means it."""
        if body == file or url not in self._served:
            return False
        if self._torn.get(url) == body:
            self._served.discard(url)
            return False
        self._torn[url] = body
        return True


class Scans:
    """The scans of the texts that were seen last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Scan] = OrderedDict()

    def of(self, name: str, digest: bytes, content: bytes) -> Scan:
        """Return the scan of *content*, which *digest* stands for, the text of a file called *name*."""
        scan = self._kept.get(digest)
        if scan is None:
            scan = self._kept[digest] = scan_file(name, content)
            if len(self._kept) > SCANS_KEPT:
                self._kept.popitem(last=False)
        return scan
