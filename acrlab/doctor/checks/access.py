"""Check who gets in by public access, and whether that is what was meant."""

from __future__ import annotations

from acrlab.doctor import az
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot
from acrlab.snapshot.registry import Registry

ACCESS = "https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks"
PRIVATE = "https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints#disable-public-access-to-a-registry"
TRUSTED = "https://learn.microsoft.com/azure/container-registry/allow-access-trusted-services"


def admits_everyone(registry: Registry) -> bool:
    """Say whether public access lets in any caller, before it asks who the caller is."""
    return registry.public_access == "Enabled" and registry.default_action == "Allow"


def _seen(registry: Registry) -> tuple[str, ...]:
    return (
        f"publicNetworkAccess: {registry.public_access}",
        f"defaultAction: {registry.default_action}",
        f"ipRules: {', '.join(registry.ip_rules) or 'none'}",
    )


def half_restored(snapshot: Snapshot) -> Finding | None:
    """Public access is enabled again and still lets no one in: the state that `az acr update` leaves behind.

    With a rule for anyone, also for a subnet alone, it is as its owner made it.
    """
    registry = snapshot.registry
    if registry is None or snapshot.subject.expected == "closed" or registry.ip_rules or registry.subnet_rules:
        return None
    if registry.public_access != "Enabled" or registry.default_action != "Deny":
        return None
    group, name = az.place(registry.id)
    return Finding(
        code="access-half-restored",
        severity="error" if snapshot.subject.expected == "open" else "warning",
        title=f"Public access to {name} is enabled, but no public client gets in.",
        evidence=_seen(registry),
        why=(
            "Disabling public access also sets the default action to Deny, and enabling it again does not set it back: "
            "with no rule, every public client is still refused. If the registry is meant to be closed, say so with "
            "--expect closed, and close it in plain sight: az acr update --public-network-enabled false."
        ),
        remedy=Remedy(
            (az.az("acr update", resource_group=group, name=name, default_action="Allow"),),
            "acrlab.remedies.allow_public_access(lab)",
        ),
        source=ACCESS,
    )


def open_though_closed(snapshot: Snapshot) -> Finding | None:
    """Public access is meant to be closed, and is open."""
    registry = snapshot.registry
    if registry is None or snapshot.subject.expected != "closed" or not admits_everyone(registry):
        return None
    group, name = az.place(registry.id)
    return Finding(
        code="public-access-open",
        severity="error",
        title=f"{name} should be closed, but lets every public client in.",
        evidence=_seen(registry),
        why="A private endpoint does not close the public one. Public access stays open until you disable it.",
        remedy=Remedy(
            (az.az("acr update", resource_group=group, name=name, public_network_enabled="false"),),
            "acrlab.steps.set_public_access(lab, 'Disabled')",
        ),
        source=PRIVATE,
    )


def closed_though_open(snapshot: Snapshot) -> Finding | None:
    """Public access is meant to be open, and its main switch closes it."""
    registry = snapshot.registry
    if registry is None or snapshot.subject.expected != "open" or registry.public_access == "Enabled":
        return None
    group, name = az.place(registry.id)
    return Finding(
        code="public-access-closed",
        severity="error",
        title=f"{name} should be open, but its public endpoint is closed.",
        evidence=_seen(registry),
        why="While publicNetworkAccess is Disabled, neither the default action nor any rule is checked.",
        remedy=Remedy(
            (
                az.az("acr update", resource_group=group, name=name, public_network_enabled="true"),
                az.az("acr update", resource_group=group, name=name, default_action="Allow"),
            ),
            "acrlab.remedies.allow_public_access(lab)",
        ),
        source=PRIVATE,
    )


def services_shut_out(snapshot: Snapshot) -> Finding | None:
    """A closed registry can keep Azure's trusted services out as well."""
    registry = snapshot.registry
    if registry is None or admits_everyone(registry) or registry.bypass == "AzureServices":
        return None
    group, name = az.place(registry.id)
    return Finding(
        code="trusted-services-shut-out",
        severity="note",
        title=f"Azure's own services can't reach {name}, either.",
        evidence=(f"networkRuleBypassOptions: {registry.bypass}", *_seen(registry)),
        why="Security scans, imports from another registry and tasks come from outside the network.",
        remedy=Remedy(
            (az.az("acr update", resource_group=group, name=name, allow_trusted_services="true"),),
            "acrlab.remedies.allow_trusted_services(lab)",
        ),
        source=TRUSTED,
    )


def tasks_shut_out(snapshot: Snapshot) -> Finding | None:
    """A closed registry refuses its own tasks unless they are allowed."""
    registry = snapshot.registry
    if registry is None or admits_everyone(registry) or registry.tasks_pass:
        return None
    command = f"az resource update --ids {registry.id} --api-version 2025-05-01-preview"
    return Finding(
        code="tasks-shut-out",
        severity="warning" if registry.tasks else "note",
        title=f"Tasks and az acr build can't reach {registry.name}.",
        evidence=(
            "networkRuleBypassAllowedForTasks: false",
            *([f"tasks with a system-assigned identity: {', '.join(registry.tasks)}"] if registry.tasks else []),
            *_seen(registry),
        ),
        why=(
            "Tasks run outside the network; since June 2025 they pass a closed door only if that is allowed, and only "
            "with a system-assigned identity. Without one they need an agent pool in the network, or the region's "
            "AzureContainerRegistry service tag as rules by address while public access is enabled."
        ),
        remedy=Remedy(
            (f"{command} --set properties.networkRuleBypassAllowedForTasks=true",), "acrlab.remedies.allow_tasks(lab)"
        ),
        source="https://learn.microsoft.com/azure/container-registry/manage-network-bypass-policy-for-tasks",
    )


CHECKS = (
    Check("half-restored", "Does the public endpoint do what it says?", half_restored),
    Check("closed-as-meant", "Is it closed if it is meant to be?", open_though_closed),
    Check("open-as-meant", "Is it open if it is meant to be?", closed_though_open),
    Check("trusted-services", "Can Azure's own services pass?", services_shut_out),
    Check("tasks", "Can the registry's own tasks pass?", tasks_shut_out),
)
