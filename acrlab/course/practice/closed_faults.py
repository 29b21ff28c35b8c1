"""What goes wrong in a registry that is closed for good: roles, builds, and an older way to close it.

What a ticket changes beside what its fix puts back is taken away with its stage. On one of them the registry has a task
that builds, with an identity of its own.
"""

from __future__ import annotations

from typing import Any

from acrlab.azure.cloud import NETWORK
from acrlab.course.section import Diagnosis, Fault, Stage
from acrlab.doctor import remedies
from acrlab.lab.ensure import put
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_own
from acrlab.steps import public_access
from acrlab.steps.beyond import builds, closed

SERVICE = "Microsoft.ContainerRegistry"


# -- the stage ---------------------------------------------------------------------------------------------------------


def keep_a_task(lab: Lab) -> None:
    builds.put_task(lab)


def drop_the_task(lab: Lab) -> None:
    builds.drop_task(lab)


def leave_the_subnet(lab: Lab) -> None:
    """Take the service endpoint for registries off the VM's subnet; those for others stay."""
    subnet = _subnet(lab)
    kept = [one for one in subnet.service_endpoints or [] if one.service != SERVICE]
    if len(kept) != len(subnet.service_endpoints or []):
        subnet.service_endpoints = kept
        _put(lab, subnet)


def take_the_rule_away(lab: Lab) -> None:
    closed.remove_subnet_rule(lab, str(_subnet(lab).id))


STAGE = Stage(
    name="closed-registry",
    clear=(closed.back_to_registry_roles, take_the_rule_away, leave_the_subnet),
    chapter="15",
)
WITH_TASK = Stage(name="registry-with-a-task", build=(keep_a_task,), clear=(drop_the_task,), chapter="15")


# -- planting ----------------------------------------------------------------------------------------------------------


def ask_for_repositories(lab: Lab) -> None:
    closed.set_role_mode(lab, closed.ABAC)


def close_the_older_way(lab: Lab) -> None:
    """Let the VM's subnet in by its service endpoint, and deny everyone else."""
    subnet = _subnet(lab)
    subnet.service_endpoints = [*(subnet.service_endpoints or []), {"service": SERVICE}]
    _put(lab, subnet)
    public_access.deny_public_access(lab)
    closed.admit_subnet(lab, str(subnet.id))


def _subnet(lab: Lab) -> Any:
    s = lab.settings
    return lab.network.subnets.get(s.resource_group, s.network_name, s.subnet_name)


def _put(lab: Lab, subnet: Any) -> None:
    id = f"{lab.id_of(NETWORK, lab.settings.network_name)}/subnets/{lab.settings.subnet_name}"
    require_own(lab, id)
    put(lab, id, lab.network.subnets, subnet, "Changing a subnet's service endpoints")


FAULTS = (
    Fault(
        name="the-badge-that-opens-nothing",
        code="role-not-honored",
        symptom="az acr login on the VM says Login Succeeded. The pull right after it: unauthorized. It has AcrPull!",
        hints=(
            "Signing in worked, but pulling did not. What decides which of your roles apply?",
            "Compare the roles of the VM's identity on the registry with those that the registry requires.",
            "az acr show --query roleAssignmentMode.",
        ),
        plant=(ask_for_repositories,),
        fix="Give the VM's identity the role Container Registry Repository Reader.",
        solution=(remedies.allow_repositories,),
        story="The registry was moved to repository permissions, as new ones will be, but its roles were not.",
        stage=STAGE,
    ),
    Fault(
        name="the-builder-at-the-gate",
        code="tasks-shut-out",
        symptom="The nightly rebuild is red since we closed the registry: client with IP '…' is not allowed access.",
        hints=(
            "The address in the log is not one of ours. Whose machine runs the task?",
            "It comes from outside, with an identity. What may reach a closed registry because of its identity?",
            "az acr show --query networkRuleBypassAllowedForTasks, with a preview's api-version.",
        ),
        plant=(public_access.deny_public_access,),
        fix="Let the registry's own tasks in.",
        solution=(remedies.allow_tasks,),
        story="Tasks were trusted automatically until June 2025; the registry was closed after that.",
        expect="closed",
        stage=WITH_TASK,
    ),
    Fault(
        name="two-doors-one-lock",
        code="service-endpoint-conflict",
        symptom="An import from our other registry is refused since Friday, though trusted services may pass.",
        hints=(
            "Trusted services may pass, says one property. What on the same registry overrides that?",
            "Which rules does it have, and do you need them all, with a private endpoint?",
            "az acr network-rule list.",
        ),
        plant=(close_the_older_way,),
        fix="Remove the rules for subnets: the private endpoint needs none.",
        solution=(remedies.remove_subnet_rules,),
        story="A runbook from before private endpoints was followed once more.",
        expect="closed",
        stage=STAGE,
    ),
)

DIAGNOSES = (
    Diagnosis(
        "role-not-honored",
        "The registry uses repository permissions, where AcrPull has no effect.",
        "roleAssignmentMode would be AbacRepositoryPermissions",
        "refused",
        (STAGE.name,),
    ),
    Diagnosis(
        "tasks-shut-out",
        "The registry is closed to its own tasks.",
        "networkRuleBypassAllowedForTasks would be false, and the log of a run would name an address that is not yours",
        "refused",
        (WITH_TASK.name,),
    ),
    Diagnosis(
        "service-endpoint-conflict",
        "The registry has rules for subnets beside its private endpoint.",
        "az acr network-rule list would show virtualNetworkRules",
        "refused",
        (STAGE.name,),
    ),
)
