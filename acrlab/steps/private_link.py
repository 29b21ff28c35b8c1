"""The private link, step by step: subnet policies, zone, link, endpoint, addresses, records.

A step of the article names nothing: it takes the lab's own. What it is made of takes ids, for any other resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import ENDPOINT, NETWORK, SUBNET, ZONE, ZONE_LINK, label_of
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, failed, find, required, state_of, word
from acrlab.lab.ensure import at_rest, delete, ensure, names_of, put
from acrlab.lab.lab import Lab
from acrlab.lab.memory import forget, keep, kept
from acrlab.lab.ownership import is_ours, is_the_learner_s, require_ours, require_own, tags_of

if TYPE_CHECKING:
    from azure.mgmt.network.models import PrivateDnsZoneGroup, PrivateEndpoint, Subnet
    from azure.mgmt.privatedns.models import PrivateZone, RecordSet, VirtualNetworkLink

POLICIES = "subnet-policies"  # under which those of someone else's subnet are kept
TTL_S = 10  # what Azure's own zone groups write: a record that was wrong is soon forgotten


def disable_subnet_policies(lab: Lab) -> Subnet:
    """Let the VM's subnet have private endpoints."""
    id = _subnet_id(lab)
    with asking("Changing the subnet", id):
        subnet = at_rest(lab, lambda: lab.network.subnets.get(*names_of(id)))
        if subnet.private_endpoint_network_policies == "Disabled" and not failed(subnet):
            return subnet
        network = lab.network.virtual_networks.get(*names_of(id)[:2])
        if not is_ours(lab, network.tags):
            keep(lab, POLICIES, word(subnet.private_endpoint_network_policies))
    return _set_policies(lab, id, subnet, "Disabled")


def give_policies_back(lab: Lab) -> None:
    """Let a subnet in someone else's network have the policies that it had; nothing where the lab changed none."""
    before, id = kept(lab, POLICIES), _subnet_id(lab)
    if before is None:
        return
    with asking("Reading the subnet", id):
        subnet = find(lambda: lab.network.subnets.get(*names_of(id)))
    # Where they are no longer what the lab left, its owner has changed them since.
    if subnet is not None and word(subnet.private_endpoint_network_policies) == "Disabled":
        _set_policies(lab, id, subnet, before)
    forget(lab, POLICIES)


def disable_policies(lab: Lab, subnet: str) -> Subnet:
    """Let the subnet with this id have private endpoints."""
    require_own(lab, subnet)
    with asking("Changing the subnet", subnet):
        found = lab.network.subnets.get(*names_of(subnet))
    return _set_policies(lab, subnet, found, "Disabled")


def _set_policies(lab: Lab, id: str, subnet: Subnet, policies: str) -> Subnet:
    subnet.private_endpoint_network_policies = policies
    return put(lab, id, lab.network.subnets, subnet, f"Changing {ArmId.parse(id).name}")


def _subnet_id(lab: Lab) -> str:
    return lab.id_of(SUBNET, lab.settings.network_name, lab.settings.subnet_name)


def ensure_zone(lab: Lab, group: str = "") -> PrivateZone:
    """Create the private DNS zone, in the lab's group or another."""
    id = lab.id_of(ZONE, lab.settings.zone_name, group=group)
    body = {"location": "global", "tags": tags_of(lab)}
    return ensure(lab, id, lab.dns.private_zones, body, "Creating the zone")


def find_zone(lab: Lab) -> PrivateZone | None:
    """Read the lab's zone; None: it is not there."""
    return find(lambda: lab.dns.private_zones.get(lab.settings.resource_group, lab.settings.zone_name))


def ensure_link(lab: Lab, group: str = "", network: str = "") -> VirtualNetworkLink:
    """Link the zone to the VM's network, or another.

    Args:
        group: of the zone; empty: the lab's.
        network: ARM id of the network; empty: the VM's.
    """
    settings = lab.settings
    network = network or lab.id_of(NETWORK, settings.network_name)
    id = lab.id_of(ZONE_LINK, settings.zone_name, settings.link_name, group=group)
    return ensure(
        lab,
        id,
        lab.dns.virtual_network_links,
        _link_body(lab, network),
        "Linking the zone",
        read=lambda: link_to(lab, group or settings.resource_group, network),
    )


