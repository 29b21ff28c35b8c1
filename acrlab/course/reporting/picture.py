"""The lab as a board draws it: its facts, read where they may have changed since, and not too often."""

from __future__ import annotations

import json
import time

from acrlab.lab.lab import Lab

PAUSE_S = 5.0  # between two pictures


class Picture:
    """What was shown of a lab, and whether it is to be shown again."""

    def __init__(self) -> None:
        self._lab: Lab | None = None
        self._taken: object = None
        self._shown: object = None
        self._due = 0.0

    def follow(self, lab: Lab) -> None:
        """Something happened in this lab."""
        self._lab = lab

    def due_s(self) -> float | None:
        """Say in how many seconds it may be taken; None: there is nothing new. A recording is not a learner's lab."""
        lab = self._lab
        if lab is None or lab.closed or lab.settings.backend == "replay":
            return None
        if self._shown == (lab, lab.backend.mark()) and lab.settings.backend == "emulator":
            return None
        return max(0.0, self._due - time.monotonic())

    def take(self) -> bytes:
        """Read the lab. Returns: its facts, as the board takes them."""
        from acrlab.doctor.observe import survey
        from acrlab.snapshot import form_of

        assert self._lab is not None
        self._due = time.monotonic() + PAUSE_S
        content = json.dumps(form_of(survey(self._lab))).encode()
        self._taken = (self._lab, self._lab.backend.mark())  # what reading it settled is in the picture
        return content

    def arrived(self) -> None:
        """Note that the board has what was taken last."""
        self._shown = self._taken
        if self._lab is not None and self._lab.settings.backend != "emulator":
            self._lab = None  # until the next event: there reading costs requests, and no mark says whether it is due
