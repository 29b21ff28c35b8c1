"""How fast the world's clock runs while a server serves it. In one process, pollers move it as they wait instead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from acrlab.emulator.arm.operations import Operations
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.world import World
from acrlab.errors import ConfigurationError

INSTANT, REAL = "instant", "real"
GRAIN_S = 0.05  # smaller steps of the clock are saved up: each costs a write


class Pace:
    """Keeps a world's clock going with the computer's.

    Attributes:
        rate: virtual seconds a real one.
        waits: whether operations take their time; without it they have ended when they are next looked at.
    """

    def __init__(self, world: World, *, rate: float, waits: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.waits = rate, waits
        self._world, self._clock, self._seen = world, clock, clock()
        self._lock = threading.Lock()

    def tick(self) -> None:
        """Let the time since the last call pass in the world."""
        with self._lock:  # no second passes twice
            moment = self._clock()
            elapsed = (moment - self._seen) * self.rate
            end = 0.0 if self.waits else Operations.last_due(self._world)
            if elapsed < GRAIN_S and end <= self._world.now:
                return
            self._seen = moment
            self._world.advance_to(max(self._world.now + elapsed, end))


def pace_of(world: World, speed: str) -> Pace:
    """Read a speed: `instant`, `real`, or how many times faster than real.

    Raises: ConfigurationError: it is neither.
    """
    if speed == INSTANT:
        return Pace(world, rate=1.0, waits=False)
    if speed == REAL:
        return Pace(world, rate=1.0, waits=True)
    try:
        rate = float(speed)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e6:
        raise ConfigurationError("speed", f"{speed!r} is not `instant`, `real` or a number above 0, such as 60.")
    return Pace(world, rate=rate, waits=True)


DEVIATIONS = (
    Deviation(
        of="Server",
        what="With `--speed instant` an operation has ended when it is next looked at.",
        impact="States in between are seen only in the answer that starts it.",
        reason="A learner should not wait.",
        workaround="`--speed real`, or a number such as 60.",
    ),
)