def link_to(lab: Lab, group: str, network: str) -> VirtualNetworkLink | None:
    """Find the zone's link to the network with this id, under whatever name: a network is linked to a zone once."""
    links = lab.dns.virtual_network_links.list(group, lab.settings.zone_name)
    here = [link for link in links if _network_of(link).lower() == network.lower()]
    return min(here, key=failed, default=None)


def _network_of(link: VirtualNetworkLink) -> str:
    network = link.properties.virtual_network if link.properties else None
    return required(network.id if network else None, f"network for the link {link.name}")


def link_zone(lab: Lab, zone: str, network: str, name: str) -> VirtualNetworkLink:
    """Link the zone with this id to the network with that one."""
    operations, id = lab.dns.virtual_network_links, f"{zone}/virtualNetworkLinks/{name}"
    require_own(lab, id)
    return put(lab, id, operations, _link_body(lab, network), f"Linking {ArmId.parse(zone).name}")


def unlink_zone(lab: Lab, link: str) -> None:
    """Delete the link with this id; its zone and records stay."""
    require_own(lab, link)
    delete(lab, link, lab.dns.virtual_network_links, f"Removing the link {ArmId.parse(link).name}")


def _link_body(lab: Lab, network: str) -> dict[str, Any]:
    properties = {"registrationEnabled": False, "virtualNetwork": {"id": network}}
    return {"location": "global", "tags": tags_of(lab), "properties": properties}


def endpoint_body(
    lab: Lab, subnet: str, connection: str, *, manual: bool = False, registry: str = "", region: str = ""
) -> dict[str, Any]:
    """Write what a private endpoint is created with.

    Args:
        registry: ARM id; empty: the lab's.
        region: of the subnet; empty: the lab's.
    """
    kind = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
    asked = {"privateLinkServiceId": registry or lab.registry_id, "groupIds": ["registry"]}
    return {
        "location": region or lab.settings.location,
        "tags": tags_of(lab),
        "properties": {"subnet": {"id": subnet}, kind: [{"name": connection, "properties": asked}]},
    }


def ensure_endpoint(lab: Lab) -> PrivateEndpoint:
    """Create the private endpoint in the VM's subnet."""
    settings = lab.settings
    body = endpoint_body(lab, _subnet_id(lab), settings.connection_name)
    return put_endpoint(lab, settings.resource_group, settings.endpoint_name, body)


def put_endpoint(lab: Lab, group: str, name: str, body: dict[str, Any]) -> PrivateEndpoint:
    """Get a private endpoint, or create it."""
    id = lab.id_of(ENDPOINT, name, group=group)
    return ensure(lab, id, lab.network.private_endpoints, body, "Creating the private endpoint")


def find_endpoint(lab: Lab, name: str = "") -> PrivateEndpoint | None:
    """Read the lab's endpoint, or another one of its group; None: it is not there."""
    group, name = lab.settings.resource_group, name or lab.settings.endpoint_name
    return find(lambda: lab.network.private_endpoints.get(group, name))


def endpoint_addresses(lab: Lab) -> dict[str, str]:
    """Read the endpoint's addresses off its interface.

    Returns: name that clients use -> IPv4, one entry for the registry and one per data endpoint; each matched on the
    member that it is for, never on its place in the list.
    Raises: RefusedError: there is no such endpoint, or it holds no address.
    """
    settings = lab.settings
    id = lab.id_of(ENDPOINT, settings.endpoint_name)
    with asking("Reading the endpoint's addresses", id):
        endpoint = lab.network.private_endpoints.get(settings.resource_group, settings.endpoint_name)
        interfaces = [
            lab.network.network_interfaces.get(*names_of(one.id)) for one in endpoint.network_interfaces or []
        ]
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
        message = f"{settings.endpoint_name} ({state_of(endpoint)}) holds no address. Delete it, and create it again."
        raise RefusedError(message, status=0, code="NoAddresses", resource_id=id)
    return dict(found[member] for member in sorted(found))  # "registry" first: data members have a longer name


def ensure_records(lab: Lab) -> tuple[RecordSet, ...]:
    """Write an A record for each of the endpoint's names."""
    wanted = {label_of(n): a for n, a in endpoint_addresses(lab).items()}
    return tuple(_ensure_record(lab, name, address) for name, address in wanted.items())


