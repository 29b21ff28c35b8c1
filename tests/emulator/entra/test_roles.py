"""Roles and what they allow: at a registry, inherited from above, and for the learner."""

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator import types
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles, tokens
from acrlab.emulator.types.authorization.role_assignment import ASSIGNMENT_TYPE
from acrlab.emulator.types.authorization.roles import BUILT_IN

GUIDS = {name: role.guid for name, role in BUILT_IN.items()}
PRINCIPAL = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def world():
    world = World(types.ALL)
    yield world
    world.close()


@pytest.fixture
def registry(world):
    return put_registry(world, "contoso")


def put_registry(world, name):
    group = ArmId.of_group(world.setting("subscription"), "g")
    id = ArmId(str(group), "Microsoft.ContainerRegistry/registries", (name,))
    with world.transaction():
        return world.put(world.new(id, {"location": "westus", "properties": {}}))


def assign(world, role, scope, principal=PRINCIPAL):
    guid = GUIDS.get(role, role)
    id = ArmId(str(scope), ASSIGNMENT_TYPE, (world.derive(guid, principal, str(scope)),))
    definition = f"/subscriptions/{id.subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid.upper()}"
    with world.transaction():
        body = {"properties": {"roleDefinitionId": definition, "principalId": principal}}
        world.put(world.new(id, body))


def named_at(world, principal, scope):
    return {role.name for role in roles.roles_at(world, principal, scope)}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("Owner", {"pull", "push", "delete", "metadata_read", "metadata_write"}),
        ("Contributor", {"pull", "push", "delete", "metadata_read", "metadata_write"}),
        ("Reader", {"pull", "metadata_read"}),
        ("AcrPull", {"pull", "metadata_read"}),
        ("AcrPush", {"pull", "push", "metadata_read", "metadata_write"}),
        ("AcrDelete", {"delete"}),
        ("99999999-0000-4000-8000-000000000000", set()),
    ],
)
def test_a_role_allows(world, registry, role, allowed):
    assign(world, role, registry.id)

    assert roles.actions(world, PRINCIPAL, registry) == allowed
    assert roles.may(world, PRINCIPAL, "push", registry) == ("push" in allowed)


def test_roles_add_up(world, registry):
    assign(world, "AcrPull", registry.id)
    assign(world, "AcrDelete", registry.id)

    assert named_at(world, PRINCIPAL, registry.id) == {"AcrPull", "AcrDelete"}
    assert roles.actions(world, PRINCIPAL, registry) == {"pull", "metadata_read", "delete"}


def test_a_role_is_inherited_from_group_and_subscription(world, registry):
    assign(world, "AcrPull", registry.id.group_id)
    assign(world, "Reader", f"/subscriptions/{registry.id.subscription}")

    assert named_at(world, PRINCIPAL, registry.id) == {"AcrPull", "Reader"}
    assert named_at(world, PRINCIPAL, registry.id.group_id) == {"AcrPull", "Reader"}
    assert named_at(world, PRINCIPAL, ArmId.parse(f"/subscriptions/{registry.id.subscription}")) == {"Reader"}


def test_a_role_at_one_registry_is_none_at_its_neighbour(world, registry):
    assign(world, "AcrPull", registry.id)

    assert roles.actions(world, PRINCIPAL, put_registry(world, "contoso2")) == frozenset()


def test_a_role_is_its_principal_s_alone(world, registry):
    assign(world, "AcrPull", registry.id)

    assert named_at(world, "99999999-2222-4333-8444-555555555555", registry.id) == set()
    assert named_at(world, PRINCIPAL.upper(), registry.id) == {"AcrPull"}


def test_the_learner_owns_the_subscription_without_an_assignment(world, registry):
    assert named_at(world, tokens.learner(world), registry.id) == {"Owner"}


def test_the_learner_owns_nothing_in_another_subscription(world):
    elsewhere = ArmId.of_group("99999999-0000-4000-8000-000000000000", "g")

    assert named_at(world, tokens.learner(world), elsewhere) == set()
