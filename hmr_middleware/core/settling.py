"""When is a saved file whole? Editors truncate and write, rename, or write in pieces."""

from enum import Enum


class Unsettled(Enum):
    """Why a file is read again a little later; the value is for how long, in seconds, before it is taken as it is."""

    EMPTY = 0.3
    MISSING = 0.15
    HALF_WRITTEN = 0.08


def judge(*, size: int, was_size: int, complete: bool, was_complete: bool) -> Unsettled | None:
    """Return why a file that has just changed should be waited for, or None where it may be taken as it is.

    A file that was empty or broken before may be so again: waiting would only delay it.
    """
    if not size and was_size:
        return Unsettled.EMPTY
    if was_complete and not complete:
        return Unsettled.HALF_WRITTEN
    return None
