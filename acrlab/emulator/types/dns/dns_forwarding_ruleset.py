"""Microsoft.Network/dnsForwardingRulesets: which name server is asked for which domain, and the networks it holds for.

A ruleset goes through outbound endpoints. Its links are its own, and have nothing to do with those of private zones.

Source: https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets
"""

from __future__ import annotations

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape, ref
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, references_exist
from acrlab.emulator.core.values import Address, Field, Tags, Text, Whole, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.dns.dns_resolver import GUID, MADE, RULESET_TYPE, SHARED, bad
from acrlab.emulator.types.network.network_space import NETWORK_TYPE
from acrlab.emulator.types.network.subnet_service import OUTBOUND_TYPE
from acrlab.emulator.types.polling import dns_resolver

RULE_TYPE, LINK_TYPE = f"{RULESET_TYPE}/forwardingRules", f"{RULESET_TYPE}/virtualNetworkLinks"
MOST_RULES, MOST_TARGETS, MOST_LINKS, MOST_RULESETS = 1000, 6, 500, 2
FEWEST_LABELS, MOST_LABELS = 2, 34
WILDCARD = "."
# What the service says where a rule would get another domain, or a domain would have two rules.
CONFLICT = (
    "Exception of type 'Microsoft.Azure.Networking.Dns.ManagedResolver.Frontend.Contracts.Exceptions.Service."
    "FrontendConflictServiceException' was thrown."
)


def endpoints_of(ruleset: Resource) -> list[str]:
    """Return the ids of the outbound endpoints that a ruleset goes through."""
    return [str(reference["id"]) for reference in ruleset.properties["dnsResolverOutboundEndpoints"]]


def linked_network(link: Resource) -> str:
    """Return the id of the network that a ruleset's link is for."""
    return str(link.properties["virtualNetwork"]["id"])


# -- rulesets ----------------------------------------------------------------------------------------------------------


def endpoints_fit(state: State, ruleset: Resource, old: Resource | None) -> None:
    """A ruleset goes through outbound endpoints of its region, each of which has two rulesets at most."""
    for id in endpoints_of(ruleset):
        endpoint = state.find(id)
        if endpoint is None:
            raise bad(f"The outbound endpoint '{id}' of DNS forwarding ruleset '{ruleset.id}' was not found.")
        if endpoint.location != ruleset.location:
            raise bad(
                f"DNS forwarding ruleset '{ruleset.id.name}' in region '{ruleset.location}' cannot be associated with "
                f"outbound endpoint '{id}' in region '{endpoint.location}'."
            )
        others = [r for r in state.referrers(id, RULESET_TYPE) if r.id.key != ruleset.id.key]
        if len(others) >= MOST_RULESETS:
            raise bad(f"Outbound endpoint '{id}' is associated with {MOST_RULESETS} DNS forwarding rulesets already.")


def has_no_links(state: State, ruleset: Resource) -> None:
    """A network would lose its rules unnoticed."""
    links = state.children(ruleset.id, "virtualNetworkLinks")
    if links:
        nested = ", ".join(f"'{RULESET_TYPE}/{ruleset.id.name}/virtualNetworkLinks/{link.id.name}'" for link in links)
        message = (
            "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: "
            f"{nested}. Please delete all nested resources before deleting this resource."
        )
        raise ArmError(409, "CannotDeleteResource", message, gateway=True)


# -- rules -------------------------------------------------------------------------------------------------------------


def domain_is_one(state: State, rule: Resource, old: Resource | None) -> None:
    """A domain ends with a dot, and is the root or has two labels at least."""
    domain = str(rule.properties["domainName"])
    labels = domain.split(".")[:-1]
    rooted = domain == WILDCARD or (
        domain.endswith(".") and FEWEST_LABELS <= len(labels) <= MOST_LABELS and all(labels)
    )
    if not rooted:
        raise bad(
            f"The domain name '{domain}' of forwarding rule '{rule.id.name}' is not valid. It must end with a dot, and "
            f"have either no label or between {FEWEST_LABELS} and {MOST_LABELS}."
        )


def domain_stays(state: State, rule: Resource, old: Resource | None) -> None:
    """A rule is about one domain for good."""
    if old is not None and _domain(old) != _domain(rule):
        raise ArmError(409, "Conflict", CONFLICT)


def one_rule_for_a_domain(state: State, rule: Resource, old: Resource | None) -> None:
    """A ruleset has one rule for a domain, and a thousand altogether."""
    assert rule.id.parent is not None
    others = [r for r in state.children(rule.id.parent, "forwardingRules") if r.id.key != rule.id.key]
    if any(_domain(other) == _domain(rule) for other in others):
        raise ArmError(409, "Conflict", CONFLICT)
    if len(others) >= MOST_RULES:
        raise bad(f"DNS forwarding ruleset '{rule.id.parent}' has {MOST_RULES} rules already, and can have no more.")


