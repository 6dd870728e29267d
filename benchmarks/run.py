"""Run all benchmarks, or those named, and print their tables; --write also puts them into README.md."""

import argparse
import os
import platform
import re
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
BENCHMARKS = (
    "update_latency",
    "shown_latency",
    "update_stages",
    "transports",
    "page_latency",
    "idle_cpu",
    "injection",
    "rewriting",
    "large_page",
    "large_graph",
    "page_patch",
    "watching",
    "sockets",
    "polling",
)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    sys.path[:1] = [str(HERE.parent), str(HERE.parent / "tests")]
    for name in options.names or BENCHMARKS:
        found = _run(name)
        sys.stdout.write(f"{found}\n\n")
        sys.stdout.flush()
        if options.write:
            write(name, found)
    if options.write:
        write("machine", machine())


def _run(name: str) -> str:
    before = os.getloadavg()[0]
    tables = import_module(f"benchmarks.{name}").run()
    load = f"Load of the machine: {before:.1f} before, {os.getloadavg()[0]:.1f} after."
    return "\n\n".join([*(table.markdown() for table in tables), load])


def write(name: str, text: str) -> None:
    """Put *text* between the marks of *name* in README.md."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    old = README.read_text()
    new, count = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", old, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"README.md must have {begin} and {end} once, found them {count} times")
    README.write_text(new)


def machine() -> str:
    """Return what the figures were taken on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores ({model}), {system}, CPython {platform.python_version()}"


if __name__ == "__main__":
    main()
