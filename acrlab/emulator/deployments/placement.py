"""Where a template's resource goes: its own scope, what it extends, another group or subscription, or where the
template is deployed.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-to-resource-group and
https://learn.microsoft.com/azure/azure-resource-manager/templates/child-resource-name-type
"""

from __future__ import annotations

from acrlab.azure.arm_id import GROUP_TYPE, ArmId
from acrlab.emulator.core.http import JSON, NotEmulated
from acrlab.emulator.deployments.language import Language
from acrlab.emulator.deployments.scope import Place, id_of

DEPLOYMENT_TYPE = "Microsoft.Resources/deployments"
# What only a nested deployment says, or a resource that is there already; and what decides over its life that is not
# emulated.
ELSEWHERE = ("subscriptionId", "resourceGroup")
_MANAGEMENT_GROUPS = "microsoft.management/managementgroups"
UNMODELLED = ("import", "asserts", "@options")


def id_of_resource(type: str, name: str, resource: JSON, place: Place, language: Language) -> ArmId:
    """Name a resource of a template. Raises: ArmError: its type and name don't fit; NotEmulated."""
    _require_modelled(type, resource)
    scope = str(language.value(resource.get("scope", "")))
    if scope == "/" or scope.lower().removeprefix("/providers/").startswith(_MANAGEMENT_GROUPS):
        raise NotEmulated(
            f"the scope '{scope}' of {type} in a template", supported="subscriptions, groups and resources"
        )
    if scope:
        home = scope if scope.startswith("/") else f"{place.scope}/{_joined(scope)}"
        return id_of(home, type, name)
    extended, mark, extension = type.partition("/providers/")
    if mark:
        return _extending(extended, extension, name, place)
    if type.lower() == GROUP_TYPE.lower():
        return ArmId.of_group(place.scope.subscription, name)
    return id_of(_home(resource, place, language), type, name)


def _home(resource: JSON, place: Place, language: Language) -> str:
    """The group or subscription that a nested deployment names, or else where the template is deployed."""
    subscription = str(language.value(resource.get("subscriptionId", "")))
    group = str(language.value(resource.get("resourceGroup", "")))
    if group:
        return str(ArmId.of_group(subscription or place.scope.subscription, group))
    return f"/subscriptions/{subscription}" if subscription else str(place.scope)


def _extending(extended: str, extension: str, name: str, place: Place) -> ArmId:
    """`NS/a/providers/roleAssignments` and `x/Microsoft.Authorization/y`: the name tells the extension's namespace."""
    parts, depth = name.split("/"), extended.count("/")
    home = str(id_of(str(place.scope), extended, *parts[:depth]))
    if "/" in extension:
        return id_of(home, extension, *parts[depth + 1 :])
    return id_of(home, "/".join([*parts[depth : depth + 1], extension]), *parts[depth + 1 :])


def _require_modelled(type: str, resource: JSON) -> None:
    """Nothing that a template says of a resource is passed over in silence. Raises: NotEmulated."""
    strange = [key for key in UNMODELLED if resource.get(key)]
    if type.lower() != DEPLOYMENT_TYPE.lower() and not resource.get("existing"):
        strange += [key for key in ELSEWHERE if resource.get(key)]
    if strange:
        raise NotEmulated(f"{', '.join(strange)} of {type} in a template")


def _joined(scope: str) -> str:
    """`Microsoft.X/a/name` -> `providers/Microsoft.X/a/name`."""
    return f"providers/{scope.removeprefix('providers/')}"
