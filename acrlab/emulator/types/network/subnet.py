"""Microsoft.Network/virtualNetworks/subnets: address ranges, and who holds which address."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterator

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.domains import Listing, Only, Unsaid, ref
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.nearness import references_are_near
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Field, Flag, Prefix, Scene, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.part import not_found
from acrlab.emulator.types.network.service_endpoint import SERVICE_ENDPOINT
from acrlab.emulator.types.network.subnet_service import (
    DELEGATIONS,
    association_of,
    associations,
    delegates_to_known_services,
    dns_endpoints,
    keeps_needed_delegation,
    services_of,
)
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE

SUBNET_TYPE = "Microsoft.Network/virtualNetworks/subnets"
INTERFACE_TYPE = "Microsoft.Network/networkInterfaces"
ENDPOINT_TYPE = "Microsoft.Network/privateEndpoints"
POOL_TYPE = "Microsoft.ContainerService/managedClusters/agentPools"
KEPT_FIRST, KEPT_LAST = 4, 1  # Azure keeps five addresses of every subnet: network, gateway, two for DNS, broadcast


def prefix_of(subnet: Resource) -> ipaddress.IPv4Network:
    prefixes = subnet.properties.get("addressPrefixes") or [subnet.properties["addressPrefix"]]
    return ipaddress.IPv4Network(prefixes[0])


def held_addresses(state: State, subnet: Resource) -> Iterator[tuple[str, str]]:
    """Every address in use in a subnet with the id of the ip configuration that holds it."""
    holders = state.referrers(subnet.id, INTERFACE_TYPE, POOL_TYPE)
    for interface in (one for one in holders if one.id.type == INTERFACE_TYPE):
        for configuration in interface.properties["ipConfigurations"]:
            properties = configuration["properties"]
            if properties.get("subnet", {}).get("id", "").lower() == subnet.id.key:
                yield properties["privateIPAddress"], _configuration_id(interface, configuration["name"])
    for pool in (one for one in holders if one.id.type == POOL_TYPE):
        yield from ((node["address"], node["configuration"]) for node in pool.state["nodes"])


def _configuration_id(interface: Resource, name: str) -> str:
    """The id that the subnet shows and refuses with; group, interface and name come back in capitals (since 2024)."""
    group = ArmId.of_group(interface.id.subscription, (interface.id.group or "").upper())
    return f"{group}/providers/{INTERFACE_TYPE}/{interface.id.name.upper()}/ipConfigurations/{name.upper()}"


def address_is_outside(subnet: Resource, address: str) -> ArmError:
    """The refusal of an address that was asked for by name and lies elsewhere."""
    message = f"Private static IP address {address} does not belong to the range of subnet prefix {prefix_of(subnet)}."
    return ArmError(400, "PrivateIPAddressNotInSubnet", message, details=[])


def address_is_taken(configuration: str, address: str, holder: str) -> ArmError:
    """The refusal of an address that is taken. `configuration`, `holder`: ids of ip configurations."""
    message = (
        f"IP configuration {configuration} is using the private IP address {address} which is already allocated to "
        f"resource {holder}."
    )
    return ArmError(400, "PrivateIPAddressIsAllocated", message, details=[])


def free_addresses(state: State, subnet: Resource, count: int) -> list[str]:
    """The lowest addresses that can still be had in a subnet, at most so many."""
    prefix, taken = prefix_of(subnet), state.addresses_in(subnet.id)
    first = int(prefix.network_address)
    usable = range(first + KEPT_FIRST, first + prefix.num_addresses - KEPT_LAST)
    free = itertools.islice((number for number in usable if number not in taken), count)
    return [str(ipaddress.IPv4Address(number)) for number in free]


def next_addresses(state: State, subnet: Resource, count: int) -> list[str]:
    """The lowest free addresses. Raises: ArmError: the subnet has no room for `count` more."""
    found = free_addresses(state, subnet, count)
    if len(found) < count:
        prefix = prefix_of(subnet)
        message = (
            f"Subnet {subnet.id} with address prefix {prefix} does not have enough capacity for {count} IP addresses."
        )
        raise ArmError(400, "SubnetIsFull", message, details=[])
    return found


def serves_registries(subnet: Resource) -> bool:
    """Tell whether traffic to registries leaves a subnet by a service endpoint, and so with private addresses."""
    services = (s.get("service", "") for s in subnet.properties.get("serviceEndpoints") or ())
    return any(service.lower() == "microsoft.containerregistry" for service in services)


def has_a_range(state: State, subnet: Resource, old: Resource | None) -> None:
    """A subnet needs an address prefix."""
    if not (subnet.properties.get("addressPrefix") or subnet.properties.get("addressPrefixes")):
        message = f"Address prefix string for resource {subnet.id} cannot be null or empty."
        raise ArmError(400, "AddressPrefixStringCannotBeNullOrEmpty", message, details=[])


def has_one_range(state: State, subnet: Resource, old: Resource | None) -> None:
    """A subnet can have several ranges, of IPv6 or of IPv4; here it has one."""
    if len(subnet.properties.get("addressPrefixes") or ()) > 1:
        raise NotEmulated(f"several addressPrefixes of {SUBNET_TYPE}", supported="one")


def lies_in_its_network(state: State, subnet: Resource, old: Resource | None) -> None:
    """A subnet's range is part of its network's address space, and large enough to use."""
    network = state.get(_network(subnet))
    prefix = prefix_of(subnet)
    space = [ipaddress.IPv4Network(p) for p in network.properties["addressSpace"]["addressPrefixes"]]
    if not any(prefix.subnet_of(s) for s in space) or prefix.prefixlen > 29:
        message = f"Subnet '{subnet.id.name}' is not valid in virtual network '{network.id.name}'."
        raise ArmError(400, "NetcfgInvalidSubnet", message, details=[])


def overlaps_no_sibling(state: State, subnet: Resource, old: Resource | None) -> None:
    """Two subnets of a network can't hold the same address."""
    for other in state.children(_network(subnet), "subnets"):
        if other.id.key != subnet.id.key and prefix_of(other).overlaps(prefix_of(subnet)):
            message = (
                f"Subnet '{subnet.id.name}' is not valid because its IP address range overlaps with that of an "
                f"existing subnet in virtual network '{subnet.id.names[0]}'."
            )
            raise ArmError(400, "NetcfgSubnetRangesOverlap", message, details=[])


