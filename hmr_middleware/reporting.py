"""What the terminal and the status page are told: one line for what each save came to, and for what is left out."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from hmr_middleware.core.journal import Journal, Kind, Note, Outcome, Topic
from hmr_middleware.core.messages import Reload, UpdateMessage
from hmr_middleware.core.propagation import Plan
from hmr_middleware.core.reasons import OUR_FAULT, Reason
from hmr_middleware.planning import Saying

logger = logging.getLogger("hmr_middleware")

# What the terminal is told the first time; of a file that nothing follows from, only the status page tells.
_LINES = {
    Topic.SETUP: "%(reason)s",
    Topic.PAGE: "%(subject)s is served without the client: %(reason)s",
    Topic.TEXT: "left %(subject)s as it is: %(reason)s",
    Topic.SOCKET: "refused a socket: %(reason)s",
}


OFFERED = "what could not be imported may be asked for again"


@dataclass(slots=True)
class Told:
    """What one batch came to, for the terminal."""

    boundaries: set[str] = field(default_factory=set)
    updated: int = 0
    offered: int = 0
    reloaded: int = 0
    reasons: dict[str, None] = field(default_factory=dict)


def count(told: Told, saying: Saying, clients: int) -> None:
    if isinstance(saying.message, UpdateMessage) and saying.message.fresh and not saying.message.updates:
        told.offered += clients
    elif isinstance(saying.message, UpdateMessage):
        told.updated += clients
        told.boundaries |= set(saying.plan.boundaries)
    elif isinstance(saying.message, Reload):
        told.reloaded += clients
        told.reasons[saying.plan.reason] = None


class Reporter:
    """Tells the terminal, and keeps it in *journal*. *now* is the clock, in microseconds since the epoch."""

    def __init__(self, journal: Journal | None = None, now: Callable[[], int] = lambda: 0) -> None:
        self.journal = journal or Journal()
        self._now = now

    def change(self, urls: tuple[str, ...], told: Told, elapsed: float) -> None:
        """Tell what a change of the modules *urls* came to, after *elapsed* milliseconds."""
        for outcome in outcomes_of(urls, told, elapsed):
            self._tell(outcome)

    def refresh(self, names: tuple[str, ...], pages: int, elapsed: float) -> None:
        """Tell that *pages* compare themselves with the server, since *names* have changed."""
        if names:
            self._tell(Outcome(Kind.REFRESH, changed=names, pages=pages, milliseconds=elapsed))

    def plan(self, plan: Plan, occasion: str) -> None:
        """Tell that one page was told of *plan*, on this *occasion*."""
        if plan.reason:
            self._tell(Outcome(Kind.RELOAD, changed=plan.changed, reason=plan.reason, occasion=occasion, pages=1))
        elif plan.updates:
            self._tell(Outcome(Kind.UPDATE, boundaries=plan.boundaries, occasion=occasion, pages=1))

    def left_out(self, topic: Topic, subject: str, reason: Reason, *, at: int = 0) -> None:
        """Tell that *subject*, which may come from a browser, is left out, now or *at* some time.

        For a fault of ours call it while that is being handled: the terminal gets its traceback.
        """
        subject = printable(subject)
        if self.journal.note(Note(topic, subject, reason, at or self._now())) and topic in _LINES:
            logger.warning(_LINES[topic], {"subject": subject, "reason": reason}, exc_info=reason is OUR_FAULT)

    def _tell(self, outcome: Outcome) -> None:
        logger.info("%s", line_of(outcome))
        self.journal.add(replace(outcome, at=self._now()))


def outcomes_of(urls: tuple[str, ...], told: Told, elapsed: float) -> Iterator[Outcome]:
    """Yield what a change of the modules *urls* came to: some pages may update where others are loaded again."""
    if not urls:
        return
    if told.updated:
        boundaries = tuple(sorted(told.boundaries))
        yield Outcome(Kind.UPDATE, changed=urls, boundaries=boundaries, pages=told.updated, milliseconds=elapsed)
    for reason in told.reasons:
        yield Outcome(Kind.RELOAD, changed=urls, reason=reason, pages=told.reloaded, milliseconds=elapsed)
    if told.offered:
        yield Outcome(Kind.UNUSED, changed=urls, reason=OFFERED, pages=told.offered)
    elif not told.updated and not told.reloaded:
        yield Outcome(Kind.UNUSED, changed=urls)


def line_of(outcome: Outcome) -> str:
    """Return what the terminal says of *outcome*."""
    names, time = _listed(outcome.changed), f"{outcome.milliseconds or 0:.0f} ms"
    match outcome.kind:
        case Kind.UPDATE if outcome.occasion:
            return f"update {', '.join(outcome.boundaries[:3])} ({outcome.occasion})"
        case Kind.UPDATE:
            boundaries = plural(len(outcome.boundaries), "boundary")
            return f"update {names} -> {boundaries}, {plural(outcome.pages, 'client')}, {time}"
        case Kind.RELOAD:
            return f"reload: {outcome.reason} ({outcome.occasion or plural(outcome.pages, 'client')})"
        case Kind.REFRESH:
            return f"refresh {names} -> {plural(outcome.pages, 'page')}, {time}"
        case Kind.UNUSED:
            return f"changed {names}: {outcome.reason or 'no open page uses it'}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def plural(count: int, noun: str) -> str:
    """Return "1 page" or "2 pages"."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def printable(text: str) -> str:
    """Return *text* on one line and without control characters: it comes from a browser."""
    return "".join(character if character.isprintable() else " " for character in text[:300])