def has_records(lab: Lab) -> bool:
    """Say whether the zone leads each of the endpoint's names to the endpoint's address."""
    zone = lab.id_of(ZONE, lab.settings.zone_name)
    if find_endpoint(lab) is None:
        return False
    for host, address in endpoint_addresses(lab).items():
        found = _record(lab, zone, label_of(host))
        if found is None or addresses_in(found) != [address]:
            return False
    return True


def _record(lab: Lab, zone: str, name: str) -> RecordSet | None:
    """Read an A record of the zone with this id; None: it is not there."""
    group, zone_name = names_of(zone)
    return find(lambda: lab.dns.record_sets.get(group, zone_name, "A", name))


def addresses_in(record: RecordSet) -> list[str]:
    """Read the addresses that an A record leads to."""
    listed = record.properties.a_records if record.properties else None
    return [str(one.ipv4_address) for one in listed or []]


def metadata_of(record: RecordSet) -> Mapping[str, str] | None:
    """Read what tags are to other resources: whose the record is."""
    return record.properties.metadata if record.properties else None


def _ensure_record(lab: Lab, name: str, address: str) -> RecordSet:
    zone = lab.id_of(ZONE, lab.settings.zone_name)
    with asking("Writing a record", f"{zone}/A/{name}"):
        found = _record(lab, zone, name)
    if found is not None and addresses_in(found) == [address]:
        return found
    return write_record(lab, zone, name, address)


def write_record(lab: Lab, zone: str, name: str, *addresses: str) -> RecordSet:
    """Write an A record into the zone with this id, in place of what it says now."""
    from azure.mgmt.privatedns.models import RecordSet

    _require_free(lab, zone, name)
    group, zone_name = names_of(zone)
    properties = {"ttl": TTL_S, "aRecords": [{"ipv4Address": a} for a in addresses], "metadata": tags_of(lab)}
    with asking("Writing a record", f"{zone}/A/{name}"):
        body = RecordSet({"properties": properties})
        return lab.dns.record_sets.create_or_update(group, zone_name, "A", name, body)


def _require_free(lab: Lab, zone: str, name: str) -> None:
    """Let pass a record that is not there, is the lab's, or lies in the lab's zone. Raises: RefusedError."""
    with asking("Reading a record", f"{zone}/A/{name}"):
        if not is_the_learner_s(lab, None):
            found = _record(lab, zone, name)
            if found is not None and not is_ours(lab, metadata_of(found)):
                require_ours(lab, lab.dns.private_zones.get(*names_of(zone)).tags, f"{zone}/A/{name}")


def zone_group_body(lab: Lab, zone: str) -> dict[str, Any]:
    """Write what a zone group is created with that keeps records in the zone with this id."""
    label = lab.settings.zone_name.replace(".", "-")
    return {"properties": {"privateDnsZoneConfigs": [{"name": label, "properties": {"privateDnsZoneId": zone}}]}}


def write_records_by_group(lab: Lab, endpoint: str, zone: str, name: str) -> PrivateDnsZoneGroup:
    """Make an endpoint's zone group, of this name, write into the zone with this id."""
    require_own(lab, endpoint)
    operations, id = lab.network.private_dns_zone_groups, f"{endpoint}/privateDnsZoneGroups/{name}"
    with asking("Changing the zone group", endpoint):
        there = find(lambda: operations.get(*names_of(id))) is not None
    if there:  # Azure does not let a zone group change its zone
        delete(lab, id, operations, f"Deleting the zone group {name}")
    what = f"Writing the records of {ArmId.parse(endpoint).name}"
    return put(lab, id, operations, zone_group_body(lab, zone), what)


def remove_endpoint(lab: Lab, endpoint: str) -> None:
    """Delete the private endpoint with this id, if it is there; its interface and zone group go with it."""
    require_own(lab, endpoint)
    operations = lab.network.private_endpoints
    with asking("Deleting the endpoint", endpoint):
        there = find(lambda: operations.get(*names_of(endpoint))) is not None
    if there:
        delete(lab, endpoint, operations, f"Deleting the endpoint {ArmId.parse(endpoint).name}")
