"""Sends what the learner does to the board, and the lab as it stands then: in a thread that no cell waits for."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from functools import cache

from acrlab.capabilities import can_start_threads
from acrlab.course.reporting import Kind
from acrlab.course.reporting.event import happened, written
from acrlab.course.reporting.outbox import Outbox, drop
from acrlab.course.reporting.picture import Picture
from acrlab.course.reporting.post import Board
from acrlab.lab.lab import Lab
from acrlab.settings.environment import BOARD, lab_home

TOKEN = "JUPYTERHUB_API_TOKEN"  # the hub gives it to a learner's server
FOLDER = "board"  # in the lab's folder
UNWANTED = (400, 403, 413)  # an event that was answered so is not sent again; every other failure passes
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0  # between two tries while the board is away
LAST_S = 2.0  # that the end of a program waits for its last event
_log = logging.getLogger(__name__)


@cache
def the_sender() -> Sender | None:
    """The one of this process; None: it has no token, no address that is one, or can't start a thread."""
    token = os.environ.get(TOKEN, "")
    if not token or not can_start_threads():
        return None
    try:
        board = Board(os.environ[BOARD], token)
    except ValueError as problem:
        _log.warning("%s: %s", BOARD, problem)
        return None
    sender = Sender(board, Outbox(lab_home() / FOLDER))
    sender.start()
    atexit.register(sender.close)
    return sender


class Sender:
    """A queue and the thread that empties it. Nothing that happens here is ever raised in a cell."""

    def __init__(self, board: Board, outbox: Outbox) -> None:
        self._board, self._outbox = board, outbox
        self._asked, self._settled = threading.Event(), threading.Event()
        self._settled.set()
        self._picture = Picture()

    def start(self) -> None:
        threading.Thread(target=self._work, name="acrlab-board", daemon=True).start()

    def tell(self, lab: Lab, section: str, kind: Kind, *, mark: str = "", hints: int = 0, saw: str = "") -> None:
        """Queue an event. On a disk that is full it is lost, and the cell goes on."""
        try:
            self._outbox.put(happened(section, kind, mark=mark, hints=hints, saw=saw))
        except (OSError, ValueError) as problem:
            _log.info("not told to the board: %s", problem)
            return
        self._picture.follow(lab)
        self._settled.clear()
        self._asked.set()

    def close(self) -> None:
        """Wait a moment for what is on its way; what is not sent then, the next program sends."""
        self._settled.wait(LAST_S)

    def _work(self) -> None:
        pause: float | None = 0.0  # what an earlier program left is sent first
        while True:
            self._asked.wait(pause)
            self._asked.clear()
            try:
                sent = self._deliver()
                following = self._show_lab() if sent else None
            except Exception as problem:  # a learner's cell is not the place for the board's troubles
                _log.info("not told to the board: %s", problem)
                sent, following = False, None
            if not self._asked.is_set():
                self._settled.set()
            pause = following if sent else min(2 * pause if pause else FIRST_PAUSE_S, LONGEST_PAUSE_S)

    def _deliver(self) -> bool:
        """Send what waits. Returns: whether all of it has arrived, or is not wanted."""
        while waiting := self._outbox.first():
            status = self._board.post("events", written([*waiting.values()]))
            if status >= 300 and status not in UNWANTED:
                return False
            drop([*waiting])
        return True

    def _show_lab(self) -> float | None:
        """Send the lab as it stands, where it may have changed since.

        Returns: seconds until it may be sent again, where it is too early; None: there is nothing to wait for.
        """
        early_s = self._picture.due_s()
        if early_s == 0:
            self._board.post("lab", self._picture.take())
            self._picture.arrived()
            return None
        return early_s
