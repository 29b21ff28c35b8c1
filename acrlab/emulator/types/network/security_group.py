"""Microsoft.Network/networkSecurityGroups and their rules: which traffic passes, in the order of the rules' numbers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.domains import Listing, ref
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.nearness import require_near
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType, Route
from acrlab.emulator.core.values import Anything, Field, Text, Whole, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.application_security_group import ASG_TYPE
from acrlab.emulator.types.network.part import not_found
from acrlab.emulator.types.network.service_tag_names import PLATFORM, is_tag
from acrlab.emulator.types.network.subnet import INTERFACE_TYPE, SUBNET_TYPE, is_unchanged
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE

GROUP_TYPE = "Microsoft.Network/networkSecurityGroups"
RULE_TYPE = f"{GROUP_TYPE}/securityRules"
ENDS = ("source", "destination")
LAST_PORT = 65535

# name, description, source, destination, access, priority, direction
DEFAULT_RULES = (
    (
        ("AllowVnetInBound", "Allow inbound traffic from all VMs in VNET"),
        ("VirtualNetwork", "VirtualNetwork", "Allow", 65000, "Inbound"),
    ),
    (
        ("AllowAzureLoadBalancerInBound", "Allow inbound traffic from azure load balancer"),
        ("AzureLoadBalancer", "*", "Allow", 65001, "Inbound"),
    ),
    (("DenyAllInBound", "Deny all inbound traffic"), ("*", "*", "Deny", 65500, "Inbound")),
    (
        ("AllowVnetOutBound", "Allow outbound traffic from all VMs to all VMs in VNET"),
        ("VirtualNetwork", "VirtualNetwork", "Allow", 65000, "Outbound"),
    ),
    (
        ("AllowInternetOutBound", "Allow outbound traffic from all VMs to Internet"),
        ("*", "Internet", "Allow", 65001, "Outbound"),
    ),
    (("DenyAllOutBound", "Deny all outbound traffic"), ("*", "*", "Deny", 65500, "Outbound")),
)


def default_rules(state: State, group: Resource) -> list[JSON]:
    """The six rules that every group ends with."""
    return [
        {
            "name": name,
            "id": f"{group.id}/defaultSecurityRules/{name}",
            "etag": state.etag(group),
            "type": f"{GROUP_TYPE}/defaultSecurityRules",
            "properties": {
                "provisioningState": group.phase,
                "description": description,
                "protocol": "*",
                "sourcePortRange": "*",
                "destinationPortRange": "*",
                "sourceAddressPrefix": source,
                "destinationAddressPrefix": destination,
                "access": access,
                "priority": priority,
                "direction": direction,
                "sourcePortRanges": [],
                "destinationPortRanges": [],
                "sourceAddressPrefixes": [],
                "destinationAddressPrefixes": [],
            },
        }
        for (name, description), (source, destination, access, priority, direction) in DEFAULT_RULES
    ]


def rules_of(state: State, group: Resource, direction: str) -> list[JSON]:
    """Every rule of a direction, own and default, as properties, the first to be looked at first."""
    own = [{"name": r.id.name, **r.properties} for r in state.children(group.id, "securityRules")]
    default = [{"name": r["name"], **r["properties"]} for r in default_rules(state, group)]
    return sorted((r for r in (*own, *default) if r["direction"] == direction), key=lambda r: int(r["priority"]))


def priority_is_free(state: State, rule: Resource, old: Resource | None) -> None:
    """Two rules of a direction can't have the same number: which would be looked at first?"""
    parent = rule.id.parent
    for other in state.children(parent, "securityRules") if parent else ():
        same = all(other.properties[k] == rule.properties[k] for k in ("priority", "direction"))
        if same and other.id.key != rule.id.key:
            message = (
                f"Security rule {rule.id.name} conflicts with rule {other.id.name}. Rules cannot have the same "
                "Priority and Direction. To learn more, see aka.ms/nsgrules."
            )
            raise ArmError(400, "SecurityRuleConflict", message, details=[])


def groups_exist(state: State, rule: Resource, old: Resource | None) -> None:
    """A rule can only name application security groups that are there."""
    for end in ENDS:
        for group in rule.properties.get(f"{end}ApplicationSecurityGroups", ()):
            require_near(state, rule, group["id"])


def ends_are_named_one_way(state: State, rule: Resource, old: Resource | None) -> None:
    """One end of a rule is prefixes or application security groups. The words are ours."""
    for end in ENDS:
        prefixes = [rule.properties.get(f"{end}AddressPrefix"), *rule.properties[f"{end}AddressPrefixes"]]
        if any(prefixes) and rule.properties.get(f"{end}ApplicationSecurityGroups"):
            message = (
                f"Security rule {rule.id} cannot name address prefixes and application security groups as its {end}."
            )
            raise ArmError(400, "SecurityRuleParameterContainsUnsupportedValue", message, details=[])


def ports_are_numbers(state: State, rule: Resource, old: Resource | None) -> None:
    """Each end of a rule has any port, one, or a range of them; a list of them has a property of its own.

    Source: hashicorp/terraform-provider-azurerm#1530, Azure/azure-cli#23499
    """
    for text in _said(rule, "PortRange"):
        first, dash, last = text.partition("-")
        if text != "*" and not 0 <= _port(first) <= _port(last if dash else first) <= LAST_PORT:
            message = (
                f"Security rule has invalid Port range. Value provided: {text}. Value should be an integer OR integer "
                "range with '-' delimiter. Valid range 0-65535."
            )
            raise ArmError(400, "SecurityRuleInvalidPortRange", message, details=[])


def _port(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text.strip()) else -1


