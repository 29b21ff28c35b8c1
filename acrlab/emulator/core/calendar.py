"""When a world begins, and how Azure writes its moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@lru_cache(maxsize=1024)  # lists tell again and again when the same things were made
def written(second: float) -> str:
    """Write a virtual second of a world as Azure writes it, to a tenth of a microsecond."""
    return (BEGINNING + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def with_offset(moment: str) -> str:
    """Write a moment with an offset, as some services do, and without the zeros at the end of its fraction."""
    return moment.removesuffix("Z").rstrip("0").removesuffix(".") + "+00:00"


def whole_second(moment: str) -> str:
    """Write the second that a moment lies in, with an offset."""
    return f"{moment[:19]}+00:00"
