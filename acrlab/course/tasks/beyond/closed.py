"""Chapter 15: builds are let in by their addresses, or by what they are, and a right is given for one repository.

The chapter's own steps are loaded when a task is looked at: the other chapters read this table, too.
"""

from __future__ import annotations

from acrlab import steps
from acrlab.azure.cloud import REPOSITORY_READER, ROLES_VERSION
from acrlab.course.section import Seen
from acrlab.course.tasks.registry import registry_is_there, registry_of_others
from acrlab.course.tasks.task import Task
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import ASSIGNMENTS, role_guid
from acrlab.steps.access_note import shown_rule
from acrlab.steps.run_command import find_vm

REGISTRY = "Microsoft.ContainerRegistry/registries"
_ACTION = "!(ActionMatches{{{{'Microsoft.ContainerRegistry/registries/repositories/{}/read'}}}})"
CONDITION = (
    f"(({_ACTION.format('content')} AND {_ACTION.format('metadata')}) OR "
    "(@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEqualsIgnoreCase 'hello-world'))"
)
NO_REGISTRY = Seen(False, "no registry", "the lab is not there", "run the chapter from its top")


def admit_the_tag(lab: Lab) -> None:
    """Rules are checked only while public network access is enabled; Deny keeps out every caller that no rule names."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    region = lab.settings.location
    tags = lab.network.service_tags.list(region).values_property
    tag = next(one for one in tags if one.name.lower() == f"AzureContainerRegistry.{region}".lower())
    prefixes = [prefix for prefix in tag.properties.address_prefixes if ":" not in prefix]
    rules = [{"action": "Allow", "value": prefix} for prefix in prefixes]
    change = {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def let_tasks_pass(lab: Lab) -> None:
    """Since June 2025 tasks are no longer a trusted service unless the registry's owner says so."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    change = {"networkRuleBypassOptions": "AzureServices", "networkRuleBypassAllowedForTasks": True}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def shut_tasks_out(lab: Lab) -> None:
    """As a registry is made: tasks do not pass."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    change = {"networkRuleBypassAllowedForTasks": False}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def give_one_repository(lab: Lab) -> None:
    """The condition restricts only reading, and allows it only in this repository."""
    from acrlab.steps.beyond import closed

    names = (lab.settings.resource_group, lab.settings.vm_name)
    principal = lab.compute.virtual_machines.get(*names).identity.principal_id
    role = "b93aa761-3e63-49ed-ac28-beffa264f7ac"  # Container Registry Repository Reader
    properties = {
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": principal,
        "principalType": "ServicePrincipal",
        "condition": closed.only_in("hello-world"),
        "conditionVersion": "2.0",
    }
    id = closed.right(lab, principal, role)  # the name that clean-up looks for
    operations = lab.resources.resources
    operations.begin_create_or_update_by_id(id, {"properties": properties}, api_version="2022-04-01").result()


def take_the_right(lab: Lab) -> None:
    """What the solution gave goes; an assignment that you made with `az` has another name, and stays."""
    from acrlab.steps.beyond import closed

    closed.take_role(lab, closed.vm_principal(lab), REPOSITORY_READER)


def count_for_registries(lab: Lab) -> None:
    """The mode alone decides which roles apply: AcrPull was there all the time, and applies again."""
    names = (lab.settings.resource_group, lab.settings.registry_name)
    change = {"roleAssignmentMode": "LegacyRegistryPermissions"}
    lab.registry.registries.begin_update(*names, {"properties": change}).result()


def _admitted(lab: Lab) -> Seen:
    from acrlab.steps.beyond import closed

    if not registry_is_there(lab):
        return NO_REGISTRY
    seen, wanted = steps.current_access(lab), closed.tag_prefixes(lab)
    missing = [prefix for prefix in wanted if shown_rule(prefix) not in seen.ip_rules]
    shown = f"{seen}"
    if seen.public_network_access != "Enabled":
        return Seen(
            False, shown, "while it is Disabled no rule is checked", "enable public network access in the change"
        )
    if seen.default_action != "Deny":
        return Seen(False, shown, "everyone is let in, with rules or without", "set the default action to Deny")
    if missing:
        return Seen(False, shown, f"no rule for {', '.join(missing)}", "send a rule for each prefix of the tag")
    return Seen(True, shown)


def _tasks_pass(lab: Lab) -> Seen:
    if not registry_is_there(lab):
        return NO_REGISTRY
    seen = steps.current_access(lab)
    shown = f"networkRuleBypassOptions {seen.bypass}, networkRuleBypassAllowedForTasks {str(seen.tasks_pass).lower()}"
    if seen.tasks_pass and seen.bypass == "AzureServices":
        return Seen(True, shown)
    cause = "the change was not sent" if seen.bypass == "AzureServices" else "no trusted service is let in at all"
    return Seen(False, shown, cause, "set networkRuleBypassAllowedForTasks, and leave networkRuleBypassOptions")


def _one_repository(lab: Lab) -> Seen:
    from acrlab.steps.beyond import closed

    s = lab.settings
    if not registry_is_there(lab) or find_vm(lab) is None:
        return Seen(False, "no registry, or no VM", "the lab is not there", "run the chapter from its top")
    found = lab.arm.get_all(
        f"{lab.registry_id}/{ASSIGNMENTS}",
        ROLES_VERSION,
        **{"$filter": f"atScope() and assignedTo('{closed.vm_principal(lab)}')"},
    )
    own = [one["properties"] for one in found if role_guid(one) == REPOSITORY_READER]
    if not own:
        cause = f"the identity of {s.vm_name} has no role for repositories"
        return Seen(False, cause, "the role was not assigned, or to another identity", "assign it to the VM's identity")
    condition = own[0].get("condition") or ""
    if "'hello-world'" not in condition:
        shown = f"the role, with {'another condition' if condition else 'no condition'}"
        return Seen(False, shown, "it applies to other repositories as well", "send a condition that names hello-world")
    return Seen(True, "the role, where the repository is hello-world")


def _for_registries(lab: Lab) -> Seen:
    from acrlab.steps.beyond import closed

    if not registry_is_there(lab):
        return NO_REGISTRY
    mode = closed.role_mode(lab)
    shown = f"roleAssignmentMode {mode}"
    if mode == closed.LEGACY:
        return Seen(True, shown)
    return Seen(False, shown, "the change was not sent", "change roleAssignmentMode, and nothing else")


TASKS = (
    Task(
        name="tag-admitted",
        chapter="15",
        goal="Let the builds of your region in, and no one else: one rule for each prefix of the service tag.",
        expected="publicNetworkAccess Enabled, defaultAction Deny, and the prefixes of the tag as rules",
        look=_admitted,
        hints=(
            "`lab.network.service_tags.list(region)` has the prefixes; look for the tag with the region's name.",
            'It is one `begin_update` with three settings; a rule is `{"action": "Allow", "value": prefix}`.',
        ),
        solution=admit_the_tag,
        az=(
            "az acr update --name {registry_name} --public-network-enabled true --default-action Deny\n"
            'for prefix in $(az network list-service-tags --location {location} --query "values[?properties.region=='
            "'{location}' && properties.systemService=='AzureContainerRegistry'].properties.addressPrefixes[]\" "
            "--output tsv); do az acr network-rule add --name {registry_name} --ip-address $prefix; done"
        ),
        rights=(f"{REGISTRY}/write",),
        foreign=registry_of_others,
    ),
    Task(
        name="tasks-pass",
        chapter="15",
        goal="Let the registry's own tasks reach it while it is closed.",
        expected="networkRuleBypassOptions AzureServices, networkRuleBypassAllowedForTasks true",
        look=_tasks_pass,
        hints=(
            "It is a property of the registry, and its name begins with `networkRuleBypass`.",
            "`lab.registry.registries.begin_update(...)` with `networkRuleBypassAllowedForTasks`.",
        ),
        solution=let_tasks_pass,
        az=(
            "az resource update --namespace Microsoft.ContainerRegistry --resource-type registries --name "
            "{registry_name} --resource-group {resource_group} --api-version 2025-05-01-preview --set "
            "properties.networkRuleBypassAllowedForTasks=true"
        ),
        rights=(f"{REGISTRY}/write",),
        undo=shut_tasks_out,
        undone="that tasks pass the closed door of {registry_name}",
        foreign=registry_of_others,
    ),
    Task(
        name="one-repository",
        chapter="15",
        goal="Give the VM's identity permission to pull from the repository `hello-world`, and from no other.",
        expected="Container Registry Repository Reader on {registry_name}, with a condition that names hello-world",
        look=_one_repository,
        hints=(
            "It is a role assignment on the registry, with `condition` and `conditionVersion`.",
            '`closed.only_in("hello-world")` writes the condition; `closed.give_role` shows the call.',
        ),
        solution=give_one_repository,
        az=(
            'az role assignment create --role "Container Registry Repository Reader" --assignee-object-id '
            "$(az vm show --resource-group {resource_group} --name {vm_name} --query identity.principalId "
            "--output tsv) --assignee-principal-type ServicePrincipal --scope $(az acr show --name {registry_name} "
            f'--query id --output tsv) --condition-version 2.0 --condition "{CONDITION}"'
        ),
        rights=("Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete"),
        undo=take_the_right,
        undone="the right of {vm_name} to pull from hello-world",
        foreign=registry_of_others,
    ),
    Task(
        name="registry-roles",
        chapter="15",
        goal="Let roles apply to the whole registry again.",
        expected="roleAssignmentMode LegacyRegistryPermissions",
        look=_for_registries,
        hints=(
            "It is one property, and you read both of its values above.",
            "`lab.registry.registries.begin_update(...)` with `roleAssignmentMode`.",
        ),
        solution=count_for_registries,
        az="az acr update --name {registry_name} --role-assignment-mode rbac",
        rights=(f"{REGISTRY}/write",),
        after="one-repository",
        foreign=registry_of_others,
    ),
)
