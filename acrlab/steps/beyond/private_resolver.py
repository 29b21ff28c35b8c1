"""DNS Private Resolver in the hub: the endpoint that others ask, and the ruleset that sends spokes there.

The lab has no client for it: each thing is written by its id, as JSON, through Resource Manager.

Source: https://learn.microsoft.com/azure/dns/dns-private-resolver-overview
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import (
    INBOUND_ENDPOINT,
    NETWORK,
    OUTBOUND_ENDPOINT,
    RESOLVER,
    RESOLVERS_VERSION,
    RULESET,
    SUBNET,
)
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.ensure import delete, ensure, names_of
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_ours, require_own, tags_of
from acrlab.lab.waiting import follow, look_until

JSON = dict[str, Any]
NAME, RULES, RULE, INBOUND, OUTBOUND = "myResolver", "myRuleset", "registries", "inbound", "outbound"
SUBNETS = {INBOUND: "myInboundSubnet", OUTBOUND: "myOutboundSubnet"}
SIZE = 28  # the smallest subnet that an endpoint takes
RESERVED = tuple(ipaddress.IPv4Network(f"10.0.{third}.0/24") for third in range(1, 17))  # the service's own
DELEGATION = {"name": "Microsoft.Network.dnsResolvers", "properties": {"serviceName": RESOLVER}}
AT_WORK = ("Creating", "Updating", "Deleting")


# -- the resolver ------------------------------------------------------------------------------------------------------


def ensure_resolver(hub: Lab) -> str:
    """Make a resolver in the hub's network, with an inbound endpoint. Returns: the address that others ask."""
    network = hub.id_of(NETWORK, hub.settings.network_name)
    _ensure(hub, hub.id_of(RESOLVER, NAME), {"virtualNetwork": {"id": network}})
    subnet = _ensure_subnet(hub, INBOUND)
    # A subnet holds one endpoint, and the one that is there may have another name: the doctor makes it by its address.
    there = [id for id, where in inbound_endpoints(hub).items() if where.lower() == subnet.lower()]
    made = _ensure(hub, (*there, hub.id_of(INBOUND_ENDPOINT, NAME, INBOUND))[0], _inbound(subnet))
    return str(made["properties"]["ipConfigurations"][0]["privateIpAddress"])


def inbound_endpoints(hub: Lab) -> dict[str, str]:
    """Map the id of each of the resolver's inbound endpoints to its subnet's."""
    listed = _members(hub, f"{hub.id_of(RESOLVER, NAME)}/inboundEndpoints")
    return {str(one["id"]): str(one["properties"]["ipConfigurations"][0]["subnet"]["id"]) for one in listed}


def _inbound(subnet: str, address: str = "") -> JSON:
    how = {"privateIpAllocationMethod": "Static", "privateIpAddress": address} if address else {}
    return {"ipConfigurations": [{"subnet": {"id": subnet}, **(how or {"privateIpAllocationMethod": "Dynamic"})}]}


def _ensure_subnet(hub: Lab, kind: str) -> str:
    """Make a subnet of the hub's network for one kind of endpoint, and give it to the service. Returns: its id."""
    settings = hub.settings
    id = hub.id_of(SUBNET, settings.network_name, SUBNETS[kind])
    with asking("Reading the network", id):
        network = hub.network.virtual_networks.get(settings.resource_group, settings.network_name)
        there = [str(s.address_prefix or (s.address_prefixes or [""])[0]) for s in network.subnets or []]
    if not any(str(s.id).lower() == id.lower() for s in network.subnets or []):
        require_ours(hub, network.tags, str(network.id))
    spaces = (network.address_space.address_prefixes if network.address_space else None) or []
    prefix = next(_room(spaces, there), None)
    if prefix is None:
        message = f"{settings.network_name} has no room for a subnet /{SIZE} outside 10.0.1.0 to 10.0.16.255."
        raise ConfigurationError("network_prefix", message)
    body = {"properties": {"addressPrefix": str(prefix), "delegations": [DELEGATION]}}
    return str(ensure(hub, id, hub.network.subnets, body).id)


def _room(spaces: list[str], there: list[str]) -> Iterator[ipaddress.IPv4Network]:
    """Go through the ranges of a network that nothing has, and that the service takes."""
    taken = (*map(ipaddress.IPv4Network, there), *RESERVED)
    for space in map(ipaddress.IPv4Network, spaces):
        blocks = space.subnets(new_prefix=SIZE) if space.prefixlen <= SIZE else iter(())
        yield from (block for block in blocks if not any(block.overlaps(one) for one in taken))


def make_inbound(lab: Lab, endpoint: str, subnet: str, address: str) -> None:
    """Make an inbound endpoint with this id, at an address of this subnet."""
    require_own(lab, endpoint)
    _write(lab, endpoint, _inbound(subnet, address), region=_region(lab, endpoint))


# -- rulesets ----------------------------------------------------------------------------------------------------------


def ensure_ruleset(hub: Lab, address: str) -> str:
    """Make a ruleset that sends registries' names to an address, through an outbound endpoint. Returns: its id."""
    subnet = _ensure_subnet(hub, OUTBOUND)
    outbound = hub.id_of(OUTBOUND_ENDPOINT, NAME, OUTBOUND)
    _ensure(hub, outbound, {"subnet": {"id": subnet}})
    id = hub.id_of(RULESET, RULES)
    _ensure(hub, id, {"dnsResolverOutboundEndpoints": [{"id": outbound}]})
    write_rule(hub, f"{id}/forwardingRules/{RULE}", f"{hub.settings.cloud.registry_suffix}.", address)
    return id


