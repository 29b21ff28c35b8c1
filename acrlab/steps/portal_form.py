"""What the portal's *Create a private endpoint* asks for, and what its last page validates. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from acrlab.azure.arm_id import ArmId, same
from acrlab.azure.cloud import CLOUDS
from acrlab.settings import Settings

if TYPE_CHECKING:
    from acrlab.snapshot.network import Network, Zone

SUB_RESOURCE = "registry"
METHOD = "Connect to an Azure resource in my directory"
TYPE = "Microsoft.ContainerRegistry/registries"
NAME = re.compile(r"[A-Za-z0-9]([\w.-]{0,78}\w)?", re.ASCII)
GROUP = re.compile(r"[\w.()-]{0,89}[\w()-]")


ZONES = [cloud.zone for cloud in CLOUDS]


@dataclass(frozen=True)
class EndpointRequest:
    """The answers to its pages.

    Attributes:
        resource_group: of the endpoint, made when it is not there.
        region: of the network, which is the endpoint's.
        registry, network: ARM ids.
        subnet: its name.
        zone: whether to integrate with a private DNS zone, which lies in the same group.
    """

    resource_group: str
    name: str
    region: str
    registry: str
    network: str
    subnet: str
    sub_resource: str = SUB_RESOURCE
    zone: bool = True

    @classmethod
    def of_lab(cls, settings: Settings, subscription: str) -> EndpointRequest:
        """Fill the pages in with the names of the portal's chapter."""
        own = str(ArmId.of_group(subscription, settings.resource_group))
        group = str(ArmId.of_group(subscription, settings.portal_resource_group))
        return cls(
            resource_group=settings.portal_resource_group,
            name=settings.portal_endpoint_name,
            region=settings.location,
            registry=str(ArmId(own, TYPE, (settings.registry_name,))),
            network=str(ArmId(group, "Microsoft.Network/virtualNetworks", (settings.portal_network_name,))),
            subnet=settings.portal_subnet_name,
        )


class Problem(NamedTuple):
    """What is wrong with an answer.

    Attributes:
        field: of the request.
        told: what is wrong with it, and what to do.
    """

    page: str
    field: str
    told: str


@dataclass(frozen=True)
class RegistryThere:
    """A registry that could be chosen; `regions`: its own and its replicas', each of which needs an address."""

    id: str
    sku: str
    regions: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """What the subscription has to choose from. `groups`: names; `endpoints`: ARM ids of those that are there."""

    groups: tuple[str, ...]
    registries: tuple[RegistryThere, ...]
    networks: tuple[Network, ...]
    zones: tuple[Zone, ...]
    endpoints: tuple[str, ...]

    def network(self, id: str) -> Network | None:
        return next((n for n in self.networks if same(n.id, id)), None)

    def registry(self, id: str) -> RegistryThere | None:
        return next((r for r in self.registries if same(r.id, id)), None)


def pages(request: EndpointRequest, zone_name: str) -> list[dict[str, str]]:
    """Write the answers down in the portal's order: page, setting, value."""
    answers = {
        "Basics": {"Resource group": request.resource_group, "Name": request.name, "Region": request.region},
        "Resource": {
            "Connection method": METHOD,
            "Resource type": TYPE,
            "Resource": _last(request.registry),
            "Target sub-resource": request.sub_resource,
        },
        "Configuration": {
            "Virtual network": _last(request.network),
            "Subnet": request.subnet,
            "Integrate with private DNS zone": "Yes" if request.zone else "No",
            "Private DNS Zone": f"(New) {zone_name}" if request.zone else "none",
        },
    }
    return [
        {"page": page, "setting": setting, "value": value}
        for page, given in answers.items()
        for setting, value in given.items()
    ]


def problems(request: EndpointRequest, there: Surroundings) -> Iterator[Problem]:
    """Validate the answers against what there is, in the order of the pages."""
    yield from (Problem("Basics", *told) for told in _basics(request, there))
    yield from (Problem("Resource", *told) for told in _resource(request, there))
    yield from (Problem("Configuration", *told) for told in _configuration(request, there))


def _basics(request: EndpointRequest, there: Surroundings) -> Iterator[tuple[str, str]]:
    group, name = request.resource_group, request.name
    if not GROUP.fullmatch(group):
        told = f"Resource group {group!r} is not possible: letters, digits, and . _ - ( ), up to 90, no . at the end."
        yield "resource_group", told
    if not NAME.fullmatch(name):
        told = f"Name {name!r} is not possible: a letter or digit first, then letters, digits, . _ -, up to 80."
        yield "name", told
    if any(_in_group(id, group) and same(_last(id), name) for id in there.endpoints):
        yield "name", f"Name {name} is taken in {group}: choose another, or delete that endpoint."
    network = there.network(request.network)
    if network and network.location != request.region:
        told = (
            f"Region {request.region} is not that of {network.name}: choose {network.location}, where the network is."
        )
        yield "region", told


def _resource(request: EndpointRequest, there: Surroundings) -> Iterator[tuple[str, str]]:
    registry = there.registry(request.registry)
    if registry is None:
        yield "registry", f"Resource {_last(request.registry) or 'none'} is not there: choose a registry."
    elif registry.sku != "Premium":
        told = f"Resource {_last(registry.id)} is {registry.sku}: only Premium registries can have private endpoints."
        yield "registry", told
    if request.sub_resource != SUB_RESOURCE:
        told = f"Target sub-resource {request.sub_resource!r} is not offered by registries: it is {SUB_RESOURCE}."
        yield "sub_resource", told


def _configuration(request: EndpointRequest, there: Surroundings) -> Iterator[tuple[str, str]]:
    network = there.network(request.network)
    if network is None:
        told = f"Virtual network {_last(request.network) or 'none'} is not there: create it first, or choose another."
        yield "network", told
        return
    subnet = next((s for s in network.subnets if same(s.name, request.subnet)), None)
    registry = there.registry(request.registry)
    needed = 1 + len(registry.regions) if registry else 2
    if subnet is None:
        yield "subnet", f"Subnet {request.subnet or 'none'} is not part of {network.name}."
    elif subnet.free < needed:
        yield "subnet", f"Subnet {subnet.name} has {subnet.free} free addresses, and the endpoint needs {needed}."
    for zone in there.zones:
        linked = any(same(link.network, network.id) for link in zone.links or ())
        if request.zone and linked and zone.name in ZONES and not _in_group(zone.id, request.resource_group):
            elsewhere = f"{network.name} is linked to a {zone.name} already, in the group {zone.id.split('/')[4]}"
            yield "zone", f"{elsewhere}: a network reads only one of a name. Say No, and write records there."


def _in_group(id: str, group: str) -> bool:
    return same(id.split("/")[4], group)


def _last(id: str) -> str:
    return id.rpartition("/")[2]
