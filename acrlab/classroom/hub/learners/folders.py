"""A folder for each person of a class: their own, with the settings of the plan in it.

It is given to the person's account once and for all. From then on nothing here writes into it: what lies there may lead
elsewhere. Only what root's own commands have left there, such as a lab that was prepared, is handed over again.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping, Sequence
from pathlib import Path

from acrlab.classroom.hub.learners import accounts as users
from acrlab.classroom.plan import Planned
from acrlab.errors import ConfigurationError
from acrlab.settings.environment import SETTINGS_FILE
from acrlab.settings.file import write

OPEN = 0o711  # the class's own: to be passed through, not to be listed


def make(folder: Path, planned: Sequence[Planned], accounts: Mapping[str, str]) -> list[str]:
    """Make the folders that are not there. Returns: whose are new.

    Args:
        accounts: person -> the system's user; empty: all folders belong to the user who runs this.

    Raises: ConfigurationError: a folder is another user's, or can't be made.
    """
    new = []
    for one in planned:
        home = folder / one.learner.id
        owner = users.user(accounts[one.learner.id]) if accounts else os.geteuid()
        if not os.path.lexists(home):
            new.append(one.learner.id)
        try:
            home.mkdir(mode=0o700, exist_ok=True)
            _require_own(home, owner)
            if home.stat().st_uid == os.geteuid():  # not handed over yet
                home.chmod(0o700)
                if not os.path.lexists(home / SETTINGS_FILE):
                    write(home / SETTINGS_FILE, one.values)
            if accounts:
                _hand_over(home, owner)
        except OSError as problem:
            raise ConfigurationError("--out", f"{home} can't be a learner's folder: {problem.strerror}.") from problem
    folder.chmod(OPEN if accounts else 0o700)
    return new


def _require_own(home: Path, owner: int) -> None:
    if home.is_symlink() or home.lstat().st_uid not in (owner, os.geteuid()):
        whose = "a link" if home.is_symlink() else f"{_who(home.lstat().st_uid)}'s"
        raise ConfigurationError("--out", f"{home} is {whose}. Move it away, or choose another folder.")


def _who(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _hand_over(home: Path, owner: int) -> None:
    """Give what is root's in a folder to its owner, the folder last. A link is not followed, wherever it leads."""
    for _, folders, files, at in os.fwalk(home, follow_symlinks=False):
        for name in (*folders, *files):
            there = os.stat(name, dir_fd=at, follow_symlinks=False)
            if there.st_uid == os.geteuid() and (name in folders or there.st_nlink == 1):
                os.chown(name, owner, owner, dir_fd=at, follow_symlinks=False)
    os.chown(home, owner, owner, follow_symlinks=False)
