"""A process and no other: its number goes to a later one when it has ended, so it is known by its beginning as well."""

from __future__ import annotations

import sys

GRAIN_S = 0.5  # of what systems tell; no number is given again as soon as that


def began(number: int) -> float:
    """When a process began, in seconds: a count that does not change when the clock is set.

    Raises: psutil.NoSuchProcess: there is none of this number.
    """
    import psutil

    since = psutil.boot_time() if sys.platform == "linux" else 0.0  # which moves with the clock there
    begun: float = psutil.Process(number).create_time()
    return round(begun - since, 2)


def lives(number: int, begun: float) -> bool:
    """Whether the process of this number that began then has not ended."""
    import psutil

    try:
        same = abs(began(number) - begun) < GRAIN_S
        return same and psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
