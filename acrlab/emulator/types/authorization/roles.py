"""What a role is: permissions under a name; and the built-in ones, which are the same in every tenant.

A custom role is the same thing, read from what was stored; `role_definition` beside this module finds either.
Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from acrlab.azure.cloud import ROLES
from acrlab.emulator.core.http import JSON

_REGISTRIES = "Microsoft.ContainerRegistry/registries"
CATALOG_ACTION = f"{_REGISTRIES}/catalog/read"


@dataclass(frozen=True)
class Permission:
    """Actions that are allowed, less those that are taken back; and the same for data. `*` stands for anything."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    @classmethod
    def read(cls, kept: Mapping[str, Sequence[str]]) -> Permission:
        """Read one from the JSON of a role definition."""
        names = ("actions", "notActions", "dataActions", "notDataActions")
        return cls(*(tuple(kept.get(name, ())) for name in names))

    def shown(self) -> JSON:
        return {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": list(self.data_actions),
            "notDataActions": list(self.not_data_actions),
        }

    def allows(self, action: str) -> bool:
        return _matches(self.actions, action) and not _matches(self.not_actions, action)

    def allows_on_data(self, action: str) -> bool:
        return _matches(self.data_actions, action) and not _matches(self.not_data_actions, action)


@dataclass(frozen=True)
class Role:
    """A role that can be assigned.

    Attributes:
        guid: which names it everywhere, in lower case.
        permissions: what one of them takes back, another may allow.
        scopes: where it can be assigned, and below.
        built_in: it is Azure's, and cannot be changed.
    """

    guid: str
    name: str
    description: str | None
    permissions: tuple[Permission, ...]
    scopes: tuple[str, ...] = ("/",)
    built_in: bool = True

    def allows(self, action: str) -> bool:
        """Tell whether it allows an action of Resource Manager, such as `Microsoft.Network/virtualNetworks/write`."""
        return any(permission.allows(action) for permission in self.permissions)

    def allows_on_data(self, action: str) -> bool:
        """Tell whether it allows an action on what a resource holds, such as a registry's repositories."""
        return any(permission.allows_on_data(action) for permission in self.permissions)

    @property
    def is_for_data(self) -> bool:
        return any(permission.data_actions for permission in self.permissions)

    def can_be_assigned_at(self, scope: str) -> bool:
        """Tell whether a scope is one of its own, or lies below one."""
        here = f"{scope.lower().rstrip('/')}/"
        return any(here.startswith(f"{own.lower().rstrip('/')}/") for own in self.scopes)


def _matches(patterns: Sequence[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _on_repositories(*verbs: str) -> tuple[str, ...]:
    return tuple(f"{_REGISTRIES}/repositories/{part}/{verb}" for verb in verbs for part in ("metadata", "content"))


_ACTIONS: Mapping[str, tuple[str, Permission]] = {
    "Owner": (
        "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
        Permission(("*",)),
    ),
    "Contributor": (
        "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.",
        Permission(
            ("*",),
            (
                "Microsoft.Authorization/*/Delete",
                "Microsoft.Authorization/*/Write",
                "Microsoft.Authorization/elevateAccess/Action",
                "Microsoft.Blueprint/blueprintAssignments/write",
                "Microsoft.Blueprint/blueprintAssignments/delete",
                "Microsoft.Compute/galleries/share/action",
            ),
        ),
    ),
    "Reader": ("View all resources, but does not allow you to make any changes.", Permission(("*/read",))),
    "User Access Administrator": (
        "Lets you manage user access to Azure resources.",
        Permission(("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*")),
    ),
    "Role Based Access Control Administrator": (
        (
            "Manage access to Azure resources by assigning roles using Azure RBAC. This role does not allow you to "
            "manage access using other ways, such as Azure Policy."
        ),
        Permission(
            (
                "Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/delete",
                "*/read",
                "Microsoft.Support/*",
            )
        ),
    ),
    "Network Contributor": (
        "Lets you manage networks, but not access to them.",
        Permission(
            (
                "Microsoft.Authorization/*/read",
                "Microsoft.Insights/alertRules/*",
                "Microsoft.Network/*",
                "Microsoft.ResourceHealth/availabilityStatuses/read",
                "Microsoft.Resources/deployments/*",
                "Microsoft.Resources/subscriptions/resourceGroups/read",
                "Microsoft.Support/*",
            )
        ),
    ),
    "AcrPull": ("acr pull", Permission((f"{_REGISTRIES}/pull/read",))),
    "AcrPush": ("acr push", Permission((f"{_REGISTRIES}/pull/read", f"{_REGISTRIES}/push/write"))),
    "AcrDelete": ("acr delete", Permission((f"{_REGISTRIES}/artifacts/delete",))),
    "Container Registry Repository Reader": (
        "Allows for read access to Azure Container Registry repositories, but excluding catalog listing.",
        Permission(data_actions=_on_repositories("read")),
    ),
    "Container Registry Repository Writer": (
        "Allows for read and write access to Azure Container Registry repositories, but excluding catalog listing.",
        Permission(data_actions=_on_repositories("read", "write")),
    ),
    "Container Registry Repository Contributor": (
        (
            "Allows for read, write, and delete access to Azure Container Registry repositories, but excluding "
            "catalog listing."
        ),
        Permission(data_actions=_on_repositories("read", "write", "delete")),
    ),
    "Container Registry Repository Catalog Lister": (
        "Allows for listing all repositories in an Azure Container Registry.",
        Permission(data_actions=(CATALOG_ACTION,)),
    ),
}
_GUIDS = {name: guid for guid, name in ROLES.items()}
BUILT_IN: Mapping[str, Role] = {
    name: Role(_GUIDS[name], name, description, (permission,)) for name, (description, permission) in _ACTIONS.items()
}
