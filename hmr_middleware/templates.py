"""What pages are made of besides Python: template folders and whatever else is watched, and what has changed there.

Every public method may be called from any thread.
"""

import fnmatch
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from hmr_middleware.core.globs import Glob
from hmr_middleware.core.settling import Unsettled, judge, signs_of_an_end
from hmr_middleware.files import Files, FileState
from hmr_middleware.native import new_lock

KNOWN = 5_000  # files that are known in advance; of others every save counts as a change
READ = 256 * 1024  # bytes; of a file that is larger every save counts as a change
NOBODY_WAITS: Mapping[Path, Unsettled] = MappingProxyType({})
COARSE = 5_000_000  # microseconds: FAT counts in steps of two seconds, and the file server has its own clock
_LEFTOVERS = ("~", ".swp", ".swx", ".tmp", ".bak", ".orig", ".part", ".pyc", "___jb_tmp___", "___jb_old___")
_VIM_PROBE = "4913"
_PAGES = (".htm", ".html", ".xhtml")  # what among static files is a page of its own


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was when last looked at; without a digest where it was not read."""

    state: FileState
    digest: bytes | None
    signs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """The files that changed, named as people name them, and those to be looked at again a little later."""

    names: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    unsettled: tuple[tuple[Path, Unsettled], ...] = ()


class Templates:
    """The files below *roots*, of which some may be files themselves, and the pages below the static folders *served*.

    *globs* mean more files, wherever they are. *ignore* are shell patterns of paths that mean nothing. *now* is the
    clock, in microseconds since the epoch.
    """

    def __init__(
        self,
        files: Files,
        roots: Sequence[Path],
        *,
        served: Sequence[Path] = (),
        globs: Sequence[Glob] = (),
        ignore: Sequence[str] = (),
        now: Callable[[], int],
    ) -> None:
        self.on_file: Callable[[Path], object] = lambda _path: None  # a file is in use from now on
        self._files = files
        self._roots = tuple(roots)
        self._served = tuple(served)
        self._globs = tuple(globs)
        self._ignore = tuple(ignore)
        self._now = now
        self._began = self.changed_at = now()  # pages that are older come from another process
        self._seen: dict[Path, _Seen] | None = None
        self._lock = new_lock()

    # What has changed

    def change(self, paths: Iterable[Path], impatient: Mapping[Path, Unsettled] = NOBODY_WAITS) -> TemplateChange:
        """Take notice of files that may have changed. *impatient* are those waited for long enough, and why."""
        changed: list[Path] = []
        unsettled: list[tuple[Path, Unsettled]] = []
        with self._lock:
            for path in self._expanded(dict.fromkeys(paths)):
                verdict = self._look(path, impatient.get(path))
                if isinstance(verdict, Unsettled):
                    unsettled.append((path, verdict))
                elif verdict:
                    changed.append(path)
            if changed:
                self._note_the_time()
        return TemplateChange(tuple(dict.fromkeys(map(self._name, changed))), tuple(changed), tuple(unsettled))

    def content_changed(self) -> None:
        """Take notice that pages have changed otherwise than by a file."""
        with self._lock:
            self._note_the_time()

    def _note_the_time(self) -> None:
        self.changed_at = max(self._now(), self.changed_at + 1)

    def is_settled(self) -> bool:
        """Return whether every known file is as it was when last taken notice of."""
        with self._lock:
            return all(self._files.stat(path) == seen.state for path, seen in (self._seen or {}).items())

    def stale(self) -> list[Path]:
        """Return the files that are not as they were when last looked at.

        The first time, when watching begins, those that were saved since this process serves pages.
        """
        with self._lock:
            if self._seen is None:
                return self._first_look()
            known = self._seen
            return [path for path in known if self._files.stat(path) != known[path].state]

    def _first_look(self) -> list[Path]:
        self._seen = {}
        for path in self._all_files():
            state = self._files.stat(path)
            if state is not None:
                self._seen[path] = self._read(path, state) or _Seen(state, None)
                self.on_file(path)
        saved = [path for path, seen in self._seen.items() if self._began < seen.state.mtime <= self._now()]
        for path in saved:
            del self._seen[path]
        return saved

    def _all_files(self) -> Iterator[Path]:
        folders = dict.fromkeys([*self._roots, *self._served, *(glob.folder for glob in self._globs)])
        found = dict.fromkeys(path for folder in folders for path in self._files.below(folder, KNOWN))
        yield from (path for path, _ in zip(filter(self._concerns, found), range(KNOWN), strict=False))

    # One file

    def knows(self, path: Path) -> bool:
        """Return whether a save of the file at *path* may change pages."""
        return path in (self._seen or ()) or self._concerns(path)

    def _expanded(self, paths: Iterable[Path]) -> Iterator[Path]:
        """Yield those *paths* that concern pages; a folder that has gone stands for the files that were in it."""
        known = self._seen or {}
        folders: set[Path] = set()  # a storm may bring thousands of files that have gone
        for path in paths:
            if path not in known and self._files.stat(path) is None:
                folders = folders or {
                    parent for folder in {file.parent for file in known} for parent in _and_around(folder)
                }
                if path in folders:
                    yield from [file for file in known if file.is_relative_to(path)]
            elif path in known or self._concerns(path):
                yield path

    def _concerns(self, path: Path) -> bool:
        if any(fnmatch.fnmatch(str(path), pattern) for pattern in self._ignore):
            return False
        if path in self._roots:
            return True
        if is_leftover(path.name):
            return False
        if any(glob.matches(path) for glob in self._globs):
            return True
        if path.name.startswith("."):
            return False
        root = self._root_of(path)
        return root is not None and (root not in self._served or path.suffix.lower() in _PAGES)

    def _root_of(self, path: Path) -> Path | None:
        """Return the innermost folder that *path* counts to."""
        return _innermost(path, self._roots + self._served)

    def _look(self, path: Path, waited: Unsettled | None) -> bool | Unsettled:
        """Return whether the file at *path*, *waited* for already, has changed, or why to wait for it."""
        known = self._seen if self._seen is not None else {}
        before, state = known.get(path), self._files.stat(path)
        if before and before.state == state and not (before.digest and self._may_deceive(before.state)):
            return False
        after = self._read(path, state) if state else None
        if state is None or after is None:
            if before is None or waited is not Unsettled.MISSING:
                return Unsettled.MISSING if before else False
            del known[path]
            if state:  # not to be read: once it may, it has changed again
                known[path] = _Seen(state, None)
            return True
        if before and before.digest is not None and before.digest == after.digest:
            known[path] = after
            return False
        verdict = self._verdict(path, before, after)
        if verdict and verdict is not waited:
            return verdict
        if before is None:
            self.on_file(path)
        known[path] = after
        return True

    def _may_deceive(self, state: FileState) -> bool:
        """Return whether the file may have been saved again without its times showing it."""
        return self._now() - max(state.mtime, state.ctime) < COARSE

    def _verdict(self, path: Path, before: _Seen | None, after: _Seen) -> Unsettled | None:
        complete = self._files.stat(path) == after.state and (before is None or before.signs <= after.signs)
        was = before.state.size if before else 1  # what is new and empty is about to be written
        return judge(size=after.state.size, was_size=was, complete=complete, was_complete=True)

    def _read(self, path: Path, state: FileState) -> _Seen | None:
        if state.size > READ:
            return _Seen(state, None)
        try:
            content = self._files.read(path)
        except OSError:
            return None
        if self._files.stat(path) != state:
            return _Seen(state, None)  # saved while it was read: of which state this is, nobody knows
        return _Seen(state, hashlib.blake2b(content, digest_size=16).digest(), signs_of_an_end(content))

    def _name(self, path: Path) -> str:
        globs = (glob.folder for glob in self._globs if glob.matches(path))
        root = _innermost(path, (*self._roots, *self._served, *globs))
        return path.relative_to(root).as_posix() if root else path.name


def is_leftover(name: str) -> bool:
    """Return whether a file of that *name* is one that an editor leaves behind."""
    return name.startswith((".#", "#")) or name.endswith(_LEFTOVERS) or name == _VIM_PROBE


def _and_around(folder: Path) -> tuple[Path, ...]:
    return folder, *folder.parents


def _innermost(path: Path, folders: Iterable[Path]) -> Path | None:
    """Return the innermost of those *folders* that *path* is in."""
    around = (folder for folder in folders if path != folder and path.is_relative_to(folder))
    return max(around, key=lambda folder: len(folder.parts), default=None)
