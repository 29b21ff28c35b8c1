"""The labs of a class on this computer: whose there are, and one opened as its learner has it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from acrlab.classroom.hub.room import ROOM, Room, state_of
from acrlab.classroom.roster import read_roster
from acrlab.classroom.rows import variables
from acrlab.course.lookup import unknown
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab, connect
from acrlab.learner.owner import as_owner, load_lab
from acrlab.settings import Settings
from acrlab.settings.environment import BOARD, HOME, NONE, SETTINGS, SETTINGS_FILE, WORLD, world_file
from acrlab.settings.file import read

ALL = "all"


@dataclass(frozen=True)
class Place:
    """Where a learner's lab is.

    Attributes:
        id: the learner's.
        folder: with the settings file of the lab, and `.acrlab`.
    """

    id: str
    folder: Path


def places(out: Path, who: str = ALL, *, roster: Path | None = None) -> tuple[Place, ...]:
    """Find the labs of learners, in the order of the roster.

    Args:
        out: folder of the class, as `acrlab class plan --out` or `acrlab class open` lays it out.
        who: a learner's id, or `all`.
        roster: whose; None: the one that the class was opened with, else everyone who has a folder there.

    Raises: ConfigurationError: there is no such learner, or none at all.
    """
    ids = _ids(out, roster)
    if not ids:
        message = f"{out} has no learners' folders. Write them: acrlab class plan ROSTER --out {out}"
        raise ConfigurationError("--out", message)
    if who != ALL and who.lower() not in ids:
        raise unknown("learner", who, ids)
    return tuple(Place(id, (out / id).absolute()) for id in ids if who in (ALL, id) or who.lower() == id)


def _ids(out: Path, roster: Path | None) -> list[str]:
    if roster is not None:
        return [one.id for one in read_roster(roster)]
    room = state_of(out) / ROOM
    if room.is_file():
        return list(Room.read(room).learners)
    return sorted(path.parent.name for path in out.glob(f"*/{SETTINGS_FILE}"))


@contextmanager
def opened(place: Place) -> Iterator[Lab]:
    """Open a lab as its learner's own programs would: with the folder's settings, memory and owner. No board is told.

    Raises: ConfigurationError: there are no settings, or a command is at work on the lab.
    """
    from acrlab.serving.world_file import reserved

    home = place.folder / ".acrlab"
    own = {HOME: str(home), WORLD: str(home / "world.db"), SETTINGS: NONE, BOARD: ""}
    with as_owner(place.folder, load_lab), variables(**own):
        if not os.path.lexists(place.folder / SETTINGS_FILE):
            raise ConfigurationError("--out", f"there are no settings for {place.id} in {place.folder.parent}")
        settings = Settings.alone(**read(place.folder / SETTINGS_FILE))
        with reserved(world_file(settings.world), otherwise="try again later"), closing(connect(settings)) as lab:
            yield lab
