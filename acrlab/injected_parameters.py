"""The parameters that papermill, or a run, put into this notebook: also those that none of its cells hands on."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import Any

MARK = "# Parameters"  # the first line of the cell that papermill adds below the notebook's own parameters


def injected_parameters() -> dict[str, Any]:
    """Read the last cell that papermill added and this kernel executed. Returns: name -> value, as given."""
    cells = _executed()
    added = [number for number, source in enumerate(cells) if source.startswith(MARK)]
    return dict(_assigned(cells[added[-1]])) if added else {}


def own_parameters() -> set[str]:
    """Names that cells above the added one assign: what the notebook itself declares, which need not be a setting."""
    cells = _executed()
    added = [number for number, source in enumerate(cells) if source.startswith(MARK)]
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
