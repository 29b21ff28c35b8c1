"""What surrounds the lab here: ACRLAB_* variables, its folder, whether a person watches, what papermill injected."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOME = "ACRLAB_HOME"  # the lab's folder
WORLD = "ACRLAB_WORLD"  # the emulated Azure's file
RESOLVER = "ACRLAB_DNS"  # address:port of a name server, asked over UDP; a served emulated Azure has one
RUN_VARIABLE = "ACRLAB_RUN"  # for a kernel: the run that it is part of
CHAPTER = "ACRLAB_CHAPTER"  # for a kernel: the notebook that it runs
RECORDING = "ACRLAB_RECORDING"  # for a kernel: the file that its HTTP is recorded in
FIXTURES = "ACRLAB_FIXTURES"  # the recording that is replayed
BOARD = "ACRLAB_BOARD_URL"  # where the class's board takes events: it is told what a learner does
SETTINGS_FILE = "acrlab.toml"
SETTINGS = "ACRLAB_SETTINGS"  # the settings file; NONE: none counts
NONE = "off"
WIDGETS = "ACRLAB_WIDGETS"  # `off`: no person is watching; `on`: one is, in a notebook that is not JupyterLab's
INJECTED = "# Parameters"  # the first line of the cell that papermill adds below a notebook's own parameters
SILENT = {WIDGETS: "off"}  # for kernels whose outputs are stored or compared


def lab_home(start: Path | None = None) -> Path:
    """Find the lab's folder: ACRLAB_HOME, else `.acrlab` beside the notebooks, else `.acrlab` here.

    Args:
        start: where the notebooks run; None: here.
    """
    named = os.environ.get(HOME)
    return Path(named) if named else course_folder(start) / ".acrlab"


def course_folder(start: Path | None = None) -> Path:
    """Find the folder that a course is done in: the top of a checkout, or here, where this is none.

    A folder in a checkout that has a settings file of its own, such as a learner's of a class, is a course of its own.

    Args:
        start: where the notebooks run; None: here.
    """
    here = start or Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "acrlab").is_dir():
            own = (here / SETTINGS_FILE).is_file() and here != folder / "notebooks"
            return here if own else folder
    return here


def settings_file() -> Path | None:
    """Find the settings file: what ACRLAB_SETTINGS names, else `acrlab.toml` here, or at the top of a checkout.

    Returns: its path; None: there is none, or the variable says `off`.
    """
    place = settings_place()
    return place if place and (os.environ.get(SETTINGS) or place.exists()) else None


def settings_place() -> Path | None:
    """Say where the settings file is, or would be; None: none counts."""
    named = os.environ.get(SETTINGS, "")
    if named:
        return None if named == NONE else Path(named)
    return course_folder() / SETTINGS_FILE


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


def injected_parameters() -> dict[str, Any]:
    """Read the last cell that papermill added and this kernel executed. Returns: name -> value, as given."""
    cells = _executed()
    added = [number for number, source in enumerate(cells) if source.startswith(INJECTED)]
    return dict(_assigned(cells[added[-1]])) if added else {}


def own_parameters() -> set[str]:
    """Names that cells above the added one assign: what the notebook itself declares, which need not be a setting."""
    cells = _executed()
    added = [number for number, source in enumerate(cells) if source.startswith(INJECTED)]
    return {name for source in cells[: added[-1]] for name, _ in _assigned(source)} if added else set()


def _executed() -> list[str]:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return list(shell.user_ns.get("In", ())) if shell is not None else []


def _assigned(source: str) -> Iterator[tuple[str, Any]]:
    try:
        nodes = ast.parse(source).body
    except SyntaxError:  # a cell may hold magics
        return
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                try:
                    yield name, ast.literal_eval(value)
                except ValueError:  # computed, so it is not a parameter
                    continue
