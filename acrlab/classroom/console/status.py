"""How a class stands, as the board has it: from its state on this computer, or asked of the board with a token."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acrlab.classroom.board.outline import columns, places
from acrlab.classroom.board.standing import Row, ordered, row
from acrlab.classroom.board.store import read_standings
from acrlab.classroom.hub.room import ROOM, Room, state_of
from acrlab.classroom.roster import Learner, read_roster
from acrlab.course.marks import DONE, SHOWN, WITH_HINTS
from acrlab.display import Table, table
from acrlab.errors import ConfigurationError

TOKEN = "JUPYTERHUB_API_TOKEN"
STATE, ROSTER = "ACRLAB_BOARD_STATE", "ACRLAB_BOARD_ROSTER"
TIMEOUT_S = 10


def status(out: Path | str = "class", *, board: str = "", roster: Path | str | None = None) -> Table:
    """Show every learner, those first who need someone.

    Args:
        out: folder of the class on this computer, whose board's state is read.
        board: address of the board, such as http://127.0.0.1:8000/services/board/, which is asked with the token in
            JUPYTERHUB_API_TOKEN; empty: the state is read.
        roster: whose learners; None: that of the class.

    Raises: ConfigurationError: there is no board, it does not answer, or the token is not a teacher's.
    """
    rows, now = asked(board) if board else kept(Path(out), None if roster is None else Path(roster))
    shown = [_shown(one, now) for one in rows]
    count = ", ".join(f"{sum(r.state == s for r in rows)} {s}" for s in dict.fromkeys(r.state for r in rows))
    return table(shown, caption=f"The class: {count}, of {len(rows)}")


def kept(out: Path, roster: Path | None) -> tuple[list[Row], float]:
    """Read the state of a class's board. Returns: its rows, and the time."""
    folder = Path(os.environ.get(STATE) or state_of(out) / "board")
    learners, standings, now = _learners(out, roster), read_standings(folder), time.time()
    known = {id: {name: one for name, one in has.items() if name in places()} for id, has in standings.items()}
    return ordered(row(one, known.get(one.id, {}), now) for one in learners), now


def _learners(out: Path, roster: Path | None) -> Sequence[Learner]:
    room = state_of(out) / ROOM
    found = roster or (Path(os.environ[ROSTER]) if os.environ.get(ROSTER) else None)
    if found is None and room.is_file():
        found = Room.read(room).roster
    if found is None:
        raise ConfigurationError("--roster", "name the class's roster: --roster FILE.csv")
    return read_roster(found)


def asked(board: str) -> tuple[list[Row], float]:
    """Ask the board. Returns: its rows, and its time."""
    told = _answer(board)
    return [_read(one) for one in _in_order(told)], float(told["now"])


def _answer(board: str) -> dict[str, Any]:
    parts = urlsplit(board)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            "--board", f"{board!r} is not an address such as http://127.0.0.1:8000/services/board/"
        )
    token = os.environ.get(TOKEN, "")
    if not token:
        raise ConfigurationError("--board", f"{TOKEN} is not set: a teacher's token, from the hub's Token page.")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/state", headers={"Authorization": f"token {token}"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            line = " ".join(content[:200].decode("utf-8", "replace").split())
            raise ConfigurationError("--board", f"{board} answers {answer.status}: {line}")
        return dict(json.loads(content))
    except (OSError, HTTPException, ValueError) as problem:
        raise ConfigurationError("--board", f"{board} can't be asked: {problem}.") from problem
    finally:
        connection.close()


def _in_order(told: dict[str, Any]) -> list[dict[str, Any]]:
    by_id = {one["id"]: one for one in told["learners"]}
    return [by_id[id] for id in told["order"]]


def _read(one: dict[str, Any]) -> Row:
    marks = one["marks"] if len(one["marks"]) == len(columns()) else "-" * len(columns())  # of another course
    learner = Learner(one["id"], one["name"], one["group"])
    return Row(
        learner, one["state"], one["section"], one["last"], one["attempts"], one["hints"], one["saw"], marks, one["lab"]
    )


def _shown(one: Row, now: float) -> dict[str, Any]:
    return {
        "learner": one.learner.name or one.learner.id,
        "state": one.state,
        "section": one.section or "–",
        "last": f"{max(0, now - one.last) / 60:.0f} min" if one.last else "–",
        "attempts": one.attempts,
        "hints": one.hints,
        **{mark: one.counted(mark) for mark in (DONE, WITH_HINTS, SHOWN)},
        "the check saw": one.saw if len(one.saw) <= 60 else f"{one.saw[:59]}…",
    }
