"""Chapter 10: one internet address that is let in to a closed registry."""

from __future__ import annotations

from acrlab.course.section import Seen
from acrlab.course.tasks.registry import registry_is_there, registry_of_others
from acrlab.course.tasks.task import Task
from acrlab.lab.azure_errors import word
from acrlab.lab.lab import Lab

OUTSIDE = "198.51.100.20"  # where the computer `outside` stands


def let_one_in(lab: Lab) -> None:
    """The rules that you send replace all existing rules, so those have to be sent along."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    rules = lab.registry.registries.get(*names).properties.network_rule_set.ip_rules or []
    rules = [*rules, {"action": "Allow", "value": "198.51.100.20"}]
    change = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def shut_out_again(lab: Lab) -> None:
    """The list that you send replaces the old one: leave out that rule, and keep every other."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    rules = lab.registry.registries.get(*names).properties.network_rule_set.ip_rules or []
    rules = [rule for rule in rules if rule.ip_address_or_range.removesuffix("/32") != OUTSIDE]
    change = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def _let_in(lab: Lab) -> Seen:
    if not registry_is_there(lab):
        return Seen(False, "no registry", "the chapter was not run from its top", "run it from its top")
    registry = lab.registry.registries.get(lab.settings.resource_group, lab.settings.registry_name)
    rules = registry.properties.network_rule_set
    given = [one.ip_address_or_range for one in (rules.ip_rules or [])] if rules else []
    action = word(rules.default_action) if rules else "none"
    shown = f"defaultAction {action}, ipRules {', '.join(given) or 'none'}"
    if action != "Deny":
        return Seen(False, shown, "everyone is let in, not one address", "keep the default action Deny")
    if OUTSIDE in [one.removesuffix("/32") for one in given]:
        return Seen(True, shown)
    return Seen(False, shown, "the rule was not sent, or has another address", f"the address is {OUTSIDE}")


TASKS = (
    Task(
        name="ip-rule",
        chapter="10",
        goal="Let the computer outside in by its address, 198.51.100.20, and no one else.",
        expected="defaultAction Deny, and one IP rule that allows 198.51.100.20",
        look=_let_in,
        hints=(
            "The registry's rules are a property of the registry: `networkRuleSet`.",
            "`lab.registry.registries.begin_update(group, registry, body)`; a rule has `action` and `value`.",
        ),
        solution=let_one_in,
        az="az acr network-rule add --resource-group {resource_group} --name {registry_name} "
        "--ip-address 198.51.100.20",
        rights=("Microsoft.ContainerRegistry/registries/write",),
        undo=shut_out_again,
        undone="the IP rule",
        foreign=registry_of_others,
    ),
)
