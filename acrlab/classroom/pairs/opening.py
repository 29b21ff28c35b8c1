"""Pairs get what they need: subscriptions and applications in an emulated Azure, and each learner two files.

All of it or nothing: what can't be written takes back what was added. No file that is there is touched.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from acrlab.classroom.pairs.pairing import Pair, settings_of
from acrlab.classroom.plan import Planned
from acrlab.errors import ConfigurationError
from acrlab.learner.owner import as_owner
from acrlab.serving import sign_in
from acrlab.serving.sign_in import SignIn
from acrlab.serving.world_file import add_accounts
from acrlab.settings.environment import SETTINGS_FILE
from acrlab.settings.file import write

SIGN_IN = "sign-in.json"


@dataclass(frozen=True)
class Place:
    """What one learner got.

    Attributes:
        secret: of their application, which is in their sign-in, too, and nowhere else.
    """

    planned: Planned
    secret: str


def open_pairs(pairs: Sequence[Pair], world: Path, out: Path, *, prefix: str) -> tuple[Place, ...]:
    """Give each learner a subscription in a world, an application that owns it, and their two files.

    Args:
        out: folder of the class, with a folder for each learner.
        prefix: what all names begin with, those of subscriptions and applications included.

    Raises: ConfigurationError: a learner has one of these already, or it can't be made; then nothing is.
    """
    learners = [one.id for pair in pairs for one in pair.learners]
    _require_free([out / id / name for id in learners for name in (SETTINGS_FILE, SIGN_IN)])
    places: list[Place] = []

    def hand_out(given: Mapping[str, SignIn]) -> None:
        of_learner = {id: given[f"{prefix}-{id}"] for id in learners}
        planned = settings_of(pairs, {id: one.subscription for id, one in of_learner.items()}, prefix)
        _write_files(planned, of_learner, out)
        places.extend(Place(one, of_learner[one.learner.id].client_secret) for one in planned)

    try:
        add_accounts(world, [f"{prefix}-{id}" for id in learners], hand_out)
    except ConfigurationError as problem:
        if problem.field != "name":
            raise
        taken = str(problem).removeprefix("name: ")
        raise ConfigurationError("--prefix", f"{taken} Choose another prefix, or another --world.") from None
    return tuple(places)


def _require_free(paths: Sequence[Path]) -> None:
    for path in paths:
        if os.path.lexists(path):
            message = f"{path} exists already, and was not changed. Choose another folder, or move it away."
            raise ConfigurationError("--out", message)


def _write_files(planned: Sequence[Planned], given: Mapping[str, SignIn], out: Path) -> None:
    made: list[Path] = []
    try:
        for one in planned:
            folder = _made(out / one.learner.id)
            with as_owner(folder):
                sign_in.write(folder / SIGN_IN, given[one.learner.id])
                made.append(folder / SIGN_IN)
                write(folder / SETTINGS_FILE, one.values)
                made.append(folder / SETTINGS_FILE)
    except ConfigurationError:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ConfigurationError("--out", f"{folder} can't be made: {problem.strerror}.") from problem
    return folder
