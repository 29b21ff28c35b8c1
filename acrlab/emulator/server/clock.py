"""How fast the world's clock runs while a server serves it, and by which it goes. In one process, pollers move it as
they wait instead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from acrlab.emulator.arm.operations import Operations
from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.file_errors import CLOSED, FULL, UnusableWorld
from acrlab.emulator.core.world import World
from acrlab.errors import ConfigurationError

INSTANT, REAL = "instant", "real"
NOW, DETERMINISTIC = "now", "deterministic"
GRAIN_S = 0.05  # smaller steps of the clock are saved up: each costs a write
YEARS = range(2001, 2101)
Moment = Callable[[], float]


class Pace:
    """Keeps a world's clock going with the computer's.

    Attributes:
        rate: virtual seconds a real one.
        waits: whether operations take their time; without it they have ended when they are next looked at.
        ahead_s: by how many virtual seconds the world was ahead of `least` when it was taken up. It stays ahead: time
            never goes back.
    """

    def __init__(
        self, world: World, *, rate: float, waits: bool, least: Moment, clock: Moment = time.monotonic
    ) -> None:
        """`least`: the virtual second that the world's clock has at least reached, now."""
        self.rate, self.waits = rate, waits
        self._world, self._least, self._clock, self._seen = world, least, clock, clock()
        self._lock = threading.Lock()
        self.ahead_s = max(world.now - least(), 0.0)
        world.advance_to(least())

    def tick(self) -> None:
        """Let the time since the last call pass in the world."""
        with self._lock:  # no second passes twice
            world, seen = self._world, self._clock()
            now = world.now
            moment = max(now + (seen - self._seen) * self.rate, self._least())
            ends = not self.waits and Operations.last_due(world) > now
            if moment - now < GRAIN_S and not ends:
                return
            try:
                with world.transaction():
                    world.advance_to(moment)
                    if ends:
                        Operations.end_now(world)
            except UnusableWorld as problem:
                if problem.cause not in (FULL, CLOSED):
                    raise
                return  # what is there can still be read; the time is made up for once it can be written down
            self._seen = seen


def pace_of(world: World, speed: str, clock: str = NOW) -> Pace:
    """Read a speed and a clock, and set the world's clock by it.

    Args:
        speed: `instant`, `real`, or how many times faster than real.
        clock: `now`: it is what this computer's is; `deterministic`: it goes on where the world is, and a new one
            begins in January 2026; or the moment, ISO 8601, that a world is brought to that has not come there yet.

    Raises: ConfigurationError: it is neither.
    """
    least = _least(world, clock)
    if speed == INSTANT:
        return Pace(world, rate=1.0, waits=False, least=least)
    if speed == REAL:
        return Pace(world, rate=1.0, waits=True, least=least)
    try:
        rate = float(speed)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e6:
        raise ConfigurationError("speed", f"{speed!r} is not `instant`, `real` or a number above 0, such as 60.")
    return Pace(world, rate=rate, waits=True, least=least)


def _least(world: World, clock: str) -> Moment:
    if clock == NOW:
        return lambda: time.time() - BEGINNING.timestamp()
    if clock == DETERMINISTIC:
        start = world.now
        return lambda: start
    asked = _read(clock).timestamp() - BEGINNING.timestamp()
    return lambda: asked


def _read(clock: str) -> datetime:
    try:
        moment = datetime.fromisoformat(clock)
    except ValueError:
        moment = datetime.min
    if moment.year not in YEARS:
        known = "`now`, `deterministic` or a moment of this century such as 2026-01-05T09:00:00Z"
        raise ConfigurationError("clock", f"{clock!r} is not {known}.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


DEVIATIONS = (
    Deviation(
        of="Server",
        what="With `--speed instant` an operation has ended when it is next looked at.",
        impact="States in between are seen only in the answer that starts it.",
        reason="A learner should not wait.",
        workaround="`--speed real`, or a number such as 60.",
    ),
    Deviation(
        of="Server",
        what="The world's clock can be ahead of the computer's: with a `--speed` above 1, after a `sleep` on a VM "
        "and where notebooks have waited in it.",
        impact="Times in answers lie ahead of the client's; tokens count by the client's clock.",
        reason="Waiting costs nothing there, and time never goes back.",
        workaround="`acrlab reset` sets the clock back.",
    ),
)