def prefixes_are_legal(state: State, rule: Resource, old: Resource | None) -> None:
    """A prefix is an address, a range without host bits, or one service tag.

    Source: Azure/azure-powershell#4557, hashicorp/terraform-provider-azurerm#5617, ernestio/ernest#473
    """
    for end in ENDS:
        for text in _many(rule.properties, f"{end}AddressPrefix"):
            if text == "*" or is_tag(text):
                message = (
                    f"Security rule parameter {end.title()}AddressPrefix for rule with Id {rule.id} cannot specify "
                    f"existing VIRTUALNETWORK, INTERNET, AZURELOADBALANCER, '*' or system tags. Unsupported value "
                    f"used: {text}."
                )
                raise ArmError(400, "SecurityRuleParameterContainsUnsupportedValue", message, details=[])
    for text in _said(rule, "AddressPrefix"):
        if not (text == "*" or is_tag(text) or _is_range(text)):
            message = f"Security rule {rule.id} has invalid Address prefix. Value provided: {text}"
            raise ArmError(400, "SecurityRuleInvalidAddressPrefix", message, details=[])


def platform_is_left_alone(state: State, rule: Resource, old: Resource | None) -> None:
    """What Azure itself does for a VM, names and metadata among it, cannot be forbidden here."""
    named = next((text for text in _said(rule, "AddressPrefix") if text.lower() in PLATFORM), "")
    if named and rule.properties["access"] == "Deny":
        raise NotEmulated(f"a security rule that denies {named}", supported="rules about networks and services")


def _is_range(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _said(rule: Resource, what: str) -> list[str]:
    """All that is said of the ports, or the prefixes, of both ends, in one property or the other."""
    properties = rule.properties
    found = [text for end in ENDS for text in (properties.get(f"{end}{what}"), *_many(properties, f"{end}{what}"))]
    return [text for text in found if text]


def _many(properties: JSON, name: str) -> list[str]:
    return list(properties.get(f"{name}es") or properties.get(f"{name}s") or [])


def is_not_in_use(state: State, group: Resource) -> None:
    """Interfaces and subnets must not lose their protection unnoticed."""
    users = [id for kind in (INTERFACE_TYPE, SUBNET_TYPE) for id in state.referring_ids(group.id, kind)]
    if users:
        message = (
            f"Network security group {group.id} cannot be deleted because it is in use by the following resources: "
            f"{', '.join(users)}. In order to delete the Network security group, remove the association with the "
            "resource(s). To learn how to do this, see aka.ms/deletensg."
        )
        raise ArmError(400, "InUseNetworkSecurityGroupCannotBeDeleted", message, details=[])


def _users(kind: str) -> Callable[[State, Resource], list[JSON] | None]:
    def users(state: State, group: Resource) -> list[JSON] | None:
        return [{"id": id} for id in state.referring_ids(group.id, kind)] or None

    return users


SECURITY_RULE = ResourceType(
    type=RULE_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/security-rules/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    envelope={},
    properties={
        "description": Field(Text()),
        "protocol": Field(choice("*", "Tcp", "Udp", "Icmp", "Esp", "Ah"), required=True),
        "sourcePortRange": Field(Text()),
        "destinationPortRange": Field(Text()),
        "sourceAddressPrefix": Field(Text()),
        "destinationAddressPrefix": Field(Text()),
        "access": Field(choice("Allow", "Deny"), required=True),
        "priority": Field(Whole(100, 4096), required=True),
        "direction": Field(choice("Inbound", "Outbound"), required=True),
        "sourcePortRanges": Field(Listing(Text()), default=[]),
        "destinationPortRanges": Field(Listing(Text()), default=[]),
        "sourceAddressPrefixes": Field(Listing(Text()), default=[]),
        "destinationAddressPrefixes": Field(Listing(Text()), default=[]),
        "sourceApplicationSecurityGroups": Field(Listing(ref(ASG_TYPE))),
        "destinationApplicationSecurityGroups": Field(Listing(ref(ASG_TYPE))),
    },
    rules=(
        ports_are_numbers,
        prefixes_are_legal,
        platform_is_left_alone,
        priority_is_free,
        groups_exist,
        ends_are_named_one_way,
    ),
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 3, "DELETE": 3},
    etag="quoted",
    missing=not_found,
)


def default_rule(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Show one of the rules that every group ends with."""
    group = state.get(ArmId(str(ArmId.of_group(words["subscription"], words["group"])), GROUP_TYPE, (words["name"],)))
    for rule in default_rules(state, group):
        if rule["name"].lower() == words["rule"].lower():
            return rule
    id = f"{group.id}/defaultSecurityRules/{words['rule']}"
    raise ArmError(404, "NotFound", f"Resource {id} not found.", details=[])


def listed_defaults(state: State, group: Resource, request: Request) -> JSON:
    """List the rules that every group ends with."""
    return {"value": default_rules(state, group)}


SECURITY_GROUP = ResourceType(
    type=GROUP_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/network-security-groups/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    properties={"flushConnection": Field(Anything(), inert=True)},
    computed={
        "resourceGuid": lambda state, group: state.guid(group, "resource"),
        "defaultSecurityRules": default_rules,
        "networkInterfaces": _users(INTERFACE_TYPE),
        "subnets": _users(SUBNET_TYPE),
    },
    children={"securityRules": "securityRules"},
    actions={"defaultSecurityRules": Action(listed_defaults, method="GET")},
    delete_rules=(is_not_in_use,),
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 3, "DELETE": 10},
    at_once=is_unchanged,  # as recorded of one that gets other tags
    etag="quoted",
    patch="tags",
)

ROUTES = (
    Route(
        "GET",
        f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{GROUP_TYPE}/{{name}}"
        "/defaultSecurityRules/{rule}",
        default_rule,
        "https://learn.microsoft.com/rest/api/virtualnetwork/default-security-rules/get",
    ),
)
