"""Check that the VM's role is one that counts: a registry that asks for repository permissions ignores AcrPull."""

from __future__ import annotations

from acrlab.azure.cloud import CATALOG_LISTER, REPOSITORY_CONTRIBUTOR, REPOSITORY_READER, REPOSITORY_WRITER, ROLES
from acrlab.doctor import az
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot

SOURCE = "https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions"
READER = ROLES[REPOSITORY_READER]
# Roles that let pull where repositories are asked for; and what Azure's own roles are, of which the others do not.
READING = {ROLES[id] for id in (REPOSITORY_READER, REPOSITORY_WRITER, REPOSITORY_CONTRIBUTOR)}
KNOWN = {*ROLES.values(), ROLES[CATALOG_LISTER]}


def not_honored(snapshot: Snapshot) -> Finding | None:
    """The role is assigned, and signing in works; only the pull is refused."""
    vm, registry = snapshot.vm, snapshot.registry
    if vm is None or registry is None or not vm.identity or vm.roles is None or not registry.asks_for_repositories:
        return None
    if set(vm.roles) & READING or set(vm.roles) - KNOWN:
        return None
    held = ", ".join(vm.roles)
    return Finding(
        code="role-not-honored",
        severity="error",
        title=f"{vm.name} may not pull from {registry.name}: {held or 'no role'} has no effect there.",
        evidence=(
            f"roleAssignmentMode: {registry.role_mode}",
            f"roles of its identity on the registry: {held or 'none'}",
        ),
        why=(
            "In this mode permissions are given for repositories: AcrPull, AcrPush, AcrDelete, Owner, Contributor and "
            f"Reader allow nothing to images, though az acr login goes through. {READER} does; with a condition it "
            "counts for some repositories alone."
        ),
        remedy=Remedy(
            (
                az.az(
                    "role assignment create",
                    assignee_object_id=vm.identity,
                    assignee_principal_type="ServicePrincipal",
                    role=READER,
                    scope=registry.id,
                ),
            ),
            "acrlab.remedies.allow_repositories(lab)",
        ),
        source=SOURCE,
    )


CHECKS = (Check("role-counts", "Does its role count in this registry?", not_honored, ("roles",), about=("vm",)),)
