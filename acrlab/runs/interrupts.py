"""When a run may be ended: a signal raises KeyboardInterrupt, but not in the middle of a start."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP where it is not ignored (nohup), end a run as Ctrl-C does: with nothing left behind."""
    if not _decides():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    heard = [number for number in numbers if before[number] is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


@contextmanager
def held() -> Iterator[None]:
    """Let a first interruption wait until this block is over; a second one does not wait.

    For a block of some seconds at most that others' code would leave half done: an event loop that is being made, a
    module that is being imported.

    Raises: KeyboardInterrupt: at the end, where a signal came meanwhile.
    """
    if not _decides():
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    interrupting = [number for number in numbers if signal.getsignal(number) is signal.default_int_handler]
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if came:
            signal.default_int_handler(number, frame)
        came.append(number)

    for number in interrupting:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number in interrupting:
            signal.signal(number, signal.default_int_handler)
        if came:
            raise KeyboardInterrupt


def _decides() -> bool:
    """Whether this thread may say what a signal does: only the main one may."""
    return threading.current_thread() is threading.main_thread()
