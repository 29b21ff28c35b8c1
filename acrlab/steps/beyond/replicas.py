"""Replicas of a registry, and login servers of its regions: counted for first, made, and taken back.

What the lab makes of them carries its tags; a switch of the registry has none, so that it is noted before it is turned.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acrlab.azure.cloud import ENDPOINT, REGISTRY, SUBNET, ZONE, label_of, regional_endpoint
from acrlab.display import Table, table
from acrlab.lab.azure_errors import asking, find, required
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.ensure import delete, ensure, names_of, put, remove
from acrlab.lab.lab import Lab
from acrlab.lab.memory import REGIONAL, forget, keep, kept, sample_image
from acrlab.lab.ownership import require_ours, require_own, tags_of
from acrlab.lab.waiting import follow
from acrlab.steps.approval import approve, connections
from acrlab.steps.beyond.own_replicas import own_replicas, require_not_home
from acrlab.steps.private_link import (
    addresses_in,
    endpoint_addresses,
    endpoint_body,
    ensure_records,
    find_endpoint,
    metadata_of,
    put_endpoint,
)
from acrlab.steps.public_access import find_registry
from acrlab.steps.pull import signing_in
from acrlab.steps.run_command import Outcome, run_on_vm

if TYPE_CHECKING:
    from azure.mgmt.containerregistry.models import Registry, Replication
    from azure.mgmt.network.models import PrivateEndpoint

PREVIEW = "2026-03-01-preview"  # the stable api-versions do not know regional endpoints
KEPT_BY_AZURE = 5  # addresses of a subnet that Azure keeps for itself
TIGHT_SUBNET, TIGHT_ENDPOINT = "tightSubnet", "myTightEndpoint"
NO_USER = "00000000-0000-0000-0000-000000000000"  # the user name that says: the password is a token
REPLICATION, GROUPS = f"{REGISTRY}/replications", "privateDnsZoneGroups"


FAR_APART = ("eastus", "westeurope", "westus")  # where the lab replicates to, before all other regions of its cloud


@dataclass(frozen=True)
class Room:
    """A subnet in which an endpoint of the registry stands, and how many of its addresses are free."""

    subnet: str
    prefix: str
    free: int


def addresses_needed(regions: int, *, regional: bool = False) -> int:
    """Count the addresses of an endpoint: one for the registry, one or two for each of its regions.

    Source: https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints
    """
    return 1 + regions * (2 if regional else 1)


def other_regions(lab: Lab) -> tuple[str, str]:
    """Choose two regions to replicate to, in the lab's cloud and beside its own."""
    known = lab.settings.cloud.regions
    first, second, *_ = dict.fromkeys(r for r in (*FAR_APART, *known) if r in known and r != lab.settings.location)
    return first, second


def rooms(lab: Lab) -> tuple[Room, ...]:
    """Read every subnet that a replica will need an address in: those of all endpoints that the registry knows."""
    with asking("Listing connections", lab.registry_id):
        known = lab.arm.get_all(f"{lab.registry_id}/privateEndpointConnections", "2025-11-01")
    endpoints = {c["properties"]["privateEndpoint"]["id"].lower() for c in known}
    found = {lab.arm.get(id, "2024-05-01")["properties"]["subnet"]["id"] for id in sorted(endpoints)}
    return tuple(_room(lab.arm.get(id, "2024-05-01")) for id in sorted(found))


def _room(subnet: Mapping[str, Any]) -> Room:
    properties = subnet["properties"]
    prefix = properties.get("addressPrefix") or properties["addressPrefixes"][0]
    size = ipaddress.IPv4Network(prefix).num_addresses - KEPT_BY_AZURE
    return Room(subnet["name"], prefix, size - len(properties.get("ipConfigurations") or []))


def members(lab: Lab) -> Table:
    """Show what the lab's endpoint holds: a name and an address for each member."""
    rows = [{"name": name, "address": address} for name, address in endpoint_addresses(lab).items()]
    return table(rows, caption=f"Addresses of {lab.settings.endpoint_name}")


# -- replicas ----------------------------------------------------------------------------------------------------------


