"""Where a template reaches: other subscriptions, resources that others extend, and identities of their own."""

from __future__ import annotations

import json

import pytest

from acrlab.emulator.arm.linked_access import Caller, asked_by
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import Request
from tests.emulator.deployments.test_deployment_answers import group, nested, put, sent, validated
from tests.emulator.deployments.test_deployments import NETWORK, REGISTRY, network, registry

SPOKES = "Spokes"


def test_a_nested_deployment_goes_into_the_subscription_that_it_names(desk):
    other = subscriptions.add(desk.azure.world, SPOKES).id
    root = f"/subscriptions/{other}"
    desk.send("PUT", f"{root}/resourceGroups/theirs", {"location": "westus"})
    inside = nested(network(), subscriptionId=other, resourceGroup="theirs")
    above = nested(group("more"), name="above", subscriptionId=other, location="westus")

    assert put(desk, sent(inside, above)).status == 201
    assert desk.finished()["outputResources"] == [
        {"id": f"{root}/resourceGroups/more"},
        {"id": f"{root}/resourceGroups/theirs/providers/{NETWORK}/net"},
    ]
    assert desk.send("GET", f"{root}/resourceGroups/more").status == 200
    # What is new to the subscription is registered with it by the template.
    assert desk.send("GET", f"{root}/providers/Microsoft.Network").body["registrationState"] == "Registered"


def test_a_nested_deployment_needs_the_right_to_deploy_there(desk):
    other = subscriptions.add(desk.azure.world, SPOKES, role="Reader").id
    body = json.dumps(sent(nested(group("more"), subscriptionId=other, location="westus"))).encode()
    request = Request("PUT", "management.azure.com", desk.path(), {"api-version": "2024-11-01"}, body=body)

    answer = desk.azure.manage(request)

    error = answer.body["error"]
    assert (answer.status, error["code"]) == (400, "InvalidTemplateDeployment")
    assert error["message"].startswith("The template deployment failed with error: 'Authorization failed for template")
    assert "'Microsoft.Resources/deployments/write' at scope '/subscriptions/" in error["message"]


def test_a_template_makes_nothing_that_its_caller_may_not_make(desk):
    """A contributor can make networks, but not assign roles or set locks."""
    other = subscriptions.add(desk.azure.world, SPOKES, role="Contributor").id
    scope = f"/subscriptions/{other}/resourceGroups/theirs"
    desk.send("PUT", scope, {"location": "westus"})
    role = {"roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{ROLE}", "principalId": NAME}
    given = {"type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01", "name": NAME}
    locked = {"type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01", "name": "kept"}
    resources = [network(), {**given, "properties": role}, {**locked, "properties": {"level": "CanNotDelete"}}]

    def deploy(*resources):
        path = f"{scope}/providers/Microsoft.Resources/deployments/d"
        body = json.dumps(sent(*resources)).encode()
        return desk.azure.manage(Request("PUT", "management.azure.com", path, {"api-version": "2024-11-01"}, body=body))

    refused = deploy(*resources)

    message = refused.body["error"]["message"]
    start = "Deployment failed with multiple errors: 'Authorization failed for template resource "
    assert (refused.status, message.startswith(start)) == (400, True)
    for one in ("roleAssignments", "locks"):
        assert f"does not have permission to perform action 'Microsoft.Authorization/{one}/write' at scope" in message
    assert message.count("'.:Authorization failed") == message.count("Authorization failed") - 1 == 1
    assert desk.send("GET", f"{scope}/providers/{NETWORK}/net").status == 404
    assert deploy(network()).status == 201


LOOKS = pytest.mark.parametrize(
    ("look", "action"),
    [
        ("reference('{id}', '2023-07-01').loginServer", "Microsoft.ContainerRegistry/registries/read"),
        ("listCredentials('{id}', '2023-07-01').username", "registries/listCredentials/action"),
    ],
)
STRANGER = "5" * 8 + "-0000-4000-8000-000000000000"


def make_registry(desk):
    desk.deploy(registry(properties={"adminUserEnabled": True}), name="before")
    desk.finished("before")


def look_at(desk, look):
    """Deploy at home what looks at another's registry. Returns: the answer, and the registry's id."""
    id = f"{desk.group}/providers/{REGISTRY}/contoso"
    other = subscriptions.add(desk.azure.world, SPOKES, role="Contributor").id
    scope = f"/subscriptions/{other}/resourceGroups/theirs"
    desk.send("PUT", scope, {"location": "westus"})
    body = sent(outputs={"told": {"type": "string", "value": f"[{look.format(id=id)}]"}})
    path = f"{scope}/providers/Microsoft.Resources/deployments/d"
    with asked_by(desk.azure.world, Caller(STRANGER, "a tenant")):
        return desk.send("PUT", path, body), id


