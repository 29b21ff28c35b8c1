"""Whether a principal may do something at a scope, and what it is told where it may not."""

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.rights import forbidden, may, subscription_in
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.types.authorization.roles import BUILT_IN

READER = "11111111-2222-4333-8444-555555555555"
LOCATIONS = "Microsoft.Resources/subscriptions/locations/read"


@pytest.fixture
def world():
    azure = EmulatedAzure()
    yield azure.world
    azure.close()


@pytest.fixture
def root(world):
    return f"/subscriptions/{world.setting('subscription')}"


@pytest.fixture
def let_read(world, root):
    """Make the principal a reader of a scope of the subscription."""

    def let_read(scope=""):
        id = ArmId(root + scope, "Microsoft.Authorization/roleAssignments", (world.derive(scope),))
        definition = f"{root}/providers/Microsoft.Authorization/roleDefinitions/{BUILT_IN['Reader'].guid}"
        with world.transaction():
            world.put(world.new(id, {"properties": {"roleDefinitionId": definition, "principalId": READER}}))

    return let_read


def test_what_belongs_to_no_resource_is_its_subscription_s(world, root, let_read):
    path = f"{root}/providers/Microsoft.Network/locations"
    let_read("/resourceGroups/g")
    assert not may(world, READER, path, LOCATIONS)

    let_read()

    assert may(world, READER, path, LOCATIONS)
    assert not may(world, READER, path, LOCATIONS.replace("read", "write"))
    assert not may(world, READER.replace("1", "2"), path, LOCATIONS)


def test_what_lies_in_no_subscription_is_allowed_to_no_one(world, let_read):
    let_read()

    assert not may(world, READER, "/providers/Microsoft.Network", "Microsoft.Network/operations/read")


@pytest.mark.parametrize(
    ("path", "subscription"),
    [
        ("/subscriptions/X/resourceGroups/g", "X"),
        ("/subscriptions/X", "X"),
        ("/Subscriptions/s/", "s"),
        ("/subscriptions", ""),
        ("/tenants/t", ""),
    ],
)
def test_a_path_names_its_subscription(path, subscription):
    assert subscription_in(path) == subscription


def test_a_refusal_names_who_what_and_where():
    answer = forbidden("p", "/subscriptions/s", LOCATIONS).response()

    assert (answer.status, answer.body["error"]["code"]) == (403, "AuthorizationFailed")
    assert answer.body["error"]["message"] == (
        f"The client 'p' with object id 'p' does not have authorization to perform action '{LOCATIONS}' over scope "
        "'/subscriptions/s' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )
    assert answer.headers["x-ms-failure-cause"] == "gateway"