def ensure_replica(lab: Lab, region: str) -> Replication:
    """Replicate the registry to a region. One that failed is tried again.

    Raises:
        ConfigurationError: on a real subscription, no one has confirmed the cost.
        RefusedError: Azure refused, as where a subnet of an endpoint is full; or one that failed is someone else's.
    """
    found = find_replica(lab, region)
    if found is not None and required(found.properties, "properties of the replica").provisioning_state == "Succeeded":
        return found
    require_own(lab, lab.registry_id)
    if found is not None:
        require_ours(lab, found.tags, _replica(lab, region))
    require_confirmation(lab, "13")
    names = (lab.settings.resource_group, lab.settings.registry_name, region)
    body = {"location": region, "tags": tags_of(lab), "properties": {}}
    what = f"Replicating to {region}"
    with asking(what, _replica(lab, region)):
        return follow(lab.registry.replications.begin_create(*names, body), what)


def find_replica(lab: Lab, region: str) -> Replication | None:
    """Read the replica in a region; None: it is not there."""
    names = (lab.settings.resource_group, lab.settings.registry_name, region)
    return find(lambda: lab.registry.replications.get(*names))


def remove_replica(lab: Lab, region: str, registry: Registry | None = None) -> None:
    """Delete the replica in a region, if it is there. Raises: RefusedError: it is not the lab's, or Azure refused.

    Args:
        registry: as it was read; None: it is read, for its own region.
    """
    found = find_replica(lab, region)
    if found is None:
        return
    require_not_home(lab, region, registry)
    require_ours(lab, found.tags, _replica(lab, region))
    delete(lab, _replica(lab, region), lab.registry.replications, f"Deleting the replica in {region}")


def _replica(lab: Lab, region: str) -> str:
    return lab.id_of(REPLICATION, lab.settings.registry_name, region)


def approve_connection(lab: Lab, connection: str) -> None:
    """Approve the private endpoint connection with this id; an endpoint may have several."""
    require_own(lab, lab.registry_id)
    name = connection.rpartition("/")[2].lower()
    for one in connections(lab):
        if one.name.lower() == name:
            approve(lab, one, "Approved")


def release_addresses(lab: Lab, endpoint: str) -> PrivateEndpoint:
    """Let Azure choose the addresses of the private endpoint with this id: it gets others, and room for more."""
    require_own(lab, endpoint)
    endpoints = lab.network.private_endpoints
    with asking("Reading the endpoint", endpoint):
        found = endpoints.get(*names_of(endpoint))
    found.ip_configurations = []
    return put(lab, endpoint, endpoints, found, "Releasing the addresses")


# -- login servers of regions ------------------------------------------------------------------------------------------


def regional_hosts(lab: Lab) -> tuple[str, ...]:
    """Name the login servers of the registry's regions; none: regional endpoints are off."""
    with asking("Reading the registry", lab.registry_id):
        found = lab.arm.get(lab.registry_id, PREVIEW)
    return tuple(found["properties"].get("regionalEndpointHostNames") or ())


def ensure_regional_endpoints(lab: Lab) -> tuple[str, ...]:
    """Give each region of the registry a login server of its own. Returns: their names."""
    if hosts := regional_hosts(lab):
        return hosts
    require_own(lab, lab.registry_id)
    keep(lab, REGIONAL, "Disabled")  # before the change, so that an interruption loses nothing
    _switch(lab, "Enabled")
    return regional_hosts(lab)


def remove_regional_endpoints(lab: Lab) -> None:
    """Turn regional endpoints off again, where the lab turned them on."""
    if kept(lab, REGIONAL) is None:
        return
    if regional_hosts(lab):
        _switch(lab, "Disabled")
    forget(lab, REGIONAL)


def _switch(lab: Lab, state: str) -> None:
    require_own(lab, lab.registry_id)  # it may have been deleted since, and made again by others
    body = {"properties": {"regionalEndpoints": state}}
    what = f"Turning regional endpoints {'on' if state == 'Enabled' else 'off'}"
    update = lab.resources.resources.begin_update_by_id  # the registry's own client has an api-version without them
    with asking(what, lab.registry_id):
        follow(update(lab.registry_id, body, api_version=PREVIEW), what)


