"""Interleaved measurement: arms take turns, so that whatever else the VM does meets them all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["NotHere", "Spread", "interleave", "per_call", "ratio"]


class NotHere(Exception):
    """What a benchmark measures is not on this computer: it is skipped, and the others go on."""


@dataclass(frozen=True)
class Spread:
    """Measured times of one arm, in seconds."""

    times: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def rate(self) -> float:
        """Calls per second at the median."""
        return 1 / self.median

    def text(self, unit: str = "s", factor: float = 1.0) -> str:
        low, high = min(self.times) * factor, max(self.times) * factor
        return f"{self.median * factor:.2f} {unit} ({low:.2f}-{high:.2f})"


def interleave(arms: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, Spread]:
    """Call each arm once a round, every other round in the opposite order; an arm returns the seconds that it took."""
    times: dict[str, list[float]] = {name: [] for name in arms}
    for turn in range(rounds):
        for name in list(arms) if turn % 2 == 0 else reversed(list(arms)):
            times[name].append(arms[name]())
    return {name: Spread(tuple(measured)) for name, measured in times.items()}


def per_call(call: Callable[[], object], *, calls: int) -> Callable[[], float]:
    """Make an arm that measures the mean seconds of one of so many calls."""

    def arm() -> float:
        begun = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - begun) / calls

    return arm


def ratio(one: Spread, other: Spread) -> float:
    """How many times `other` the median of `one` is."""
    return one.median / other.median
