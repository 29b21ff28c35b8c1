"""Run the benchmarks: all of them, or those that are named. What this computer has not the means for is skipped."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from tests.benchmarks.article_script import article_script
from tests.benchmarks.blobs import blobs
from tests.benchmarks.floor import floor
from tests.benchmarks.learners import learners
from tests.benchmarks.matrix import matrix
from tests.benchmarks.measure import NotHere
from tests.benchmarks.plan import plan
from tests.benchmarks.served import served
from tests.benchmarks.traffic import traffic
from tests.benchmarks.worlds import worlds

BENCHMARKS: dict[str, Callable[[], Table]] = {
    "floor": floor,
    "traffic": traffic,
    "served": served,
    "blobs": blobs,
    "article": article_script,
    "worlds": worlds,
    "plan": plan,
    "matrix": matrix,
    "learners": learners,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=", ".join(BENCHMARKS))
    names = parser.parse_args().name or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(BENCHMARKS)}")
    console = Console(width=max(Console().width, 110))  # a table that is cut says nothing
    for name in names:
        try:
            console.print(BENCHMARKS[name]())
        except NotHere as reason:
            console.print(f"{name} is skipped: {reason}", markup=False, highlight=False)


if __name__ == "__main__":
    main()
