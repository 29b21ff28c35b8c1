"""Work in a learner's folder as the one it belongs to: root follows no link that a user of the system has put there."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from acrlab.errors import ConfigurationError


def _nothing() -> None:
    """Load nothing more."""


@contextmanager
def as_owner(folder: Path, load: Callable[[], None] = _nothing) -> Iterator[None]:
    """Act as a folder's owner, where root runs this and the folder is another user's; else as before.

    What is written is the owner's then, and a link leads nowhere where the owner could not go. It holds for the whole
    process. A folder that is not there yet is made by the user who runs this.

    Args:
        load: loads what the work needs, before: a Python in root's home can't be read by anyone else.

    Raises: ConfigurationError: the folder itself is a link.
    """
    owner = _other_owner(folder)
    if owner is None:
        yield
        return
    load()
    groups, group = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def load_lab() -> None:
    """Load what steps, checks and faults of a lab need, whichever Azure it is on; Python's own parts, too."""
    from acrlab.runs import preload

    preload.load("emulator")
    preload.load("azure")
    preload.load_chapters()
    preload.load_late()


def _other_owner(folder: Path) -> os.stat_result | None:
    """Say whose a folder is, where it is another's than root, and root runs this."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    try:
        there = folder.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(there.st_mode):
        raise ConfigurationError("--out", f"{folder} is a link. Move it away, or choose another folder.")
    return there if there.st_uid != 0 else None
