"""What `make test` leaves out, so that it is done in minutes: `pytest --quick`. `make test-long` runs just that.

Of a test that is marked `table`, which has a row for each fault, chapter or input, every sixth row is run, beginning
with another one in each table. What is marked `long` is not run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from zlib import crc32

import pytest

MARKS = {
    "table": "has a row for each fault, chapter or input: `--quick` runs every sixth of them",
    "long": "takes long: `--quick` leaves it out",
}
EVERY = 6


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
