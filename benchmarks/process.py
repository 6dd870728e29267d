"""What a process costs, by Linux's own account."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1_000_000
_CPU_CLOCK = 2  # CPUCLOCK_SCHED, see clock_getcpuclockid(3)


def cpu_seconds(pid: int) -> float:
    """Return the processor time of *pid* with all its threads: /proc/<pid>/stat only counts hundredths."""
    return time.clock_gettime((~pid << 3) | _CPU_CLOCK)


def resident(pid: int | None = None) -> float:
    """Return the resident memory of *pid*, by default this process, in megabytes."""
    pages = int(Path(f"/proc/{pid or os.getpid()}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / MEGABYTE


def apart(module: str, *arguments: str) -> Any:
    """Run *module* in a process of its own, for clean memory, and return the JSON that it prints last."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def environment() -> dict[str, str]:
    """Return an environment in which the benchmarks and the tests' helpers can be imported."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
