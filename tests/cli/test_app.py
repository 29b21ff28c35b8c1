"""The `acrlab` command as somebody types it: what it says, and the exit code that it ends with."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from azure.core.rest import HttpRequest

from acrlab.azure.cloud import MANAGEMENT_HOST
from acrlab.cli import server
from acrlab.course.progress import bring_to
from acrlab.lab.lab import connect
from acrlab.runs import kernels, notebooks
from acrlab.serving import azure_cli, world_file
from acrlab.serving import connection as served
from acrlab.serving.world_file import reserved
from tests.cli.conftest import Typed

OWN = ("--notebooks", "notebooks")  # those that a test has written


def make_a_group() -> None:
    lab = connect()
    lab.resources.resource_groups.create_or_update("somebodys", {"location": "westus"})
    lab.close()


@pytest.mark.parametrize(
    "command", ["", "run", "record", "status", "reset", "emulator", "emulator save", "emulator fault add"]
)
def test_every_command_explains_itself(typed: Typed, command: str) -> None:
    code, out, _ = typed(*command.split(), "--help")

    assert code == 0
    assert "Usage: acrlab" in out


def test_help_groups_commands_by_who_needs_them(typed: Typed) -> None:
    shown = typed("--help")[1]

    headings = re.findall(r"^╭─ (.+?) ─", shown, re.MULTILINE)
    assert headings == [
        "Options",
        "Learn and run",
        "Check and diagnose",
        "Serve the emulated Azure",
        "Give to others",
        "Develop acrlab",
    ]
    assert shown.index(" learn ") < shown.index(" doctor ") < shown.index(" az ") < shown.index(" record ")


def test_state_is_another_word_for_world_wherever_a_world_is_named(typed: Typed) -> None:
    assert typed("status", "--state", "nowhere.db") == typed("status", "--world", "nowhere.db")
    assert typed("emulator", "info", "--state", "nowhere.db")[0] == 2


def test_an_unused_world_is_empty(typed: Typed) -> None:
    assert typed("status") == (0, "empty\n", "")


def test_status_lists_what_there_is(typed: Typed) -> None:
    make_a_group()

    assert "somebodys" in typed("status")[1]


def test_status_tells_what_of_each_lab_stands_at_what_price_and_how_to_take_it_away(typed: Typed) -> None:
    for name in ("contoso42", "fabrikam42"):
        lab = connect(registry_name=name, world="labs.db")
        bring_to(lab, "registry")
        lab.close()

    told = typed("status", "--world", "labs.db")[1].splitlines()

    standing = [line for line in told if line.startswith("Standing, free here, about 0.069 US dollars an hour")]
    assert [line.partition("subscription: ")[2] for line in standing] == [
        "registries contoso42, group myResourceGroup",
        "registries fabrikam42",
    ]
    way = "acrlab clean-up --backend emulator --group myResourceGroup --registry fabrikam42 --world labs.db"
    assert f"To take it away: {way}" in told
    assert typed(*way.split()[1:], "--yes")[0] == 0
    assert "fabrikam42" not in typed("status", "--world", "labs.db")[1]


def test_reset_empties_the_world_and_asks_first(typed: Typed) -> None:
    make_a_group()

    refused = typed("reset")
    done = typed("reset", "--yes")

    assert refused[0] == 2
    assert re.fullmatch(
        r"acrlab: Empty .*/world\.db\? There is no terminal to answer in, so nothing was done\. "
        r"To go ahead, add --yes\.\n",
        refused[2],
    )
    assert done[0] == 0
    assert typed("status")[1] == "empty\n"


def test_a_real_azure_is_never_reset(typed: Typed) -> None:
    code, _, err = typed("reset", "--yes", "--backend", "azure")

    assert code == 2
    assert "reset is only for the emulated Azure" in err


def test_a_saved_world_can_be_put_back(typed: Typed) -> None:
    make_a_group()
    typed("emulator", "save", "kept.db")
    typed("reset", "--yes")

    assert typed("emulator", "restore", "kept.db")[0] == 0
    assert "somebodys" in typed("status")[1]


def test_info_tells_the_world_s_own_time_and_size(typed: Typed) -> None:
    make_a_group()

    out = typed("emulator", "info")[1]

    assert "2026-01-05T09:00:00" in out
    assert "resources" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "-p", "locaton", "westus"), "locaton: there is no such setting; did you mean location?"),
        (("run", "-p", "location", "mars"), "location: there is no Azure region mars"),
        (("run", "-p", "registry_name", "no-dashes"), "registry_name: 'no-dashes' is not possible."),
        (("run", "-p", "backend", "aws"), "backend: 'aws' is not possible."),
        (("run", "-p", "zone_name", "my.zone"), "zone_name: my.zone would never be asked in westus."),
        (("run", "-p", "world", "w.db"), "world: this belongs to the whole run: write --world w.db."),
        (("run", "-p", "location"), "location: this parameter has no value. Write: -p NAME VALUE"),
        (("run", "-p", "subnet_prefix", "10.0.0.0/29"), "Choose /28 or larger."),
        (("run", "-p", "registry_sku", "Basic"), "registry_sku: a Basic registry cannot have private endpoints."),
        (
            ("run", "--only", "42"),
            "--only: there is no notebook '42'; there are 00, 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 11, 12, 13",
        ),
        (("run", "--from", "03", "--to", "01"), "notebooks: no notebook is left to run"),
        (("run", "--resume"), "resume: no unfinished run in runs. Start one with: acrlab run"),
        (("run", "--run", "nowhere"), "run: nowhere holds no run that can be read"),
        (("run", "--notebooks", "nowhere"), "notebooks: no NN-*.ipynb in nowhere."),
        (("status", "--world", "nowhere.db"), "world: there is no nowhere.db"),
    ],
)
def test_a_mistake_is_one_clear_line_and_exit_code_2(typed: Typed, words: tuple[str, ...], said: str) -> None:
    code, _, err = typed(*words)

    assert code == 2
    assert said in err
    assert err.startswith("acrlab: ")
    assert err.count("\n") == 1


def test_a_real_azure_without_a_subscription_is_refused_before_any_request(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)

    code, _, err = typed("run", "--backend", "azure", "--yes")

    assert code == 2
    assert "subscription: backend azure needs the id of a subscription" in err


def test_a_damaged_world_is_named_and_kept(typed: Typed, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("not a database, but a letter that is long enough to be looked at " * 20)

    code, _, err = typed("status", "--world", str(broken))

    assert code == 2
    assert "is not a readable world" in err
    assert broken.read_text().startswith("not a database")


def test_a_failing_cell_is_told_with_its_message_and_the_command_that_goes_on(
    typed: Typed, write_notebooks: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "PRELOAD", "pass")
    write_notebooks(["1"], ['assert location == "mars", "expected mars; look up"'])

    code, out, err = typed("run", *OWN)

    assert code == 1
    assert re.fullmatch(r"00-a +ok +3 cells +[\d.]+ s\n01-b +FAILED +3 cells +[\d.]+ s\n", out)
    assert re.fullmatch(
        "01-b stopped at In \\[3\\], in “A section”\n"
        "AssertionError: expected mars; look up\n"
        r"Executed copy: runs/[\dT-]+/01-b\.ipynb\n"
        "To continue from there: acrlab run --resume\n",
        err,
    )


def test_a_run_is_mended_and_goes_on(
    typed: Typed, write_notebooks: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "PRELOAD", "pass")
    write_notebooks(["1"], ['assert location == "mars"'])
    typed("run", *OWN, "-p", "location", "West Europe")
    write_notebooks(
        ["1"], ['assert location == "West Europe"\nacrlab.runs.record.keep_fact("pull_digest", "sha256:0")']
    )

    code, out, err = typed("run", "--resume")

    assert (code, err) == (0, "")
    assert re.fullmatch(
        r"01-b +ok +4 cells +[\d.]+ s\n"
        r"pull_digest: sha256:0\n"
        r"2 notebooks, no failed cell, [\d.]+ s\. Record: runs/[\dT-]+/record\.json\n",
        out,
    )


def test_only_the_chosen_notebooks_are_run(
    typed: Typed, write_notebooks: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "PRELOAD", "pass")
    write_notebooks(["1"], ["location"], ["1"])

    out = typed("run", *OWN, "--from", "1", "--to", "01-b", "-p", "location=westeurope")[1]

    assert "1 notebooks" not in out
    assert "1 notebook, no failed cell" in out


def test_two_runs_on_one_world_are_kept_apart(
    typed: Typed, write_notebooks: Callable[..., Path], tmp_path: Path
) -> None:
    write_notebooks(["1"])

    with reserved(tmp_path / "shared.db"):
        code, _, err = typed("run", *OWN, "--world", "shared.db")

    assert code == 2
    assert err == (
        f"acrlab: world: another command is using {tmp_path / 'shared.db'}. "
        "Wait until it has ended, or name another file with --world.\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--record", "x"],
            "--record: only a real Azure's answers are recorded; the emulated one's are always the same.",
        ),
        (["--fixtures", "x"], "--fixtures: only a replay answers from a recording. Add --backend replay."),
        (
            ["--backend", "replay"],
            "fixtures: backend replay needs a recording. Name one: ACRLAB_FIXTURES, or --fixtures.",
        ),
        (["--backend", "replay", "--fixtures", "x"], "fixtures: there is no recording"),
    ],
)
def test_recordings_go_with_their_backends(
    words: list[str], message: str, typed: Typed, write_notebooks: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACRLAB_FIXTURES", "")
    write_notebooks(["1"])

    code, _, err = typed("run", *OWN, *words)

    assert code == 2
    assert err.startswith(f"acrlab: {message}")


def test_without_a_checkout_only_notebooks_that_are_named_are_recorded(
    typed: Typed, write_notebooks: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebooks(["1"], folder="chapters")
    monkeypatch.setattr(notebooks, "shipped", lambda: Path("chapters"))

    code, _, err = typed("record")

    assert code == 2
    assert err == (
        "acrlab: record: it stores outputs in the notebooks of a checkout, and acrlab is installed without one here. "
        "To see a chapter run: acrlab run. For others: --notebooks FOLDER.\n"
    )


def test_record_stores_outputs_once(
    typed: Typed, write_notebooks: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "PRELOAD", "pass")
    write_notebooks(["location"])

    before = typed("record", *OWN, "--check")
    stored = typed("record", *OWN)
    after = typed("record", *OWN, "--check")

    assert (before[0], stored[0], after[0]) == (1, 0, 0), before[2] + stored[2] + after[2]
    assert [said[1].split(maxsplit=1)[1].strip() for said in (before, stored, after)] == [
        "changed",
        "changed",
        "as stored",
    ]


def test_a_resumed_run_keeps_its_parameters(typed: Typed) -> None:
    code, _, err = typed("run", "--resume", "-p", "location", "westus")

    assert code == 2
    assert "a run is resumed as it was started" in err


def test_debug_shows_where_it_went_wrong(typed: Typed) -> None:
    from acrlab.errors import ConfigurationError

    with pytest.raises(ConfigurationError):
        typed("--debug", "run", "-p", "locaton", "westus")


@pytest.mark.parametrize(
    "words",
    [
        ("group", "list", "--debug"),
        ("group", "show", "--state", "x", "--world", "y", "--help"),
        ("vm", "run", "--", "a", "--", "--debug"),
    ],
)
def test_what_is_typed_behind_az_is_the_azure_clis(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    called: list[tuple[list[str], Path]] = []
    monkeypatch.setattr(azure_cli, "program", lambda: "az")
    monkeypatch.setattr(azure_cli, "run", lambda words, world, connection: called.append((words, world)) or 0)
    monkeypatch.setattr(served, "serving", lambda path, port: nullcontext({}))

    typed("az", "--world", "w.db", *words)

    assert called == [([*words], Path("w.db"))]


@pytest.mark.parametrize("between", [(), ("--",)])
@pytest.mark.parametrize("words", [("az", "--debug", "--world", "x"), ("git", "log", "--", "a", "--", "-h")])
def test_what_is_typed_behind_a_vms_name_is_the_commands(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], between: tuple[str, ...]
) -> None:
    called: list[tuple[str, Path, list[str]]] = []
    monkeypatch.setattr(server, "_become", lambda name, world, words: called.append((name, world, words)))

    typed("vm", "exec", "--world", "w.db", "vm", *between, *words)

    assert called == [("vm", Path("w.db"), [*words])]


@pytest.mark.parametrize("place", [0, 1, 2, 4])
def test_debug_before_another_programs_words_is_acrlabs(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    def fail(name: str, world: Path, words: list[str]) -> None:
        raise ValueError(*words)

    monkeypatch.setattr(server, "_become", fail)
    words = ["vm", "exec", "--world", "w.db", "vm", "--", "ls"]

    assert typed(*words)[0] == 2
    with pytest.raises(ValueError, match="ls"):
        typed(*words[:place], "--debug", *words[place:])


def test_a_fault_is_planted_listed_and_cleared(typed: Typed) -> None:
    code, out, _ = typed("emulator", "fault", "add", "throttle", "--method", "GET", "--next", "2", "--seconds", "5")
    assert (code, out.split(".")[0]) == (0, "Planted: throttle on the next 2 of GET requests to any path")

    lab = connect()
    assert lab.resources.resource_groups.check_existence("g") is False  # a HEAD meets no fault
    assert list(lab.resources.resource_groups.list()) == []  # the SDK asks a third time
    lab.close()

    listed = typed("world", "fault", "list")[1]
    assert listed == "throttle on the next 2 of GET requests to any path; 3 affected so far\n"
    assert typed("emulator", "fault", "clear")[1] == "No faults are left.\n"
    assert typed("emulator", "fault", "list")[1] == "no faults\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("flood", "kind: there is no kind 'flood'."),
        ("drop --nth 1 --next 2", "--nth, --every and --next exclude each other."),
        ("delay --seconds 0", "seconds: 0 is too small."),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(typed: Typed, words: str, complaint: str) -> None:
    code, _, err = typed("emulator", "fault", "add", *words.split())

    assert code == 2
    assert complaint in err


def test_a_world_with_an_operation_that_breaks_is_looked_at_and_emptied_like_any_other(typed: Typed) -> None:
    """As an earlier acrlab left one: the network that a deployment reads was deleted while it ran."""
    lab = connect()
    network = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    make_a_group()
    lab.network.virtual_networks.begin_create_or_update("somebodys", "v", network).result()
    there = {"existing": True, "type": "Microsoft.Network/virtualNetworks", "apiVersion": "2024-05-01", "name": "v"}
    deployment = {"mode": "Incremental", "template": {"languageVersion": "2.0", "resources": {"there": there}}}
    path = f"{lab.group_id('somebodys')}/providers/Microsoft.Resources/deployments/d"
    address = f"https://{MANAGEMENT_HOST}{path}?api-version=2022-09-01"
    lab.backend.options()["transport"].send(HttpRequest("PUT", address, json={"properties": deployment}))
    lab.network.virtual_networks.begin_delete("somebodys", "v").result()
    lab.backend.azure.world.advance_to(1000)
    lab.close()

    code, out, _ = typed("status")
    assert (code, "somebodys" in out) == (0, True)
    code, out, _ = typed("reset", "--yes")
    assert (code, "is empty" in out) == (0, True)


def test_looking_works_where_nothing_can_be_written(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A world on a full disk, or a teacher's, that is there to be looked at."""
    lab = connect(world="theirs/w.db", registry_name="contoso42")
    bring_to(lab, "records", "sample-image", "pull-right")
    lab.close()
    world = ("--world", "theirs/w.db")
    commands = ("status", "doctor --registry contoso42", "emulator info")
    seen = {command: typed(*command.split(), *world) for command in commands}
    files = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in Path("theirs").rglob("*") if path.is_file()}

    monkeypatch.setattr(world_file, "ROOM", 2**62)

    assert {command: typed(*command.split(), *world) for command in seen} == seen
    assert [code for code, _, _ in seen.values()] == [0, 0, 0]
    assert typed("emulator", "save", "mine.db", *world)[0] == 0
    code, out, _ = typed("status", "--world", "mine.db")
    assert (code, out.replace("mine.db", "theirs/w.db")) == seen["status"][:2]
    found = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in Path("theirs").rglob("*") if path.is_file()}
    assert found == files


@pytest.mark.parametrize("command", ["reset --yes", "clean-up --yes", "run --notebooks notebooks"])
def test_a_world_where_nothing_can_be_written_is_refused_in_words(
    typed: Typed, tmp_path: Path, write_notebooks: Callable[..., Path], command: str
) -> None:
    write_notebooks(["1"])
    (tmp_path / "file").touch()

    code, _, err = typed(*command.split(), "--world", "file/w.db")

    assert code == 2
    assert re.search(r"w\.db cannot be used here: .*\. Free space, or name another file with --world", err)
