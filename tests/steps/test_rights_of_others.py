"""A role that someone else assigned stays, wherever it counts; the lab's own goes."""

import pytest

import acrlab
from acrlab.azure.cloud import ROLES_VERSION
from acrlab.course.practice.plant import take_pull_right
from acrlab.lab.azure_errors import asking
from acrlab.lab.ownership import assignments, pull_right
from acrlab.steps.run_command import identity_of

CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def assign(lab, scope, role, name, principal=""):
    """Give the VM's identity a role, as someone else would."""
    definition = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    given = {"roleDefinitionId": definition, "principalId": principal or identity_of(acrlab.ensure_vm(lab))}
    id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    body = {"properties": {**given, "principalType": "ServicePrincipal"}}
    with asking("Assigning", id):
        lab.resources.resources.begin_create_or_update_by_id(id, body, api_version=ROLES_VERSION).result()
    return id


@pytest.fixture
def theirs(lab):
    """A VM that may pull by the lab's assignment, and more by two of someone else."""
    acrlab.bring_to(lab, "pull-right")
    above = assign(lab, f"/subscriptions/{lab.subscription}", CONTRIBUTOR, "11111111-1111-4111-8111-111111111111")
    here = assign(lab, lab.registry_id, READER, "22222222-2222-4222-8222-222222222222")
    return {above, here}


def held(lab):
    return {one["id"] for one in assignments(lab, lab.registry_id, identity_of(acrlab.ensure_vm(lab)))}


def test_taking_the_right_to_pull_leaves_and_names_what_others_gave(lab, theirs):
    with pytest.raises(acrlab.RefusedError) as refused:
        take_pull_right(lab)

    assert held(lab) == theirs
    assert "myDockerVM keeps" in str(refused.value)
    assert f"Contributor at /subscriptions/{lab.subscription}" in str(refused.value)


def test_resetting_the_section_does_the_same(lab, theirs):
    with pytest.raises(acrlab.RefusedError, match="the lab did not assign it"):
        acrlab.reset(lab, "azure-cli")

    assert held(lab) == theirs


def test_a_clean_up_plans_only_the_lab_s_own_assignment(lab, world):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
    foreign = {"location": "westus", "sku": {"name": "Premium"}}
    lab.registry.registries.begin_create("myResourceGroup", "contoso42", foreign).result()
    acrlab.bring_to(lab, "pull-right")
    principal = identity_of(acrlab.ensure_vm(lab))
    above = assign(lab, f"/subscriptions/{lab.subscription}", CONTRIBUTOR, "11111111-1111-4111-8111-111111111111")

    plan = acrlab.plan_clean_up(lab)

    rights = [item.id for item in plan.resources if item.kind == "roleAssignments"]
    assert rights == [pull_right(lab.registry_id, principal)]
    acrlab.delete_lab(lab)
    assert lab.resources.resources.get_by_id(above, api_version=ROLES_VERSION).id == above


def test_an_assignment_s_name_is_another_for_a_vm_that_was_created_again(lab):
    acrlab.bring_to(lab, "pull-right")
    first = identity_of(acrlab.ensure_vm(lab))
    acrlab.reset(lab, "vm")
    acrlab.ensure_vm(lab)
    acrlab.allow_vm_to_pull(lab)  # Azure would refuse to give the same assignment to another principal

    second = identity_of(acrlab.ensure_vm(lab))
    assert first != second
    assert pull_right(lab.registry_id, first) != pull_right(lab.registry_id, second)
