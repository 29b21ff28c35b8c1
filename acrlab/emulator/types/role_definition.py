"""Microsoft.Authorization/roleDefinitions: the built-in roles, at every scope the same."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.odata_filter import terms_of

DEFINITION_TYPE = "Microsoft.Authorization/roleDefinitions"
SOURCE = "https://learn.microsoft.com/rest/api/authorization/role-definitions/list"
_REGISTRIES = "Microsoft.ContainerRegistry/registries"


def _on_repositories(*verbs: str) -> tuple[str, ...]:
    return tuple(f"{_REGISTRIES}/repositories/{part}/{verb}" for verb in verbs for part in ("metadata", "content"))


# role -> its GUID, what it may do. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ROLES = {
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ("*",)),
    "Contributor": ("b24988ac-6180-42a0-ab88-20f7382dd24c", ("*",)),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", ("*/read",)),
    "Network Contributor": (
        "4d97b98b-1d4f-4787-a291-c67834d212e7",
        (
            "Microsoft.Authorization/*/read",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.Network/*",
            "Microsoft.ResourceHealth/availabilityStatuses/read",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Support/*",
        ),
    ),
    "AcrPull": ("7f951dda-4ed3-4680-a7ca-43fe172d538d", (f"{_REGISTRIES}/pull/read",)),
    "AcrPush": ("8311e382-0749-4cb8-b61a-304f252e45ec", (f"{_REGISTRIES}/pull/read", f"{_REGISTRIES}/push/write")),
    "AcrDelete": ("c2f4ef07-c644-48eb-af81-4b1b4947fb11", (f"{_REGISTRIES}/artifacts/delete",)),
    "Container Registry Repository Reader": ("b93aa761-3e63-49ed-ac28-beffa264f7ac", ()),
    "Container Registry Repository Writer": ("2a1e307c-b015-4ebd-883e-5b7698a07328", ()),
    "Container Registry Repository Contributor": ("2efddaa5-3f1f-4df3-97df-af3f13818f4c", ()),
    "Container Registry Repository Catalog Lister": ("bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7", ()),
}
CATALOG_ACTION = f"{_REGISTRIES}/catalog/read"
# role -> what it may do to content, where the registry asks for repository permissions
DATA_ACTIONS = {
    "Container Registry Repository Reader": _on_repositories("read"),
    "Container Registry Repository Writer": _on_repositories("read", "write"),
    "Container Registry Repository Contributor": _on_repositories("read", "write", "delete"),
    "Container Registry Repository Catalog Lister": (CATALOG_ACTION,),
}
NOT_ACTIONS = {
    "Contributor": (
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/write",
        "Microsoft.Blueprint/blueprintAssignments/delete",
        "Microsoft.Compute/galleries/share/action",
    )
}
DESCRIPTIONS = {
    "Owner": "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
    "Contributor": "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.",
    "Reader": "View all resources, but does not allow you to make any changes.",
    "Network Contributor": "Lets you manage networks, but not access to them.",
    "AcrPull": "acr pull",
    "AcrPush": "acr push",
    "AcrDelete": "acr delete",
    "Container Registry Repository Reader": (
        "Allows for read access to Azure Container Registry repositories, but excluding catalog listing."
    ),
    "Container Registry Repository Writer": (
        "Allows for read and write access to Azure Container Registry repositories, but excluding catalog listing."
    ),
    "Container Registry Repository Contributor": (
        "Allows for read, write, and delete access to Azure Container Registry repositories, but excluding catalog "
        "listing."
    ),
    "Container Registry Repository Catalog Lister": (
        "Allows for listing all repositories in an Azure Container Registry."
    ),
}


def role_named(id: str) -> str:
    """The name of the role that a definition's id or GUID means; empty: there is none."""
    guid = id.rpartition("/")[2].lower()
    return next((name for name, (own, _) in ROLES.items() if own == guid), "")


def definition_id(state: State, name: str, scope: str) -> str:
    """A definition's id, spelled as the service spells it wherever in a subscription it was asked for."""
    found = subscriptions.find(state, scope.strip("/").split("/")[1])
    own = found or subscriptions.home(state)
    return f"/subscriptions/{own.id}/providers/{DEFINITION_TYPE}/{ROLES[name][0]}"


def no_such_role(id: str) -> ArmError:
    guid = id.rpartition("/")[2]
    return ArmError(
        404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{guid}' does not exist."
    )


def permission_of(name: str) -> dict[str, list[str]]:
    """What a role allows, to Resource Manager and to a registry's data."""
    return {
        "actions": list(ROLES[name][1]),
        "notActions": list(NOT_ACTIONS.get(name, ())),
        "dataActions": list(DATA_ACTIONS.get(name, ())),
        "notDataActions": [],
    }


def definition(state: State, name: str, words: Mapping[str, str]) -> JSON:
    guid = ROLES[name][0]
    permission = permission_of(name)
    whole = f"/providers/{DEFINITION_TYPE}/{guid}"
    return {
        "id": definition_id(state, name, words["scope"]) if "scope" in words else whole,
        "type": DEFINITION_TYPE,
        "name": guid,
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "description": DESCRIPTIONS[name],
            "assignableScopes": ["/"],
            "permissions": [permission],
        },
    }


def definitions(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Built-in roles, all or those that `$filter` means."""
    wanted = terms_of(request, "atScope", "atScopeAndBelow", "roleName", "type")
    kind = wanted.get("type", "BuiltInRole").lower()  # there are no custom ones
    names = [n for n in ROLES if wanted.get("roleName", n).lower() == n.lower() and kind == "builtinrole"]
    return {"value": [definition(state, n, words) for n in names]}


def one_definition(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    name = role_named(words["role"])
    if not name:
        raise no_such_role(words["role"])
    return definition(state, name, words)


_PATHS = (f"/providers/{DEFINITION_TYPE}", f"/{{scope:path}}/providers/{DEFINITION_TYPE}")

ROUTES = (
    *(Route("GET", path, definitions, SOURCE) for path in _PATHS),
    *(Route("GET", f"{path}/{{role}}", one_definition, SOURCE) for path in _PATHS),
)
