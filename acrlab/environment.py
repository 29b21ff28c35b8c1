"""What surrounds the lab on this computer: the ACRLAB_* variables, its folder, and whether a person is watching."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HOME = "ACRLAB_HOME"  # the lab's folder
WORLD = "ACRLAB_WORLD"  # the emulated Azure's file
RESOLVER = "ACRLAB_DNS"  # address:port of a name server, asked over UDP; a served emulated Azure has one
RUN_VARIABLE = "ACRLAB_RUN"  # for a kernel: the run that it is part of
CHAPTER = "ACRLAB_CHAPTER"  # for a kernel: the notebook that it runs
RECORDING = "ACRLAB_RECORDING"  # for a kernel: the file that its HTTP is recorded in
FIXTURES = "ACRLAB_FIXTURES"  # the recording that is replayed
WIDGETS = "ACRLAB_WIDGETS"  # `off`: no person is watching; `on`: one is, in a notebook that is not JupyterLab's
SILENT = {WIDGETS: "off"}  # for kernels whose outputs are stored or compared


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


def world_file(chosen: str = "") -> Path:
    """Find the emulated Azure's file: the setting `world`, else ACRLAB_WORLD, else in the lab's folder."""
    named = chosen or os.environ.get(WORLD)
    return Path(named) if named else lab_home() / "world.db"


def in_notebook() -> bool:
    """Say whether a person is watching who can click."""
    chosen = os.environ.get(WIDGETS)
    return chosen == "on" or (chosen is None and "JPY_SESSION_NAME" in os.environ)  # Jupyter names its own sessions


def at_terminal() -> bool:
    """Say whether a person is watching a terminal."""
    return os.environ.get(WIDGETS) != "off" and sys.stderr.isatty()


def someone_in_front() -> bool:
    """Say whether a person types: in a notebook that is shown to one, or at a prompt in a terminal."""
    return in_notebook() or (at_terminal() and hasattr(sys, "ps1"))
