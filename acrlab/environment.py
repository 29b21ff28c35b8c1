"""Who looks on: a person in JupyterLab, a person at a terminal, or nobody (papermill, nbval, a script).

ACRLAB_WIDGETS decides where it is set: `off` is nobody, `on` a person in a notebook that is not JupyterLab's.
"""

from __future__ import annotations

import os
import sys

__all__ = ["SILENT", "at_terminal", "in_notebook"]

SETTING = "ACRLAB_WIDGETS"
SILENT = {SETTING: "off"}  # for kernels whose outputs are stored or compared


def in_notebook() -> bool:
    """Say whether a person looks on who can click."""
    chosen = os.environ.get(SETTING)
    return chosen == "on" or (chosen is None and "JPY_SESSION_NAME" in os.environ)  # Jupyter names its own sessions


def at_terminal() -> bool:
    return os.environ.get(SETTING) != "off" and sys.stderr.isatty()
