"""The 404 of a resource that is not there, in the words of the front door or of the service that would answer."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import ResourceType


def missing_home(state: State, types: Mapping[str, ResourceType], id: ArmId) -> ArmError | None:
    """Return the 404 of the front door for a deletion in what is not there; None: its group and its parent are.

    A part that the front door does not keep account of is refused for its parent, whether the group is there or not;
    of one that has a location of its own it asks the service, which finds nothing to delete.

    Source: the recordings of Azure/azure-service-operator (networking), and ansible/ansible#29593
    """
    kind = types.get(id.type.lower())
    if kind is None or not kind.in_group:
        return None
    if id.parent is not None and not _is_tracked(kind) and state.find(id.parent) is None:
        return _not_found(id.parent, kind.type.rpartition("/")[0])
    return _no_group(state, id)


def missing(state: State, types: Mapping[str, ResourceType], id: ArmId) -> ArmError:
    """Return the 404 for an id: of its group, of its parent, or of itself."""
    if refused := _no_group(state, id):
        return refused
    kind = types.get(id.type.lower())
    if id.parent is not None and not _is_tracked(kind) and state.find(id.parent) is None:
        return missing(state, types, id.parent)
    if kind is not None and kind.missing is not None:
        return kind.missing(id)
    return _not_found(id, kind.type if kind else id.type)


def _no_group(state: State, id: ArmId) -> ArmError | None:
    group = id.group_id
    if group is None or state.find(group) is not None:
        return None
    message = f"Resource group '{group.name}' could not be found."
    return ArmError(404, "ResourceGroupNotFound", message, gateway=True)


def _is_tracked(kind: ResourceType | None) -> bool:
    """Tell whether the front door looks for a resource of this kind by itself."""
    return kind is not None and "location" in kind.envelope


def _not_found(id: ArmId, type: str) -> ArmError:
    path = str(ArmId("", type, id.names)).removeprefix("/providers/")
    message = f"The Resource '{path}' under resource group '{id.group}' was not found."
    link = " For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    return ArmError(404, "ResourceNotFound", message + link, gateway=True)
