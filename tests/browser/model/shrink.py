"""Fewer steps that still go wrong."""

from collections.abc import Callable, Sequence

from browser.model.steps import Step

Attempt = Callable[[Sequence[Step]], str | None]  # what went wrong, or None


def shrink(steps: Sequence[Step], attempt: Attempt) -> tuple[list[Step], str | None]:
    """Return as few of *steps* as still go wrong, and how; leave out ever smaller parts, the last ones first."""
    kept, wrong = list(steps), None
    size = max(1, len(kept) // 2)
    while size:
        at = len(kept) - size
        while at >= 0:
            fewer = kept[:at] + kept[at + size :]
            if told := attempt(fewer):
                kept, wrong = fewer, told
            at -= size
        size //= 2
    return kept, wrong
