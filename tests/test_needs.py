"""A notebook that needs what a computer has not is left out, with the reason."""

from __future__ import annotations

import json

import pytest

from acrlab import needs
from acrlab.notebooks import Notebook


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
    assert needs.unmet(notebook()) == ""


def test_a_program_that_is_not_installed_is_named(notebook):
    assert needs.unmet(notebook("needs:sh")) == ""
    assert needs.unmet(notebook("needs:no-such-program")) == "no-such-program is not installed"


def test_what_needs_the_emulated_azure_is_not_for_a_real_one(notebook):
    one = notebook("needs:emulated-azure")

    assert (needs.unmet(one), needs.unmet(one, "azure")) == (
        "",
        "it needs the emulated Azure, and the backend is azure",
    )


def test_the_kernel_s_reason_is_passed_on(notebook, monkeypatch):
    needs._namespaces.cache_clear()
    monkeypatch.setattr(needs, "namespaces_problem", lambda folder: "unshare: Operation not permitted")

    assert needs.unmet(notebook("needs:network-namespaces")) == (
        "no network namespaces here: unshare: Operation not permitted"
    )
    needs._namespaces.cache_clear()


def test_notebooks_are_parted_into_those_that_run_and_the_reasons_of_the_others(notebook):
    one = notebook("needs:no-such-program")

    assert needs.runnable([one]) == ([], {"10-a": "no-such-program is not installed"})
