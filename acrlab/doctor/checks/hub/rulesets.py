"""Check what a ruleset of DNS Private Resolver does with the registry's name, and whether its endpoint is there."""

from __future__ import annotations

import json
from collections.abc import Mapping

from acrlab.azure.cloud import RESOLVERS_VERSION
from acrlab.doctor import az
from acrlab.doctor.facts import is_right_on_vm
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import custom_servers
from acrlab.doctor.sent_on import (
    domain_of,
    fitting,
    home_of,
    inbound_at,
    linked_ruleset,
    meant_ruleset,
    rule_in_use,
    vacant_at,
)
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import ForwardingRule, InboundEndpoint, Resolver, Ruleset

RULESETS = "https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets"
OVERVIEW = "https://learn.microsoft.com/azure/dns/dns-private-resolver-overview"


def not_linked(snapshot: Snapshot) -> Finding | None:
    """A ruleset holds for the networks that it is linked to, and for no other, peered or not."""
    ruleset, network = _in_question(snapshot), snapshot.network
    if ruleset is None or network is None or _is_linked(snapshot, ruleset) or rule_in_use(snapshot) is None:
        return None
    name = snapshot.subject.names.link
    link = f"{ruleset.id}/virtualNetworkLinks/{name}"
    body = {"properties": {"virtualNetwork": {"id": network.id}}}
    linked = ", ".join(sorted(li.network.rpartition("/")[2] for li in ruleset.links or ())) or "no network"
    return Finding(
        code="ruleset-not-linked",
        severity="error",
        title=f"The ruleset {ruleset.name} is not linked to {network.name}.",
        evidence=(f"{ruleset.name} is linked to {linked}", *_rules(ruleset), *_told(snapshot)),
        why=(
            "Neither rules nor zones follow a peering: Azure's resolver goes by a ruleset only in the networks that it "
            "is linked to. In others the registry's name leads to its public address."
        ),
        remedy=Remedy(
            (_written(link, body), _waited(link)),
            f"acrlab.steps.link_ruleset(lab, {ruleset.id!r}, {network.id!r}, {name!r})",
        ),
        source=RULESETS,
    )


def rule_missing(snapshot: Snapshot) -> Finding | None:
    """Without a rule for the public name Azure's resolver asks the internet."""
    ruleset = _in_question(snapshot)
    if ruleset is None or not _is_linked(snapshot, ruleset) or fitting(snapshot, ruleset):
        return None
    return Finding(
        code="rule-missing",
        severity="error",
        title=f"The ruleset {ruleset.name} has no rule for {domain_of(snapshot)}",
        evidence=(*_rules(ruleset), *_told(snapshot)),
        why=(
            "A rule is about the name that is asked for, and clients ask for the registry's public name. A rule for "
            f"{snapshot.subject.names.zone}. alone comes too late, and one for all names leaves Azure's services out."
        ),
        remedy=_rule_to_inbound(snapshot, ruleset, f"{ruleset.id}/forwardingRules/registries"),
        source=RULESETS,
    )


def rule_disabled(snapshot: Snapshot) -> Finding | None:
    """A rule that is disabled is as good as none."""
    ruleset = _in_question(snapshot)
    rules = fitting(snapshot, ruleset) if ruleset else ()
    if ruleset is None or not rules or rules[0].enabled:
        return None
    rule = rules[0]
    return Finding(
        code="rule-disabled",
        severity="error",
        title=f"The rule {rule.name} of the ruleset {ruleset.name} is disabled.",
        evidence=(*_rules(ruleset), *_told(snapshot)),
        why="A disabled rule is ignored: Azure's resolver asks the internet, which returns the public address.",
        remedy=_rule_written(rule.id, rule.domain, rule.targets),
        source=RULESETS,
    )


