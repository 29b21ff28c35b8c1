"""Requests per second through the SDK and below it: what the emulated Azure costs, and what the SDK adds."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rich.table import Table

from tests.benchmarks.measure import interleave, per_call
from tests.benchmarks.populated import Populated

__all__ = ["traffic"]


def traffic(*, rounds: int = 7, calls: int = 50) -> Table:
    """Measure each request both ways in a world of ten resources."""
    table = Table("request", "through the SDK", "below it", "SDK's share", title="Requests per second, median")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        azure = Populated(Path(folder) / "world.db", resources=10)
        through, below = azure.through_the_sdk(), azure.below_the_sdk()
        for name in below:
            arms = {"sdk": per_call(through[name], calls=calls), "below": per_call(below[name], calls=calls)}
            measured = interleave(arms, rounds=rounds)
            share = 1 - measured["below"].median / measured["sdk"].median
            table.add_row(name, f"{measured['sdk'].rate:,.0f}", f"{measured['below'].rate:,.0f}", f"{share:.0%}")
        azure.close()
    return table
