"""How many of this computer's cores were free for something: all, less what other processes used meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

__all__ = ["Span", "watched"]


@dataclass
class Span:
    """What happened on this computer while something ran.

    Attributes:
        seconds: that it took.
        own_s, others_s: CPU seconds of this process with all below it, and of all others.
    """

    seconds: float = 0.0
    own_s: float = 0.0
    others_s: float = 0.0

    def free(self, wanted: int, cores: int) -> float:
        """Count the cores that were there for it, of those that it could have used."""
        return min(float(wanted), cores - self.others_s / self.seconds)


@contextmanager
def watched() -> Iterator[Span]:
    """Watch what is done meanwhile; processes that are to be counted as one's own are started before."""
    span = Span()
    begun, busy, own = time.monotonic(), _busy(), _own()
    yield span
    span.seconds, span.own_s = time.monotonic() - begun, _own() - own
    span.others_s = max(0.0, _busy() - busy - span.own_s)


def _busy() -> float:
    times = psutil.cpu_times()._asdict()
    # A guest's time is in `user` and `nice` already.
    return sum(seconds for name, seconds in times.items() if name not in ("idle", "iowait", "guest", "guest_nice"))


def _own() -> float:
    """CPU seconds of this process and all below it, with those that have ended and were waited for."""
    total, this = 0.0, psutil.Process()
    for one in (this, *this.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(one.cpu_times()[:4])  # user, system, and of children that have ended
    return total
