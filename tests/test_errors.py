"""How a notebook shows what acrlab raises on purpose: its sentence, and nothing of what fails is hidden from a run."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from acrlab.errors import ConfigurationError

ASKS = "import acrlab\nacrlab.Settings.from_parameters(location='mars')"
SAID = "location: there is no Azure region mars; for example westus, westeurope."


def shown(folder):
    """Run a cell that fails, as papermill does. Returns: the error, and the output that is stored."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ASKS)])
    with pytest.raises(CellExecutionError) as caught:
        NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    (output,) = notebook.cells[0].outputs
    return caught.value, output


def test_a_notebook_shows_the_sentence_and_a_run_fails_with_it(tmp_path):
    raised, output = shown(tmp_path)

    assert (raised.ename, raised.evalue) == ("ConfigurationError", SAID)
    assert (output.output_type, output.ename, output.evalue) == ("error", "ConfigurationError", SAID)
    assert output.traceback == [
        f"\x1b[31mConfigurationError\x1b[0m: {SAID}",
        "(ACRLAB_TRACEBACK=full shows where in the code.)",
    ]


def test_the_whole_traceback_is_there_for_who_asks_for_it(tmp_path, monkeypatch):
    monkeypatch.setenv("ACRLAB_TRACEBACK", "full")
    _, output = shown(tmp_path)

    assert output.traceback[0] == "Traceback (most recent call last):"
    assert any("in from_parameters" in line for line in output.traceback)
    assert output.traceback[-1].endswith(SAID)


def test_outside_of_a_notebook_nothing_is_different():
    with pytest.raises(ConfigurationError) as caught:
        raise ConfigurationError("location", "there is no Azure region mars")

    assert str(caught.value) == "location: there is no Azure region mars"
