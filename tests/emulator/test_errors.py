"""Every error that the emulated Azure gives, word for word as the service gives it: one row an error.

`{s}`, `{g}` and `{t}` stand for the subscription, the group's id and the tenant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.wire import Request, Response

ORIGIN = "https://management.azure.com"
NETWORK, DNS, REGISTRY = (
    "providers/Microsoft.Network",
    "privateDnsZones",
    "providers/Microsoft.ContainerRegistry/registries",
)
LINK = " For more details please go to https://aka.ms/ARMResourceNotFoundFix"
FAILED = {"status": "Failed"}
OTHER = "11111111-2222-4333-8444-555555555555"


class Lab:
    """One of everything, ready and at rest: what most refusals need to stand on."""

    def __init__(self) -> None:
        self.azure = EmulatedAzure()
        self.world = self.azure.world
        self.subscription = self.world.setting("subscription")
        self.group = f"/subscriptions/{self.subscription}/resourceGroups/g"
        for path, body in self._everything():
            answer = self.ask("PUT", f"{self.group}/{path}".rstrip("/"), body)
            assert answer.status < 300, (path, answer.body)
            self.world.advance_to(self.world.now + 1000)

    def _everything(self) -> Iterator[tuple[str, Any]]:
        here, subnet = {"location": "westus"}, f"{self.group}/{NETWORK}/virtualNetworks/v/subnets"
        interface = f"{self.group}/{NETWORK}/networkInterfaces/i"
        address = {"id": f"{self.group}/{NETWORK}/publicIPAddresses/p"}
        yield "", here
        yield (
            f"{NETWORK}/virtualNetworks/v",
            {**here, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
        )
        off = {"privateEndpointNetworkPolicies": "Disabled"}
        yield f"{NETWORK}/virtualNetworks/v/subnets/s", {"properties": {"addressPrefix": "10.0.0.0/24", **off}}
        yield f"{NETWORK}/virtualNetworks/v/subnets/closed", {"properties": {"addressPrefix": "10.0.1.0/24"}}
        yield f"{NETWORK}/networkSecurityGroups/n", {**here, "properties": {}}
        yield (
            f"{NETWORK}/publicIPAddresses/p",
            {**here, "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}},
        )
        one = {"name": "one", "properties": {"subnet": {"id": f"{subnet}/s"}, "publicIPAddress": address}}
        group = {"networkSecurityGroup": {"id": f"{self.group}/{NETWORK}/networkSecurityGroups/n"}}
        yield f"{NETWORK}/networkInterfaces/i", {**here, "properties": {"ipConfigurations": [one], **group}}
        yield f"{REGISTRY}/contoso", {**here, "sku": {"name": "Premium"}, "properties": {}}
        yield f"{REGISTRY}/basic", {**here, "sku": {"name": "Basic"}, "properties": {}}
        yield f"{NETWORK}/{DNS}/z.net", {"location": "global"}
        link = {"registrationEnabled": False, "virtualNetwork": {"id": f"{self.group}/{NETWORK}/virtualNetworks/v"}}
        yield f"{NETWORK}/{DNS}/z.net/virtualNetworkLinks/l", {"location": "global", "properties": link}
        yield f"{NETWORK}/{DNS}/z.net/A/r", {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.9"}]}}
        yield "providers/Microsoft.Compute/virtualMachines/m", {**here, "properties": machine(interface)}
        wanted = {"privateLinkServiceId": f"{self.group}/{REGISTRY}/contoso", "groupIds": ["registry"]}
        request = {"privateLinkServiceConnections": [{"name": "c", "properties": wanted}]}
        yield f"{NETWORK}/privateEndpoints/e", {**here, "properties": {"subnet": {"id": f"{subnet}/s"}, **request}}

    def ask(self, method: str, path: str, body: Any = None, *, version: str = "2024-05-01", **headers: str) -> Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        words = {"api-version": version} if version else {}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(method, "management.azure.com", path, words, sent, raw, ORIGIN)
        return self.azure.manager.handle(request)

    def filled(self, text: str) -> str:
        """Put the world's ids into a row."""
        words = {"{g}": self.group, "{s}": self.subscription, "{t}": self.world.setting("tenant")}
        for word, value in words.items():
            text = text.replace(word, value)
        return text


