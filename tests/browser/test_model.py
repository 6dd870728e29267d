"""Random edits of random projects: what the page runs is never stale, and nothing lives in it twice.

A failure names its seed: `MODEL_SEED=7 MODEL_STEPS=50` plays that run again, `MODEL_SHRINK=1` leaves out what it can.
"""

import os
from collections.abc import Callable, Sequence
from random import Random

import pytest
from playwright.sync_api import Page

from browser.model.play import Game, ModelError, barrier_text, front_page, new_game
from browser.model.shrink import Attempt, shrink
from browser.model.steps import Author, Step, begin
from browser.sites import Site

RUN = 50  # steps on one project
STEPS = int(os.environ.get("MODEL_STEPS", "400"))
SEED = int(os.environ.get("MODEL_SEED", "1"))
SHRINK = os.environ.get("MODEL_SHRINK") == "1"


@pytest.fixture
def attempt_for(start: Callable[..., Site], open_tab: Callable[[], Page]) -> Callable[[int], Attempt]:
    """Return a function from a seed to what plays steps on that seed's project, each time from the beginning."""

    def attempt(seed: int, steps: Sequence[Step]) -> str | None:
        author = begin(Random(seed))
        static = {f"{name}.js": author.last(name).text() for name in author.names} | {"barrier.js": barrier_text(0)}
        site = start("flask", "werkzeug", pages=front_page(author.entries), static=static)
        pages = [open_tab() for _ in range(2 if seed % 4 == 3 else 1)]
        try:
            return play(new_game(author, site, pages), steps)
        finally:
            for page in pages:
                page.close()
            site.server.stop()

    return lambda seed: lambda steps: attempt(seed, steps)


def play(game: Game, steps: Sequence[Step]) -> str | None:
    """Play *steps*; return what went wrong, if anything did."""
    number = 0
    try:
        game.begin()
        for step in steps:
            number += 1
            game.play(step)
    except ModelError as wrong:
        return f"after {number} steps: {wrong}"
    return None


def story(author: Author, steps: Sequence[Step], wrong: str) -> str:
    """Return how it went wrong, in words."""
    texts = [str(author.history[name][0]) for name in author.names]
    return "\n".join(["the project:", *texts, "the steps:", *map(str, steps), wrong])


@pytest.mark.parametrize("seed", range(SEED, SEED + max(1, STEPS // RUN)))
@pytest.mark.timeout(600)  # a run is long where the machine is busy
def test_never_stale_never_twice(attempt_for: Callable[[int], Attempt], seed: int) -> None:
    author = begin(Random(seed))
    steps = [author.step() for _ in range(RUN)]
    wrong = attempt_for(seed)(steps)
    if wrong and "Page crashed" in wrong:  # the browser's own end says nothing of what is tested
        wrong = attempt_for(seed)(steps)
    if wrong and SHRINK:
        steps, again = shrink(steps[: int(wrong.split()[1])], attempt_for(seed))
        wrong = again or wrong
    if wrong:
        pytest.fail(f"MODEL_SEED={seed} MODEL_STEPS={RUN}\n{story(author, steps, wrong)}", pytrace=False)
