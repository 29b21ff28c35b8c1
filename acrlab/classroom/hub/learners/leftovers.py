"""What learners leave running when the class ends: terminals, a served emulated Azure, a kernel that was cut off."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from acrlab.classroom.hub.learners.accounts import user
from acrlab.classroom.hub.room import Room

GRACE_S = 5


def end(room: Room) -> None:
    """End them: asked first, then without asking."""
    there = list(_of(room))
    for process in there:
        _ask(process)
    _, alive = psutil.wait_procs(there, GRACE_S)
    for process in alive:
        _kill(process)
    psutil.wait_procs(alive, GRACE_S)


def _of(room: Room) -> Iterator[psutil.Process]:
    """Processes of the learners' own users, or of this user with a learner's folder as their home."""
    numbers = {user(account) for account in room.accounts.values()}
    homes = {str(room.home(one)) for one in room.people}
    for process in psutil.process_iter():
        try:
            own = process.uids().real in numbers if numbers else process.environ().get("HOME") in homes
        except psutil.Error:  # ended meanwhile, or another user's
            continue
        if own:
            yield process


def _ask(process: psutil.Process) -> None:
    try:
        process.terminate()
    except psutil.NoSuchProcess:
        return


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
