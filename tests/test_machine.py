"""Commands on the machine, and what comes back."""

import pytest

import acrlab
from acrlab.emulator import faults
from acrlab.machine import _read


def test_output_and_exit_code_come_back(lab):
    acrlab.bring_to(lab, "machine")

    outcome = acrlab.run(lab, "echo out", "echo err >&2", "false", check=False)

    assert (outcome.stdout, outcome.stderr, outcome.exit_code) == ("out\n", "err", 1)


def test_the_first_failing_command_ends_the_script(lab):
    acrlab.bring_to(lab, "machine")

    assert "after" not in acrlab.run(lab, "false", "echo after", check=False).stdout


def test_a_failing_command_raises_with_its_output(lab):
    acrlab.bring_to(lab, "machine")

    with pytest.raises(acrlab.RefusedError, match="nosuchcommand: command not found") as caught:
        acrlab.run(lab, "nosuchcommand")

    assert caught.value.code == "ExitCode127"


def test_a_report_that_was_cut_off_counts_as_failed():
    assert _read("Enable succeeded: \n[stdout]\nhalf\n[stderr]\n").exit_code == 1


def test_a_machine_without_a_resolver_s_answer_is_told_apart(lab):
    acrlab.bring_to(lab, "machine")

    answer = acrlab.resolve(lab, "nobodyhasthis.azurecr.io")

    assert (answer.status, acrlab.stage(answer)) == ("NXDOMAIN", "nxdomain")


def test_a_machine_that_is_not_there_is_named(lab):
    acrlab.bring_to(lab, "group")

    with pytest.raises(acrlab.RefusedError, match="Running a command on myDockerVM failed"):
        acrlab.run(lab, "true")


def test_a_command_waits_for_one_whose_answer_was_lost(lab, world):
    """The agent runs one at a time, and says Conflict to a second one."""
    acrlab.bring_to(lab, "machine")
    faults.plant(world, faults.Fault("drop-answer", "POST", "*/runCommand"))
    with pytest.raises(acrlab.RefusedError, match="no answer"):
        acrlab.run(lab, "echo first >> /var/log/said")

    acrlab.run(lab, "echo second >> /var/log/said")

    assert acrlab.run(lab, "cat /var/log/said").stdout == "first\nsecond\n"
