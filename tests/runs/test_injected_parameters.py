"""Papermill puts parameters into a notebook: a name that is no setting stops it, and every setting counts."""

from pathlib import Path

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

PARAMETERS = 'location = "westus"\nregistry_name = ""\nmine = 1'
LOOK = "settings = acrlab.Settings.from_parameters(location=location, registry_name=registry_name)\nsettings.names()"


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    v4 = nbformat.v4
    cells = [v4.new_code_cell(source) for source in ("import acrlab", PARAMETERS, LOOK)]
    cells[1].metadata["tags"] = ["parameters"]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(v4.new_notebook(cells=cells, metadata=metadata), tmp_path / "small.ipynb")
    return tmp_path / "small.ipynb"


def run(notebook: Path, **parameters: object) -> str:
    """Returns: the settings that the last cell shows."""
    done = papermill.execute_notebook(
        notebook, notebook.with_name("out.ipynb"), parameters, progress_bar=False, log_output=False
    )
    return str(done.cells[-1].outputs[0].data["text/plain"])


def test_a_name_that_is_no_setting_stops_the_notebook(notebook):
    with pytest.raises(PapermillExecutionError, match="locaton: there is no such setting; did you mean location"):
        run(notebook, locaton="westeurope")


def test_digits_are_text_and_settings_that_no_cell_hands_on_and_the_notebook_s_own_names_are_taken(notebook):
    shown = run(notebook, registry_name=123456, vm_size="Standard_B2ms", mine=2)

    assert "'registry_name': '123456'" in shown
    assert "'vm_size': 'Standard_B2ms'" in shown
