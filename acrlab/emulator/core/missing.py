"""The 404 of a resource that is not there, in the words of the front door or of the service that would answer."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import ResourceType


def missing(state: State, types: Mapping[str, ResourceType], id: ArmId) -> ArmError:
    """Return the 404 for an id: of its group, of its parent, or of itself."""
    group = id.group_id
    if group is not None and state.find(group) is None:
        message = f"Resource group '{group.name}' could not be found."
        return ArmError(404, "ResourceGroupNotFound", message, gateway=True)
    kind = types.get(id.type.lower())
    tracked = kind is not None and "location" in kind.envelope  # the front door looks for it by itself
    if id.parent is not None and not tracked and state.find(id.parent) is None:
        return missing(state, types, id.parent)
    if kind is not None and kind.missing is not None:
        return kind.missing(id)
    path = str(ArmId("", kind.type if kind else id.type, id.names)).removeprefix("/providers/")
    message = f"The Resource '{path}' under resource group '{id.group}' was not found."
    link = " For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    return ArmError(404, "ResourceNotFound", message + link, gateway=True)
