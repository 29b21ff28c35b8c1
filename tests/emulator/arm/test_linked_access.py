"""What a body refers to is asked about, one by one, and refused in Resource Manager's words."""

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.linked_access import Caller, asked_by, caller_of, require_linked
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import ArmError

PRINCIPAL, ABSENT = "11111111-2222-4333-8444-555555555555", "22222222-3333-4444-8555-666666666666"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"


@pytest.fixture
def world():
    azure = EmulatedAzure()
    yield azure.world
    azure.close()


def subnet(subscription):
    return f"/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s"


def refused(world, caller, *subscriptions):
    id = ArmId.parse(
        f"/subscriptions/{world.setting('subscription')}/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/i"
    )
    body = {"properties": {"ipConfigurations": [{"subnet": {"id": subnet(one)}} for one in subscriptions]}}
    with pytest.raises(ArmError) as caught:
        require_linked(world, caller, id, body)
    answer = caught.value.response()
    assert (answer.status, answer.body["error"]["code"]) == (403, "LinkedAuthorizationFailed")
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    return str(id), answer.body["error"]["message"]


def test_a_reference_to_nothing_hides_none_behind_it(world):
    own, caller = world.setting("subscription"), Caller(PRINCIPAL, world.setting("tenant"))

    id, message = refused(world, caller, ABSENT, own)

    assert message == (
        f"The client '{PRINCIPAL}' with object id '{PRINCIPAL}' has permission to perform action "
        f"'Microsoft.Network/networkInterfaces/write' on scope '{id}'; however, it does not have permission to perform "
        f"action(s) '{JOIN}' on the linked scope(s) '{subnet(own)}' (respectively) or the linked scope(s) are invalid."
    )


def test_what_lies_in_another_tenant_cannot_be_linked(world):
    own = world.setting("subscription")

    id, message = refused(world, Caller(PRINCIPAL, "elsewhere"), own)

    assert message == (
        f"The client has permission to perform action '{JOIN}' on scope '{id}', however the current tenant 'elsewhere' "
        f"is not authorized to access linked subscription '{own}'."
    )


def test_a_thread_does_what_it_does_for_whom_it_was_asked_last(world):
    one, other = Caller(PRINCIPAL, "t"), Caller(ABSENT, "t")

    with asked_by(world, one):
        with asked_by(world, other):
            inside = caller_of(world)
        after = caller_of(world)

    assert (inside, after, caller_of(world)) == (other, one, None)
