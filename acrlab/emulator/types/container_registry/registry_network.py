"""The rules at a registry's public endpoint: addresses and subnets that may come in, and what must hold for a rule.

A rule for a subnet counts for what the subnet sends by its service endpoint for registries, which then comes with its
private address. Source: https://learn.microsoft.com/azure/container-registry/container-registry-vnet
"""

from __future__ import annotations

import ipaddress
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Field, Plain, Scene, Text, choice
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE
from acrlab.emulator.types.network.subnet import SUBNET_TYPE, serves_registries

MOST_ADDRESSES, MOST_SUBNETS = 200, 100
SUBNET_MEMBER, SUBNETS_AGAIN = "virtualNetworkSubnetResourceId", "2026-09-01"  # a rule's `id`, and since when
SUBNETS_GONE = "2021-09-01"  # from then on until they came again, api-versions know no rules for subnets


class NetworkRule(Shape):
    """A rule for a subnet, whose id has two names."""

    def admit(self, at: str, value: JSON, scene: Scene) -> JSON:
        if isinstance(value, dict) and SUBNET_MEMBER in value and scene.version >= SUBNETS_AGAIN:
            value = {name: said for name, said in value.items() if name != SUBNET_MEMBER} | {"id": value[SUBNET_MEMBER]}
        return super().admit(at, value, scene)

    def show(self, value: JSON, scene: Scene) -> JSON:
        shown = super().show(value, scene)
        return {SUBNET_MEMBER if n == "id" and scene.version >= SUBNETS_AGAIN else n: v for n, v in shown.items()}


class RuleSet(Shape):
    """All rules of a registry; those for subnets are shown to the api-versions that know them."""

    def show(self, value: JSON, scene: Scene) -> JSON:
        hidden = SUBNETS_GONE <= scene.version < SUBNETS_AGAIN
        return {n: v for n, v in super().show(value, scene).items() if n != "virtualNetworkRules" or not hidden}


def has_subnet_rules(registry: Resource) -> bool:
    """Tell whether rules for subnets are there: then trusted services do not pass any more."""
    return bool((registry.properties.get("networkRuleSet") or {}).get("virtualNetworkRules"))


def rules_are_addresses(state: State, registry: Resource, old: Resource | None) -> None:
    """A rule names a public IPv4 address or range."""
    for rule in registry.properties.get("networkRuleSet", {}).get("ipRules", []):
        try:
            ipaddress.IPv4Network(rule["value"], strict=False)
        except ValueError as problem:
            message = f"The IP address or range '{rule['value']}' in the network rule set is invalid."
            raise ArmError(400, "InvalidNetworkRule", message) from problem


def rules_are_few(state: State, registry: Resource, old: Resource | None) -> None:
    """The numbers are documented, the words are ours."""
    rules = registry.properties.get("networkRuleSet", {})
    for name, most in (("ipRules", MOST_ADDRESSES), ("virtualNetworkRules", MOST_SUBNETS)):
        if len(rules.get(name, [])) > most:
            message = f"The registry {registry.id.name} can have at most {most} {name}."
            raise ArmError(400, "NetworkRuleLimitExceeded", message)


def subnets_have_an_endpoint(state: State, registry: Resource, old: Resource | None) -> None:
    """A rule for a subnet needs the subnet's service endpoint; what was there before is not looked at again."""
    before = {rule["id"].lower() for rule in _subnet_rules(old)} if old else set()
    for rule in _subnet_rules(registry):
        if rule["id"].lower() not in before:
            _require_endpoint(state, rule["id"])


def _subnet_rules(registry: Resource) -> list[JSON]:
    rules: list[JSON] = registry.properties.get("networkRuleSet", {}).get("virtualNetworkRules", [])
    return rules


def _require_endpoint(state: State, id: str) -> None:
    try:
        parsed = ArmId.parse(id)
    except ValueError:
        parsed = None
    if parsed is None or parsed.type.lower() != SUBNET_TYPE.lower():
        raise _invalid(f"'{id}' is not the resource id of a subnet.")
    subnet = state.find(parsed)
    if subnet is None:
        raise _invalid(f"Resource {id} was not found.")
    if not serves_registries(subnet):
        service = "Microsoft.ContainerRegistry"
        raise _invalid(
            f"Subnets {parsed.name} of virtual network {parsed.parent} do not have ServiceEndpoints for {service} "
            f"resources configured. Add {service} to subnet's ServiceEndpoints collection before trying to ACL "
            f"{service} resources to these subnets."
        )


def _invalid(problem: str) -> ArmError:
    return ArmError(400, "NetworkRuleValidationError", f"Could not validate network rule - {problem}")


class _Allow(Plain):
    """What a rule does with its address. Whatever is sent, the service keeps that it lets it in."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        Text().admit(at, value, scene)
        return "Allow"


class _Range(Text):
    """An address or a range. A range of one address is kept as the address.

    Source: https://github.com/hashicorp/terraform-provider-azurerm, how it reads `ip_rule` of a registry
    """

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        return super().admit(at, value, scene).removesuffix("/32")


NETWORK_RULE = NetworkRule({"action": Field(choice("Allow"), default="Allow"), "id": Field(Text(), required=True)})
IP_RULE = Shape({"action": Field(_Allow(), default="Allow"), "value": Field(_Range(), required=True)})
OPEN = {"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []}
RULE_SET = RuleSet(
    {
        "defaultAction": Field(choice("Allow", "Deny"), default="Allow"),
        "virtualNetworkRules": Field(Listing(NETWORK_RULE), default=[]),
        "ipRules": Field(Listing(IP_RULE), default=[]),
    }
)
RULES = (rules_are_addresses, rules_are_few, subnets_have_an_endpoint)

DEVIATIONS = (
    Deviation(
        of=REGISTRY_TYPE,
        what="Rules for subnets and private endpoints can be had on one registry, and each works as it does alone.",
        impact="Azure does not support both together; what it does then may be anything.",
        reason="The documentation says that it is not supported, and no source shows a refusal or an effect.",
        workaround="Remove one of the two: `acrlab doctor` says so, and `az acr network-rule remove` does it.",
    ),
)
