"""Commands begin with what the settings file says; what is typed wins over it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from acrlab.runs import kernels

SEE = (
    "from acrlab.settings import Settings\n"
    'Path("seen").write_text(Settings.from_parameters(location=location).location)'
)


@pytest.fixture(autouse=True)
def own_file(monkeypatch):
    """A settings file counts, and kernels need no SDK."""
    monkeypatch.delenv("ACRLAB_SETTINGS", raising=False)
    monkeypatch.setattr(kernels, "PRELOAD", "pass")


def settings(**values):
    Path("acrlab.toml").write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))


def run(typed, *words):
    code, _, err = typed("run", "--notebooks", "notebooks", *words)
    assert (code, err) == (0, "")
    return Path("notebooks/seen").read_text()


def test_a_run_begins_with_the_file_of_the_folder_it_is_typed_in(typed, write_notebooks):
    write_notebooks([SEE])
    settings(location="westeurope")
    Path("notebooks/acrlab.toml").write_text('location = "mars"\n')

    assert run(typed) == "westeurope"
    assert run(typed, "-p", "location", "westus") == "westus"


def test_a_chapter_that_was_changed_wins_over_the_file_in_a_run_too(typed, write_notebooks):
    folder = write_notebooks([SEE])
    settings(location="westeurope")
    chapter = folder / "00-a.ipynb"
    chapter.write_text(chapter.read_text().replace('location = \\"westus\\"', 'location = \\"eastus\\"'))

    assert run(typed) == "eastus"


def test_a_run_that_is_taken_up_keeps_the_settings_that_it_began_with(typed, write_notebooks):
    write_notebooks(['assert Path("go").exists()', SEE])
    settings(location="westeurope")
    assert typed("run", "--notebooks", "notebooks")[0] == 1
    settings(location="eastus")
    Path("notebooks/go").touch()

    assert typed("run", "--resume")[0] == 0

    assert Path("notebooks/seen").read_text() == "westeurope"
    record = json.loads(next(Path("runs").glob("*/record.json")).read_text())
    assert (record["settings"], record["parameters"]) == ({"location": "westeurope"}, {})


def test_a_wrong_file_is_told_before_anything_runs(typed, write_notebooks):
    write_notebooks([SEE])
    settings(locatoin="westus")

    code, out, err = typed("run", "--notebooks", "notebooks")

    assert (code, out) == (2, "")
    assert err == "acrlab: locatoin: there is no such setting; did you mean location? It stands in acrlab.toml.\n"
    assert not Path("runs").exists()


@pytest.mark.parametrize("command", ["status", "clean-up", "preflight"])
def test_the_backend_of_the_file_is_that_of_a_command(typed, monkeypatch, command):
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    settings(backend="azure")

    code, _, err = typed(command)

    assert code == 2
    assert err.startswith("acrlab: subscription: backend azure needs the id of a subscription: set it, or ")
    assert typed(command, "--backend", "emulator")[0] == 0


def test_reset_never_touches_what_the_file_calls_a_real_azure(typed):
    settings(backend="azure")

    code, _, err = typed("reset", "--yes")

    assert code == 2
    assert "reset is only for the emulated Azure" in err


def test_clean_up_looks_for_the_registry_of_the_file(typed):
    settings(resource_group="rg-ada", registry_name="adaregistry")

    assert typed("clean-up", "--plan")[:2] == (0, "nothing of the lab is there\n")
    assert typed("clean-up", "--plan", "--group", "other")[:2] == (0, "nothing of the lab is there\n")


def test_practice_is_for_the_emulated_azure_whatever_the_file_says(typed):
    settings(backend="azure", subscription="00000000-0000-0000-0000-000000000042")

    code, out, _ = typed("practice", "list")

    assert code == 0
    assert "the-quiet-layer" in out
