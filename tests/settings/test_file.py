"""`acrlab.toml`: what it sets, what wins over it, and what it can't do."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from acrlab.errors import ConfigurationError
from acrlab.settings import Settings
from acrlab.settings.environment import lab_home, settings_file
from acrlab.settings.file import write


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The settings file of an empty folder, in which everything stands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACRLAB_SETTINGS", raising=False)
    return tmp_path / "acrlab.toml"


@pytest.fixture
def executed(monkeypatch):
    """Say which cells a kernel has executed."""

    def executed(*cells):
        shell = SimpleNamespace(user_ns={"In": ["", *cells]})
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))

    return executed


def refused(**values):
    with pytest.raises(ConfigurationError) as caught:
        Settings.given(**values)
    return str(caught.value)


def test_what_stands_in_the_file_holds_for_chapters_and_for_connect(file):
    file.write_text('location = "West Europe"\nexpires_hours = 6\n')

    assert Settings.from_parameters(location="westus").location == "westeurope"
    assert (Settings.given().location, Settings.given().expires_hours) == ("westeurope", 6)


def test_a_value_of_a_parameters_cell_that_is_not_the_default_wins(file):
    file.write_text('location = "westeurope"\nvm_name = "fileVM"\n')

    settings = Settings.from_parameters(location="northeurope", vm_name="myDockerVM")

    assert (settings.location, settings.vm_name) == ("northeurope", "fileVM")


def test_what_papermill_put_in_wins_also_where_it_is_the_default(file, executed):
    file.write_text('location = "westeurope"\nvm_name = "fileVM"\n')
    executed('location = "westus"\nvm_name = "myDockerVM"', '# Parameters\nlocation = "westus"')

    settings = Settings.from_parameters(location="westus", vm_name="myDockerVM")

    assert (settings.location, settings.vm_name) == ("westus", "fileVM")


def test_an_argument_of_connect_wins_also_where_it_is_the_default(file):
    file.write_text('location = "westeurope"\n')

    assert Settings.given(location="westus").location == "westus"


def test_without_a_file_all_is_as_it_was(file):
    assert settings_file() is None
    assert Settings.from_parameters() == Settings()


def test_no_file_above_is_read(file, monkeypatch):
    file.write_text('location = "westeurope"\n')
    below = file.parent / "below"
    below.mkdir()
    monkeypatch.chdir(below)

    assert Settings.given().location == "westus"


def test_the_chapters_of_a_checkout_read_the_file_at_its_top(file, monkeypatch):
    for name in ("notebooks", "acrlab"):
        (file.parent / name).mkdir()
    file.write_text('location = "westeurope"\n')
    monkeypatch.chdir(file.parent / "notebooks")

    assert Settings.given().location == "westeurope"


def test_a_learner_s_folder_in_a_checkout_is_a_course_of_its_own(file, monkeypatch):
    for name in ("notebooks", "acrlab", "class/ada"):
        (file.parent / name).mkdir(parents=True)
    file.write_text('location = "westeurope"\n')
    own = file.parent / "class" / "ada"
    monkeypatch.delenv("ACRLAB_HOME", raising=False)
    monkeypatch.chdir(own)
    assert (Settings.given().location, lab_home()) == ("westeurope", file.parent / ".acrlab")

    (own / "acrlab.toml").write_text('location = "eastus"\n')

    assert (Settings.given().location, lab_home()) == ("eastus", own / ".acrlab")


def test_the_variable_names_another_file_or_none(file, monkeypatch):
    file.write_text('location = "westeurope"\n')
    other = file.with_name("other.toml")
    other.write_text('location = "northeurope"\n')

    monkeypatch.setenv("ACRLAB_SETTINGS", str(other))
    assert Settings.given().location == "northeurope"
    monkeypatch.setenv("ACRLAB_SETTINGS", "off")
    assert Settings.given().location == "westus"


def test_a_file_that_is_named_has_to_be_there(file, monkeypatch):
    monkeypatch.setenv("ACRLAB_SETTINGS", "nowhere.toml")

    assert refused() == "acrlab.toml: nowhere.toml can't be read: No such file or directory."


def test_another_group_has_another_registry(file):
    file.write_text('resource_group = "rg-ada"\nregistry_name = "adaregistry"\n')

    assert Settings.given().registry_name == "adaregistry"
    assert Settings.given(resource_group="rg-ada").registry_name == "adaregistry"
    assert Settings.given(resource_group="other") == Settings(resource_group="other")


def test_a_recording_has_all_names_in_it(file):
    file.write_text('resource_group = "rg-ada"\nbackend = "azure"\nsubscription = "s"\nfixtures = "class.jsonl"\n')

    settings = Settings.given(backend="replay")

    assert (settings.resource_group, settings.subscription) == ("myResourceGroup", "")
    assert settings.fixtures == str(file.with_name("class.jsonl"))


WRONG = {
    'locatoin = "westus"': "locatoin: there is no such setting; did you mean location? It stands in acrlab.toml.",
    'location = "mars"': "location: there is no Azure region mars; for example westus, westeurope. It stands",
    "registry_name = 12345": "registry_name: '12345' is int, and has to be text, in quotes. "
    'Write: registry_name = "…" It stands in acrlab.toml.',
    'expires_hours = "6"': "expires_hours: '6' is str, and has to be a whole number. "
    "Write: expires_hours = 1 It stands in acrlab.toml.",
    "expires_hours = true": "expires_hours: 'True' is bool, and has to be a whole number.",
    'tags = ["a=b"]': "tags: \"['a=b']\" is list, and has to be text, in quotes.",
    '[lab]\nlocation = "westus"': "lab: there is no such setting; there are: ",
    "confirm_cost = 1000": "confirm_cost: does not belong into a settings file: a cost is confirmed by the person",
    'world = "x.db"': "world: does not belong into a settings file: an emulated Azure is named with --world",
    "location =": "acrlab.toml: acrlab.toml is not TOML: Invalid value (at ",
    'owner = "a\\nb"': "owner: 'a\\nb' is longer than 4096 characters, or has some that can't be printed.",
    '"a\\u001b[31m" = 1': "'a\\x1b[31m': there is no such setting",
    "x = " + "[" * 5000: "acrlab.toml: acrlab.toml is not TOML: ",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_in_the_file_is_said_in_one_line(file, text):
    file.write_text(text)

    told = refused()

    assert told.startswith(WRONG[text])
    assert told.isprintable()
    assert len(told) < 1200


@pytest.mark.parametrize("content", [b"\xff\xfelocation", b"#" * 70000, b"\x00"])
def test_what_is_no_settings_file_is_refused(file, content):
    file.write_bytes(content)

    assert refused().startswith("acrlab.toml: acrlab.toml ")


@pytest.mark.skipif(sys.platform in ("win32", "emscripten"), reason="this system has no named pipes")
def test_a_pipe_or_a_folder_is_not_waited_for(file):
    os.mkfifo(file)
    assert "is not a file" in refused()
    file.unlink()
    file.mkdir()
    assert "is not a file" in refused()


def test_a_value_that_wins_is_not_said_to_stand_in_the_file(file):
    file.write_text('location = "westeurope"\n')

    assert refused(location="mars") == "location: there is no Azure region mars; for example westus, westeurope."


def test_every_setting_that_may_stand_there_can_be_written_and_read(file):
    values = Settings(resource_group="rg-ada", tags="a=b", expires_hours=6).model_dump()
    values = {name: value for name, value in values.items() if name not in ("world", "confirm_cost", "fixtures")}

    write(file, values)

    assert Settings.given() == Settings(**values)


def test_what_else_stands_in_the_file_stays_when_it_is_written(file):
    file.write_text('# mine\nlocation = "westus"  # here\nvm_name = "vm1"\n')

    write(file, {"location": "westeurope", "owner": 'Ada "L" \\ #'})

    assert file.read_text() == '# mine\nlocation = "westeurope"\nvm_name = "vm1"\nowner = "Ada \\"L\\" \\\\ #"\n'
    assert tomllib.loads(file.read_text())["owner"] == 'Ada "L" \\ #'


def test_a_value_over_several_lines_is_written_right(file):
    file.write_text('owner = """\nlocation = "no"\n"""\nvm_name = "vm1"\n')

    write(file, {"location": "westeurope"})

    read = tomllib.loads(file.read_text())
    assert read == {"owner": 'location = "no"\n', "vm_name": "vm1", "location": "westeurope"}


def test_a_file_that_can_not_be_read_is_not_written_over(file):
    file.write_text("location = \n")

    with pytest.raises(ConfigurationError, match="is not TOML"):
        write(file, {"location": "westus"})

    assert Path(file).read_text() == "location = \n"