def machine(interface: str) -> dict[str, Any]:
    image = {
        "publisher": "Canonical",
        "offer": "0001-com-ubuntu-server-jammy",
        "sku": "22_04-lts-gen2",
        "version": "latest",
    }
    return {
        "hardwareProfile": {"vmSize": "Standard_B2s"},
        "storageProfile": {"imageReference": image, "osDisk": {"createOption": "FromImage"}},
        "osProfile": {"computerName": "m", "adminUsername": "azureuser", "adminPassword": "Kept 2 itself"},
        "networkProfile": {"networkInterfaces": [{"id": interface}]},
    }


@pytest.fixture
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.azure.close()


@dataclass(frozen=True)
class Row:
    """One refusal: what is asked, and all that is answered.

    Attributes:
        name: what is wrong.
        ask: method and path; a path without a leading slash lies in the group.
        answer: status, code, message.
        details, target: what else stands in `error`; None: it doesn't.
        beside: what stands beside `error`.
        gateway: the front door refuses.
        wrapped: there is an `error` around it.
    """

    name: str
    ask: str
    answer: tuple[int, str, str]
    body: Any = None
    details: list[dict[str, str]] | None = None
    target: str = ""
    beside: dict[str, str] = field(default_factory=dict)
    gateway: bool = False
    wrapped: bool = True
    version: str = "2024-05-01"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> dict[str, Any]:
        _, code, message = self.answer
        error: dict[str, Any] = {"code": code, "message": message}
        error |= {} if self.details is None else {"details": self.details}
        error |= {"target": self.target} if self.target else {}
        return {"error": error, **self.beside} if self.wrapped else error


def hold(lab: Lab, row: Row) -> None:
    """Provoke a refusal and compare it, whole."""
    method, _, path = lab.filled(row.ask).partition(" ")
    where = path if path.startswith("/") else f"{lab.group}/{path}".rstrip("/")
    sent = row.body if isinstance(row.body, bytes | None) else json.loads(lab.filled(json.dumps(row.body)))
    before = lab.world.dump()

    answer = lab.ask(method, where, sent, version=row.version, **row.headers)

    assert answer.status == row.answer[0], answer.body
    assert answer.body == json.loads(lab.filled(json.dumps(row.expected)))
    assert answer.headers.get("x-ms-failure-cause") == ("gateway" if row.gateway else None)
    assert lab.world.dump() == before, "a refused request left something behind"


# -- the front door ----------------------------------------------------------------------------------------------------

NO_GROUP = (404, "ResourceGroupNotFound", "Resource group 'none' could not be found.")
HERE = {"location": "westus"}


def missing(what: str) -> tuple[int, str, str]:
    return 404, "ResourceNotFound", f"The Resource '{what}' under resource group 'g' was not found.{LINK}"


def unreadable(reason: str) -> tuple[int, str, str]:
    return 400, "InvalidRequestContent", f"The request content was invalid and could not be deserialized: '{reason}'."


