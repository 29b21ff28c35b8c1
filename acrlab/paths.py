"""Where the lab keeps its own things on this computer: the emulated Azure, the machine's key, captured settings."""

from __future__ import annotations

import os
from pathlib import Path

from acrlab.settings import Settings

__all__ = ["lab_home", "world_file"]


def lab_home() -> Path:
    """Find the lab's folder: ACRLAB_HOME, else `.acrlab` beside the notebooks, else `.acrlab` here."""
    named = os.environ.get("ACRLAB_HOME")
    if named:
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "acrlab").is_dir():
            return folder / ".acrlab"
    return here / ".acrlab"


def world_file(settings: Settings) -> Path:
    """Find the emulated Azure's file: the setting, else ACRLAB_WORLD, else in the lab's folder."""
    named = settings.world or os.environ.get("ACRLAB_WORLD")
    return Path(named) if named else lab_home() / "world.db"