def inbound_gone(snapshot: Snapshot) -> Finding | None:
    """Questions go to an address of the resolver's where no endpoint is any more."""
    found = next(((a, *v) for a, asker in _asked(snapshot) if (v := vacant_at(snapshot, a, asker))), None)
    if found is None or is_right_on_vm(snapshot):
        return None
    address, resolver, subnet = found
    name = f"inbound-{address.replace('.', '-')}"
    id = f"{resolver.id}/inboundEndpoints/{name}"
    how = {"privateIpAllocationMethod": "Static", "privateIpAddress": address}
    region = next((n.location for n in snapshot.networks if same(n.id, resolver.network)), "")
    body = {"location": region, "properties": {"ipConfigurations": [{"subnet": {"id": subnet.id}, **how}]}}
    return Finding(
        code="inbound-endpoint-missing",
        severity="error",
        title=f"The resolver {resolver.name} has no inbound endpoint at {address}.",
        evidence=(
            f"questions for the registry go to {address}, in {subnet.name}",
            *(f"inbound endpoint {e.name}: {e.address or 'no address'}" for e in resolver.inbound or ()),
            *_told(snapshot),
        ),
        why=(
            "An inbound endpoint is what answers at that address. Without it, queries time out. "
            "A recreated one gets the lowest free address unless it asks for its old one."
        ),
        remedy=Remedy((_written(id, body),), f"acrlab.steps.make_inbound(lab, {id!r}, {subnet.id!r}, {address!r})"),
        source=OVERVIEW,
    )


def leads_elsewhere(snapshot: Snapshot) -> Finding | None:
    """A rule may ask any server; only one that asks Azure's resolver in the right network knows the zone."""
    ruleset, rule = _in_question(snapshot), rule_in_use(snapshot)
    if ruleset is None or rule is None or not _is_linked(snapshot, ruleset) or inbound_gone(snapshot):
        return None
    home = home_of(snapshot, ruleset)
    if home is None or not _inbound_of(snapshot, ruleset):
        return None
    if any(inbound_at(snapshot, target, home.network) for target in rule.targets):
        return None
    return Finding(
        code="rule-leads-elsewhere",
        severity="error",
        title=f"The rule {rule.name} sends {rule.domain} to {', '.join(rule.targets)}, which does not know the zone.",
        evidence=(*_rules(ruleset), *_inbound_told(snapshot, ruleset), *_told(snapshot)),
        why=(
            "What a rule sends on is answered by its target alone. Private zones are known to Azure's resolver: to an "
            "inbound endpoint in a network that is linked to the zone, or to a server that forwards there."
        ),
        remedy=_rule_to_inbound(snapshot, ruleset, rule.id, rule.domain),
        source=RULESETS,
    )


def in_a_circle(snapshot: Snapshot) -> Finding | None:
    """A rule to an inbound endpoint must not hold for that endpoint's own network."""
    ruleset, here = linked_ruleset(snapshot), snapshot.subject.network
    rule = next((r for r in fitting(snapshot, ruleset) if r.enabled), None) if ruleset else None
    if ruleset is None or rule is None or custom_servers(snapshot):
        return None
    around = [e for target in rule.targets if (e := inbound_at(snapshot, target, here)) and same(e[0].network, here)]
    link = next(li for li in ruleset.links or () if same(li.network, here))
    if not around:
        return None
    resolver, endpoint = around[0]
    return Finding(
        code="ruleset-in-a-circle",
        severity="error",
        title=f"The ruleset {ruleset.name} sends queries from {resolver.network.rpartition('/')[2]} back to it.",
        evidence=(
            f"{ruleset.name} is linked to {here.rpartition('/')[2]}",
            *_rules(ruleset),
            f"{endpoint.address} is the inbound endpoint {endpoint.name} of {resolver.name}, in the same network",
            *_told(snapshot),
        ),
        why=(
            "An inbound endpoint answers as its own network's resolver would, and that goes by the ruleset again: the "
            "question never ends. The network that has the endpoint reads the zone by its link, and needs no rule."
        ),
        remedy=Remedy(
            (az.az("resource delete", ids=link.id, api_version=RESOLVERS_VERSION),),
            f"acrlab.steps.remove_by_id(lab, {link.id!r})",
        ),
        source=RULESETS,
    )


# -- what they share ---------------------------------------------------------------------------------------------------


def _in_question(snapshot: Snapshot) -> Ruleset | None:
    """The ruleset that the clients should go by, where they get no right answer, and ask Azure's resolver."""
    if snapshot.registry is None or custom_servers(snapshot) or is_right_on_vm(snapshot):
        return None
    return meant_ruleset(snapshot)