FRONT_DOOR = [
    Row(
        "no api-version",
        "GET {g}",
        (
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        ),
        version="",
        gateway=True,
    ),
    Row(
        "no subscription",
        "GET /nonsense",
        (
            404,
            "MissingSubscription",
            "The request did not have a subscription or a valid tenant level resource provider.",
        ),
        gateway=True,
    ),
    Row(
        "no GUID",
        "GET /subscriptions/mine",
        (400, "InvalidSubscriptionId", "The provided subscription identifier 'mine' is malformed or invalid."),
        gateway=True,
    ),
    Row(
        "no GUID in a resource's path",
        "PUT /subscriptions/mine/resourceGroups/g",
        (400, "InvalidSubscriptionId", "The provided subscription identifier 'mine' is malformed or invalid."),
        HERE,
        gateway=True,
    ),
    Row(
        "another subscription",
        f"GET /subscriptions/{OTHER}/resourceGroups/g",
        (404, "SubscriptionNotFound", f"The subscription '{OTHER}' could not be found."),
        gateway=True,
    ),
    Row(
        "no such thing in a subscription",
        "GET /subscriptions/{s}/resourceGroup/g",
        (
            404,
            "InvalidResourceType",
            "The resource type 'resourceGroup' could not be found in the namespace 'Microsoft.Resources' for api version '2024-05-01'.",
        ),
        gateway=True,
    ),
    Row(
        "no such thing in a group",
        "GET nonsense/x",
        (
            404,
            "InvalidResourceType",
            "The resource type 'nonsense' could not be found in the namespace 'Microsoft.Resources' for api version '2024-05-01'.",
        ),
        gateway=True,
    ),
    Row(
        "no such method",
        "TRACE {g}",
        (405, "MethodNotAllowed", "The requested resource does not support http method 'TRACE'."),
        gateway=True,
    ),
    Row(
        "a collection is put",
        f"PUT {NETWORK}/virtualNetworks",
        (405, "MethodNotAllowed", "The requested resource does not support http method 'PUT'."),
        HERE,
        gateway=True,
    ),
    Row("no group", "GET /subscriptions/{s}/resourceGroups/none", NO_GROUP, gateway=True),
    Row("no group, in capitals", "GET /SUBSCRIPTIONS/{s}/RESOURCEGROUPS/none", NO_GROUP, gateway=True),
    Row("no group to delete", "DELETE /subscriptions/{s}/resourcegroups/none", NO_GROUP, gateway=True),
    Row(
        "no group around it",
        f"GET /subscriptions/{{s}}/resourceGroups/none/{NETWORK}/virtualNetworks/v",
        NO_GROUP,
        gateway=True,
    ),
    Row(
        "no group to put it in",
        f"PUT /subscriptions/{{s}}/resourceGroups/none/{NETWORK}/virtualNetworks/v",
        NO_GROUP,
        {**HERE, "properties": {}},
        gateway=True,
    ),
    Row(
        "no group to list",
        f"GET /subscriptions/{{s}}/resourceGroups/none/{NETWORK}/virtualNetworks",
        NO_GROUP,
        gateway=True,
    ),
    Row(
        "no resource",
        f"GET {NETWORK}/virtualNetworks/none",
        missing("Microsoft.Network/virtualNetworks/none"),
        gateway=True,
    ),
    Row(
        "no resource, in small letters",
        "GET providers/microsoft.network/virtualnetworks/none",
        missing("Microsoft.Network/virtualNetworks/none"),
        gateway=True,
    ),
    Row(
        "no resource to patch",
        f"PATCH {NETWORK}/virtualNetworks/none",
        missing("Microsoft.Network/virtualNetworks/none"),
        {"tags": {}},
        gateway=True,
    ),
    Row(
        "no resource to act on",
        f"POST {REGISTRY}/none/listCredentials",
        missing("Microsoft.ContainerRegistry/registries/none"),
        gateway=True,
    ),
    Row(
        "no machine",
        "GET providers/Microsoft.Compute/virtualMachines/none",
        missing("Microsoft.Compute/virtualMachines/none"),
        gateway=True,
    ),
    Row(
        "no parent to read below",
        f"GET {NETWORK}/virtualNetworks/none/subnets/s",
        missing("Microsoft.Network/virtualNetworks/none"),
        gateway=True,
    ),
    Row(
        "no parent to list below",
        f"GET {NETWORK}/virtualNetworks/none/subnets",
        missing("Microsoft.Network/virtualNetworks/none"),
        gateway=True,
    ),
    Row(
        "no parent to write below",
        f"PUT {NETWORK}/virtualNetworks/none/subnets/s",
        (
            404,
            "ParentResourceNotFound",
            "Can not perform requested operation on nested resource. Parent resource 'none' not found.",
        ),
        {"properties": {"addressPrefix": "10.0.0.0/24"}},
        gateway=True,
    ),
    Row(
        "no zone to write below",
        f"PUT {NETWORK}/{DNS}/none.net/A/r",
        (
            404,
            "ParentResourceNotFound",
            "Can not perform requested operation on nested resource. Parent resource 'none.net' not found.",
        ),
        {"properties": {}},
        gateway=True,
    ),
    Row(
        "no JSON",
        f"PUT {NETWORK}/virtualNetworks/x",
        unreadable("Unexpected character encountered while parsing value: w. Path '', line 1, position 13."),
        b'{"location": westus}',
        gateway=True,
    ),
    Row(
        "half a JSON",
        f"PUT {NETWORK}/virtualNetworks/x",
        unreadable("Unexpected end of content while loading JObject. Path '', line 1, position 13."),
        b'{"location": ',
        gateway=True,
    ),
    Row(
        "a list",
        "PUT {g}",
        unreadable("Error converting value [] to type 'ResourceDefinition'. Path ''."),
        [],
        gateway=True,
    ),
    Row(
        "a text",
        "PUT {g}",
        unreadable("Error converting value \"x\" to type 'ResourceDefinition'. Path ''."),
        "x",
        gateway=True,
    ),
    Row(
        "no UTF-8",
        "PUT {g}",
        unreadable("Unable to translate bytes from specified code page to Unicode."),
        b'{"location": "\xff\xff\xff"}',
        gateway=True,
    ),
    Row(
        "too deep",
        "PUT {g}",
        unreadable("The reader's MaxDepth of 512 has been exceeded."),
        b'{"a":' * 200_000,
        gateway=True,
    ),
    Row(
        "no location",
        "PUT {g}",
        (400, "LocationRequired", "The location property is required for this definition."),
        {"tags": {}},
        gateway=True,
    ),
    Row(
        "no location of a resource",
        f"PUT {NETWORK}/virtualNetworks/x",
        (400, "LocationRequired", "The location property is required for this definition."),
        {"properties": {}},
        gateway=True,
    ),
    Row(
        "a location that is no text",
        f"PUT {NETWORK}/virtualNetworks/x",
        unreadable("Error converting value 7 to type 'System.String'. Path 'location'."),
        {"location": 7, "properties": {}},
        gateway=True,
    ),
    Row(
        "tags that are no texts",
        "PUT {g}",
        unreadable(
            "Error converting value {\"a\": 1} to type 'System.Collections.Generic.Dictionary`2[System.String,System.String]'. Path 'tags'."
        ),
        {**HERE, "tags": {"a": 1}},
        gateway=True,
    ),
    Row(
        "properties that are no object",
        f"PUT {NETWORK}/virtualNetworks/x",
        unreadable("Error converting value \"x\" to type 'Newtonsoft.Json.Linq.JObject'. Path 'properties'."),
        {**HERE, "properties": "x"},
        gateway=True,
    ),
    Row(
        "another location",
        f"PUT {NETWORK}/virtualNetworks/v",
        (
            409,
            "InvalidResourceLocation",
            "The resource 'v' already exists in location 'westus' in resource group 'g'. A resource with the same name cannot be created in location 'eastus'. Please select a new resource name.",
        ),
        {"location": "East US", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
        gateway=True,
    ),
    Row(
        "another location of a registry",
        f"PUT {REGISTRY}/contoso",
        (
            409,
            "InvalidResourceLocation",
            "The resource 'contoso' already exists in location 'westus' in resource group 'g'. A resource with the same name cannot be created in location 'eastus'. Please select a new resource name.",
        ),
        {"location": "eastus", "sku": {"name": "Premium"}, "properties": {}},
        gateway=True,
    ),
    Row(
        "another location of a group",
        "PUT {g}",
        (
            409,
            "InvalidResourceGroupLocation",
            "Invalid resource group location 'eastus'. The Resource group already exists in location 'westus'.",
        ),
        {"location": "eastus"},
        gateway=True,
    ),
    Row(
        "a reference that is no id",
        f"PUT {NETWORK}/virtualNetworks/v/subnets/s",
        (
            400,
            "LinkedInvalidPropertyId",
            "Property id 'n' at path 'properties.networkSecurityGroup.id' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
        ),
        {"properties": {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": "n"}}},
        gateway=True,
    ),
    Row(
        "a reference elsewhere",
        f"PUT {NETWORK}/virtualNetworks/v/subnets/s",
        (
            403,
            "LinkedAuthorizationFailed",
            f"The client has permission to perform action 'Microsoft.Network/networkSecurityGroups/join/action' on scope '{{g}}/{NETWORK}/virtualNetworks/v/subnets/s', however the current tenant '{{t}}' is not authorized to access linked subscription '{OTHER}'.",
        ),
        {
            "properties": {
                "addressPrefix": "10.0.0.0/24",
                "networkSecurityGroup": {
                    "id": f"/subscriptions/{OTHER}/resourceGroups/g/{NETWORK}/networkSecurityGroups/n"
                },
            }
        },
        gateway=True,
    ),
    Row(
        "a group's name of wrong letters",
        "PUT /subscriptions/{s}/resourceGroups/a$b*",
        (
            400,
            "InvalidResourceGroup",
            "The provided resource group name 'a$b*' has these invalid characters: '$*'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'. See https://aka.ms/ResourceGroupNamingRestrictions for more information.",
        ),
        HERE,
        gateway=True,
    ),
    Row(
        "a group's name that ends in a dot",
        "PUT /subscriptions/{s}/resourceGroups/a.",
        (
            400,
            "InvalidResourceGroup",
            "The provided resource group name 'a.' has these invalid characters: '.'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'. See https://aka.ms/ResourceGroupNamingRestrictions for more information.",
        ),
        HERE,
        gateway=True,
    ),
]


@pytest.mark.parametrize("row", FRONT_DOOR, ids=lambda row: row.name)
def test_the_front_door_refuses(lab: Lab, row: Row) -> None:
    hold(lab, row)
