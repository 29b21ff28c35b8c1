"""Which resources an export is about, which of them it writes, and what it says that it cannot read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from acrlab.emulator.core.http import JSON, NotEmulated
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.types.aks.names import CLUSTER_TYPE
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE
from acrlab.emulator.types.container_registry.scope_map import SCOPE_MAP_TYPE, SYSTEM, find_system_defined

# Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/export-template-portal#limitations
MOST_RESOURCES = 200
# Whether Azure exports them, or how it writes what is protected in them, was not found.
UNKNOWN = ("microsoft.compute/virtualmachines/runcommands", "microsoft.compute/virtualmachines/extensions")
# What Azure asks a provider for beside these, and says that it could not get.
# Source: https://github.com/Azure/azure-cli/issues/3889 for the form; texts of `az group export` as users quote them
_UNREAD: Mapping[str, Sequence[str]] = {
    REGISTRY_TYPE: (f"{REGISTRY_TYPE}/connectedRegistries",),
    "Microsoft.Storage/storageAccounts": ("Microsoft.Storage/storageAccounts/inventoryPolicies",),
    CLUSTER_TYPE: (f"{CLUSTER_TYPE}/privateEndpointConnections", f"{CLUSTER_TYPE}/trustedAccessRoleBindings"),
}


def wanted_in(world: World, group: Resource, ids: Sequence[object]) -> list[Resource]:
    """Return the resources of a group that were asked for, each with all below it, oldest first.

    Raises: NotEmulated: one that was asked for is not there; Azure's answer is not known.
    """
    every = list(_all(world, group))
    if not ids:
        return every
    keys = [str(id).lower() for id in ids]
    if missing := [key for key in keys if key not in {r.id.key for r in every}]:
        raise NotEmulated(f"an export of what is not in the group: {', '.join(missing)}")
    return [r for r in every if any(f"{r.id.key}/".startswith(f"{key}/") for key in keys)]


def _all(world: World, group: Resource) -> Iterator[Resource]:
    for resource in reversed(world.below(group.id)):
        kind = world.type_of(resource.id)
        if not kind.in_group or kind.type.startswith("Microsoft.Resources/"):
            continue  # what extends another resource is not exported, nor how the group came about
        yield resource
        if kind.type == REGISTRY_TYPE:
            yield from _system_maps(world, resource)


def _system_maps(world: World, registry: Resource) -> Iterator[Resource]:
    """Azure exports them, too, and refuses them when they are deployed (https://github.com/Azure/acr/issues/312)."""
    segment = SCOPE_MAP_TYPE.rpartition("/")[2]
    found = (find_system_defined(world, registry.id.child(segment, name)) for name in SYSTEM)
    yield from (one for one in found if one)


def written_of(world: World, wanted: Iterable[Resource]) -> list[Resource]:
    """Return those that the template will make; what another resource makes or holds is none of them.

    Raises: NotEmulated: it cannot be said how Azure exports one, or there are too many.
    """
    written = [r for r in wanted if "PUT" in world.type_of(r.id).verbs and not _is_held(world, r)]
    if unknown := sorted({r.id.type for r in written if r.id.type.lower() in UNKNOWN}):
        raise NotEmulated(f"an export of {', '.join(unknown)}")
    if len(written) > MOST_RESOURCES:
        raise NotEmulated(f"an export of more than {MOST_RESOURCES} resources")
    return written


def _is_held(world: World, resource: Resource) -> bool:
    """Tell whether it is a disk of a VM, or the interface of a private endpoint: both come with their holder."""
    return bool(resource.state.get("endpoint") and resource.id.type.lower().endswith("/networkinterfaces")) or bool(
        world.show_envelope(resource).get("managedBy")
    )


def unread(written: Iterable[Resource]) -> JSON | None:
    """Tell what could not be got, as Azure does; None: it was everything."""
    there = {r.id.type for r in written}
    missing = sorted(type for holder, types in _UNREAD.items() if holder in there for type in types)
    if not missing:
        return None
    return {
        "code": "ExportTemplateCompletedWithErrors",
        "message": "Export template operation completed with errors. Some resources were not exported. "
        "Please see details for more information.",
        "details": [_detail(type) for type in missing],
    }


def _detail(type: str) -> JSON:
    message = f"Could not get resources of the type '{type}'. Resources of this type will not be exported."
    return {"code": "ExportTemplateProviderError", "target": type, "message": message}
