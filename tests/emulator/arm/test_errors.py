"""Every error that the emulated Azure gives, word for word as the service gives it: one row an error.

`{s}`, `{g}` and `{t}` stand for the subscription, the group's id and the tenant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from acrlab.azure.cloud import REGIONS
from acrlab.emulator.arm.authorization import handle_authorized
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.entra import tokens

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
        yield "providers/Microsoft.Compute/virtualMachines/m", {**here, "properties": vm_properties(interface)}
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


def vm_properties(interface: str) -> dict[str, Any]:
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
        "no VM",
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
            "Failed to perform 'write' on resource(s) of type 'virtualNetworks/subnets', because the parent resource '{g}/providers/Microsoft.Network/virtualNetworks/none' could not be found.",
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
            "Failed to perform 'write' on resource(s) of type 'privateDnsZones/A', because the parent resource '{g}/providers/Microsoft.Network/privateDnsZones/none.net' could not be found.",
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
        "a group's name too long",
        f"PUT /subscriptions/{{s}}/resourceGroups/{'x' * 107}",
        (
            400,
            "InvalidResourceGroup",
            f"The provided resource group name '{'x' * 107}' has a length of '107' which exceeds the maximum length of '90'.",
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


# -- Microsoft.Network: every error has `details` ------------------------------------------------------------------------

V4 = "10.0.0.0/24"
SUBNET = f"{NETWORK}/virtualNetworks/v/subnets"
HOLDER = f"/subscriptions/{{s}}/resourceGroups/G/{NETWORK}/networkInterfaces/I/ipConfigurations/ONE"  # in capitals since 2024
IN_S = {"subnet": {"id": f"{{g}}/{SUBNET}/s"}}
OFF = {"privateEndpointNetworkPolicies": "Disabled"}
ASKED = {"privateLinkServiceId": f"{{g}}/{REGISTRY}/contoso", "groupIds": ["registry"]}


def unparsed(code: str, message: str) -> dict[str, Any]:
    return {
        "answer": (400, "InvalidRequestFormat", "Cannot parse the request."),
        "details": [{"code": code, "message": message}],
    }


def net(name: str, ask: str, answer: tuple[int, str, str], body: Any = None) -> Row:
    return Row(name, ask, answer, body, details=[])


def interface(**properties: Any) -> dict[str, Any]:
    return {**HERE, "properties": {"ipConfigurations": [{"name": "one", "properties": {**IN_S, **properties}}]}}


def endpoint(subnet: str = "s", connections: Any = None, **properties: Any) -> dict[str, Any]:
    asked = [{"name": "c", "properties": ASKED}] if connections is None else connections
    place = {"subnet": {"id": f"{{g}}/{SUBNET}/{subnet}"}}
    return {**HERE, "properties": {**place, "privateLinkServiceConnections": asked, **properties}}


def static(member: str, address: str) -> dict[str, Any]:
    return {"name": member, "properties": {"groupId": "registry", "memberName": member, "privateIPAddress": address}}


def space(*prefixes: str, **properties: Any) -> dict[str, Any]:
    return {**HERE, "properties": {"addressSpace": {"addressPrefixes": list(prefixes)}, **properties}}


NAME_RULE = (
    "The name can be up to 80 characters long. It must begin with a word character, and it must end with a word character "
    "or with '_'. The name may contain word characters or '.', '-', '_'."
)
NETWORK_ROWS = [
    *(
        net(
            f"a name of the wrong form: {kind} {name}",
            f"PUT {NETWORK}/{kind}/{name}",
            (400, "InvalidResourceName", f"Resource name {name.rpartition('/')[2]} is invalid. {NAME_RULE}"),
            HERE,
        )
        for kind, name in (
            ("networkSecurityGroups", "..x"),
            ("networkSecurityGroups", "<b>"),
            ("networkSecurityGroups/n/securityRules", "a b"),
            ("networkInterfaces", "-x"),
            ("publicIPAddresses", "x-"),
            ("virtualNetworks/v/subnets", "x."),
            ("privateEndpoints", "_x"),
            ("privateDnsZones/z.net/virtualNetworkLinks", "a$"),
        )
    ),
    net(
        "a label that is no DNS name",
        f"PUT {NETWORK}/publicIPAddresses/x",
        (
            400,
            "InvalidDomainNameLabel",
            "The domain name label A-B is invalid. It must conform to the following regular expression: ^[a-z][a-z0-9-]{1,61}[a-z0-9]$.",
        ),
        {**HERE, "properties": {"dnsSettings": {"domainNameLabel": "A-B"}}},
    ),
    net("no subnet in a network", f"GET {SUBNET}/none", (404, "NotFound", f"Resource {{g}}/{SUBNET}/none not found.")),
    net(
        "a name too long",
        f"PUT {NETWORK}/networkInterfaces/{'x' * 81}",
        (400, "InvalidResourceName", f"Resource name {'x' * 81} is invalid. {NAME_RULE}"),
        interface(),
    ),
    Row(
        "no choice",
        f"PUT {NETWORK}/publicIPAddresses/x",
        body={**HERE, "properties": {"publicIPAllocationMethod": "Never"}},
        **unparsed(
            "InvalidJson",
            "Error converting value \"Never\" to type 'PublicIPAllocationMethod'. Path 'properties.publicIPAllocationMethod'.",
        ),
    ),
    Row(
        "no flag",
        f"PUT {NETWORK}/networkInterfaces/x",
        body={**HERE, "properties": {**interface()["properties"], "enableIPForwarding": "no"}},
        **unparsed(
            "InvalidJson",
            "Error converting value \"no\" to type 'System.Boolean'. Path 'properties.enableIPForwarding'.",
        ),
    ),
    Row(
        "no list",
        f"PUT {NETWORK}/virtualNetworks/x",
        body=space("10.0.0.0/16", subnets="s"),
        **unparsed(
            "InvalidJson",
            "Error converting value \"s\" to type 'System.Collections.Generic.List`1'. Path 'properties.subnets'.",
        ),
    ),
    Row(
        "something required",
        f"PUT {NETWORK}/privateEndpoints/x",
        body={**HERE, "properties": {"privateLinkServiceConnections": []}},
        **unparsed("InvalidJson", "Required property 'subnet' not found in JSON. Path 'properties'."),
    ),
    Row(
        "a reference without an id",
        f"PUT {NETWORK}/networkInterfaces/x",
        body={**HERE, "properties": {"ipConfigurations": [{"name": "one", "properties": {"subnet": {}}}]}},
        **unparsed(
            "MissingJsonReferenceId",
            "Value for reference id is missing. Path properties.ipConfigurations[0].properties.subnet.",
        ),
    ),
    Row(
        "a reference to another type",
        f"PUT {SUBNET}/s",
        body={
            "properties": {"addressPrefix": V4, "networkSecurityGroup": {"id": f"{{g}}/{NETWORK}/publicIPAddresses/p"}}
        },
        **unparsed(
            "InvalidJsonReferenceWrongType",
            f"Reference Id {{g}}/{NETWORK}/publicIPAddresses/p is referencing resource of a wrong type. The Id is expected to reference resources of types networkSecurityGroups. Path properties.networkSecurityGroup.",
        ),
    ),
    Row(
        "two of a name",
        f"PUT {NETWORK}/virtualNetworks/x",
        body=space(
            "10.0.0.0/16",
            subnets=[
                {"name": "a", "properties": {"addressPrefix": V4}},
                {"name": "A", "properties": {"addressPrefix": "10.0.1.0/24"}},
            ],
        ),
        **unparsed(
            "DuplicateResourceName",
            f"Resource {{g}}/{NETWORK}/virtualNetworks/x has two child resources with the same name (A).",
        ),
    ),
    net(
        "no prefix",
        f"PUT {SUBNET}/x",
        (
            400,
            "InvalidAddressPrefixFormat",
            f"Address prefix 10.0.4.0 24 of resource {{g}}/{SUBNET}/x is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.",
        ),
        {"properties": {"addressPrefix": "10.0.4.0 24"}},
    ),
    net(
        "a subnet outside its network",
        f"PUT {SUBNET}/x",
        (400, "NetcfgInvalidSubnet", "Subnet 'x' is not valid in virtual network 'v'."),
        {"properties": {"addressPrefix": "10.9.0.0/24"}},
    ),
    net(
        "a subnet over another",
        f"PUT {SUBNET}/x",
        (
            400,
            "NetcfgSubnetRangesOverlap",
            "Subnet 'x' is not valid because its IP address range overlaps with that of an existing subnet in virtual network 'v'.",
        ),
        {"properties": {"addressPrefix": "10.0.0.128/25"}},
    ),
    net(
        "a subnet in use",
        f"DELETE {SUBNET}/s",
        (
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet s is in use by {HOLDER} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.",
        ),
    ),
    net(
        "a network in use",
        f"DELETE {NETWORK}/virtualNetworks/v",
        (
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet s is in use by {HOLDER} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.",
        ),
    ),
    net(
        "an interface in use",
        f"DELETE {NETWORK}/networkInterfaces/i",
        (
            400,
            "NicInUse",
            f"Network Interface {{g}}/{NETWORK}/networkInterfaces/i is used by existing resource {{g}}/providers/Microsoft.Compute/virtualMachines/m. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.",
        ),
    ),
    net(
        "a security group in use",
        f"DELETE {NETWORK}/networkSecurityGroups/n",
        (
            400,
            "InUseNetworkSecurityGroupCannotBeDeleted",
            f"Network security group {{g}}/{NETWORK}/networkSecurityGroups/n cannot be deleted because it is in use by the following resources: {{g}}/{NETWORK}/networkInterfaces/i. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.",
        ),
    ),
    net(
        "a public address in use",
        f"DELETE {NETWORK}/publicIPAddresses/p",
        (
            400,
            "PublicIPAddressCannotBeDeleted",
            f"Public IP address {{g}}/{NETWORK}/publicIPAddresses/p can not be deleted since it is still allocated to resource {{g}}/{NETWORK}/networkInterfaces/i/ipConfigurations/one. In order to delete the public IP, disassociate/detach the Public IP address from the resource.  To learn how to do this, see aka.ms/deletepublicip.",
        ),
    ),
    net(
        "a subnet that is not there",
        f"PUT {NETWORK}/networkInterfaces/x",
        (
            400,
            "InvalidResourceReference",
            f"Resource {{g}}/{SUBNET}/none referenced by resource {{g}}/{NETWORK}/networkInterfaces/x was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.",
        ),
        interface(subnet={"id": f"{{g}}/{SUBNET}/none"}),
    ),
    net(
        "an address outside its subnet",
        f"PUT {NETWORK}/networkInterfaces/x",
        (
            400,
            "PrivateIPAddressNotInSubnet",
            "Private static IP address 10.9.0.9 does not belong to the range of subnet prefix 10.0.0.0/24.",
        ),
        interface(privateIPAllocationMethod="Static", privateIPAddress="10.9.0.9"),
    ),
    net(
        "an address of another",
        f"PUT {NETWORK}/networkInterfaces/x",
        (
            400,
            "PrivateIPAddressIsAllocated",
            f"IP configuration {{g}}/{NETWORK}/networkInterfaces/x/ipConfigurations/one is using the private IP address 10.0.0.4 which is already allocated to resource {HOLDER}.",
        ),
        interface(privateIPAllocationMethod="Static", privateIPAddress="10.0.0.4"),
    ),
    net(
        "an endpoint where policies are on",
        f"PUT {NETWORK}/privateEndpoints/x",
        (
            400,
            "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled",
            f"Private endpoint {{g}}/{NETWORK}/privateEndpoints/x cannot be created in a subnet {{g}}/{SUBNET}/closed since it has private endpoint network policies enabled.",
        ),
        endpoint("closed"),
    ),
    net(
        "an endpoint that asks for no group",
        f"PUT {NETWORK}/privateEndpoints/x",
        (
            400,
            "MissingParameterOnPrivateLinkServiceConnection",
            f"Private link service connection {{g}}/{NETWORK}/privateEndpoints/x/privateLinkServiceConnections/c is missing required parameter 'group Id'.",
        ),
        endpoint(connections=[{"name": "c", "properties": {**ASKED, "groupIds": []}}]),
    ),
    net(
        "an endpoint with an address for one member only",
        f"PUT {NETWORK}/privateEndpoints/x",
        (
            400,
            "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
            f"Private Endpoint {{g}}/{NETWORK}/privateEndpoints/x contains static ipconfigurations: [PrivateIPAddress: 10.0.0.50, GroupId: registry, MemberName: registry] and its missing these membernames/groupids requested by Private Link service [GroupId: registry, MemberName: registry_data_westus]. Private Endpoint needs to be reconfigured with missing memberNames.",
        ),
        endpoint(ipConfigurations=[static("registry", "10.0.0.50")]),
    ),
    net(
        "an endpoint with an address outside",
        f"PUT {NETWORK}/privateEndpoints/x",
        (
            400,
            "PrivateIPAddressNotInSubnet",
            "Private static IP address 10.9.0.9 does not belong to the range of subnet prefix 10.0.0.0/24.",
        ),
        endpoint(ipConfigurations=[static("registry", "10.9.0.9"), static("registry_data_westus", "10.0.0.51")]),
    ),
    net(
        "an endpoint's interface",
        f"DELETE {NETWORK}/networkInterfaces/{{e}}",
        (
            400,
            "NicInUseWithPrivateEndpoint",
            f"Network interface {{g}}/{NETWORK}/networkInterfaces/{{e}} cannot be deleted because it is currently in use with an private endpoint ({{g}}/{NETWORK}/privateEndpoints/e).",
        ),
    ),
    net(
        "a condition that does not hold",
        f"PUT {NETWORK}/virtualNetworks/v",
        (412, "PreconditionFailed", "The resource v has been modified (etag mismatch)."),
        space("10.0.0.0/16"),
    ),
]


@pytest.mark.parametrize("row", NETWORK_ROWS, ids=lambda row: row.name)
def test_the_network_service_refuses(lab: Lab, row: Row) -> None:
    made = next(lab.world.of_type("Microsoft.Network/networkInterfaces", under=lab.group)).id.name
    row = replace(row, ask=row.ask.replace("{e}", made), answer=(*row.answer[:2], row.answer[2].replace("{e}", made)))
    hold(lab, replace(row, headers={"if_match": "none"}) if row.answer[0] == 412 else row)


# -- Microsoft.ContainerRegistry: every error says `Failed` --------------------------------------------------------------


def reg(name: str, ask: str, answer: tuple[int, str, str], body: Any = None) -> Row:
    return Row(name, ask, answer, body, beside=FAILED)


def registry(sku: str = "Premium", **properties: Any) -> dict[str, Any]:
    return {**HERE, "sku": {"name": sku}, "properties": properties}


CREDENTIALS = "Cannot perform credential operations for {g}/providers/Microsoft.ContainerRegistry/registries/contoso as admin user is disabled. Kindly enable admin user as per docs: https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account"
REGISTRY_ROWS = [
    reg(
        "a name that is taken",
        f"PUT /subscriptions/{{s}}/resourceGroups/other/{REGISTRY}/contoso",
        (
            409,
            "AlreadyInUse",
            "The registry DNS name contoso.azurecr.io is already in use. You can check if the name is already claimed using following API: https://docs.microsoft.com/en-us/rest/api/containerregistry/registries/checknameavailability",
        ),
        registry(),
    ),
    reg(
        "a name that is none",
        f"PUT {REGISTRY}/a-b",
        (
            400,
            "InvalidResourceName",
            "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters.",
        ),
        registry(),
    ),
    reg(
        "rules without Premium",
        f"PUT {REGISTRY}/basic",
        (
            400,
            "NetworkRuleNotSupported",
            "The requested feature virtual network rule is not supported for the SKU Basic.",
        ),
        registry("Basic", networkRuleSet={"defaultAction": "Deny"}),
    ),
    reg(
        "rules without Premium, patched in",
        f"PATCH {REGISTRY}/basic",
        (
            400,
            "NetworkRuleNotSupported",
            "The requested feature virtual network rule is not supported for the SKU Basic.",
        ),
        {"properties": {"networkRuleSet": {"defaultAction": "Deny"}}},
    ),
    reg(
        "closed without Premium",
        f"PATCH {REGISTRY}/basic",
        (
            400,
            "DisablingPublicNetworkAccessNotSupported",
            "Disabling public network access is not supported for the SKU Basic. For more information, please visit https://aka.ms/acr/private-link.",
        ),
        {"properties": {"publicNetworkAccess": "Disabled"}},
    ),
    reg(
        "credentials of nobody",
        f"POST {REGISTRY}/contoso/listCredentials",
        (400, "UnAuthorizedForCredentialOperations", CREDENTIALS),
    ),
    reg(
        "new credentials of nobody",
        f"POST {REGISTRY}/contoso/regenerateCredential",
        (400, "UnAuthorizedForCredentialOperations", CREDENTIALS),
        {"name": "password"},
    ),
    reg(
        "no connection",
        f"GET {REGISTRY}/contoso/privateEndpointConnections/none",
        (404, "ResourceNotFound", "The resource none could not be found."),
    ),
    reg(
        "no connection to decide about",
        f"PUT {REGISTRY}/contoso/privateEndpointConnections/none",
        (404, "ResourceNotFound", "The resource none could not be found."),
        {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}},
    ),
    reg(
        "no flag",
        f"PATCH {REGISTRY}/contoso",
        unreadable("Error converting value \"yes\" to type 'System.Boolean'. Path 'properties.adminUserEnabled'."),
        {"properties": {"adminUserEnabled": "yes"}},
    ),
    Row(
        "no such sku",
        f"PUT {REGISTRY}/fresh",
        unreadable("Error converting value \"Gold\" to type 'Name'. Path 'sku.name'."),
        registry("Gold"),
        gateway=True,
    ),
    Row(
        "no sku",
        f"PUT {REGISTRY}/fresh",
        unreadable("Required property 'sku' not found in JSON. Path ''."),
        {**HERE, "properties": {}},
        gateway=True,
    ),
]


@pytest.mark.parametrize("row", REGISTRY_ROWS, ids=lambda row: row.name)
def test_the_registry_service_refuses(lab: Lab, row: Row) -> None:
    lab.ask("PUT", f"/subscriptions/{lab.subscription}/resourceGroups/other", HERE)

    hold(lab, row)


# -- Microsoft.Compute: an error may name its target ---------------------------------------------------------------------

VM = "providers/Microsoft.Compute/virtualMachines"


def vm(**changed: Any) -> dict[str, Any]:
    return {**HERE, "properties": vm_properties(f"{{g}}/{NETWORK}/networkInterfaces/i") | changed}


def image(sku: str) -> dict[str, Any]:
    reference = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": sku, "version": "latest"}
    return {"imageReference": reference, "osDisk": {"createOption": "FromImage"}}


HOST_NAME_RULE = (
    "Linux host name cannot exceed 64 characters in length or contain the following characters: "
    "` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : ' \" , < > / ?."
)
COMPUTE_ROWS = [
    Row(
        "no such image",
        f"PUT {VM}/x",
        (
            404,
            "PlatformImageNotFound",
            "The platform image 'Canonical:UbuntuServer:22_04-lts:latest' is not available. Verify that all fields in the storage profile are correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile",
        ),
        vm(storageProfile=image("22_04-lts")),
        target="imageReference",
    ),
    Row(
        "another image",
        f"PUT {VM}/m",
        (409, "PropertyChangeNotAllowed", "Changing property 'imageReference' is not allowed."),
        vm(storageProfile=image("18.04-LTS")),
        target="imageReference",
    ),
    Row(
        "a name too long",
        f"PUT {VM}/{'x' * 81}",
        (
            400,
            "InvalidParameter",
            r"The entity name 'vmName' is invalid according to its validation rule: ^[^_\W][\w\-._]{0,79}(?<![-.])$.",
        ),
        vm(),
        target="vmName",
    ),
    Row(
        "a name that is no host name",
        f"PUT {VM}/{'x' * 65}",
        (400, "InvalidParameter", HOST_NAME_RULE),
        {**HERE, "properties": {k: v for k, v in vm_properties("i").items() if k != "osProfile"}},
        target="linuxConfiguration",
    ),
    Row(
        "a host name with an underscore",
        f"PUT {VM}/x",
        (400, "InvalidParameter", HOST_NAME_RULE),
        vm(osProfile={**vm_properties("i")["osProfile"], "computerName": "a_b"}),
        target="linuxConfiguration",
    ),
    Row(
        "a disk's name that ends in a dot",
        "PUT providers/Microsoft.Compute/disks/x.",
        (
            400,
            "InvalidParameter",
            r"The entity name 'diskName' is invalid according to its validation rule: ^[^_\W][\w\-._]{0,79}(?<![-.])$.",
        ),
        {**HERE, "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}},
        target="diskName",
    ),
    Row(
        "no interface",
        f"PUT {VM}/x",
        (400, "InvalidParameter", "Required parameter 'networkProfile' is missing (null)."),
        {**HERE, "properties": {k: v for k, v in vm_properties("i").items() if k != "networkProfile"}},
        target="networkProfile",
    ),
    Row(
        "no log-in",
        f"PUT {VM}/x",
        (400, "InvalidParameter", "Required parameter 'osProfile' is missing (null)."),
        vm(osProfile=None),
        target="osProfile",
    ),
    Row(
        "a name that is kept",
        f"PUT {VM}/x",
        (400, "InvalidParameter", "The Admin Username specified is not allowed."),
        vm(osProfile={"computerName": "x", "adminUsername": "root", "adminPassword": "Kept 2 itself"}),
        target="adminUsername",
    ),
    Row(
        "no such region",
        "GET /subscriptions/{s}/providers/Microsoft.Compute/locations/mars/publishers",
        (
            400,
            "NoRegisteredProviderFound",
            f"No registered resource provider found for location 'mars' and API version '2024-05-01' for type 'locations/publishers'. The supported locations are '{', '.join(REGIONS)}'.",
        ),
        gateway=True,
    ),
    Row(
        "no such publisher",
        "GET /subscriptions/{s}/providers/Microsoft.Compute/locations/westus/publishers/fooBAR/artifacttypes/vmimage/offers",
        (404, "NotFound", "Publisher: fooBAR was not found."),
    ),
]


@pytest.mark.parametrize("row", COMPUTE_ROWS, ids=lambda row: row.name)
def test_compute_refuses(lab: Lab, row: Row) -> None:
    hold(lab, row)


# -- private DNS: record sets without `error` around it ------------------------------------------------------------------

ZONE = f"{NETWORK}/{DNS}/z.net"


def bare(name: str, ask: str, answer: tuple[int, str, str], body: Any = None, **headers: str) -> Row:
    return Row(name, ask, answer, body, wrapped=False, headers=headers)


DNS_ROWS = [
    bare(
        "no record",
        f"GET {ZONE}/A/none",
        (404, "NotFound", "The resource record 'none' does not exist in resource group 'g' of subscription '{s}'."),
    ),
    bare(
        "a record that is there",
        f"PUT {ZONE}/A/r",
        (412, "PreconditionFailed", "The Record set r exists already and hence cannot be created again."),
        {"properties": {"ttl": 9}},
        if_none_match="*",
    ),
    bare(
        "another's record",
        f"PUT {ZONE}/A/r",
        (412, "PreconditionFailed", "The Record set r has been modified (etag mismatch)."),
        {"properties": {"ttl": 9}},
        if_match="another",
    ),
    bare(
        "another's record, patched",
        f"PATCH {ZONE}/A/r",
        (412, "PreconditionFailed", "The Record set r has been modified (etag mismatch)."),
        {"properties": {"ttl": 9}},
        if_match="another",
    ),
    bare(
        "another's record, deleted",
        f"DELETE {ZONE}/A/r",
        (412, "PreconditionFailed", "The Record set r has been modified (etag mismatch)."),
        None,
        if_match="another",
    ),
    bare(
        "no whole number",
        f"PUT {ZONE}/A/r",
        (400, "BadRequest", "Error converting value \"9\" to type 'System.Int32'. Path 'properties.ttl'."),
        {"properties": {"ttl": "9"}},
    ),
    bare(
        "no record's name",
        f"PUT {ZONE}/A/a..b",
        (400, "BadRequest", "The name 'a..b' is not valid."),
        {"properties": {"ttl": 9}},
    ),
    Row(
        "a zone with a link",
        f"DELETE {ZONE}",
        (
            409,
            "CannotDeleteResource",
            "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: 'Microsoft.Network/privateDnsZones/z.net/virtualNetworkLinks/l'. Please delete all nested resources before deleting this resource.",
        ),
        gateway=True,
    ),
    Row(
        "no link",
        f"GET {ZONE}/virtualNetworkLinks/none",
        missing("Microsoft.Network/privateDnsZones/z.net/virtualNetworkLinks/none"),
        gateway=True,
    ),
    Row(
        "no zone", f"GET {NETWORK}/{DNS}/none.net", missing("Microsoft.Network/privateDnsZones/none.net"), gateway=True
    ),
]


@pytest.mark.parametrize("row", DNS_ROWS, ids=lambda row: row.name)
def test_private_dns_refuses(lab: Lab, row: Row) -> None:
    hold(lab, row)


def test_a_link_that_somebody_else_changed_fails_late(lab: Lab) -> None:
    link = {"registrationEnabled": True, "virtualNetwork": {"id": f"{lab.group}/{NETWORK}/virtualNetworks/v"}}
    body = {"location": "global", "properties": link}

    started = lab.ask("PUT", f"{lab.group}/{ZONE}/virtualNetworkLinks/l", body, if_match="another")
    lab.world.advance_to(lab.world.now + 1000)
    ended = lab.ask("GET", started.headers["Azure-AsyncOperation"].removeprefix(ORIGIN).partition("?")[0])

    assert (started.status, started.body, ended.status) == (202, {}, 200)
    assert ended.body == {
        "error": {
            "code": "PreconditionFailed",
            "message": "The Virtual Network link 'l' for the Private DNS zone 'z.net' has been modified (etag mismatch).",
        },
        "status": "Failed",
    }


# -- Microsoft.Authorization and registration ----------------------------------------------------------------------------

ROLE = "/subscriptions/{s}/providers/Microsoft.Authorization/roleDefinitions"
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
STRANGER = "27e3fe0a-0000-4000-8000-4666831b100b"
ASSIGN = f"PUT {REGISTRY}/contoso/providers/Microsoft.Authorization/roleAssignments/{OTHER}"
RIGHTS_ROWS = [
    Row(
        "nobody",
        ASSIGN,
        (
            400,
            "PrincipalNotFound",
            "Principal 27e3fe0a0000400080004666831b100b does not exist in the directory {t}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
        ),
        {"properties": {"roleDefinitionId": f"{ROLE}/{PULL}", "principalId": STRANGER}},
    ),
    Row(
        "no role",
        ASSIGN,
        (404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{OTHER}' does not exist."),
        {"properties": {"roleDefinitionId": f"{ROLE}/{OTHER}", "principalId": STRANGER}},
    ),
]


@pytest.mark.parametrize("row", RIGHTS_ROWS, ids=lambda row: row.name)
def test_authorization_refuses(lab: Lab, row: Row) -> None:
    hold(lab, row)


def test_a_right_is_given_once(lab: Lab) -> None:
    body = {
        "properties": {
            "roleDefinitionId": lab.filled(f"{ROLE}/{PULL}"),
            "principalId": lab.world.derive("principal", "learner"),
        }
    }
    path = f"{lab.group}/{REGISTRY}/contoso/providers/Microsoft.Authorization/roleAssignments"
    assert lab.ask("PUT", f"{path}/{OTHER}", body, version="2022-04-01").status == 201

    again = Row(
        "again", f"PUT {path}/{STRANGER}", (409, "RoleAssignmentExists", "The role assignment already exists."), body
    )

    hold(lab, again)


def test_a_provider_that_is_not_registered_is_named_twice(lab: Lab) -> None:
    lab.world.set_setting("providers", "fresh")
    message = "The subscription is not registered to use namespace 'Microsoft.Network'. See https://aka.ms/rps-not-found for how to register subscriptions."
    detail = {"code": "MissingSubscriptionRegistration", "target": "Microsoft.Network", "message": message}

    hold(
        lab,
        Row(
            "new",
            f"PUT {NETWORK}/virtualNetworks/x",
            (409, "MissingSubscriptionRegistration", message),
            space("10.0.0.0/16"),
            details=[detail],
            gateway=True,
        ),
    )


# -- while something else is at work -------------------------------------------------------------------------------------


def start(lab: Lab, method: str, path: str, body: Any = None) -> str:
    """Begin an operation and leave it running. Returns: where its status is asked for."""
    sent = json.loads(lab.filled(json.dumps(body))) if body is not None else None
    answer = lab.ask(method, f"{lab.group}/{path}".rstrip("/"), sent)
    assert answer.status < 300, answer.body
    return answer.headers.get("Azure-AsyncOperation") or answer.headers.get("Location", "")


BUSY = "Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: "


@pytest.mark.parametrize(
    ("running", "refused"),
    [
        ((f"PUT {SUBNET}/x", {"properties": {"addressPrefix": "10.0.7.0/24"}}), (f"PUT {SUBNET}/y", {"properties": {"addressPrefix": "10.0.8.0/24"}})),
        ((f"PUT {SUBNET}/x", {"properties": {"addressPrefix": "10.0.7.0/24"}}), (f"PUT {NETWORK}/virtualNetworks/v", space("10.0.0.0/16"))),
        ((f"PUT {NETWORK}/virtualNetworks/v", space("10.0.0.0/16", "10.9.0.0/16")), (f"DELETE {SUBNET}/closed", None)),
        ((f"DELETE {SUBNET}/closed", None), (f"PUT {SUBNET}/closed", {"properties": {"addressPrefix": "10.0.1.0/24"}})),
        ((f"DELETE {NETWORK}/privateEndpoints/e", None), (f"PUT {NETWORK}/privateEndpoints/e", endpoint())),
    ],
    ids=["two subnets", "a subnet and its network", "a network and its subnet", "a subnet that goes", "an endpoint that goes"],
)  # fmt: skip
def test_a_network_takes_one_operation_at_a_time(lab: Lab, running: tuple[str, Any], refused: tuple[str, Any]) -> None:
    method, _, path = running[0].partition(" ")
    address = start(lab, method, path, running[1])

    hold(lab, net("busy", refused[0], (409, "AnotherOperationInProgress", f"{BUSY}{address}."), refused[1]))


def test_what_is_still_being_written_can_be_written_again(lab: Lab) -> None:
    start(lab, "PUT", f"{SUBNET}/x", {"properties": {"addressPrefix": "10.0.7.0/24"}})

    start(lab, "PUT", f"{SUBNET}/x", {"properties": {"addressPrefix": "10.0.9.0/24"}})

    lab.world.advance_to(lab.world.now + 100)
    assert lab.ask("GET", f"{lab.group}/{SUBNET}/x").body["properties"]["addressPrefix"] == "10.0.9.0/24"


def test_a_vm_runs_one_script_at_a_time(lab: Lab) -> None:
    script = {"commandId": "RunShellScript", "script": ["true"]}
    start(lab, "POST", f"{VM}/m/runCommand", script)

    message = (
        "Run command extension execution is in progress. Please wait for completion before invoking a run command."
    )
    hold(lab, Row("busy", f"POST {VM}/m/RUNCOMMAND", (409, "Conflict", message), script))


@pytest.mark.parametrize(("ask", "word"), [(f"PUT {VM}/m", "Update VM"), (f"POST {VM}/m/start", "start")])
def test_a_vm_that_goes_takes_nothing_more(lab: Lab, ask: str, word: str) -> None:
    start(lab, "DELETE", f"{VM}/m")

    message = f"Operation '{word}' is not allowed on VM 'm' since the VM is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)."
    hold(lab, Row("going", ask, (409, "OperationNotAllowed", message), vm() if word == "Update VM" else None))


def test_a_vm_that_goes_can_be_deleted_again(lab: Lab) -> None:
    start(lab, "DELETE", f"{VM}/m")

    start(lab, "DELETE", f"{VM}/m")

    lab.world.advance_to(lab.world.now + 1000)
    assert lab.ask("GET", f"{lab.group}/{VM}/m").status == 404


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        ("PUT {g}", HERE),
        (f"PUT {NETWORK}/virtualNetworks/new", space("10.0.0.0/16")),
        (f"POST {REGISTRY}/contoso/listCredentials", None),
    ],
    ids=["the group", "something in it", "an action in it"],
)
def test_a_group_that_goes_takes_nothing_more(lab: Lab, ask: str, body: Any) -> None:
    start(lab, "DELETE", "")

    message = "The resource group 'g' is in deprovisioning state and cannot perform this operation."
    hold(lab, Row("going", ask, (409, "ResourceGroupBeingDeleted", message), body, gateway=True))


def test_a_zone_that_goes_takes_no_record(lab: Lab) -> None:
    start(lab, "DELETE", f"{ZONE}/virtualNetworkLinks/l")
    lab.world.advance_to(lab.world.now + 1000)
    start(lab, "DELETE", ZONE)

    answer = lab.ask("PUT", f"{lab.group}/{ZONE}/A/new", {"properties": {"ttl": 9}})

    assert (answer.status, answer.body["code"]) == (409, "Conflict")


# -- who may ask ---------------------------------------------------------------------------------------------------------


def at_the_desk(lab: Lab, path: str, token: str) -> Response:
    """Ask Resource Manager as somebody who comes over the network."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return handle_authorized(
        lab.world,
        lab.azure.manager,
        Request("GET", "management.azure.com", path, {"api-version": "2024-05-01"}, headers, b"", ORIGIN),
    )


