"""What the portal's *Create a private endpoint* makes: an endpoint, and a zone group that keeps its records.

In the portal's chapter it stands in a group and a network of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import made, tags_of
from acrlab.steps.portal_form import EndpointRequest
from acrlab.steps.prerequisites import ensure_group
from acrlab.steps.private_link import endpoint_body, ensure_link, ensure_zone, put_endpoint

ZONE_GROUP = "default"  # what the portal calls it


@dataclass(frozen=True)
class PortalRecord:
    """A record that the zone group wrote; ttl in seconds."""

    name: str
    address: str
    ttl: int


@dataclass(frozen=True)
class PortalEndpoint:
    """What the portal has made. `endpoint` is the SDK's PrivateEndpoint; without a zone the other three are empty."""

    endpoint: Any
    zone: str
    zone_group: str
    records: tuple[PortalRecord, ...]


def ensure_portal_endpoint(lab: Lab) -> PortalEndpoint:
    """Make network, zone, link, endpoint and zone group, in the portal's own group."""
    ensure_portal_network(lab)
    return create_endpoint(lab, EndpointRequest.of_lab(lab.settings, lab.subscription))


def create_endpoint(lab: Lab, request: EndpointRequest) -> PortalEndpoint:
    """Make what the portal's *Create* makes: group, zone, link, endpoint, zone group. What is there already stays.

    Raises: RefusedError: Azure refused a part; what was made before it stays.
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
    zones = _ensure_zone_group(lab, request, zone.id)
    records = [
        PortalRecord(r.record_set_name, r.ip_addresses[0], r.ttl)
        for configuration in zones.private_dns_zone_configs or []
        for r in configuration.record_sets or []
        if r.ip_addresses
    ]
    # Read again: with records in a zone it has no names left to tell.
    endpoint = lab.network.private_endpoints.get(group, request.name)
    return PortalEndpoint(endpoint, zone.name, zones.name, tuple(records))


def ensure_portal_network(lab: Lab) -> str:
    """Make the portal's group, and in it a network with a subnet whose policies are off. Returns: the network's id."""
    settings = lab.settings
    group, name = settings.portal_resource_group, settings.portal_network_name
    ensure_group(lab, group)
    id = lab.id_of("Microsoft.Network/virtualNetworks", name, group=group)
    with asking("Making the network", id):
        if made(lab, lambda: lab.network.virtual_networks.get(group, name)) is None:
            subnet = {
                "name": settings.portal_subnet_name,
                "properties": {
                    "addressPrefix": settings.portal_subnet_prefix,
                    "privateEndpointNetworkPolicies": "Disabled",
                },
            }
            space = {"addressPrefixes": [settings.portal_network_prefix]}
            body = {
                "location": settings.location,
                "tags": tags_of(lab),
                "properties": {"addressSpace": space, "subnets": [subnet]},
            }
            lab.wait(lab.network.virtual_networks.begin_create_or_update(group, name, body), "Making the network", id)
    return id


def _ensure_zone_group(lab: Lab, request: EndpointRequest, zone_id: str) -> Any:
    names = (request.resource_group, request.name, ZONE_GROUP)
    id = lab.id_of("Microsoft.Network/privateEndpoints/privateDnsZoneGroups", *names[1:], group=names[0])
    with asking("Making the zone group", id):
        found = made(lab, lambda: lab.network.private_dns_zone_groups.get(*names))
        if found is not None:
            return found
        label = lab.settings.zone_name.replace(".", "-")
        body = {"properties": {"privateDnsZoneConfigs": [{"name": label, "properties": {"privateDnsZoneId": zone_id}}]}}
        poller = lab.network.private_dns_zone_groups.begin_create_or_update(*names, body)
    return lab.wait(poller, "Making the zone group", id)
