"""EDGE: the files in use: where they are, which links lead to them, and where their saves are heard of at once."""

import os
import stat
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

from hmr_middleware.inotify import Ears
from hmr_middleware.polling import COARSE, Poll


class Attention:
    """The files in use below *roots*, and beyond them by links; *poll* is told of their folders.

    *heard* is called with files that were saved, and *lost* where any may have been; without *listening* neither is.
    Every method may be called from any thread.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        poll: Poll,
        heard: Callable[[Collection[Path]], object],
        lost: Callable[[], object],
        *,
        listening: bool,
    ) -> None:
        self._roots = roots
        self._poll = poll
        self._new_ears = partial(Ears, heard, lost)
        self._ears = self._new_ears() if listening else None
        self.is_deaf = self._ears is None  # to some folder with files in use
        self._folders: dict[Path, None] = {}
        self._around: set[str] = set()  # those folders, and what they are in
        self._links: dict[Path, dict[Path, None]] = {}  # by what they lead to
        self._is_link: set[Path] = set()
        for root in roots:
            poll.add_folder(root)

    def attend(self, path: Path) -> None:
        """Take notice that the file at *path* is in use."""
        if path.parent not in self._folders:
            self._attend_folder(path.parent)
        try:
            state = os.lstat(path)
        except OSError:
            return
        if stat.S_ISLNK(state.st_mode):
            self._follow(path)
        if time.time() - max(state.st_mtime, state.st_ctime) < COARSE:
            self._poll.note(path, time.monotonic())

    def _attend_folder(self, folder: Path) -> None:
        root = next((root for root in self._roots if folder.is_relative_to(root)), folder)
        for parent in (folder, *folder.parents):
            self._around.add(str(parent))
            if parent.is_relative_to(root):
                self._poll.add_folder(parent)
        self._listen_in(folder)

    def _follow(self, link: Path) -> None:
        target = Path(os.path.realpath(link))
        self._is_link.add(link)
        self._links.setdefault(target, {})[link] = None
        self._listen_in(target.parent)

    def _listen_in(self, folder: Path) -> None:
        self._folders[folder] = None
        if self._ears is None or not self._ears.listen_in(folder):
            self.is_deaf = True

    def names_of(self, path: Path) -> Iterator[Path]:
        """Yield *path* and the links in use that lead there."""
        if path in self._is_link:
            self._follow(path)  # elsewhere, perhaps, by now
        yield path
        yield from tuple(self._links.get(path, ()))

    def renew(self, folder: str) -> None:
        """Take notice that another folder may be called *folder* now, or none."""
        if self._ears and folder in self._around:
            path = Path(folder)
            self._ears.renew([known for known in tuple(self._folders) if known.is_relative_to(path)])

    def revive(self) -> bool:
        """Listen again where listening has ended; return whether it had."""
        if self._ears is None or not self._ears.is_dead:
            return False
        self._ears.close()
        self._ears = self._new_ears()
        for folder in tuple(self._folders):
            self._listen_in(folder)
        return True

    def close(self) -> None:
        """Listen no more."""
        if self._ears:
            self._ears.close()
