"""What `make test` leaves out, so that it is done in minutes: `pytest --quick`. `make test-long` runs just that.

Both give whole files to the processors, so that what a file's tests share is built once; pytest-xdist 3.8 would not
see groups of tests under pytest 9.2. The slowest folders begin: a processor that got one of their files last would be
the only one at work.

Of a test that is marked `table`, which has a row for each fault, chapter or input, every sixth row is run, beginning
with another one in each table. What is marked `long` is not run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import pytest

ROOT = Path(__file__).parent
MARKS = {
    "table": "has a row for each fault, chapter or input: `--quick` runs every sixth of them",
    "long": "takes long: `--quick` leaves it out",
}
EVERY = 6
SLOWEST = ("notebooks", "runs", "course", "doctor", "recordings", "project", "classroom", "steps", "cli", "handouts")


def turn(item: pytest.Item) -> int:
    """Tell when a test's turn is: 0 is first."""
    folder = item.path.relative_to(ROOT).parts[0] if item.path.is_relative_to(ROOT) else ""
    return SLOWEST.index(folder) if folder in SLOWEST else len(SLOWEST)


def left_out(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Say which tests a quick run does without."""
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("table"):
            tables[item.nodeid.partition("[")[0]].append(item)
    kept = {item.nodeid for name, rows in tables.items() for item in rows[_first(name, rows) :: EVERY]}
    return [
        item
        for item in items
        if item.get_closest_marker("long") or (item.get_closest_marker("table") and item.nodeid not in kept)
    ]


def _first(name: str, rows: Sequence[pytest.Item]) -> int:
    return crc32(name.encode()) % min(EVERY, len(rows))
