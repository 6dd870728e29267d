"""The documents that were served, kept for a while: a page asks for its own to see later what has changed."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from hmr_middleware.native import new_lock

COUNT = 64
TOTAL = 64 * 1024 * 1024  # bytes
LARGEST = 8 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Document:
    """The app's own bytes, without our tag, and the Content-Type that they came with."""

    content_type: str
    body: bytes


class Documents:
    """At most *count* documents of *largest* bytes each, *total* bytes together; the oldest make room."""

    def __init__(self, *, count: int = COUNT, total: int = TOTAL, largest: int = LARGEST) -> None:
        self._count, self._total, self._largest = count, total, largest
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._size = 0
        self._lock = new_lock()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, page: str, document: Document) -> None:
        """Keep *document* under the name *page*, unless it is too large."""
        size = len(document.body)
        if size > min(self._largest, self._total):
            return
        with self._lock:
            self._drop(page)
            self._kept[page] = document
            self._size += size
            while len(self._kept) > self._count or self._size > self._total:
                self._drop(next(iter(self._kept)))

    def get(self, page: str) -> Document | None:
        """Return the document of *page*, or None where it is not kept any more."""
        with self._lock:
            document = self._kept.get(page)
            if document is not None:
                self._kept.move_to_end(page)
            return document

    def _drop(self, page: str) -> None:
        document = self._kept.pop(page, None)
        self._size -= len(document.body) if document else 0


def new_page() -> str:
    """Return a name for a page that nobody guesses: who knows it may read the page."""
    return secrets.token_urlsafe(12)
