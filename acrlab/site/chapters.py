"""The chapters as the site shows them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from acrlab.runs.notebooks import Notebook

ON_A_COMPUTER = ("10",)  # network namespaces and real clients
NEEDS_A_COMPUTER = (
    "**This chapter needs a computer:** a browser starts no other program and opens no connection. What you see below "
    "is what it gave on one. To run it, install acrlab and type `acrlab learn`."
)


def write(notebooks: Iterable[Notebook], folder: Path) -> None:
    """Copy chapters, as JupyterLite reads them.

    Texts become one string each: a Jupyter server joins a file's lines, and JupyterLite does not.
    """
    folder.mkdir(parents=True)
    for notebook in notebooks:
        content = json.loads(notebook.path.read_text("utf-8"))
        if notebook.number in ON_A_COMPUTER:
            told = {"cell_type": "markdown", "id": "needs-a-computer", "metadata": {}, "source": NEEDS_A_COMPUTER}
            content["cells"].insert(1, told)
        for cell in content["cells"]:
            _join(cell)
            for output in cell.get("outputs", ()):
                _join(output)
                _join(output.get("data", {}))
        (folder / notebook.path.name).write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _join(holder: dict[str, Any]) -> None:
    for name in ("source", "text", *(key for key in holder if "/" in key)):
        if isinstance(value := holder.get(name), list):
            holder[name] = "".join(value)
