"""The long form: python -m fuzz.run [--count N] [--seed N] [TARGET ...] says how many held, and what did not.

No input may take more than 100 milliseconds of processor time for each 16 KB that it has. Where atheris is installed,
`--guided` lets coverage lead the way in one target.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator

from fuzz.targets import TARGETS, Target

LIMIT = 0.1  # seconds
SIZE = 16_384  # bytes that it is meant for


def main() -> int:
    """Run the targets that are named, or all; return how many failed."""
    parser = argparse.ArgumentParser(prog="fuzz.run")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; all where none is named")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--guided", action="store_true")
    given = parser.parse_args()
    chosen = given.targets or list(TARGETS)
    if given.guided:
        return guided(chosen[0], given.count)
    return sum(not report(name, given.count, given.seed) for name in chosen)


def report(name: str, count: int, seed: int) -> bool:
    """Run one target, say how it went, and return whether it held."""
    slowest, size, done = 0.0, 0, 0
    for data in inputs(TARGETS[name], random.Random(f"{seed} {name}"), count):
        began = time.thread_time()
        try:
            TARGETS[name].run(data)
        except Exception as error:
            say(f"{name}: FAILED after {done} inputs: {type(error).__name__}: {error}; for {data!r}")
            return False
        took, done = time.thread_time() - began, done + 1
        if took > slowest:
            slowest, size = took, len(data)
        if took > LIMIT * max(1, len(data) / SIZE):
            say(f"{name}: TOO SLOW, {took * 1000:.0f} ms for {len(data)} bytes: {data[:200]!r}")
            return False
    say(f"{name}: {done} inputs held; the slowest took {slowest * 1000:.1f} ms for {size} bytes")
    return True


def inputs(target: Target, chance: random.Random, count: int) -> Iterator[bytes]:
    """Yield *count* inputs: words in any order, words again and again, and both with bytes changed."""
    for _ in range(count):
        words = chance.choices(target.words, k=chance.randrange(1, 40))
        if chance.random() < 0.02:  # what is quadratic shows in what is repeated
            words = words[: chance.randrange(1, 4)] * chance.randrange(1, 1_500)
        data = b"".join(words)[: 8 * SIZE]
        yield changed(data, chance) if chance.random() < 0.5 else data


def changed(data: bytes, chance: random.Random) -> bytes:
    """Return *data* with some bytes other than they were, left out, or put in."""
    text = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    return bytes(text)


def guided(name: str, count: int) -> int:
    """Let atheris look for inputs that reach new lines; it ends the process where one fails."""
    import atheris

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-runs={count}", "-max_len=4096", "-timeout=30"], TARGETS[name].run)
    atheris.Fuzz()
    return 0


def say(line: str) -> None:
    """Print *line* at once: the whole takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
