"""The private link, step by step: subnet policies, zone, link, endpoint, addresses, records."""

from __future__ import annotations

from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import REGISTRY_SUFFIX
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, failed, find, state_of
from acrlab.lab.lab import Lab, word
from acrlab.lab.memory import forget, keep, kept
from acrlab.lab.ownership import at_rest, is_ours, made, require_ours, tags_of

POLICIES = "subnet-policies"  # under which those of somebody else's subnet are kept
TTL_S = 3600  # what `az network private-dns record-set a create` sets


def disable_subnet_policies(lab: Lab) -> Any:
    """Let the machine's subnet have private endpoints. Returns: the SDK's Subnet."""
    settings = lab.settings
    id = lab.id_of("Microsoft.Network/virtualNetworks/subnets", settings.network_name, settings.subnet_name)
    with asking("Changing the subnet", id):
        names = (settings.resource_group, settings.network_name, settings.subnet_name)
        subnet = at_rest(lab, lambda: lab.network.subnets.get(*names))
        if subnet.private_endpoint_network_policies == "Disabled" and not failed(subnet):
            return subnet
        network = lab.network.virtual_networks.get(settings.resource_group, settings.network_name)
        if not is_ours(lab, network.tags):
            keep(lab, POLICIES, word(subnet.private_endpoint_network_policies))
    return _set_policies(lab, subnet, "Disabled")


def give_policies_back(lab: Lab) -> None:
    """Let a subnet in somebody else's network have the policies that it had; nothing where the lab changed none."""
    before, settings = kept(lab, POLICIES), lab.settings
    if before is None:
        return
    names = (settings.resource_group, settings.network_name, settings.subnet_name)
    with asking("Reading the subnet", lab.id_of("Microsoft.Network/virtualNetworks/subnets", *names[1:])):
        subnet = find(lambda: lab.network.subnets.get(*names))
    if subnet is not None:
        _set_policies(lab, subnet, before)
    forget(lab, POLICIES)


def _set_policies(lab: Lab, subnet: Any, policies: str) -> Any:
    settings = lab.settings
    names = (settings.resource_group, settings.network_name, settings.subnet_name)
    subnet.private_endpoint_network_policies = policies
    with asking("Changing the subnet", subnet.id):
        poller = lab.network.subnets.begin_create_or_update(*names, subnet)
    return lab.wait(poller, f"Changing {settings.subnet_name}", subnet.id)


def ensure_zone(lab: Lab, group: str = "") -> Any:
    """Make the private DNS zone. Returns: the SDK's PrivateZone."""
    group, name = group or lab.settings.resource_group, lab.settings.zone_name
    id = lab.id_of("Microsoft.Network/privateDnsZones", name, group=group)
    with asking("Making the zone", id):
        found = made(lab, lambda: lab.dns.private_zones.get(group, name))
        if found is not None:
            return found
        body = {"location": "global", "tags": tags_of(lab)}
        poller = lab.dns.private_zones.begin_create_or_update(group, name, body)
    return lab.wait(poller, f"Making the zone {name}", id)


def ensure_link(lab: Lab, group: str = "", network: str = "") -> Any:
    """Link the zone to the machine's network, or another.

    Args:
        group: of the zone; empty: the lab's.
        network: ARM id of the network; empty: the machine's.

    Returns: the SDK's VirtualNetworkLink.
    """
    settings = lab.settings
    group = group or settings.resource_group
    network_id = network or lab.id_of("Microsoft.Network/virtualNetworks", settings.network_name)
    names = (settings.zone_name, settings.link_name)
    id = lab.id_of("Microsoft.Network/privateDnsZones/virtualNetworkLinks", *names, group=group)
    with asking("Linking the zone", id):
        found = made(lab, lambda: link_to(lab, group, network_id))
        if found is not None:
            return found
        properties = {"registrationEnabled": False, "virtualNetwork": {"id": network_id}}
        body = {"location": "global", "tags": tags_of(lab), "properties": properties}
        poller = lab.dns.virtual_network_links.begin_create_or_update(group, *names, body)
    return lab.wait(poller, f"Linking {settings.zone_name}", id)


def link_to(lab: Lab, group: str, network: str) -> Any:
    """Find the zone's link to the network with this id, under whatever name: a network is linked to a zone once."""
    links = lab.dns.virtual_network_links.list(group, lab.settings.zone_name)
    here = [link for link in links if link.properties.virtual_network.id.lower() == network.lower()]
    return min(here, key=failed, default=None)


