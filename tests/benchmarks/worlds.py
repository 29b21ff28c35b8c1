"""The same requests in a small world and in a big one: what a resource costs that a request does not ask for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rich.table import Table

from tests.benchmarks.measure import interleave, per_call, ratio
from tests.benchmarks.populated import Populated

__all__ = ["worlds"]

SMALL, BIG = 10, 10_000
BOUND = 2.0  # times the small world's time, at most
Requests = Mapping[str, Callable[[], object]]
Arm = Callable[[], float]


def worlds(*, rounds: int = 7, calls: int = 50) -> Table:
    """Measure each request with 10 and with 10,000 resources in the world."""
    columns = ("request", f"{SMALL} resources", f"{BIG:,} resources", f"ratio (at most {BOUND:g})")
    table = Table(*columns, title="Time a request, median (lowest-highest)")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        small = Populated(Path(folder) / "small.db", resources=SMALL)
        big = Populated(Path(folder) / "big.db", resources=BIG)
        pairs = [
            *_pairs("below the SDK: ", small.below_the_sdk(), big.below_the_sdk(), calls),
            *_pairs("SDK: ", small.through_the_sdk(), big.through_the_sdk(), calls),
            *_pairs("SDK: ", small.whole_operations(), big.whole_operations(), calls // 5),
        ]
        for name, arms in pairs:
            measured = interleave(arms, rounds=rounds)
            times = ratio(measured["big"], measured["small"])
            colour = "green" if times <= BOUND else "bold red"
            shown = [measured[world].text("ms", 1000) for world in ("small", "big")]
            table.add_row(name, *shown, f"[{colour}]{times:.2f}[/]")
        small.close()
        big.close()
    return table


def _pairs(prefix: str, small: Requests, big: Requests, calls: int) -> Iterator[tuple[str, dict[str, Arm]]]:
    for name in small:
        yield prefix + name, {"small": per_call(small[name], calls=calls), "big": per_call(big[name], calls=calls)}