@LOOKS
def test_a_template_looks_at_nothing_that_its_caller_may_not_look_at(desk, look, action):
    """The registry is its owner's; a contributor elsewhere, who knows its id, deploys at home."""
    make_registry(desk)

    answer, id = look_at(desk, look)

    assert answer.status == 403, answer.body
    message = answer.body["error"]["message"]
    assert message.startswith(f"The client '{STRANGER}' with object id '{STRANGER}' does not have authorization")
    assert f"{action}' over scope '{id}'" in message


@LOOKS
def test_a_template_looks_at_what_its_caller_may_look_at(desk, look, action):
    """Here the caller is a contributor of that registry, too."""
    make_registry(desk)
    path = f"{desk.group}/providers/{REGISTRY}/contoso/providers/{ASSIGNMENTS}/{NAME}"
    given = {"principalId": STRANGER, "principalType": "ServicePrincipal"}
    given["roleDefinitionId"] = f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"
    assert desk.send("PUT", path, {"properties": given}).status == 201

    answer, _ = look_at(desk, look)

    assert answer.status == 201, answer.body


def test_a_template_registers_no_provider_without_the_right_to(desk):
    """The right to everything in a group is none to what a subscription is registered for."""
    other = subscriptions.add(desk.azure.world, SPOKES).id
    scope = f"/subscriptions/{other}/resourceGroups/theirs"
    desk.send("PUT", scope, {"location": "westus"})
    given = {"principalId": STRANGER, "principalType": "ServicePrincipal"}
    given["roleDefinitionId"] = f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"
    desk.send("PUT", f"{scope}/providers/{ASSIGNMENTS}/{NAME}", {"properties": given})

    with asked_by(desk.azure.world, Caller(STRANGER, "a tenant")):
        answer = desk.send("PUT", f"{scope}/providers/Microsoft.Resources/deployments/d", sent(network()))

    error = answer.body["error"]
    assert (answer.status, error["code"]) == (409, "MissingSubscriptionRegistration"), answer.body
    shown = desk.send("GET", f"/subscriptions/{other}/providers/Microsoft.Network").body
    assert shown["registrationState"] == "NotRegistered"


def test_a_template_that_is_only_validated_registers_nothing(desk):
    other = subscriptions.add(desk.azure.world, SPOKES).id
    desk.send("PUT", f"/subscriptions/{other}/resourceGroups/theirs", {"location": "westus"})

    assert validated(desk, sent(network()), f"/subscriptions/{other}/resourceGroups/theirs").status == 200
    shown = desk.send("GET", f"/subscriptions/{other}/providers/Microsoft.Network").body
    assert shown["registrationState"] == "NotRegistered"


def test_a_nested_deployment_into_no_subscription_is_refused(desk):
    answer = put(desk, sent(nested(network(), subscriptionId="5" * 8 + "-0000-0000-0000-000000000000")))

    assert (answer.status, answer.body["error"]["code"]) == (404, "SubscriptionNotFound")


@pytest.mark.parametrize("key", ["subscriptionId", "resourceGroup", "import", "@options"])
def test_what_a_template_says_of_a_resource_is_never_passed_over(desk, key):
    answer = put(desk, sent(network(**{key: "x"})))

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")
    assert key in answer.body["error"]["message"]


@pytest.mark.parametrize(
    "template",
    [
        {"imports": {"k": {"provider": "Kubernetes", "version": "1.0"}}},
        {"apiProfile": "2020-09-01-hybrid"},
    ],
)
def test_what_a_template_says_of_itself_is_never_passed_over(desk, template):
    body = sent()
    body["properties"]["template"] |= template

    assert put(desk, body).body["error"]["code"] == "NotEmulated"


def test_a_parameter_from_a_key_vault_is_not_called_malformed(desk):
    given = {"p": {"reference": {"keyVault": {"id": "x"}, "secretName": "s"}}}

    body = sent(parameters=given)
    body["properties"]["template"]["parameters"] = {"p": {"type": "securestring"}}
    answer = put(desk, body)

    assert answer.body["error"]["code"] == "NotEmulated"


def test_a_look_at_what_is_not_in_the_template_needs_a_version(desk):
    """Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource"""
    desk.deploy(network(), name="before")
    desk.finished("before")
    look = {"o": {"type": "object", "value": f"[reference(resourceId('{NETWORK}', 'net'))]"}}

    error = put(desk, sent(outputs=look)).body["error"]

    assert error["code"] == "InvalidTemplate"
    assert "could not find template resource or resource copy with this name" in error["message"]


