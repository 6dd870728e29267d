"""How often to look at files: as often as it may cost. Times are in seconds."""

from enum import Enum


class Pace(Enum):
    """The shortest pause between two looks, and the pause for each second of processor time that a look takes."""

    POLLING = 0.1, 60  # under 2 percent of a core, and so is the latency of a save for up to some 500 files
    POLLING_UNSEEN = 1.0, 400  # nobody looks at the page
    CHECKING = 3.0, 2_000  # whether events tell of everything
    CHECKING_UNSEEN = 30.0, 2_000

    def pause(self, cost: float) -> float:
        """Return the pause after a look that took *cost*."""
        shortest, factor = self.value
        return max(shortest, factor * cost)


def pace(*, polling: bool, seen: bool) -> Pace:
    """Return the pace for a page that is *seen* by somebody, or not."""
    if polling:
        return Pace.POLLING if seen else Pace.POLLING_UNSEEN
    return Pace.CHECKING if seen else Pace.CHECKING_UNSEEN
