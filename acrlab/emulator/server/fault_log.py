"""What a client is told, and what is logged, when answering a request fails: the disk is full, or acrlab has a fault.

A log is read by a program that may be slow, or by none: a pipe that fills up would stop the server. So the same
thing is written once a minute and then counted.
"""

from __future__ import annotations

import logging
import threading
import time

from acrlab.emulator.core.file_errors import BUSY, CLOSED, FULL, UnusableWorld
from acrlab.emulator.core.http import OWN_FAULT, ArmError

QUIET_S = 60
MOST_KINDS = 50  # that are told apart within that time
_LOG = logging.getLogger("acrlab.emulator")
_LATER = "Then try again: nothing that was answered is lost."
_TOLD = {
    FULL: (507, "InsufficientStorage", f"The disk of the computer that serves this is full. Free space. {_LATER}"),
    CLOSED: (507, "InsufficientStorage", f"The world's file cannot be written any more. Make it writable. {_LATER}"),
    BUSY: (503, "ServiceUnavailable", "Another command is writing to this world. Try again."),
}  # fmt: skip


class FaultLog:
    """Turns what went wrong into an answer, and notes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}
        self._begun = 0.0

    def answer(self, problem: Exception, method: str, path: str) -> ArmError:
        """Return what a client is told about a request that failed."""
        if isinstance(problem, UnusableWorld) and problem.cause is not None:
            self._note(str(problem), "%s", str(problem))
            return ArmError(*_TOLD[problem.cause], headers={"Retry-After": "5"} if problem.cause is BUSY else None)
        self._note(f"{type(problem).__name__}: {problem}", "%s %r", method, path, cause=problem)
        return ArmError(500, "InternalServerError", OWN_FAULT)

    def _note(self, kind: str, form: str, *words: str, cause: Exception | None = None) -> None:
        with self._lock:
            if time.monotonic() - self._begun > QUIET_S:
                self._tell_counts()
                self._seen, self._begun = {}, time.monotonic()
            first = kind not in self._seen and len(self._seen) < MOST_KINDS
            self._seen[kind if first or kind in self._seen else "others"] = self._seen.get(kind, 0) + 1
        if first:
            _LOG.error(form, *words, exc_info=cause)

    def _tell_counts(self) -> None:
        again = sum(self._seen.values()) - len(self._seen)
        if again > 0:
            _LOG.error("%s more requests failed in the same ways", again)
