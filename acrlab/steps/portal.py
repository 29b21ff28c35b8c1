"""What the portal's *Create a private endpoint* creates: an endpoint, and a zone group that keeps its records.

In the portal's chapter it stands in a group and a network of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from acrlab.azure.cloud import ENDPOINT, NETWORK
from acrlab.lab.ensure import ensure
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import tags_of
from acrlab.steps.portal_form import EndpointRequest
from acrlab.steps.prerequisites import ensure_group
from acrlab.steps.private_link import endpoint_body, ensure_link, ensure_zone, put_endpoint, zone_group_body

if TYPE_CHECKING:
    from azure.mgmt.network.models import PrivateEndpoint

ZONE_GROUP = "default"  # what the portal calls it


@dataclass(frozen=True)
class PortalRecord:
    """A record that the zone group wrote; ttl in seconds."""

    name: str
    address: str
    ttl: int


@dataclass(frozen=True)
class PortalEndpoint:
    """What the portal has created. Without a zone all but the endpoint are empty."""

    endpoint: PrivateEndpoint
    zone: str
    zone_group: str
    records: tuple[PortalRecord, ...]


def ensure_portal_endpoint(lab: Lab) -> PortalEndpoint:
    """Create network, zone, link, endpoint and zone group, in the portal's own group."""
    ensure_portal_network(lab)
    return create_endpoint(lab, EndpointRequest.of_lab(lab.settings, lab.subscription))


def create_endpoint(lab: Lab, request: EndpointRequest) -> PortalEndpoint:
    """Create what the portal's *Create* does: group, zone, link, endpoint, zone group. What is there already stays.

    Raises: RefusedError: Azure refused a part; what was created before it stays.
    """
    group = request.resource_group
    ensure_group(lab, group)
    subnet = f"{request.network}/subnets/{request.subnet}"
    body = endpoint_body(lab, subnet, request.name, registry=request.registry, region=request.region)
    if not request.zone:
        return PortalEndpoint(put_endpoint(lab, group, request.name, body), "", "", ())
    zone = ensure_zone(lab, group)
    ensure_link(lab, group, request.network)
    put_endpoint(lab, group, request.name, body)
    id = lab.id_of(f"{ENDPOINT}/privateDnsZoneGroups", request.name, ZONE_GROUP, group=group)
    operations, wanted = lab.network.private_dns_zone_groups, zone_group_body(lab, str(zone.id))
    zones = ensure(lab, id, operations, wanted, "Creating the zone group")
    records = [
        PortalRecord(r.record_set_name, r.ip_addresses[0], r.ttl)
        for configuration in zones.private_dns_zone_configs or []
        for r in configuration.record_sets or []
        if r.ip_addresses
    ]
    # Read again: with records in a zone it has no names left to tell.
    endpoint = lab.network.private_endpoints.get(group, request.name)
    return PortalEndpoint(endpoint, str(zone.name), ZONE_GROUP, tuple(records))


def ensure_portal_network(lab: Lab) -> str:
    """Create the portal's group and network, with a subnet whose policies are off. Returns: the network's id."""
    settings = lab.settings
    group, name = settings.portal_resource_group, settings.portal_network_name
    ensure_group(lab, group)
    id = lab.id_of(NETWORK, name, group=group)
    properties = {"addressPrefix": settings.portal_subnet_prefix, "privateEndpointNetworkPolicies": "Disabled"}
    subnet = {"name": settings.portal_subnet_name, "properties": properties}
    body = {
        "location": settings.location,
        "tags": tags_of(lab),
        "properties": {"addressSpace": {"addressPrefixes": [settings.portal_network_prefix]}, "subnets": [subnet]},
    }
    ensure(lab, id, lab.network.virtual_networks, body, "Creating the network")
    return id
