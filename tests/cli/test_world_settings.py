"""`--world-setting`: what the emulated Azure itself is set to, by the commands that serve it and that run on it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.settings import SETTINGS
from acrlab.errors import ConfigurationError
from acrlab.runs import kernels
from acrlab.serving.connection import opened_server
from acrlab.serving.world_file import opened, set_up
from tests.cli.conftest import Typed

GUID = "11111111-2222-3333-4444-555555555555"
CHOICES = (
    "There are seed: any text; tenant: a GUID; subscription: a GUID; subnet-network-policies: as-in-2020 or as-today; "
    "providers: registered or fresh; groups: made or assumed; timing: instant or as-azure."
)


@pytest.fixture
def typed(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a command in a terminal in which the list of settings stays on one line."""
    monkeypatch.setenv("COLUMNS", "400")
    return typed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "world.db"


def settings_of(file: Path) -> dict[str, str]:
    with opened(file) as world:
        return {name: world.setting(name) for name in SETTINGS}


@pytest.mark.parametrize("command", [("emulator", "serve"), ("run",)])
def test_help_names_every_setting_and_what_it_can_be(typed: Typed, command: tuple[str, ...]) -> None:
    _, out, _ = typed(*command, "--help")

    assert CHOICES in out


@pytest.mark.table
@pytest.mark.parametrize("command", [("emulator", "serve", "--port", "0"), ("run",)])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("groups", f"'groups' has no value. Write: --world-setting NAME=VALUE. {CHOICES}"),
        ("group=assumed", f"there is no 'group'. There are {', '.join(SETTINGS)}."),
        ("groups=all", "groups cannot be 'all'. Say made or assumed."),
        ("subnet-network-policies=", "subnet-network-policies cannot be ''. Say as-in-2020 or as-today."),
        ("tenant=contoso", "tenant cannot be 'contoso'. Say a GUID."),
        ("seed=", "seed cannot be ''. Say any text."),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_what_can(
    typed: Typed, command: tuple[str, ...], word: str, said: str
) -> None:
    code, out, err = typed(*command, "--world-setting", "providers=fresh", "--world-setting", word)

    assert (code, out, err) == (2, "", f"acrlab: world-setting: {said}\n")
    assert not Path("runs").exists()


def test_all_are_set_or_none(file: Path) -> None:
    before = settings_of(file)

    with pytest.raises(ConfigurationError, match="groups cannot be 'all'"):
        set_up(file, {"providers": "fresh", "groups": "all"})

    assert settings_of(file) == before


def test_a_served_world_is_set_before_it_is_served(file: Path) -> None:
    wanted = {"groups": "assumed", "tenant": GUID, "subscription": GUID, "seed": "a class", "providers": "fresh"}

    with opened_server(file, port=0, settings=wanted) as server:
        assert (server.connection.tenant, server.connection.subscription) == (GUID, GUID)

    assert settings_of(file) == {"subnet-network-policies": "as-in-2020", "timing": "instant", **wanted}


@pytest.mark.parametrize("name", ["seed", "tenant", "subscription"])
def test_what_every_id_is_made_of_stays_while_anything_is_there(file: Path, name: str) -> None:
    with opened(file) as world, world.transaction():
        world.put(world.new(ArmId.of_group("s", "g"), {"location": "westus", "properties": {}}))
    set_up(file, {name: settings_of(file)[name], "groups": "assumed"})  # the same again is no change

    with pytest.raises(
        ConfigurationError, match=f"world-setting: {name} is part of every id in this world, which is not empty"
    ):
        set_up(file, {name: GUID})


def test_a_run_s_own_world_is_set_and_the_record_says_so(
    typed: Typed, write_notebooks: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "PRELOAD", "pass")
    write_notebooks(["1"])

    code, _, err = typed("run", "--notebooks", "notebooks", "--world-setting", "subnet-network-policies=as-today")

    assert (code, err) == (0, "")
    (record,) = Path().glob("runs/*/record.json")
    assert json.loads(record.read_text())["world_settings"] == {"subnet-network-policies": "as-today"}
    assert settings_of(record.with_name("world.db"))["subnet-network-policies"] == "as-today"


@pytest.mark.parametrize("backend", ["azure", "replay"])
def test_a_real_azure_has_no_such_settings(typed: Typed, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACRLAB_FIXTURES", str(Path(__file__).parents[1] / "fixtures" / "article.jsonl"))
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", GUID)

    code, _, err = typed("run", "--backend", backend, "--world-setting", "groups=assumed")

    assert code == 2
    assert f"world-setting: it is for the emulated Azure, and the backend is {backend}." in err


def test_a_run_is_taken_up_as_it_was_set(typed: Typed) -> None:
    code, _, err = typed("run", "--resume", "--world-setting", "groups=assumed")

    assert (code, "a run is resumed as it was started" in err) == (2, True)


def test_info_tells_how_a_world_is_set(typed: Typed, file: Path) -> None:
    set_up(file, {"groups": "assumed"})

    _, out, _ = typed("emulator", "info", "--world", str(file))

    assert {line.split()[0] for line in out.splitlines()} >= set(SETTINGS)
    assert "assumed" in out


def test_the_emulated_azure_is_not_loaded_for_a_command_line() -> None:
    program = "import sys, acrlab.cli.app; print([m for m in sys.modules if m.startswith('acrlab.emulator')])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
