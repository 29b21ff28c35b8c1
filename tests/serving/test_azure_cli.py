"""The real Azure CLI's own place: how it is made, when it is made again, and what never shows. `az` is a stand-in."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from acrlab.errors import ConfigurationError
from acrlab.serving import azure_cli

CONNECTION = {
    "arm": "https://localhost:8443",
    "ca": "ca.pem",
    "proxy": "http://127.0.0.1:9",
    "dns": "127.0.0.1:53",
    "tenant": "t",
    "subscription": "s",
    "client_id": "c",
    "client_secret": "-" + "secret",
    "pid": 1,
    "world": "world.db",
}
# Writes down what it was called with, and what stood in the file that a word such as `--password=@file` names.
STAND_IN = """\
#!/bin/sh
echo "$AZURE_CONFIG_DIR $*" >> {calls}
for word in "$@"; do
  file="${{word#--password=@}}"
  [ "$file" = "$word" ] || {{ cat "$file"; stat -c %a "$file"; }} >> {secrets}
done
[ ! -e {broken} ] || {{ echo "it is broken" >&2; exit 1; }}
"""


class StandIn:
    """What was seen of the program."""

    def __init__(self, folder: Path) -> None:
        self.calls_file, self.secrets, self.broken = folder / "calls", folder / "secrets", folder / "broken"
        self.file = folder / "az"
        text = STAND_IN.format(calls=self.calls_file, secrets=self.secrets, broken=self.broken)
        self.file.write_text(text)
        self.file.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn(tmp_path)
    monkeypatch.setenv("ACRLAB_AZ", str(made.file))
    return made


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return tmp_path / "world.db"


def test_it_is_told_of_the_cloud_and_signed_in(az: StandIn, world: Path) -> None:
    variables = azure_cli.prepare(world, CONNECTION)

    folder = world.with_suffix(".azure")
    assert variables["AZURE_CONFIG_DIR"] == str(folder)
    said = [call.removeprefix(f"{folder} ").removesuffix(" --only-show-errors") for call in az.calls]
    assert said == [
        "cloud register --name acrlab --endpoint-resource-manager https://localhost:8443",
        "cloud set --name acrlab",
        f"login --service-principal -u c --tenant t --password=@{folder / 'secret'}",
    ]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_secret_is_on_no_command_line_and_does_not_stay(az: StandIn, world: Path) -> None:
    azure_cli.prepare(world, CONNECTION)

    assert az.secrets.read_text() == "-secret600\n"
    assert "-secret" not in "".join(az.calls)
    assert not (world.with_suffix(".azure") / "secret").exists()


def test_it_is_done_once(az: StandIn, world: Path) -> None:
    for _ in range(2):
        azure_cli.prepare(world, CONNECTION)

    assert len(az.calls) == 3


def test_another_address_needs_another_sign_in(az: StandIn, world: Path) -> None:
    azure_cli.prepare(world, CONNECTION)
    azure_cli.prepare(world, {**CONNECTION, "arm": "https://localhost:9443"})

    assert len(az.calls) == 6
    assert azure_cli.last_port(world) == 9443


def test_another_account_has_a_configuration_of_its_own(az: StandIn, world: Path) -> None:
    azure_cli.prepare(world, CONNECTION)
    variables = azure_cli.prepare(world, {**CONNECTION, "client_id": "other"}, "other")
    azure_cli.prepare(world, CONNECTION)

    folder = world.with_name("world.azure-other")
    assert variables["AZURE_CONFIG_DIR"] == str(folder)
    assert len(az.calls) == 6
    assert az.calls[-1].startswith(f"{folder} login --service-principal -u other ")


def test_the_first_two_commands_do_not_get_into_each_others_way(az: StandIn, world: Path) -> None:
    threads = [threading.Thread(target=azure_cli.prepare, args=(world, CONNECTION)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(az.calls) == 3


def test_what_it_says_when_it_fails_is_passed_on(az: StandIn, world: Path) -> None:
    az.broken.touch()

    with pytest.raises(ConfigurationError, match="`az cloud register` failed: it is broken"):
        azure_cli.prepare(world, CONNECTION)

    az.broken.unlink()
    azure_cli.prepare(world, CONNECTION)  # and it begins anew
    assert len(az.calls) == 4


def test_a_command_runs_with_these_variables_and_ends_with_its_code(az: StandIn, world: Path) -> None:
    assert azure_cli.run(["group", "list"], world, CONNECTION) == 0
    assert az.calls[-1] == f"{world.with_suffix('.azure')} group list"
    az.broken.touch()
    assert azure_cli.run(["group", "list"], world, CONNECTION) == 1


def test_the_usual_port_is_where_nobody_signed_in_yet(world: Path) -> None:
    assert azure_cli.last_port(world) == 8443


def test_a_program_that_is_not_there_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACRLAB_AZ", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path))

    with pytest.raises(ConfigurationError, match="the Azure CLI is not on the PATH"):
        azure_cli.program()


def test_settings_are_quiet(az: StandIn, world: Path) -> None:
    azure_cli.prepare(world, CONNECTION)

    settings = (world.with_suffix(".azure") / "config").read_text()
    for line in ("collect_telemetry = false", "instance_discovery = false", "use_dynamic_install = no"):
        assert line in settings
    assert json.loads((world.with_suffix(".azure") / "acrlab.json").read_text())["arm"] == CONNECTION["arm"]
