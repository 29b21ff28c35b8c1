"""Parts of a private link in groups of their own: registries, networks, endpoints, zones, made as anyone makes them."""

from __future__ import annotations

from typing import Any

from acrlab.azure.cloud import ZONE
from acrlab.lab.lab import Lab

NAME = "privatelink.azurecr.io"
POLICIES = {"privateEndpointNetworkPolicies": "Disabled"}


def group(lab: Lab, name: str) -> str:
    lab.resources.resource_groups.create_or_update(name, {"location": "westus"})
    return name


def registry(lab: Lab, where: str, name: str) -> str:
    """Create a Premium registry. Returns: its id."""
    body = {"location": "westus", "sku": {"name": "Premium"}}
    return str(lab.registry.registries.begin_create(group(lab, where), name, body).result().id)


def network(lab: Lab, where: str, name: str, third: int) -> str:
    """Create a network 10.THIRD.0.0/16 with one subnet. Returns: the subnet's id."""
    body: dict[str, Any] = {
        "location": "westus",
        "properties": {
            "addressSpace": {"addressPrefixes": [f"10.{third}.0.0/16"]},
            "subnets": [{"name": "one", "properties": {"addressPrefix": f"10.{third}.0.0/24", **POLICIES}}],
        },
    }
    made = lab.network.virtual_networks.begin_create_or_update(group(lab, where), name, body).result()
    return str(made.subnets[0].id)


def endpoint(lab: Lab, where: str, name: str, subnet: str, target: str) -> str:
    """Create an endpoint of a registry. Returns: its id."""
    request = {"name": name, "properties": {"privateLinkServiceId": target, "groupIds": ["registry"]}}
    body = {"location": "westus", "properties": {"subnet": {"id": subnet}, "privateLinkServiceConnections": [request]}}
    return str(lab.network.private_endpoints.begin_create_or_update(group(lab, where), name, body).result().id)


def zone(lab: Lab, where: str) -> str:
    """Create the zone that clients are led to. Returns: its id."""
    lab.dns.private_zones.begin_create_or_update(group(lab, where), NAME, {"location": "global"}).result()
    return lab.id_of(ZONE, NAME, group=where)


def link(lab: Lab, where: str, name: str, to: str) -> None:
    """Link the zone of a group to the network with this id, or to that of the subnet with it."""
    body = {"location": "global", "properties": {"virtualNetwork": {"id": to.partition("/subnets/")[0]}}}
    lab.dns.virtual_network_links.begin_create_or_update(where, NAME, name, body).result()


def zone_group(lab: Lab, endpoint: str, zone: str) -> None:
    """Let Azure write an endpoint's records into a zone."""
    configuration = {"name": "acr", "properties": {"privateDnsZoneId": zone}}
    body = {"name": "default", "properties": {"privateDnsZoneConfigs": [configuration]}}
    parts = endpoint.split("/")
    lab.network.private_dns_zone_groups.begin_create_or_update(parts[4], parts[-1], "default", body).result()


def records(lab: Lab, where: str) -> dict[str, list[str]]:
    """Name -> addresses, of the zone's A records."""
    found = lab.dns.record_sets.list_by_type(where, NAME, "A")
    return {str(r.name): [str(a.ipv4_address) for a in r.a_records or ()] for r in found}