def pull_by_region(lab: Lab, region: str) -> Outcome:
    """Sign in at a region's login server on the VM, and pull the sample image from there.

    The VM may pull and not read the registry, so that the option `--endpoint` of `az acr login` finds no such server:
    the token of the registry is good at every one of its login servers. The image is not left on the VM by that name:
    it would keep the layers there, which then do not travel when a later pull is to prove that they do.
    """
    server = regional_endpoint(lab.login_server, region)
    token = signing_in(lab, more="--expose-token --query accessToken --output tsv 2> /dev/null")
    return run_on_vm(
        lab,
        *token[:-1],
        # docker warns that it keeps the token in a file: what it says is only worth reading where it fails.
        f'told=$({token[-1]} | docker login {server} --username {NO_USER} --password-stdin 2>&1) || echo "$told" >&2',
        f"docker pull {server}/{sample_image(lab)} && docker rmi {server}/{sample_image(lab)} > /dev/null",
        check=False,
    )


# -- records, and a zone group that writes them -----------------------------------------------------------------------


def records(lab: Lab) -> list[dict[str, str]]:
    """List the A records of the lab's zone that are about the registry, and who wrote each."""
    s = lab.settings
    with asking("Listing records", lab.id_of(ZONE, s.zone_name)):
        listed = list(lab.dns.record_sets.list_by_type(s.resource_group, s.zone_name, "A"))
    own = [one for one in listed if str(one.name).split(".")[0] == label_of(lab.login_server)]
    return [
        {
            "record": str(one.name),
            "address": ", ".join(addresses_in(one)),
            "creator": (metadata_of(one) or {}).get("creator", "").partition(" with ")[0] or "by hand",
        }
        for one in own
    ]


def remove_zone_group(lab: Lab) -> None:
    """Delete the zone groups of the lab's endpoint with the records that they wrote, and write the lab's own again."""
    s = lab.settings
    require_own(lab, lab.id_of(ENDPOINT, s.endpoint_name))
    with asking("Listing zone groups", lab.id_of(ENDPOINT, s.endpoint_name)):
        found = [str(g.name) for g in lab.network.private_dns_zone_groups.list(s.endpoint_name, s.resource_group)]
    for name in found:
        id = f"{lab.id_of(ENDPOINT, s.endpoint_name)}/{GROUPS}/{name}"
        delete(lab, id, lab.network.private_dns_zone_groups, f"Deleting the zone group {name}")
    if found:
        ensure_records(lab)


# -- a subnet without room ---------------------------------------------------------------------------------------------


def ensure_tight_endpoint(lab: Lab) -> PrivateEndpoint:
    """Make an endpoint in a subnet of its own that has three addresses, the last ones of the lab's network."""
    s = lab.settings
    space = ipaddress.IPv4Network(s.network_prefix)
    prefix = str(ipaddress.IPv4Network((int(space.broadcast_address) - 7, 29)))
    id = lab.id_of(SUBNET, s.network_name, TIGHT_SUBNET)
    properties = {"addressPrefix": prefix, "privateEndpointNetworkPolicies": "Disabled"}
    require_own(lab, id)
    ensure(lab, id, lab.network.subnets, {"properties": properties}, "Creating a small subnet")
    return put_endpoint(lab, s.resource_group, TIGHT_ENDPOINT, endpoint_body(lab, id, s.connection_name))


def remove_tight_endpoint(lab: Lab) -> None:
    """Delete that endpoint and its subnet."""
    s = lab.settings
    remove(lab, lab.id_of(ENDPOINT, TIGHT_ENDPOINT), lab.network.private_endpoints, "Deleting the endpoint")
    id = lab.id_of(SUBNET, s.network_name, TIGHT_SUBNET)
    if find(lambda: lab.network.subnets.get(s.resource_group, s.network_name, TIGHT_SUBNET)) is not None:
        require_own(lab, id)
        delete(lab, id, lab.network.subnets, "Deleting the small subnet")


# -- as it was before --------------------------------------------------------------------------------------------------


def take_back(lab: Lab) -> tuple[str, ...]:
    """Leave the registry as it was: one region, no regional endpoints, no tight endpoint. Returns: what was removed.

    Raises: RefusedError: Azure refused a part.
    """
    done = []
    registry = find_registry(lab)
    if registry is None:
        forget(lab, REGIONAL)
        return ()
    if find_endpoint(lab, TIGHT_ENDPOINT) is not None:
        done.append(TIGHT_ENDPOINT)
    remove_tight_endpoint(lab)
    if kept(lab, REGIONAL) is not None:
        done.append("regional endpoints")
    remove_regional_endpoints(lab)
    for region in own_replicas(lab, registry):
        remove_replica(lab, region, registry)
        done.append(f"replica {region}")
    return tuple(done)
