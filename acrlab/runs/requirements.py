"""What a notebook requires of the computer, and whether that is here; a notebook whose requirement is unmet is skipped.

A notebook says so with tags of its first cell: `needs:network-namespaces`, `needs:emulated-azure`, or `needs:` and the
name of a program. Where a recording is replayed, it also has to have the notebook.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from acrlab.recordings.format import chapters
from acrlab.runs.notebooks import Notebook
from acrlab.serving.connection import namespaces_problem
from acrlab.settings.environment import FIXTURES

MARK = "needs:"


def unmet(notebook: Notebook, backend: str = "emulator") -> str:
    """Say why a notebook can't be run here; empty: it can."""
    tags = notebook.cells[0]["metadata"].get("tags", ()) if notebook.cells else ()
    needs = [tag.removeprefix(MARK) for tag in tags if tag.startswith(MARK)]
    if backend == "replay" and notebook.name not in chapters(Path(os.environ[FIXTURES])):
        return "the recording does not have it"
    return next((reason for need in needs if (reason := _missing(need, backend))), "")


def runnable(notebooks: Iterable[Notebook], backend: str = "emulator") -> tuple[list[Notebook], dict[str, str]]:
    """Part notebooks into those that can be run here, and name -> reason of the others."""
    listed = list(notebooks)
    reasons = {notebook.name: unmet(notebook, backend) for notebook in listed}
    return [n for n in listed if not reasons[n.name]], {name: why for name, why in reasons.items() if why}


def _missing(need: str, backend: str) -> str:
    if need == "emulated-azure":
        return "" if backend == "emulator" else f"it needs the emulated Azure, and the backend is {backend}"
    if need == "network-namespaces":
        return _namespaces()
    return "" if shutil.which(need) else f"{need} is not installed"


@cache
def _namespaces() -> str:
    with tempfile.TemporaryDirectory(prefix="acrlab-") as folder:
        problem = namespaces_problem(Path(folder))
    return f"no network namespaces here: {problem}" if problem else ""