def keeps_range_in_use(state: State, subnet: Resource, old: Resource | None) -> None:
    """The range can't be taken away from under addresses that are in use."""
    if old is not None and prefix_of(old) != prefix_of(subnet) and any(_holders(state, old)):
        raise _in_use(state, old, "InUsePrefixCannotBeDeleted")


def delegations_stay_while_used(state: State, subnet: Resource, old: Resource | None) -> None:
    """A subnet is given to a service, or taken back, while nothing holds an address in it."""
    held = next(iter(held_addresses(state, subnet)), None) if old else None
    if old is not None and held and services_of(old) != services_of(subnet):
        before, after = (", ".join(services_of(one)) for one in (old, subnet))
        message = (
            f"Delegations of subnet {subnet.id} cannot be changed from [{before}] to [{after}] because it is being "
            f"used by the resource {held[1]}."
        )
        raise ArmError(400, "SubnetDelegationsCannotChangeWhenSubnetUsedByResource", message, details=[])


def is_not_in_use(state: State, subnet: Resource) -> None:
    """What holds an address in a subnet, or has it to itself, keeps the subnet alive."""
    if any(_holders(state, subnet)):
        raise _in_use(state, subnet, "InUseSubnetCannotBeDeleted")


def _holders(state: State, subnet: Resource) -> Iterator[str]:
    yield from (id for _, id in held_addresses(state, subnet))
    yield from (association_of(subnet) for _ in dns_endpoints(state, subnet))


