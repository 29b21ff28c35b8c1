"""Chapter 07: public network access disabled and enabled again, which is not all of it; and then the rest."""

from __future__ import annotations

from acrlab import steps
from acrlab.course.section import Seen
from acrlab.course.tasks.registry import registry_is_there, registry_of_others
from acrlab.course.tasks.task import Task
from acrlab.lab.lab import Lab

REGISTRY = "Microsoft.ContainerRegistry/registries"
NO_REGISTRY = Seen(False, "no registry", "the lab is not there", "run the chapter from its top")


def disable_access(lab: Lab) -> None:
    """This is what `az acr update --public-network-enabled false` sends: two settings, though you named one."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    change = {"publicNetworkAccess": "Disabled", "networkRuleSet": {"defaultAction": "Deny"}}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def enable_access(lab: Lab) -> None:
    """This is what `az acr update --public-network-enabled true` sends: one setting. The other stays as it was left."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    lab.registry.registries.begin_update(*names, {"properties": {"publicNetworkAccess": "Enabled"}}).result()


def allow_everyone(lab: Lab) -> None:
    """The default action is for callers that match no rule: as long as there is no rule, for everyone."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    change = {"networkRuleSet": {"defaultAction": "Allow"}}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def _is_set(lab: Lab, access: str, action: str, cause: str, following: str) -> Seen:
    """See whether the registry has this public network access and this default action."""
    if not registry_is_there(lab):
        return NO_REGISTRY
    seen = steps.current_access(lab)
    shown = f"publicNetworkAccess {seen.public_network_access}, defaultAction {seen.default_action}"
    if (seen.public_network_access, seen.default_action) == (access, action):
        return Seen(True, shown)
    return Seen(False, shown, cause, following)


def _disabled(lab: Lab) -> Seen:
    cause = "the change was not sent, or the default action is Allow, which the command sets to Deny as well"
    return _is_set(lab, "Disabled", "Deny", cause, "send both settings in one change")


def _enabled(lab: Lab) -> Seen:
    cause = "the change was not sent, or the default action was changed with it"
    return _is_set(lab, "Enabled", "Deny", cause, "change publicNetworkAccess, and nothing else")


def _allowed(lab: Lab) -> Seen:
    cause = "the default action is still Deny, or public network access is disabled"
    return _is_set(lab, "Enabled", "Allow", cause, "change the setting that the refusal comes from")


TASKS = (
    Task(
        name="access-disabled",
        chapter="07",
        goal="Disable public network access altogether, as `--public-network-enabled false` does.",
        expected="publicNetworkAccess Disabled, defaultAction Deny",
        look=_disabled,
        hints=(
            "It is the call that added a rule in chapter 06, with another property.",
            "`lab.registry.registries.begin_update(group, registry, body)`; the property is `publicNetworkAccess`.",
        ),
        solution=disable_access,
        az="az acr update --name {registry_name} --public-network-enabled false",
        rights=(f"{REGISTRY}/write",),
        undo=enable_access,
        undone="the disabling of public network access on {registry_name}",
        foreign=registry_of_others,
    ),
    Task(
        name="access-enabled",
        chapter="07",
        goal="Enable public network access again, and change nothing else.",
        expected="publicNetworkAccess Enabled, defaultAction Deny",
        look=_enabled,
        hints=(
            "One setting, one word.",
            "It is the same body with only `publicNetworkAccess` in its properties.",
        ),
        solution=enable_access,
        az="az acr update --name {registry_name} --public-network-enabled true",
        rights=(f"{REGISTRY}/write",),
        after="access-disabled",
        foreign=registry_of_others,
    ),
    Task(
        name="access-allowed",
        chapter="07",
        goal="Let everyone in again: change the setting that still refuses them.",
        expected="publicNetworkAccess Enabled, defaultAction Allow",
        look=_allowed,
        hints=(
            "Compare the two columns of the table above: what differs?",
            "The default action is in `networkRuleSet`, as `defaultAction`.",
        ),
        solution=allow_everyone,
        az="az acr update --name {registry_name} --default-action Allow",
        rights=(f"{REGISTRY}/write",),
        after="access-enabled",
        foreign=registry_of_others,
    ),
)
