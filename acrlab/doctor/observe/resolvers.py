"""Read DNS Private Resolvers and their rulesets, where a network has given one of its subnets to the service."""

from __future__ import annotations

from typing import Any

from acrlab.azure.cloud import RESOLVER, RULESET
from acrlab.doctor.observe.reader import Reader
from acrlab.snapshot.network import ForwardingRule, InboundEndpoint, Resolver, Ruleset, RulesetLink


def resolvers(reader: Reader) -> tuple[Resolver, ...]:
    """Read every resolver that this identity may see, with its inbound endpoints."""
    return tuple(_resolver(reader, one) for one in reader.everywhere("resolvers", RESOLVER))


def rulesets(reader: Reader) -> tuple[Ruleset, ...]:
    """Read every ruleset that this identity may see, with its rules and links."""
    return tuple(_ruleset(reader, one) for one in reader.everywhere("rulesets", RULESET))


def _resolver(reader: Reader, found: dict[str, Any]) -> Resolver:
    inbound = reader.members("resolvers", f"{found['id']}/inboundEndpoints")
    return Resolver(
        id=found["id"],
        name=found["name"],
        network=found["properties"]["virtualNetwork"]["id"],
        inbound=None if inbound is None else tuple(_inbound(one) for one in inbound),
    )


def _inbound(found: dict[str, Any]) -> InboundEndpoint:
    properties = found["properties"]
    first = (properties.get("ipConfigurations") or [{}])[0]
    address, subnet = first.get("privateIpAddress") or "", (first.get("subnet") or {}).get("id") or ""
    return InboundEndpoint(found["id"], found["name"], address, subnet, properties.get("provisioningState") or "")


def _ruleset(reader: Reader, found: dict[str, Any]) -> Ruleset:
    rules = reader.members("rulesets", f"{found['id']}/forwardingRules")
    links = reader.members("rulesets", f"{found['id']}/virtualNetworkLinks")
    return Ruleset(
        id=found["id"],
        name=found["name"],
        outbound=tuple(one["id"] for one in found["properties"].get("dnsResolverOutboundEndpoints") or []),
        rules=None if rules is None else tuple(_rule(one) for one in rules),
        links=None if links is None else tuple(_link(one) for one in links),
    )


def _rule(found: dict[str, Any]) -> ForwardingRule:
    properties = found["properties"]
    return ForwardingRule(
        id=found["id"],
        name=found["name"],
        domain=properties["domainName"].lower(),
        targets=tuple(target["ipAddress"] for target in properties.get("targetDnsServers") or []),
        enabled=properties.get("forwardingRuleState") != "Disabled",
    )


def _link(found: dict[str, Any]) -> RulesetLink:
    return RulesetLink(found["id"], found["name"], found["properties"]["virtualNetwork"]["id"])
