import pytest

from acrlab.azure.arm_id import ArmId

NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"


@pytest.mark.parametrize(
    "text",
    [
        "/subscriptions/s",
        "/subscriptions/s/resourceGroups/g",
        NETWORK,
        f"{NETWORK}/subnets/one",
        f"{NETWORK}/providers/Microsoft.Authorization/roleAssignments/r",
        "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/r",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/z/A/contoso.westus.data",
    ],
)
def test_an_id_is_written_as_it_was_read(text):
    assert str(ArmId.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/subscriptions",
        "/subscriptions/s/resourceGroups",
        f"{NETWORK}/subnets",
        "/subscriptions//x",
        "nothing",
        "/subscriptions/s/locations/westus/providers/Microsoft.Network/virtualNetworks/v",
        "/subscriptions/s/a/b/c/d/e/f/providers/Microsoft.Authorization/locks/l",
        "/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Resources/deployments/d",
    ],
)
def test_what_names_no_single_resource_is_refused(text):
    with pytest.raises(ValueError, match="not a resource id"):
        ArmId.parse(text)


def test_ids_compare_by_key_whatever_their_spelling():
    assert ArmId.parse(NETWORK.upper().replace("/SUBSCRIPTIONS", "/subscriptions")).key == ArmId.parse(NETWORK).key


def test_a_child_knows_its_parent_its_group_and_its_subscription():
    child = ArmId.parse(f"{NETWORK}/subnets/one")

    assert str(child.parent) == NETWORK
    assert (child.group, child.subscription, child.name) == ("g", "s", "one")


def test_an_extension_lies_in_the_resource_that_it_extends():
    extension = ArmId.parse(f"{NETWORK}/providers/Microsoft.Authorization/roleAssignments/r")

    assert (extension.scope, extension.parent, extension.group) == (NETWORK, None, "g")
