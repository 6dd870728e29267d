"""What a process and its children hold, by Linux's own account."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Held:
    """What one process holds; *resident* is in megabytes."""

    resident: float
    threads: int
    descriptors: int

    def __str__(self) -> str:
        return f"{self.resident:.1f} MB, {self.threads} threads, {self.descriptors} descriptors"


def held_by(pid: int) -> Held:
    """Return what the process *pid* holds."""
    proc = Path(f"/proc/{pid}")
    pages = int((proc / "statm").read_text().split()[1])
    resident = pages * os.sysconf("SC_PAGESIZE") / 1_000_000
    return Held(resident, len(list((proc / "task").iterdir())), len(list((proc / "fd").iterdir())))


def children_of(pid: int) -> set[int]:
    """Return the living children of *pid*."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    found = {int(child) for task in tasks for child in (task / "children").read_text().split()}
    return {child for child in found if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] != "Z"}


def group_is_gone(leader: int) -> bool:
    """Return whether no process of the group of *leader* is left."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return True
    return False
