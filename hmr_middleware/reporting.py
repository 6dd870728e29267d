"""What the terminal is told: one line for what each save came to."""

import logging
from dataclasses import dataclass, field

from hmr_middleware.core.messages import Reload, UpdateMessage
from hmr_middleware.core.propagation import Plan
from hmr_middleware.planning import Saying

logger = logging.getLogger("hmr_middleware")


@dataclass(slots=True)
class Told:
    """What one batch came to, for the terminal."""

    boundaries: set[str] = field(default_factory=set)
    updated: int = 0
    reloaded: int = 0
    reasons: dict[str, None] = field(default_factory=dict)


def count(told: Told, saying: Saying, clients: int) -> None:
    if isinstance(saying.message, UpdateMessage):
        told.updated += clients
        told.boundaries |= set(saying.plan.boundaries)
    elif isinstance(saying.message, Reload):
        told.reloaded += clients
        told.reasons[saying.plan.reason] = None


def log_change(urls: tuple[str, ...], told: Told, elapsed: float) -> None:
    if not urls:
        return
    names = _listed(urls)
    if told.updated:
        boundaries, clients = _plural(len(told.boundaries), "boundary"), _plural(told.updated, "client")
        logger.info("update %s -> %s, %s, %.0f ms", names, boundaries, clients, elapsed)
    for reason in told.reasons:
        logger.info("reload: %s (%s)", reason, _plural(told.reloaded, "client"))
    if not told.updated and not told.reloaded:
        logger.info("changed %s: no open page uses it", names)


def log_refresh(names: tuple[str, ...], pages: int, elapsed: float) -> None:
    if names:
        logger.info("refresh %s -> %s, %.0f ms", _listed(names), _plural(pages, "page"), elapsed)


def log_plan(plan: Plan, why: str) -> None:
    if plan.reason:
        logger.info("reload: %s (%s)", plan.reason, why)
    elif plan.updates:
        logger.info("update %s (%s)", ", ".join(plan.boundaries[:3]), why)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _plural(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def printable(text: str) -> str:
    """Return *text* on one line and without control characters: it comes from a browser."""
    return "".join(character if character.isprintable() else " " for character in text[:300])