def _in_use(state: State, subnet: Resource, code: str) -> ArmError:
    holder = next(_holders(state, subnet))
    message = (
        f"Subnet {subnet.id.name} is in use by {holder} and cannot be deleted. In order to delete the subnet, "
        "delete all the resources within the subnet. See aka.ms/deletesubnet."
    )
    return ArmError(400, code, message, details=[])


def _network(subnet: Resource) -> ArmId:
    return ArmId(subnet.id.scope, "Microsoft.Network/virtualNetworks", subnet.id.names[:1])


def default_policies(scene: Scene) -> str:
    """Enabled in 2020, Disabled since 2022 whatever the api-version; the lab stays in the article's year.

    Source: recordings of Azure/azure-service-operator, of 2023 with 2020-11-01
    """
    return "Enabled" if scene.state.setting("subnet-network-policies") == "as-in-2020" else "Disabled"


def configurations(state: State, subnet: Resource) -> list[dict[str, str]] | None:
    """References to what holds an address here."""
    found = [id for _, id in held_addresses(state, subnet)]
    return [{"id": id} for id in found] or None


def endpoints(state: State, subnet: Resource) -> list[dict[str, str]] | None:
    return [{"id": id} for id in state.referring_ids(subnet.id, ENDPOINT_TYPE)] or None


def purpose(state: State, subnet: Resource) -> str | None:
    return "PrivateEndpoints" if state.referring_ids(subnet.id, ENDPOINT_TYPE) else None


def association_links(state: State, subnet: Resource, request: Request) -> JSON:
    """List the links that services have left in a subnet."""
    return {"value": associations(state, subnet) or []}


def is_unchanged(state: State, resource: Resource, old: Resource | None) -> bool:
    """What is ready and written again as it was takes no time, whatever its tags were and are."""
    return old is not None and old.phase == SUCCEEDED and resource.properties == old.properties


def is_as_it_was(state: State, resource: Resource, old: Resource | None) -> bool:
    """What is ready and written again with the same tags takes no time. Of other tags no recording tells."""
    return old is not None and old.phase == SUCCEEDED and resource.body == old.body


SUBNET = ResourceType(
    type=SUBNET_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/subnets/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    envelope={},
    properties={
        "addressPrefix": Field(Prefix()),
        "addressPrefixes": Field(Listing(Prefix(), least=1)),
        "ipamPoolPrefixAllocations": Field(Only([]), default=[], since="2024-01-01"),
        "networkSecurityGroup": Field(ref("Microsoft.Network/networkSecurityGroups")),
        "routeTable": Field(ref("Microsoft.Network/routeTables")),
        "natGateway": Field(ref("Microsoft.Network/natGateways")),
        "serviceEndpoints": Field(Listing(SERVICE_ENDPOINT)),
        "serviceEndpointPolicies": Field(Only([])),
        "applicationGatewayIPConfigurations": Field(Only([])),
        "ipAllocations": Field(Only([])),
        "sharingScope": Field(Unsaid(("Tenant", "DelegatedServices")), since="2024-01-01"),
        "delegations": Field(DELEGATIONS, default=[]),
        "defaultOutboundAccess": Field(Flag()),
        "privateEndpointNetworkPolicies": Field(
            choice("Enabled", "Disabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"), default=default_policies
        ),
        "privateLinkServiceNetworkPolicies": Field(choice("Enabled", "Disabled"), default="Enabled", inert=True),
    },
    computed={
        "ipConfigurations": configurations,
        "privateEndpoints": endpoints,
        "purpose": purpose,
        "serviceAssociationLinks": associations,
    },
    rules=(
        references_are_near("networkSecurityGroup", "routeTable", "natGateway"),
        has_a_range,
        has_one_range,
        lies_in_its_network,
        overlaps_no_sibling,
        keeps_range_in_use,
        delegates_to_known_services,
        keeps_needed_delegation,
        delegations_stay_while_used,
    ),
    actions={"ServiceAssociationLinks": Action(association_links, method="GET")},
    delete_rules=(is_not_in_use,),
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 4, "DELETE": 10},
    at_once=is_unchanged,
    etag="quoted",
    missing=not_found,
)
