"""The learners of a roster with the settings that were written for them: a row of work for each."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from acrlab.classroom.roster import Learner, read_roster
from acrlab.classroom.rows import Row
from acrlab.errors import ConfigurationError
from acrlab.learner.owner import as_owner
from acrlab.runs.record import homely
from acrlab.settings import Settings
from acrlab.settings.environment import SETTINGS_FILE
from acrlab.settings.file import read


def members(
    roster: Path, out: Path, *, steps: Sequence[str] = (), more: Callable[[Settings], dict[str, Any]] = lambda _: {}
) -> tuple[Row, ...]:
    """Make a row for each learner.

    Args:
        out: folder of the class, with a folder for each learner.
        steps: that each lab is brought to.
        more: settings besides those of the file.

    Raises: ConfigurationError: a learner has no settings file there, or one that is not possible.
    """
    return tuple(
        Row(f"{learner.id}-{_mark(values)}", learner.id, values)
        for learner, folder, settings in with_settings(roster, out)
        for values in [{"folder": homely(folder), "steps": list(steps), "more": more(settings)}]
    )


def with_settings(roster: Path, out: Path) -> Iterator[tuple[Learner, Path, Settings]]:
    """Read each learner of a roster with the folder and the settings that were written for them.

    Raises: ConfigurationError: a learner has no settings file there, or one that is not possible.
    """
    for learner in read_roster(roster):
        folder = (out / learner.id).absolute()
        with as_owner(folder):
            if not os.path.lexists(folder / SETTINGS_FILE):
                write = f"acrlab class plan {roster} --out {out}"
                message = f"there are no settings for {learner.id} in {out}. Write them: {write}"
                raise ConfigurationError("--out", message)
            try:
                settings = Settings.alone(**read(folder / SETTINGS_FILE))
            except ConfigurationError as problem:
                raise ConfigurationError("--out", f"{learner.id}: {problem}") from None
        yield learner, folder, settings


def _mark(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
