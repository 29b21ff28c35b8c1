"""Service endpoints of subnets: services that a subnet reaches by a way of its own, and where they are.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acrlab.emulator.core.domains import Listing, Shape, ref
from acrlab.emulator.core.http import JSON, NotEmulated, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.core.values import Field, Plain, Scene, Text
from acrlab.emulator.types.location import require_location
from acrlab.emulator.types.region import PLACES

TYPE = "Microsoft.Network/virtualNetworkEndpointServices"
STORAGE, SQL = "Microsoft.Storage", "Microsoft.Sql"
# As listed in test_network_subnet_endpoint_service of
# https://github.com/Azure/azure-cli/tree/dev/src/azure-cli/azure/cli/command_modules/network/tests/latest/recordings
SERVICES = (
    STORAGE,
    SQL,
    "Microsoft.AzureActiveDirectory",
    "Microsoft.AzureCosmosDB",
    "Microsoft.Web",
    "Microsoft.KeyVault",
    "Microsoft.EventHub",
    "Microsoft.ServiceBus",
    "Microsoft.ContainerRegistry",
    "Microsoft.CognitiveServices",
    "Microsoft.CosmosDBManagedInstance",
    "Microsoft.Storage.Global",
)


def locations_of(service: str, region: str) -> list[str]:
    """Return where a subnet in a region reaches a service by its own way.

    Storage is reached in the region and its pair, whatever a caller asks for, and databases of SQL in the region, as
    Azure's first pages about it show.
    Source: https://github.com/Azure/terraform-azurerm-avm-res-network-virtualnetwork/issues/39
    """
    place = PLACES.get(region)
    if service.lower() == STORAGE.lower():
        return [region, *([place.pair] if place and place.pair else [])]
    return [region] if service.lower() == SQL.lower() else ["*"]


@dataclass(frozen=True)
class Service(Plain):
    """A service that has such endpoints. In what words Azure refuses another one is not known."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        text = Text().admit(at, value, scene)
        if text.lower() not in {service.lower() for service in SERVICES}:
            raise NotEmulated(f"{at} of {scene.type} as {text}", supported=", ".join(SERVICES))
        return text


@dataclass(frozen=True)
class ServiceEndpoint(Shape):
    """One service of a subnet; it is as ready as the subnet is."""

    def show(self, value: JSON, scene: Scene) -> JSON:
        service, parent = str(value.get("service", "")), scene.resource.id.parent
        network = scene.state.find(parent) if parent else None
        own = locations_of(service, network.location if network else "")
        fixed = service.lower() == STORAGE.lower() or not value.get("locations")
        shown = {"provisioningState": scene.resource.phase, **super().show(value, scene)}
        return shown | {"locations": own if fixed else value["locations"]}


SERVICE_ENDPOINT = ServiceEndpoint(
    {
        "service": Field(Service()),
        "locations": Field(Listing(Text())),
        "networkIdentifier": Field(ref("Microsoft.Network/publicIPAddresses"), inert=True, since="2024-01-01"),
    },
    ("provisioningState",),
)


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Name the services that have such endpoints; the list is the same in every region."""
    require_location(state, request, words)
    root = f"/subscriptions/{words['subscription']}/providers/{TYPE}"
    return {"value": [{"name": name, "id": f"{root}/{name}", "type": TYPE} for name in SERVICES]}


ROUTES = (
    Route(
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}"
        "/virtualNetworkAvailableEndpointServices",
        listed,
        "https://learn.microsoft.com/rest/api/virtualnetwork/available-endpoint-services/list",
    ),
)
