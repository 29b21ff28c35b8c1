"""What a run writes, and when: its own lines begin with the time, those of docker do not."""

from __future__ import annotations

from datetime import timedelta

from acrlab.emulator.core.calendar import BEGINNING

LINE_S = 0.5  # between two lines of the run's own


class Log:
    """Lines of a run, each with the virtual second at which it is written.

    Attributes:
        now: the virtual second that the run is at.
        lines: when, and what.
    """

    def __init__(self, now: float) -> None:
        self.now, self.lines = now, list[tuple[float, str]]()

    def say(self, text: str) -> None:
        """Write a line of the run's own."""
        self.now += LINE_S
        self.lines.append((self.now, f"{(BEGINNING + timedelta(seconds=self.now)):%Y/%m/%d %H:%M:%S} {text}"))

    def tell(self, text: str) -> None:
        """Write what something else says."""
        self.lines += [(self.now, line) for line in text.splitlines()]
