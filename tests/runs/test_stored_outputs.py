"""Stored outputs are made anew, and the same every time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from acrlab.runs import kernels, stored_outputs
from acrlab.runs.engine import CellFailure
from acrlab.runs.notebooks import find

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def light_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels of these tests need no SDK."""
    monkeypatch.setattr(kernels, "PRELOAD", "pass")


def test_each_notebook_starts_from_an_empty_world(write_notebooks: Write, add_a_group: str) -> None:
    folder = write_notebooks([add_a_group], [add_a_group])

    texts = [text for _, text in stored_outputs.rerun(find(folder))]

    assert all("resourcegroups/g0" in text and "resourcegroups/g1" not in text for text in texts)


def test_a_second_time_gives_the_same_bytes(write_notebooks: Write, add_a_group: str) -> None:
    folder = write_notebooks([add_a_group, "print('one')\nprint('two')", "Path"])
    ((notebook, first),) = stored_outputs.rerun(find(folder))
    notebook.path.write_text(first, "utf-8")

    ((_, second),) = stored_outputs.rerun(find(folder))

    assert second == first
    assert list(json.loads(first)["cells"][0]) == ["cell_type", "id", "metadata", "source"]


def test_only_outputs_and_counts_change(write_notebooks: Write) -> None:
    folder = write_notebooks(["location", "# nothing to show"])
    before = json.loads((folder / "00-a.ipynb").read_text("utf-8"))

    ((_, text),) = stored_outputs.rerun(find(folder))

    after = json.loads(text)
    assert after["metadata"] == before["metadata"]
    assert [cell["id"] for cell in after["cells"]] == [cell["id"] for cell in before["cells"]]
    assert [cell.get("execution_count") for cell in after["cells"]] == [None, 1, 2, None, 3, 4]
    assert after["cells"][4]["outputs"][0]["data"] == {"text/plain": ["'westus'"]}
    assert {name for cell in after["cells"] for name in cell["metadata"]} == {"tags"}


def test_a_failing_cell_changes_no_file(write_notebooks: Write) -> None:
    folder = write_notebooks(["1 / 0"])
    before = (folder / "00-a.ipynb").read_text("utf-8")

    with pytest.raises(CellFailure, match="ZeroDivisionError: division by zero"):
        list(stored_outputs.rerun(find(folder)))

    assert (folder / "00-a.ipynb").read_text("utf-8") == before
