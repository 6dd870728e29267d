"""Where the time of an update goes: our stages, from the write to the effect."""

from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks import tracing
from benchmarks.table import Table, short
from benchmarks.update_latency import EDITS, edit, sites

SAVES = 25
SERVER = "traced"
# In the order in which an update passes them; a fetch has several parts, and the first fetch is the new content's.
STAGES = (
    "noticed",
    "planned",
    "written",
    "arrived",
    "fetch begins",
    "fetch is sent",
    "request",
    "answered",
    "first byte",
    "fetch ends",
    "all fetches end",
    "effect",
)


def run(saves: int = SAVES) -> list[Table]:
    """Follow saves of each kind through their stages."""
    with sites((SERVER,)) as opened:
        project, page = opened[SERVER]
        found = {kind: [_follow(project, page, *what) for _ in range(saves)] for kind, what in EDITS.items()}
    columns = [_medians(stages) for stages in found.values()]
    rows = [[stage, *(_cell(column, stage) for column in columns)] for stage in STAGES]
    note = f"Milliseconds since the write began, medians of {saves} saves, with tracing on."
    return [Table("Stages of an update", ("stage", *EDITS), rows, note)]


def _follow(project: Path, page: Page, file: str, source: str) -> dict[str, float]:
    arrived = page.evaluate("observed.messages.length")
    began, seen, _ = edit(project, page, file, source)
    stages = tracing.read(project / "trace.txt", began) | _in_page(page, began, arrived) | {"effect": seen}
    return {stage: moment - began for stage, moment in stages.items()}


def _in_page(page: Page, began: float, known: int) -> dict[str, float]:
    messages = page.evaluate("from => observed.messages.slice(from)", known)
    fetches = sorted(item["times"] for item in page.evaluate("since => observed.fetches(since)", began))
    first = zip(("fetch begins", "fetch is sent", "first byte", "fetch ends"), fetches[0], strict=True)
    return {"arrived": messages[0], "all fetches end": max(times[-1] for times in fetches), **dict(first)}


def _medians(found: list[dict[str, float]]) -> dict[str, float]:
    known = {stage for stages in found for stage in stages}
    return {stage: median(stages[stage] for stages in found if stage in stages) for stage in known}


def _cell(column: dict[str, float], stage: str) -> str:
    return short(column[stage]) if stage in column else ""
