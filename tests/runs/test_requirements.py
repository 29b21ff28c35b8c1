"""A notebook that needs what a computer has not is left out, with the reason."""

from __future__ import annotations

import json

import pytest

from acrlab.runs import requirements
from acrlab.runs.notebooks import Notebook


@pytest.fixture
def notebook(tmp_path):
    """A notebook whose first cell has these tags."""

    def notebook(*tags):
        path = tmp_path / "10-a.ipynb"
        first = {"cell_type": "markdown", "metadata": {"tags": [*tags]}, "source": "# A"}
        path.write_text(json.dumps({"cells": [first]}))
        return Notebook(path)

    return notebook


def test_a_notebook_without_needs_runs_everywhere(notebook):
    assert requirements.unmet(notebook()) == ""


def test_a_program_that_is_not_installed_is_named(notebook):
    assert requirements.unmet(notebook("needs:sh")) == ""
    assert requirements.unmet(notebook("needs:no-such-program")) == "no-such-program is not installed"


def test_what_needs_the_emulated_azure_is_not_for_a_real_one(notebook):
    one = notebook("needs:emulated-azure")

    assert (requirements.unmet(one), requirements.unmet(one, "azure")) == (
        "",
        "it needs the emulated Azure, and the backend is azure",
    )


def test_the_kernel_s_reason_is_passed_on(notebook, monkeypatch):
    requirements._namespaces.cache_clear()
    monkeypatch.setattr(requirements, "namespaces_problem", lambda folder: "unshare: Operation not permitted")

    assert requirements.unmet(notebook("needs:network-namespaces")) == (
        "no network namespaces here: unshare: Operation not permitted"
    )
    requirements._namespaces.cache_clear()


def test_notebooks_are_parted_into_those_that_run_and_the_reasons_of_the_others(notebook):
    one = notebook("needs:no-such-program")

    assert requirements.runnable([one]) == ([], {"10-a": "no-such-program is not installed"})
