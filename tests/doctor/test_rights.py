"""The doctor as somebody with few rights, on the served Azure: what can be seen is judged, what can't is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

import acrlab
from acrlab.course.practice.exercise import READY
from acrlab.doctor.diagnosis import judge
from acrlab.serving.connection import environment_of_vm, serving
from acrlab.snapshot import Unseen
from tests.doctor import estate, hub

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
PROGRAM = "import sys; from acrlab.cli.app import main; main(sys.argv[1:])"


@pytest.fixture
def give(lab):
    """Give the VM's identity the role Reader at a scope: it is the one with few rights here."""
    acrlab.bring_to(lab, *READY)
    vm = lab.compute.virtual_machines.get("myResourceGroup", "myDockerVM")
    role = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER}"

    def give(scope):
        id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid5(uuid.NAMESPACE_URL, scope)}"
        properties = {"roleDefinitionId": role, "principalId": vm.identity.principal_id}
        resources = lab.resources.resources
        resources.begin_create_or_update_by_id(id, {"properties": properties}, api_version="2022-04-01").result()

    return give


@pytest.fixture
def diagnosed(lab, tmp_path):
    """Run the doctor as the VM's identity. Returns: its exit code, and what it printed."""

    def diagnosed():
        world = Path(lab.backend.path)
        with serving(world, 0) as connection:
            variables = environment_of_vm(world, "myDockerVM", connection, tmp_path / "az")
            words = ["doctor", "--backend", "azure", "--registry", "contoso42", "--json"]
            variables = {name: value for name, value in variables.items() if value}
            here = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, *words], env={**here, **variables}, capture_output=True, text=True
            )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return diagnosed


def test_reader_on_the_group_sees_all_but_the_vm_s_own_view(lab, give, diagnosed):
    give(lab.group_id())

    code, told = diagnosed()

    outcomes = {c["name"]: c["outcome"] for c in told["checks"]}
    unseen = {u["what"]: u["permission"] for u in told["unseen"]}
    assert (code, told["findings"]) == (0, [])
    assert unseen["vm-view"] == "Microsoft.Compute/virtualMachines/runCommand/action"
    assert (outcomes["records-right"], outcomes["security-groups"], outcomes["hosts-file"]) == (
        "fine",
        "fine",
        "not asked",
    )


def test_without_a_right_on_the_zone_everything_else_is_judged(lab, give, diagnosed):
    for resource in lab.resources.resources.list_by_resource_group("myResourceGroup"):
        if "privateDnsZones" not in resource.type:
            give(resource.id)
    for step in acrlab_fault("shown-the-door").plant:
        step(lab)

    code, told = diagnosed()

    outcomes = {c["name"]: c["outcome"] for c in told["checks"]}
    unseen = {u["what"]: u["permission"] for u in told["unseen"]}
    assert (code, [f["code"] for f in told["findings"]]) == (1, ["connection-rejected"])
    assert unseen["zones"] == "Microsoft.Network/privateDnsZones/read"
    assert outcomes["zone-exists"] == "not seen"


def test_with_no_right_at_all_the_exit_code_says_that_nothing_was_seen(give, diagnosed):
    code, told = diagnosed()

    assert (code, told["healthy"]) == (2, True)
    assert {"registry", "endpoints", "zones", "networks", "vm"} <= {u["what"] for u in told["unseen"]}


def test_what_the_vm_is_told_shows_that_no_zone_is_read_whichever_there_are(lab):
    acrlab.bring_to(lab, *READY)
    acrlab.reset(lab, "zone-link")
    seen = acrlab.diagnose(lab).diagnosis.snapshot
    unseen = (*seen.unseen, Unseen("other zones", "/subscriptions/s", f"{estate.NAME}/read", "only parts"))

    inside, outside = judge(replace(seen, unseen=unseen)), judge(replace(seen, unseen=unseen, vm_view=None))

    assert "zone-not-linked" in inside.codes
    assert {c.name: c.outcome for c in outside.checked}["zone-linked"] == "not seen"


def test_what_a_list_leaves_out_is_not_called_missing(lab, give, diagnosed):
    give(lab.group_id())
    zone, network = estate.zone(lab, "hub"), "virtualNetworks/myDockerVMVNET"
    for link in list(lab.dns.virtual_network_links.list("myResourceGroup", estate.NAME)):
        lab.dns.virtual_network_links.begin_delete("myResourceGroup", estate.NAME, link.name).result()
    lab.dns.private_zones.begin_delete("myResourceGroup", estate.NAME).result()
    estate.link(lab, "hub", "own", f"{lab.group_id()}/providers/Microsoft.Network/{network}")

    code, told = diagnosed()

    unseen = {(u["what"], u["permission"]) for u in told["unseen"]}
    assert (code, told["findings"]) == (0, [])
    assert {c["name"]: c["outcome"] for c in told["checks"]}["zone-exists"] == "not seen"
    assert ("zones", "Microsoft.Network/privateDnsZones/read") in unseen, zone


def acrlab_fault(name):
    from acrlab.course.practice.faults import named

    return named(name)


def test_a_hub_that_may_not_be_read_is_named_and_nothing_is_said_of_it(lab, give, diagnosed):
    hub.build(lab)
    for resource in lab.resources.resources.list_by_resource_group("myResourceGroup"):
        if not resource.id.endswith("virtualNetworks/hub"):
            give(resource.id)
    hub.half(lab, hub.HUB, hub.SPOKE, access=False)

    _, told = diagnosed()

    unseen = {(u["what"], u["resource"].rpartition("/")[2], u["permission"]) for u in told["unseen"]}
    assert told["findings"] == []
    assert ("other networks", "hub", "Microsoft.Network/virtualNetworks/read") in unseen


def test_a_half_of_ones_own_that_waits_is_named_without_the_other(lab, give, diagnosed):
    hub.build(lab)
    for resource in lab.resources.resources.list_by_resource_group("myResourceGroup"):
        if not resource.id.endswith("virtualNetworks/hub"):
            give(resource.id)
    hub.part(lab, hub.HUB, hub.SPOKE)
    hub.half(lab, hub.SPOKE, hub.HUB)

    _, told = diagnosed()

    (found,) = told["findings"]
    assert found["code"] == "peering-half-made"
    assert "half in hub: could not be read" in found["evidence"]