def test_a_caller_without_a_token_is_told_so(lab: Lab) -> None:
    answer = at_the_desk(lab, lab.group, "")

    assert (answer.status, answer.headers["x-ms-failure-cause"]) == (401, "gateway")
    assert answer.body == {
        "error": {
            "code": "AuthenticationFailed",
            "message": "Authentication failed. The 'Authorization' header is missing.",
        }
    }
    assert answer.headers["WWW-Authenticate"].startswith('Bearer authorization_uri="https://login.windows.net/')


def test_a_token_that_is_none_is_invalid(lab: Lab) -> None:
    answer = at_the_desk(lab, lab.group, "nonsense")

    assert answer.status == 401
    assert answer.body == {"error": {"code": "InvalidAuthenticationToken", "message": "The access token is invalid."}}


def test_a_token_for_another_service_is_for_the_wrong_audience(lab: Lab) -> None:
    token = tokens.issue(lab.world, tokens.learner(lab.world), "https://vault.azure.net")

    answer = at_the_desk(lab, lab.group, token)

    assert answer.status == 401
    assert answer.body == {
        "error": {
            "code": "InvalidAuthenticationTokenAudience",
            "message": "The access token has been obtained for wrong audience or resource 'https://vault.azure.net'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
        }
    }


def test_a_stranger_is_told_what_they_may_not_do(lab: Lab) -> None:
    token = tokens.issue(lab.world, STRANGER, ORIGIN)

    answer = at_the_desk(lab, f"{lab.group}/{REGISTRY}/contoso", token)

    assert answer.status == 403
    assert answer.body == {
        "error": {
            "code": "AuthorizationFailed",
            "message": f"The client '{STRANGER}' with object id '{STRANGER}' does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/read' over scope '{lab.group}/{REGISTRY}/contoso' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        }
    }


def test_what_is_locked_says_where(lab: Lab) -> None:
    lock = f"{lab.group}/{REGISTRY}/contoso/providers/Microsoft.Authorization/locks/keep"
    assert lab.ask("PUT", lock, {"properties": {"level": "CanNotDelete"}}, version="2020-05-01").status < 300
    message = f"The scope '{{g}}/{REGISTRY}/contoso' cannot perform delete operation because following scope(s) are locked: '{{g}}/{REGISTRY}/contoso'. Please remove the lock and try again."

    hold(lab, Row("locked", f"DELETE {REGISTRY}/contoso", (409, "ScopeLocked", message), gateway=True))