def _is_linked(snapshot: Snapshot, ruleset: Ruleset) -> bool:
    return any(same(li.network, snapshot.subject.network) for li in ruleset.links or ())


def _asked(snapshot: Snapshot) -> list[tuple[str, str]]:
    """The servers that are asked for the registry's name, each with the network that asks, by its id."""
    if servers := custom_servers(snapshot):
        return [(server, snapshot.subject.network) for server in servers]
    rule, ruleset = rule_in_use(snapshot), meant_ruleset(snapshot)
    home = home_of(snapshot, ruleset) if ruleset else None
    return [(target, home.network) for target in rule.targets] if rule and home else []


def _rules(ruleset: Ruleset) -> tuple[str, ...]:
    told = tuple(f"rule {r.name}: {_rule_told(r)}" for r in ruleset.rules or ())
    return told or (f"{ruleset.name} has no rules",)


def _rule_told(rule: ForwardingRule) -> str:
    return f"{rule.domain} to {', '.join(rule.targets)}, {'enabled' if rule.enabled else 'disabled'}"


def _told(snapshot: Snapshot) -> list[str]:
    view, vm = snapshot.vm_view, snapshot.vm
    answers = [
        a for a in (view.answers if view else ()) if snapshot.registry and a.name == snapshot.registry.login_server
    ]
    return [f"{vm.name if vm else ''} asked for {a.name}: {', '.join(a.addresses) or a.status}" for a in answers]


def _inbound_of(snapshot: Snapshot, ruleset: Ruleset) -> tuple[Resolver, InboundEndpoint] | None:
    home = home_of(snapshot, ruleset)
    endpoints = [e for e in (home.inbound if home else ()) or () if e.address and e.state != "Failed"]
    return (home, endpoints[0]) if home and endpoints else None


def _inbound_told(snapshot: Snapshot, ruleset: Ruleset) -> tuple[str, ...]:
    found = _inbound_of(snapshot, ruleset)
    return (f"inbound endpoint {found[1].name} of {found[0].name}: {found[1].address}",) if found else ()


def _rule_to_inbound(snapshot: Snapshot, ruleset: Ruleset, rule: str, domain: str = "") -> Remedy:
    found = _inbound_of(snapshot, ruleset)
    return _rule_written(rule, domain or domain_of(snapshot), (found[1].address,)) if found else Remedy()


def _rule_written(rule: str, domain: str, targets: tuple[str, ...]) -> Remedy:
    servers = [{"ipAddress": target, "port": 53} for target in targets]
    body = {"properties": {"domainName": domain, "targetDnsServers": servers, "forwardingRuleState": "Enabled"}}
    addresses = ", ".join(repr(target) for target in targets)
    return Remedy((_written(rule, body),), f"acrlab.steps.write_rule(lab, {rule!r}, {domain!r}, {addresses})")


def _written(id: str, body: Mapping[str, object]) -> str:
    """Write a command that needs no extension of the Azure CLI; it does not wait for what takes time."""
    url = f"{id}?api-version={RESOLVERS_VERSION}"
    return az.az("rest", method="put", url=url, body=json.dumps(body, separators=(",", ":")))


def _waited(id: str) -> str:
    return f"{az.az('resource wait', ids=id, api_version=RESOLVERS_VERSION)} --created"


TROUBLES = (not_linked, rule_missing, rule_disabled, inbound_gone, leads_elsewhere, in_a_circle)


def explains(snapshot: Snapshot) -> bool:
    """Say whether a ruleset or a resolver is why the clients get other answers than the zone's."""
    return any(trouble(snapshot) for trouble in TROUBLES)


def _check(name: str, asks: str, number: int) -> Check:
    return Check(name, asks, TROUBLES[number], ("networks", "resolvers", "rulesets"), about=("registry", "resolver"))


CHECKS = (
    _check("ruleset-linked", "Is the ruleset linked to the clients' network?", 0),
    _check("rule-there", "Has it a rule for the registry's name?", 1),
    _check("rule-enabled", "Is the rule enabled?", 2),
    _check("inbound-endpoint", "Does an inbound endpoint have the address that is asked?", 3),
    _check("rule-target", "Does the rule lead to a server that knows the zone?", 4),
    _check("ruleset-circle", "Does no rule lead back to the network that it holds for?", 5),
)
