"""Times: interleaved, so that whatever else the machine does hits all contenders alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median, quantiles

Sample = Callable[[], float]


def interleave(contenders: Mapping[str, Sample], rounds: int) -> dict[str, list[float]]:
    """Return the samples of each contender, taken in turns: A B C A B C."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, sample in contenders.items():
            samples[name].append(sample())
    return samples


def batch(work: Callable[[], object], calls: int) -> Sample:
    """Return a sample: the seconds that one call of *work* takes, as the mean of *calls*."""

    def sample() -> float:
        began = time.perf_counter()
        for _ in range(calls):
            work()
        return (time.perf_counter() - began) / calls

    return sample


def elapsed(work: Callable[[], object]) -> float:
    """Return the seconds that one call of *work* takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def added(base: list[float], more: list[float]) -> float:
    """Return by how much *more* exceeds *base*: the median over the rounds, each compared within itself."""
    return median(longer - shorter for shorter, longer in zip(base, more, strict=True))


def p90(samples: list[float]) -> float:
    """Return the value that nine in ten *samples* keep within."""
    return quantiles(samples, n=10)[-1]
