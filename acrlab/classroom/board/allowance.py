"""How much a learner may post: a token bucket for each, so that one kernel in a loop does not keep the others out."""

from __future__ import annotations

from collections.abc import Callable

AT_ONCE, A_SECOND = 60.0, 2.0  # requests


class Allowance:
    """Requests that may come at once, and how many a second on the whole."""

    def __init__(self, clock: Callable[[], float], at_once: float = AT_ONCE, a_second: float = A_SECOND) -> None:
        self._clock, self._at_once, self._a_second = clock, at_once, a_second
        self._left: dict[str, tuple[float, float]] = {}

    def wait_s(self, who: str) -> float:
        """Take one request. Returns: 0, or after how many seconds it may come again."""
        now = self._clock()
        left, then = self._left.get(who, (self._at_once, now))
        left = min(self._at_once, left + (now - then) * self._a_second)
        self._left[who] = (left - 1 if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / self._a_second
