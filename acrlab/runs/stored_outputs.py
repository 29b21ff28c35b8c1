"""The outputs that are stored in the notebooks: each notebook is run alone, from an empty world.

The text of a notebook is the same every time, so that a difference means that something else has changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from acrlab.runs.engine import CellFailure, execute
from acrlab.runs.kernels import AHEAD, Kernels
from acrlab.runs.notebooks import Notebook
from acrlab.settings.environment import NONE, SETTINGS, WORLD

LANGUAGE = {"language_info": {"name": "python"}}
SPEC = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
WIDGET = "application/vnd.jupyter.widget-"  # starts a reference to a live kernel, gone when it is stored


def rerun(notebooks: Sequence[Notebook]) -> Iterator[tuple[Notebook, str]]:
    """Execute notebooks and yield each with the text that its file should have; no file is changed.

    Raises: CellFailure: a cell failed.
    """
    with tempfile.TemporaryDirectory(prefix="acrlab-", ignore_cleanup_errors=True) as folder:
        worlds = Path(folder)
        source = notebooks[0].path.parent
        with closing(Kernels(source, log=worlds / "kernels.log", backend="emulator")) as kernels:
            for at, notebook in enumerate(notebooks):
                for coming in notebooks[at : at + 1 + AHEAD]:
                    kernels.start(coming.name, {WORLD: str(worlds / coming.name / "world.db"), SETTINGS: NONE})
                yield notebook, _executed(notebook, kernels, worlds / notebook.path.name)


def _executed(notebook: Notebook, kernels: Kernels, target: Path) -> str:
    import nbformat

    try:
        execute(notebook.path, target, {}, *kernels.take(notebook.name), after_cell=_unseen)
    except CellFailure as failure:
        failure.section = f"{notebook.name}, “{failure.section}”"
        raise
    document = nbformat.read(target, as_version=4)  # type: ignore[no-untyped-call]
    return str(nbformat.writes(_normal(document))) + "\n"  # type: ignore[no-untyped-call]


def _unseen() -> None:
    """Nothing is shown while a notebook runs: it takes seconds."""


def _normal(document: Any) -> Any:
    """Take out what belongs to this execution, and not to the notebook."""
    document.metadata = {**document.metadata, **SPEC, **LANGUAGE}
    for name in ("papermill", "widgets"):
        document.metadata.pop(name, None)
    executed = 0
    for cell in document.cells:
        for name in ("execution", "papermill", *(["tags"] if not cell.metadata.get("tags") else [])):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            executed += bool(cell.source.strip())
            cell.execution_count = executed if cell.source.strip() else None
            cell.outputs = [_output(output, executed) for output in cell.outputs]
    return document


def _output(output: Any, count: int) -> Any:
    if "execution_count" in output:
        output.execution_count = count
    for name in [name for name in output.get("data", ()) if name.startswith(WIDGET)]:
        del output.data[name]
    return output
