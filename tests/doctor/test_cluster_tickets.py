"""Each way in which a cluster does not pull, told three times: by the kubelet, by the doctor, by `az aks check-acr`.

The check asks for less than a pull does: it knows no repository, no data endpoint, and no rights for repositories.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

import acrlab
from acrlab.course.practice.aks import stage
from acrlab.course.practice.aks.faults import FAULTS
from acrlab.course.practice.drill import by_call, examined
from acrlab.course.practice.exercise import READY
from acrlab.course.section import Fault
from acrlab.emulator.core.world import World
from acrlab.lab.lab import Lab
from acrlab.steps.beyond import aks
from acrlab.steps.run_command import identity_of, run_on_vm

HOST = "contoso42.azurecr.io"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
CAN = f"Your cluster can pull images from {HOST}!"
# code -> how the kubelet's event ends, what the check says
TOLD = {
    "kubelet-right-missing": ("failed to fetch anonymous token", "401 Unauthorized", "rejected token exchange"),
    "role-of-the-wrong-identity": ("failed to fetch anonymous token", "401 Unauthorized", "rejected token exchange"),
    "kubelet-role-not-honored": ("from HEAD request", "401 Unauthorized", CAN),
    "zone-not-linked": ("from HEAD request", "403 Forbidden", "error status: 403"),
    "record-missing": ("failed to do request", f"lookup {HOST} on 168.63.129.16:53: no such host", "Failed to resolve"),
    "data-record-missing": ("failed to copy: httpReadSeeker", "on 168.63.129.16:53: no such host", CAN),
    "peering-disconnected": ("failed to do request", "dial tcp 10.0.0.6:443: i/o timeout", "i/o timeout"),
    "security-group-blocks-https": ("failed to do request", "dial tcp 10.0.0.6:443: i/o timeout", "i/o timeout"),
    "pod-image-missing": ("failed to resolve reference", f"{HOST}/hello-world:v1.0: not found", CAN),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with the stage, on which the lab's VM may work with the cluster."""
    folder = tmp_path_factory.mktemp("stage")
    with closing(acrlab.connect(registry_name="contoso42", world=str(folder / "first.db"))) as lab:
        acrlab.bring_to(lab, *READY)
        for step in stage.STAGE.build:
            step(lab)
        vm = lab.compute.virtual_machines.get("myResourceGroup", lab.settings.vm_name)
        root = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions"
        told = {"roleDefinitionId": f"{root}/{CONTRIBUTOR}", "principalId": identity_of(vm)}
        id = f"{aks.cluster_id(lab, stage.CLUSTER)}/providers/Microsoft.Authorization/roleAssignments"
        body = {"properties": {**told, "principalType": "ServicePrincipal"}}
        lab.arm.put(f"{id}/66666666-6666-4666-8666-666666666666", "2022-04-01", body, "Assigning Contributor")
        lab.backend.azure.world.save(folder / "saved.db")  # type: ignore[attr-defined]
    return folder / "saved.db"


@pytest.fixture
def staged(lab: Lab, world: World, built: Path) -> Lab:
    world.restore(built)
    return lab


def check_acr(lab: Lab) -> str:
    """What `az aks check-acr` says, typed on the lab's VM."""
    command = f"az aks check-acr --resource-group myResourceGroup --name {stage.CLUSTER} --acr {HOST}"
    done = run_on_vm(lab, f"az login --identity > /dev/null; {command} || true")
    return f"{done.stdout}\n{done.stderr}"


def event(lab: Lab) -> str:
    """The kubelet's first word on why the image does not come."""
    told = aks.events(lab, stage.POD, stage.CLUSTER)
    return next(one["message"] for one in told if one["reason"] == "Failed" and "Failed to pull" in one["message"])


def test_a_cluster_that_pulls_is_well_for_all_three(staged: Lab) -> None:
    pod = aks.run_pod(staged, stage.POD, f"{HOST}/hello-world:v1", stage.CLUSTER)

    assert pod.status == "Completed"
    assert examined(staged, stage.STAGE).codes == ()
    assert CAN in check_acr(staged)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_kubelet_doctor_and_check_tell_of_one_thing(staged: Lab, fault: Fault) -> None:
    for step in fault.plant:
        step(staged)
    begins, ends, checked = TOLD[fault.code]

    told, found = event(staged), examined(staged, fault.stage, fault.expect)

    assert (begins in told, told.endswith(ends)) == (True, True), told
    assert found.codes == (fault.code,)
    said = check_acr(staged)
    assert checked in said
    assert (CAN in said) == (checked == CAN)

    by_call(staged, found.findings[0].remedy)
    assert aks.pod_until(staged, stage.POD, "Completed", name=stage.CLUSTER).status == "Completed"
    assert examined(staged, fault.stage, fault.expect).codes == ()
    assert CAN in check_acr(staged)
