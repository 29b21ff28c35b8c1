"""DNS Private Resolver at work: which inbound endpoint answers at an address, and where a ruleset sends a question.

A ruleset holds for the networks that it is linked to, peered with the resolver's or not. What it sends on leaves from
the outbound endpoint: what reaches the target from there counts, and not where the question came from.

Source: https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Vantage
from acrlab.emulator.core.resource import CREATING, FAILED, Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import reachability
from acrlab.emulator.types.dns.dns_forwarding_ruleset import LINK_TYPE, WILDCARD, endpoints_of
from acrlab.emulator.types.dns.dns_resolver import INBOUND, network_of, subnet_of
from acrlab.emulator.types.network.subnet import free_addresses, prefix_of
from acrlab.emulator.types.network.subnet_service import RESOLVER_TYPE

DNS = 53
WAY_OUT = "203.0.113.53"  # what the internet sees of an outbound endpoint; made up, from a range for documentation
# Zones of Azure's services, which a rule for every name leaves alone.
# Source: https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets#rule-processing
RESERVED = (
    "azure.com", "azure.net", "azurecr.io", "azure-api.net", "azure-automation.net", "azure-devices.net",
    "azuredatabricks.net", "azurehdinsight.net", "azurestaticapps.net", "azuresynapse.net", "azurewebsites.net",
    "windows.net", "windowsazure.us",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A name server that a rule sends questions to.

    Attributes:
        place: where it is asked from: the subnet of an outbound endpoint.
        address: its own; empty: it is asked at a port where no name server listens.
    """

    place: Vantage
    address: str


def inbound_at(world: World, vantage: Vantage, address: str) -> Resource | None:
    """Return the inbound endpoint that answers at an address, if one does and is reached from here."""
    network = reachability.network_with(world, vantage.network, address)
    for endpoint in _inbound(world, network):
        if endpoint.properties["ipConfigurations"][0].get("privateIpAddress") == address:
            return endpoint if _is_let_in(world, vantage, endpoint, address) else None
    return None


def place_of(world: World, endpoint: Resource) -> Vantage:
    """Tell where an endpoint of a resolver stands: in the network that it resolves for."""
    subnet = world.get(ArmId.parse(subnet_of(endpoint)))
    address = next(iter(free_addresses(world, subnet, 1)), str(prefix_of(subnet).network_address))
    return Vantage(address=address, network=str(subnet.id.parent), egress=WAY_OUT)


def targets_of(world: World, network: str, name: str) -> tuple[str, list[Target]] | None:
    """Find the rule that a network's ruleset has for a name: the enabled one with the longest domain.

    Returns: the rule's key and its targets, in the order in which they are asked; None: no rule is for the name.
    """
    rules = [rule for ruleset in _rulesets(world, network) for rule in world.children(ruleset.id, "forwardingRules")]
    fitting = [rule for rule in rules if _is_for(rule, name)]
    if not fitting:
        return None
    rule = max(fitting, key=lambda rule: len(rule.properties["domainName"]))
    assert rule.id.parent is not None
    return rule.id.key, list(_targets(world, rule, world.get(rule.id.parent)))


def _targets(world: World, rule: Resource, ruleset: Resource) -> Iterator[Target]:
    endpoints = [endpoint for id in endpoints_of(ruleset) if (endpoint := world.find(id)) and _serves(endpoint)]
    for endpoint in endpoints:
        for target in rule.properties["targetDnsServers"]:
            place = place_of(world, endpoint)
            subnet = world.get(ArmId.parse(subnet_of(endpoint)))
            address = target["ipAddress"]
            leaves = reachability.lets_out_of_subnet(world, place.address, subnet, address, target["port"], "Udp")
            yield Target(place, address if leaves and target["port"] == DNS else "")


def _is_for(rule: Resource, name: str) -> bool:
    domain = str(rule.properties["domainName"]).lower()
    if rule.properties["forwardingRuleState"] != "Enabled":
        return False
    if domain == WILDCARD:
        return ".".join(name.split(".")[-2:]) not in RESERVED
    return f".{name}.".endswith(f".{domain}")


def _rulesets(world: World, network: str) -> list[Resource]:
    links = [link for link in world.referrers(network, LINK_TYPE) if link.phase not in (CREATING, FAILED)]
    return [world.get(link.id.parent) for link in links if link.id.parent]


def _inbound(world: World, network: str) -> Iterator[Resource]:
    """The inbound endpoints that serve in a network."""
    for resolver in world.referrers(network, RESOLVER_TYPE) if network else []:
        if network_of(resolver).lower() == network.lower():
            yield from (e for e in world.children(resolver.id, INBOUND) if _serves(e))


def _serves(endpoint: Resource) -> bool:
    return "link" in endpoint.state and endpoint.phase != FAILED


def _is_let_in(world: World, vantage: Vantage, endpoint: Resource, address: str) -> bool:
    """Tell whether security rules let a question through; those of the endpoint's subnet have to allow all of it."""
    if not reachability.lets_out(world, vantage, address, DNS, "Udp"):
        return False
    subnet = world.get(ArmId.parse(subnet_of(endpoint)))
    hosts = (address, *(free_addresses(world, subnet, 2)))
    return all(reachability.lets_in_to_subnet(world, vantage.address, subnet, host, DNS, "Udp") for host in hosts)


DEVIATIONS = (
    Deviation(
        of="Microsoft.Network/dnsForwardingRulesets",
        what="Zones that are linked to a network go before the rules of its ruleset.",
        impact="One reader of the documentation found it the other way round, for questions to an inbound endpoint.",
        reason="The documentation, and a later report, have zones first.",
        workaround="Have no rule for a domain whose zone is linked.",
    ),
    Deviation(
        of="Microsoft.Network/dnsForwardingRulesets",
        what="A rule is about the name that is asked for, and not about one that an alias leads to.",
        impact="A rule for `privatelink.azurecr.io.` alone has no effect on a registry's name; in Azure it may have.",
        reason="Whether Azure holds the rules against each alias is not documented; this is the harder case.",
        workaround="Write the rule for the public name, `azurecr.io.`, as conditional forwarders do.",
    ),
    Deviation(
        of="Microsoft.Network/dnsForwardingRulesets",
        what="A rule for every name (`.`) leaves 13 domains of Azure's services alone.",
        impact="Azure's list of reserved domains is longer.",
        reason="The others belong to services that are not emulated.",
        workaround="Write a rule for each domain that is meant.",
    ),
)
