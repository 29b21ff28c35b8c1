"""What the portal's *Create a private endpoint* makes, in a group of its own: a zone group keeps the records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from acrlab.approval_steps import Connection, connections
from acrlab.clients import Lab
from acrlab.private_link_steps import endpoint_body, ensure_link, ensure_zone, put_endpoint
from acrlab.refusals import asking, find
from acrlab.registry_steps import ensure_group, tag_of

__all__ = ["PortalEndpoint", "PortalRecord", "ensure_portal_endpoint", "remove_portal_endpoint"]

ZONE_GROUP = "default"  # what the portal calls it


@dataclass(frozen=True)
class PortalRecord:
    """A record that the zone group wrote; ttl in seconds."""

    name: str
    address: str
    ttl: int


@dataclass(frozen=True)
class PortalEndpoint:
    """What the portal has made. `endpoint` is the SDK's PrivateEndpoint."""

    endpoint: Any
    zone: str
    zone_group: str
    records: tuple[PortalRecord, ...]


def ensure_portal_endpoint(lab: Lab) -> PortalEndpoint:
    """Make network, zone, link, endpoint and zone group, in the portal's own group."""
    settings = lab.settings
    group = settings.portal_resource_group
    ensure_group(lab, group)
    subnet = _ensure_subnet(lab)
    zone = ensure_zone(lab, group)
    ensure_link(lab, group, settings.portal_network_name)
    body = endpoint_body(lab, subnet, settings.portal_endpoint_name)
    put_endpoint(lab, group, settings.portal_endpoint_name, body)
    zones = _ensure_zone_group(lab, zone.id)
    records = [
        PortalRecord(r.record_set_name, r.ip_addresses[0], r.ttl)
        for configuration in zones.private_dns_zone_configs
        for r in configuration.record_sets
    ]
    endpoint = lab.network.private_endpoints.get(group, settings.portal_endpoint_name)
    return PortalEndpoint(endpoint, zone.name, zones.name, tuple(records))


def _ensure_subnet(lab: Lab) -> str:
    """The portal's subnet, in a network of its own, policies off. Returns: its id."""
    settings = lab.settings
    group, name = settings.portal_resource_group, settings.portal_network_name
    id = lab.id_of("Microsoft.Network/virtualNetworks", name, group=group)
    with asking("Making the network", id):
        if find(lambda: lab.network.virtual_networks.get(group, name)) is None:
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
                "tags": tag_of(lab),
                "properties": {"addressSpace": space, "subnets": [subnet]},
            }
            lab.wait(lab.network.virtual_networks.begin_create_or_update(group, name, body), "Making the network", id)
    return f"{id}/subnets/{settings.portal_subnet_name}"


def _ensure_zone_group(lab: Lab, zone_id: str) -> Any:
    settings = lab.settings
    names = (settings.portal_resource_group, settings.portal_endpoint_name, ZONE_GROUP)
    id = lab.id_of("Microsoft.Network/privateEndpoints/privateDnsZoneGroups", *names[1:], group=names[0])
    with asking("Making the zone group", id):
        found = find(lambda: lab.network.private_dns_zone_groups.get(*names))
        if found is not None:
            return found
        label = settings.zone_name.replace(".", "-")
        body = {"properties": {"privateDnsZoneConfigs": [{"name": label, "properties": {"privateDnsZoneId": zone_id}}]}}
        poller = lab.network.private_dns_zone_groups.begin_create_or_update(*names, body)
    return lab.wait(poller, "Making the zone group", id)


def remove_portal_endpoint(lab: Lab) -> tuple[Connection, ...]:
    """Delete the portal's group and all in it. Returns: the registry's connections that stay."""
    group = lab.settings.portal_resource_group
    with asking("Deleting the portal's group", str(lab.group_id(group))):
        if find(lambda: lab.resources.resource_groups.get(group)) is not None:
            poller = lab.resources.resource_groups.begin_delete(group)
            lab.wait(poller, f"Deleting {group}", str(lab.group_id(group)))
    return connections(lab)