def write_rule(lab: Lab, rule: str, domain: str, *addresses: str) -> None:
    """Let a ruleset send the names of a domain, which ends with a dot, to these servers; the rule is enabled."""
    require_own(lab, rule)
    targets = [{"ipAddress": address, "port": 53} for address in addresses]
    _write(lab, rule, {"domainName": domain, "targetDnsServers": targets, "forwardingRuleState": "Enabled"})


def disable_rule(lab: Lab, rule: str) -> None:
    """Let a ruleset go on as if it had no such rule."""
    require_own(lab, rule)
    found = _read(lab, rule)
    if found is not None:
        kept = {name: found["properties"][name] for name in ("domainName", "targetDnsServers")}
        _write(lab, rule, {**kept, "forwardingRuleState": "Disabled"})


def link_ruleset(lab: Lab, ruleset: str, network: str, name: str) -> None:
    """Let the network with this id use a ruleset."""
    id = f"{ruleset}/virtualNetworkLinks/{name}"
    require_own(lab, id)
    _write(lab, id, {"virtualNetwork": {"id": network}})


def ensure_ruleset_link(hub: Lab, place: Lab) -> None:
    """Let a place's network use the hub's ruleset."""
    id = hub.id_of(RULESET, RULES)
    if not links_to(place, id):
        network = place.id_of(NETWORK, place.settings.network_name)
        link_ruleset(hub, id, network, place.settings.link_name)


def links_to(place: Lab, ruleset: str) -> list[str]:
    """Find the ids of the links by which a place's network uses a ruleset."""
    network = place.id_of(NETWORK, place.settings.network_name).lower()
    listed = _members(place, f"{ruleset}/virtualNetworkLinks")
    return [str(one["id"]) for one in listed if one["properties"]["virtualNetwork"]["id"].lower() == network]


def remove_by_id(lab: Lab, id: str) -> None:
    """Delete a part of a resolver or ruleset, if it is there. Raises: RefusedError: it is not the lab's, or refused."""
    require_own(lab, id)
    if _read(lab, id) is not None:
        with asking(f"Deleting {ArmId.parse(id).name}", id):
            poller = lab.resources.resources.begin_delete_by_id(id, api_version=RESOLVERS_VERSION)
            follow(poller, f"Deleting {ArmId.parse(id).name}")


def remove_resolver(hub: Lab) -> None:
    """Delete the ruleset with its links, the resolver with its endpoints, and the subnets that they had."""
    ruleset, resolver = hub.id_of(RULESET, RULES), hub.id_of(RESOLVER, NAME)
    for link in _members(hub, f"{ruleset}/virtualNetworkLinks"):
        remove_by_id(hub, str(link["id"]))
    remove_by_id(hub, ruleset)
    for endpoint in (one for kind in SUBNETS for one in _members(hub, f"{resolver}/{kind}Endpoints")):
        remove_by_id(hub, str(endpoint["id"]))
    remove_by_id(hub, resolver)
    for name in SUBNETS.values():
        id = hub.id_of(SUBNET, hub.settings.network_name, name)
        require_own(hub, id)
        with asking("Reading a subnet", id):
            there = find(lambda id=id: hub.network.subnets.get(*names_of(id)))  # type: ignore[misc]
        if there is not None:
            delete(hub, id, hub.network.subnets, f"Deleting {name}")


# -- by id -------------------------------------------------------------------------------------------------------------


def _ensure(lab: Lab, id: str, properties: JSON) -> JSON:
    """Get what has this id, or make it; what Azure is at work on is waited for."""
    found = look_until(
        lambda seen: seen is None or seen["properties"].get("provisioningState") not in AT_WORK,
        lambda: _read(lab, id),
        what=f"{ArmId.parse(id).name} is ready",
        resource_id=id,
        pause=lab.backend.pause,
    )
    if found is not None and found["properties"].get("provisioningState") == "Succeeded":
        return found
    if found is not None:
        require_ours(lab, found.get("tags"), id)
    parent = ArmId.parse(id).parent
    if parent is not None:
        require_own(lab, str(parent))
    require_confirmation(lab, "14")
    return _write(lab, id, properties, region=lab.settings.location)


def _write(lab: Lab, id: str, properties: JSON, *, region: str = "") -> JSON:
    """Write what has this id, and wait. `region`: of what is located; empty: it is a part of something else."""
    name = ArmId.parse(id).name
    body = {**({"location": region, "tags": tags_of(lab)} if region else {}), "properties": properties}
    with asking(f"Creating {name}", id):
        poller = lab.resources.resources.begin_create_or_update_by_id(id, body, api_version=RESOLVERS_VERSION)
        follow(poller, f"Creating {name}")
    made: JSON = lab.arm.get(id, RESOLVERS_VERSION)
    return made


def _region(lab: Lab, part: str) -> str:
    """Tell the region of what an endpoint is a part of."""
    parent = ArmId.parse(part).parent
    found = _read(lab, str(parent)) if parent else None
    return str(found["location"]) if found else lab.settings.location


def _read(lab: Lab, id: str) -> JSON | None:
    try:
        found: JSON = lab.arm.get(id, RESOLVERS_VERSION)
    except RefusedError as problem:
        if problem.status != 404:
            raise
        return None
    return found


def _members(lab: Lab, path: str) -> list[JSON]:
    try:
        return lab.arm.get_all(path, RESOLVERS_VERSION)
    except RefusedError as problem:
        if problem.status != 404:
            raise
        return []
