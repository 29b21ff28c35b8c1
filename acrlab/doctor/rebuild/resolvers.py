"""Rebuild DNS Private Resolvers with the endpoints that answer, and the rulesets that send on."""

from __future__ import annotations

from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.doctor.rebuild.builder import Builder
from acrlab.doctor.rebuild.networks import location_at
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Resolver, Ruleset


def build_resolvers(builder: Builder, seen: Snapshot) -> None:
    """Create each resolver, and after them the rulesets that go through their outbound endpoints."""
    for resolver in seen.resolvers:
        where = {"location": location_at(seen, resolver.network)}
        builder.put(resolver.id, {**where, "properties": {"virtualNetwork": {"id": resolver.network}}})
        for endpoint in resolver.inbound or ():
            builder.put(endpoint.id, {**where, "properties": _at(endpoint.subnet, endpoint.address)})
        for id in _outbound(seen, resolver):
            _build_outbound(builder, seen, resolver, id)
    for ruleset in seen.rulesets:
        _build_ruleset(builder, seen, ruleset)


def _at(subnet: str, address: str) -> dict[str, Any]:
    how = {"privateIpAllocationMethod": "Static", "privateIpAddress": address} if address else {}
    return {"ipConfigurations": [{"subnet": {"id": subnet}, **(how or {"privateIpAllocationMethod": "Dynamic"})}]}


def _outbound(seen: Snapshot, resolver: Resolver) -> list[str]:
    ids = {id.lower(): id for ruleset in seen.rulesets for id in ruleset.outbound}
    return [id for id in ids.values() if same(str(ArmId.parse(id).parent), resolver.id)]


def _build_outbound(builder: Builder, seen: Snapshot, resolver: Resolver, id: str) -> None:
    """Create an outbound endpoint in a subnet that is given to the service and that no inbound endpoint has."""
    taken = {endpoint.subnet.lower() for endpoint in resolver.inbound or ()}
    given = [s for n in seen.networks if same(n.id, resolver.network) for s in n.subnets if s.resolvers]
    subnet = next((s for s in given if s.id.lower() not in taken), None)
    if subnet is None:
        builder.note(id, "no subnet that was seen is free for it")
        return
    builder.put(id, {"location": location_at(seen, subnet.id), "properties": {"subnet": {"id": subnet.id}}})


def _build_ruleset(builder: Builder, seen: Snapshot, ruleset: Ruleset) -> None:
    endpoints = [{"id": id} for id in ruleset.outbound]
    homes = (r.network for r in seen.resolvers for id in ruleset.outbound if same(str(ArmId.parse(id).parent), r.id))
    body = {"location": location_at(seen, next(homes, "")), "properties": {"dnsResolverOutboundEndpoints": endpoints}}
    if builder.put(ruleset.id, body) is None:
        return
    for rule in ruleset.rules or ():
        properties = {
            "domainName": rule.domain,
            "targetDnsServers": [{"ipAddress": target, "port": 53} for target in rule.targets],
            "forwardingRuleState": "Enabled" if rule.enabled else "Disabled",
        }
        builder.put(rule.id, {"properties": properties})
    for link in ruleset.links or ():
        builder.put(link.id, {"properties": {"virtualNetwork": {"id": link.network}}})
