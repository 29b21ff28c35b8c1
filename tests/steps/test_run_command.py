"""Commands on the VM, and what comes back."""

import pytest

import acrlab
from acrlab.emulator.core import fault_injection
from acrlab.lab import ownership
from acrlab.steps import run_command
from acrlab.steps.run_command import _read


def test_output_and_exit_code_come_back(lab):
    acrlab.bring_to(lab, "vm")

    outcome = acrlab.run_on_vm(lab, "echo out", "echo err >&2", "false", check=False)

    assert (outcome.stdout, outcome.stderr, outcome.exit_code) == ("out\n", "err", 1)


def test_the_first_failing_command_ends_the_script(lab):
    acrlab.bring_to(lab, "vm")

    assert "after" not in acrlab.run_on_vm(lab, "false", "echo after", check=False).stdout


def test_a_failing_command_raises_with_its_output(lab):
    acrlab.bring_to(lab, "vm")

    with pytest.raises(acrlab.RefusedError, match="nosuchcommand: command not found") as caught:
        acrlab.run_on_vm(lab, "nosuchcommand")

    assert caught.value.code == "ExitCode127"


def test_a_report_that_was_cut_off_counts_as_failed():
    assert _read("Enable succeeded: \n[stdout]\nhalf\n[stderr]\n").exit_code == 1


def test_a_vm_without_a_resolver_s_answer_is_told_apart(lab):
    acrlab.bring_to(lab, "vm")

    answer = acrlab.resolve(lab, "nobodyhasthis.azurecr.io")

    assert (answer.status, acrlab.tables.stage(answer)) == ("NXDOMAIN", "nxdomain")


def test_a_vm_that_is_not_there_is_named(lab):
    acrlab.bring_to(lab, "group")

    with pytest.raises(acrlab.RefusedError, match="Running a command on myDockerVM failed"):
        acrlab.run_on_vm(lab, "true")


def test_a_command_waits_for_one_whose_answer_was_lost(lab, world):
    """The agent runs one at a time, and says Conflict to a second one."""
    acrlab.bring_to(lab, "vm")
    fault_injection.plant(world, fault_injection.Fault("drop-answer", "POST", "*/runCommand"))
    with pytest.raises(acrlab.RefusedError, match="no answer"):
        acrlab.run_on_vm(lab, "echo first >> /var/log/said")

    acrlab.run_on_vm(lab, "echo second >> /var/log/said")

    assert acrlab.run_on_vm(lab, "cat /var/log/said").stdout == "first\nsecond\n"


def test_a_vm_that_never_gets_free_is_told_with_what_was_seen(lab, monkeypatch):
    acrlab.bring_to(lab, "vm")
    busy = acrlab.RefusedError("A command is running.", status=409, code="Conflict", resource_id="x")

    def act(*order):
        raise busy

    monkeypatch.setattr(lab.arm, "act", act)

    with pytest.raises(acrlab.NotReadyError) as caught:
        acrlab.run_on_vm(lab, "true")

    assert str(caught.value) == (
        "myDockerVM is free for another command: not within 600 s. Seen last: A command is running. "
        "Find out what is holding it up, then call again."
    )


def test_a_record_that_is_not_seen_yet_is_waited_for(lab, monkeypatch):
    acrlab.bring_to(lab, "vm", "link")
    pauses = []

    def written_in_the_second_pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            record = {"properties": {"ttl": 3600, "aRecords": [{"ipv4Address": "10.0.0.9"}]}}
            lab.dns.record_sets.create_or_update("myResourceGroup", "privatelink.azurecr.io", "A", "contoso42", record)

    monkeypatch.setattr(lab.backend, "pause", written_in_the_second_pause)

    answer = acrlab.resolve(lab, "contoso42.privatelink.azurecr.io", until="10.0.0.9")

    assert (answer.addresses, pauses) == (("10.0.0.9",), [10, 10])


def test_a_vm_s_own_rights_are_those_on_exactly_that_and_not_its_groups(lab, monkeypatch):
    """Azure lists for an identity what a group that it is in was given, too: that is not for a clean-up to take."""
    acrlab.bring_to(lab, "vm")
    vm = lab.compute.virtual_machines.get("myResourceGroup", "myDockerVM")
    scope, own = lab.group_id(), run_command.identity_of(vm)
    said = [
        (scope.upper(), own.upper()),
        (scope, "a-group"),
        (f"/subscriptions/{lab.subscription}", own),
        (f"{scope}2", own),
    ]
    listed = [{"id": f"/{n}", "properties": {"scope": at, "principalId": to}} for n, (at, to) in enumerate(said)]
    monkeypatch.setattr(ownership, "assignments", lambda *asked: listed if asked == (lab, scope, own) else [])

    assert [one["id"] for one in run_command.own_rights_on(lab, vm.id, scope)] == ["/0"]
