"""Role assignments: who is given what, where."""

import pytest

PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
NAME = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def assign(cloud):
    def assign(scope, principal, role=PULL, name=NAME):
        root = f"/subscriptions/{cloud.opened.subscription}/providers/Microsoft.Authorization/roleDefinitions"
        body = {"properties": {"roleDefinitionId": f"{root}/{role}", "principalId": principal}}
        id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
        operations = cloud.resources.resources
        return operations.begin_create_or_update_by_id(id, body, api_version="2022-04-01").result()

    return assign


def test_a_machine_s_identity_can_be_given_a_role_on_a_registry(cloud, assign):
    machine = cloud.machine(cloud.interface(cloud.subnet()))
    registry = cloud.registry()

    made = assign(registry.id, machine.identity.principal_id)

    assert made.as_dict()["properties"]["scope"] == registry.id


def test_the_same_right_is_given_once(cloud, assign, refused):
    machine, registry = cloud.machine(cloud.interface(cloud.subnet())), cloud.registry()
    assign(registry.id, machine.identity.principal_id)

    again = refused(lambda: assign(registry.id, machine.identity.principal_id, name=NAME.replace("1", "2")))

    assert again == (409, "RoleAssignmentExists")


def test_an_unknown_principal_and_an_unknown_role_are_refused(cloud, assign, refused):
    registry = cloud.registry()
    machine = cloud.machine(cloud.interface(cloud.subnet()))

    assert refused(lambda: assign(registry.id, NAME)) == (400, "PrincipalNotFound")
    assert refused(lambda: assign(registry.id, machine.identity.principal_id, role=NAME)) == (
        404,
        "RoleDefinitionDoesNotExist",
    )


def test_assignments_go_with_what_they_are_on(cloud, assign):
    machine, registry = cloud.machine(cloud.interface(cloud.subnet())), cloud.registry()
    assign(registry.id, machine.identity.principal_id)

    cloud.registries.registries.begin_delete("g", "contoso").result()

    assert list(cloud.world.of_type("Microsoft.Authorization/roleAssignments")) == []
