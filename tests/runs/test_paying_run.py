"""A run where things cost: nothing is made before somebody says yes, in each of the ways to say it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.serving.connection import environment, serving

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CHAPTER = NOTEBOOKS / "12-your-azure.ipynb"
RUN = ("-c", "from acrlab.cli.app import main; main()", "run", "--only", "12", "--notebooks", str(NOTEBOOKS))
PAPERMILL = ("-m", "papermill", str(CHAPTER), "out.ipynb", "--no-progress-bar", "-p", "backend", "azure")


@pytest.fixture
def paying(tmp_path):
    """Run a command against an Azure in another process, reached as a real one is."""
    world = tmp_path / "world.db"
    EmulatedAzure(world).close()
    with serving(world, 0) as connection:
        variables = {**os.environ, **environment(connection, tmp_path / "az"), "ACRLAB_HOME": str(tmp_path / "home")}
        variables.pop("ACRLAB_WORLD", None)

        def paying(*words):
            return subprocess.run(
                [sys.executable, *words],
                env=variables,
                cwd=tmp_path,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )

        yield paying


def made(folder):
    """How many things there have been since the world began; the chapter takes away what it makes."""
    azure = EmulatedAzure(folder / "world.db")
    (count,) = azure.world.db.row("SELECT count(*) FROM operation")
    azure.close()
    return count


def test_a_run_that_nobody_confirmed_makes_nothing_and_names_subscription_group_and_cost(paying, tmp_path):
    done = paying(*RUN, "--backend", "azure", "-p", "resource_group", "sharedGroup")

    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "acrlab: Create a lab in group sharedGroup of subscription 0000" in said
    assert "for about 0.33 US dollars in 2.25 hours? There is no terminal to answer in, so nothing was done." in said
    assert "See what it would create with acrlab preflight; to go ahead, add --yes." in said
    assert made(tmp_path) == 0


@pytest.mark.long
def test_a_run_is_confirmed_with_yes(paying, tmp_path):
    done = paying(*RUN, "--backend", "azure", "--yes")

    assert done.returncode == 0, done.stderr
    assert made(tmp_path) > 0


@pytest.mark.long
def test_a_run_is_confirmed_with_a_parameter(paying, tmp_path):
    done = paying(*RUN, "-p", "backend", "azure", "-p", "confirm_cost", "0.33")

    assert done.returncode == 0, done.stderr
    assert made(tmp_path) > 0


@pytest.mark.long
def test_plain_papermill_needs_the_parameter_too(paying, tmp_path):
    refused = paying(*PAPERMILL)
    before = made(tmp_path)
    confirmed = paying(*PAPERMILL, "-p", "confirm_cost", "0.33")

    assert refused.returncode == 1
    assert "no one has confirmed that" in refused.stderr
    assert "group myResourceGroup of subscription" in refused.stderr
    assert "about 0.33 US dollars in 2.25 hours" in refused.stderr
    assert before == 0
    assert confirmed.returncode == 0, confirmed.stderr
    assert made(tmp_path) > 0
