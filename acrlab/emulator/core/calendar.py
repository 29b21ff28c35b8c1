"""When a world begins, and how Azure writes its moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@lru_cache(maxsize=1024)  # lists tell again and again when the same things were made
def written(second: float) -> str:
    """Write a virtual second of a world as Azure writes it, to a tenth of a microsecond."""
    return (BEGINNING + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