# -- the identity of a VM ----------------------------------------------------------------------------------------------

VM = "Microsoft.Compute/virtualMachines"
ROLE = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
NAME = "11111111-1111-4111-8111-111111111111"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"


def vm_with_a_role(desk, **assignment):
    """The template of `az vm create --assign-identity --role --scope`."""
    vm = f"{desk.group}/providers/{VM}/vm1"
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    place = {"subnet": {"id": f"{desk.group}/providers/{NETWORK}/net/subnets/s"}}
    interface = {
        "type": "Microsoft.Network/networkInterfaces",
        "apiVersion": "2022-01-01",
        "name": "nic",
        "location": "westus",
        "dependsOn": [f"{NETWORK}/net"],
        "properties": {"ipConfigurations": [{"name": "one", "properties": place}]},
    }
    image = {
        "publisher": "Canonical",
        "offer": "0001-com-ubuntu-server-jammy",
        "sku": "22_04-lts-gen2",
        "version": "latest",
    }
    machine = {
        "type": VM,
        "apiVersion": "2024-07-01",
        "name": "vm1",
        "location": "westus",
        "identity": {"type": "SystemAssigned"},
        "dependsOn": ["Microsoft.Network/networkInterfaces/nic"],
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_B2s"},
            "storageProfile": {"imageReference": image, "osDisk": {"createOption": "FromImage"}},
            "osProfile": {"computerName": "vm1", "adminUsername": "azureuser", "adminPassword": "Kept 2 itself"},
            "networkProfile": {
                "networkInterfaces": [{"id": f"{desk.group}/providers/Microsoft.Network/networkInterfaces/nic"}]
            },
        },
    }
    identity = f"{vm}/providers/Microsoft.ManagedIdentity/Identities/default"
    role = {
        "name": NAME,
        "type": ASSIGNMENTS,
        "apiVersion": "2015-07-01",
        "dependsOn": [f"{VM}/vm1"],
        "properties": {
            "roleDefinitionId": f"{desk.root}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}",
            "principalId": f"[reference('{identity}', '2015-08-31-PREVIEW').principalId]",
            "scope": desk.group,
        },
        **assignment,
    }
    return sent(network(properties={**space, "subnets": subnets}), interface, role, machine)


def test_a_vm_is_given_a_role_by_the_template_that_makes_it(desk):
    answer = put(desk, vm_with_a_role(desk))

    shown = answer.body["properties"]
    types = {one["namespace"]: one["resourceTypes"] for one in shown["providers"]}
    assert types["Microsoft.Authorization"] == [{"resourceType": "roleAssignments", "locations": [None]}]
    before = next(one["dependsOn"] for one in shown["dependencies"] if one["resourceType"] == ASSIGNMENTS)
    vm = f"{desk.group}/providers/{VM}/vm1"
    assert before == [
        {"id": vm, "resourceType": VM, "resourceName": "vm1"},
        {
            "id": f"{vm}/providers/Microsoft.ManagedIdentity/Identities/default",
            "resourceType": "Microsoft.ManagedIdentity/Identities",
            "resourceName": "default",
            "apiVersion": "2015-08-31-PREVIEW",
        },
    ]
    assert desk.finished()["provisioningState"] == "Succeeded"
    given = desk.send("GET", f"{desk.group}/providers/{ASSIGNMENTS}/{NAME}").body["properties"]
    assert given["principalId"] == desk.send("GET", vm).body["identity"]["principalId"]


def test_a_role_on_a_registry_extends_it(desk):
    """As az names what extends a resource: the namespace stands in the name."""
    desk.deploy(registry(), name="before")
    desk.finished("before")
    extending = {
        "type": f"{REGISTRY}/providers/roleAssignments",
        "name": f"contoso/Microsoft.Authorization/{NAME}",
    }

    assert put(desk, vm_with_a_role(desk, **extending)).status == 201
    assert desk.finished()["provisioningState"] == "Succeeded"
    path = f"{desk.group}/providers/{REGISTRY}/contoso/providers/{ASSIGNMENTS}/{NAME}"
    assert desk.send("GET", path).status == 200


def test_a_resource_without_an_identity_of_its_own_has_none_to_look_at(desk):
    identity = f"{desk.group}/providers/{NETWORK}/net/providers/Microsoft.ManagedIdentity/Identities/default"
    outputs = {"o": {"type": "string", "value": f"[reference('{identity}', '2018-11-30').principalId]"}}

    error = put(desk, sent(network(), outputs=outputs)).body["error"]

    assert (error["code"], error["details"][0]["code"]) == ("InvalidTemplateDeployment", "ResourceNotFound")