def endpoint_body(
    lab: Lab, subnet: str, connection: str, *, manual: bool = False, registry: str = "", region: str = ""
) -> dict[str, Any]:
    """What a private endpoint is asked for with.

    Args:
        registry: ARM id; empty: the lab's.
        region: of the subnet; empty: the lab's.
    """
    settings = lab.settings
    registry = registry or lab.id_of("Microsoft.ContainerRegistry/registries", settings.registry_name)
    kind = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
    request = {"name": connection, "properties": {"privateLinkServiceId": registry, "groupIds": ["registry"]}}
    return {
        "location": region or settings.location,
        "tags": tags_of(lab),
        "properties": {"subnet": {"id": subnet}, kind: [request]},
    }


def ensure_endpoint(lab: Lab) -> Any:
    """Make the private endpoint in the machine's subnet. Returns: the SDK's PrivateEndpoint."""
    settings = lab.settings
    subnet = lab.id_of("Microsoft.Network/virtualNetworks/subnets", settings.network_name, settings.subnet_name)
    body = endpoint_body(lab, subnet, settings.connection_name)
    return put_endpoint(lab, settings.resource_group, settings.endpoint_name, body)


def put_endpoint(lab: Lab, group: str, name: str, body: dict[str, Any]) -> Any:
    """Get a private endpoint, or make it."""
    id = lab.id_of("Microsoft.Network/privateEndpoints", name, group=group)
    with asking("Making the private endpoint", id):
        found = made(lab, lambda: lab.network.private_endpoints.get(group, name))
        if found is not None:
            return found
        poller = lab.network.private_endpoints.begin_create_or_update(group, name, body)
    return lab.wait(poller, f"Making the private endpoint {name}", id)


def endpoint_addresses(lab: Lab) -> dict[str, str]:
    """Read the endpoint's addresses off its interface.

    Returns: name that clients use -> IPv4, one entry for the registry and one per data endpoint; each matched on the
    member that it is for, never on its place in the list.
    Raises: RefusedError: there is no such endpoint, or it holds no address.
    """
    settings = lab.settings
    id = lab.id_of("Microsoft.Network/privateEndpoints", settings.endpoint_name)
    with asking("Reading the endpoint's addresses", id):
        endpoint = lab.network.private_endpoints.get(settings.resource_group, settings.endpoint_name)
        interfaces = [_interface(lab, one.id) for one in endpoint.network_interfaces or []]
    held = [c for interface in interfaces for c in interface.ip_configurations or []]
    found = {
        c.private_link_connection_properties.required_member_name: (
            c.private_link_connection_properties.fqdns[0],
            c.private_ip_address,
        )
        for c in held
        if c.private_link_connection_properties and c.private_link_connection_properties.fqdns
    }
    if not found:
        message = f"{settings.endpoint_name} ({state_of(endpoint)}) holds no address. Delete it, and make it again."
        raise RefusedError(message, status=0, code="NoAddresses", resource_id=id)
    return dict(found[member] for member in sorted(found))  # "registry" first: data members have a longer name


def _interface(lab: Lab, id: str) -> Any:
    place = ArmId.parse(id)
    return lab.network.network_interfaces.get(place.group, place.name)


def ensure_records(lab: Lab) -> tuple[Any, ...]:
    """Write an A record for each of the endpoint's names. Returns: the SDK's RecordSets."""
    wanted = {n.removesuffix(f".{REGISTRY_SUFFIX}"): a for n, a in endpoint_addresses(lab).items()}
    return tuple(_ensure_record(lab, name, address) for name, address in wanted.items())


def _ensure_record(lab: Lab, name: str, address: str) -> Any:
    group, zone = lab.settings.resource_group, lab.settings.zone_name
    id = lab.id_of("Microsoft.Network/privateDnsZones/A", zone, name)
    with asking("Writing a record", id):
        found = find(lambda: lab.dns.record_sets.get(group, zone, "A", name))
        if found is not None and [a.ipv4_address for a in found.properties.a_records or []] == [address]:
            return found
        if found is not None and not is_ours(lab, found.properties.metadata):
            held = lab.dns.private_zones.get(group, zone)
            require_ours(lab, held.tags, id)
        body = {"properties": {"ttl": TTL_S, "aRecords": [{"ipv4Address": address}], "metadata": tags_of(lab)}}
        return lab.dns.record_sets.create_or_update(group, zone, "A", name, body)
