"""Figures as Markdown tables."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """What one benchmark found: *rows* below *header*, and a *note* on how it was measured."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def markdown(self) -> str:
        """Return the table as Markdown, its title as a heading."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        grid = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return "\n\n".join(filter(None, (f"### {self.title}", self.note, grid)))


def verdict(value: float, limit: float) -> str:
    """Return whether *value* keeps within *limit*, in a word."""
    return "met" if value <= limit else "**missed**"


def short(value: float) -> str:
    """Return *value* with three significant digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