def targets_can_be_asked(state: State, rule: Resource, old: Resource | None) -> None:
    """A rule names one to six name servers, none of which is Azure's own."""
    targets = rule.properties["targetDnsServers"]
    if len(targets) > MOST_TARGETS:
        raise bad(f"Forwarding rule '{rule.id.name}' has more than {MOST_TARGETS} target DNS servers.")
    if any(target["ipAddress"] in ("", AZURE_RESOLVER) for target in targets):
        raise bad(f"Forwarding rule '{rule.id.name}' cannot have {AZURE_RESOLVER} as a target DNS server.")


def _domain(rule: Resource) -> str:
    return str(rule.properties["domainName"]).lower()


# -- links -------------------------------------------------------------------------------------------------------------


def network_suits(state: State, link: Resource, old: Resource | None) -> None:
    """A link is for one network of the ruleset's region for good."""
    assert link.id.parent is not None
    network, ruleset = state.find(linked_network(link)), state.get(link.id.parent)
    if network is not None and network.location != ruleset.location:
        raise bad(
            f"Virtual network '{network.id}' in region '{network.location}' cannot be linked to DNS forwarding ruleset "
            f"'{ruleset.id.name}' in region '{ruleset.location}'."
        )
    if old is not None and linked_network(old).lower() != linked_network(link).lower():
        raise bad(f"The virtual network of link '{link.id.name}' cannot be changed.")


def one_ruleset_for_a_network(state: State, link: Resource, old: Resource | None) -> None:
    """A network has one ruleset at most, and a ruleset five hundred networks."""
    assert link.id.parent is not None
    for other in state.referrers(linked_network(link), LINK_TYPE):
        if other.id.key != link.id.key:
            message = f"Virtual network '{linked_network(link)}' is already linked to a ruleset by '{other.id}'."
            raise ArmError(409, "Conflict", message)
    if old is None and len(state.children(link.id.parent, "virtualNetworkLinks")) >= MOST_LINKS:
        raise bad(f"DNS forwarding ruleset '{link.id.parent}' has {MOST_LINKS} links already, and can have no more.")


TARGET = Shape({"ipAddress": Field(Address(), required=True), "port": Field(Whole(1, 65535), default=53)})

DNS_FORWARDING_RULESET = ResourceType(
    type=RULESET_TYPE,
    source="https://learn.microsoft.com/rest/api/dns/dnsresolver/dns-forwarding-rulesets/create-or-update",
    properties={"dnsResolverOutboundEndpoints": Field(Listing(ref(OUTBOUND_TYPE), least=1), required=True)},
    computed=GUID,
    rules=(endpoints_fit,),
    delete_rules=(has_no_links,),
    polling=dns_resolver("DnsForwardingRuleset"),
    seconds={"PUT": 8, "DELETE": 8},
    patch="tags",
    **SHARED,  # type: ignore[arg-type]
)
FORWARDING_RULE = ResourceType(
    type=RULE_TYPE,
    source="https://learn.microsoft.com/rest/api/dns/dnsresolver/forwarding-rules/create-or-update",
    versions=api_versions.DNS_RESOLVER,
    name=r"[A-Za-z][A-Za-z0-9_-]{0,79}",
    envelope={},
    properties={
        "domainName": Field(Text(), required=True),
        "targetDnsServers": Field(Listing(TARGET, least=1), required=True),
        "metadata": Field(Tags(), inert=True),
        "forwardingRuleState": Field(choice("Enabled", "Disabled"), default="Enabled"),
    },
    computed_envelope=MADE,
    rules=(domain_is_one, domain_stays, one_rule_for_a_domain, targets_can_be_asked),
    etag="inside quotes",
)
RULESET_LINK = ResourceType(
    type=LINK_TYPE,
    source="https://learn.microsoft.com/rest/api/dns/dnsresolver/virtual-network-links/create-or-update",
    envelope={},
    properties={
        "virtualNetwork": Field(ref(NETWORK_TYPE), required=True),
        "metadata": Field(Tags(), inert=True),
    },
    rules=(references_exist("virtualNetwork"), network_suits, one_ruleset_for_a_network),
    polling=dns_resolver("VirtualNetworkLink"),
    seconds={"PUT": 7, "DELETE": 7},
    **SHARED,  # type: ignore[arg-type]
)

DEVIATIONS = (
    Deviation(
        of=RULESET_TYPE,
        what="A network is linked to one ruleset at most.",
        impact="Azure may word its refusal differently.",
        reason="The documentation calls the relation of network and ruleset one to one, without an error's text.",
        workaround="Put all rules for a network into one ruleset.",
    ),
    Deviation(
        of=RULESET_TYPE,
        what="The link of a ruleset goes with its network.",
        impact="Azure may leave it behind, and it has to be deleted before the ruleset.",
        reason="What becomes of it is not documented; links of private zones are known to go.",
        workaround="Delete links before networks.",
    ),
)
