"""Where the lab keeps its own things on this computer: the emulated Azure, the machine's key, captured settings."""

from __future__ import annotations

import os
from pathlib import Path

from acrlab.settings import Settings

__all__ = ["HOME", "lab_home", "world_file"]

HOME = "ACRLAB_HOME"  # names the lab's folder


def lab_home(start: Path | None = None) -> Path:
    """Find the lab's folder: ACRLAB_HOME, else `.acrlab` beside the notebooks, else `.acrlab` here.

    Args:
        start: where the notebooks run; None: here.
    """
    named = os.environ.get(HOME)
    if named:
        return Path(named)
    here = start or Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "acrlab").is_dir():
            return folder / ".acrlab"
    return here / ".acrlab"


def world_file(settings: Settings) -> Path:
    """Find the emulated Azure's file: the setting, else ACRLAB_WORLD, else in the lab's folder."""
    named = settings.world or os.environ.get("ACRLAB_WORLD")
    return Path(named) if named else lab_home() / "world.db"
