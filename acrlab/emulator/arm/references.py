"""What a body refers to has to stay: nothing is built on a network, or a part of one, that is being deleted.

Source, of the words: https://github.com/Azure-Samples/azuresandbox/issues/329
"""

from __future__ import annotations

from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.linked_access import links
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import DELETING, Resource
from acrlab.emulator.core.world import World

_NETWORK = "microsoft.network"


def require_staying(world: World, id: ArmId, body: Any) -> None:
    """Refuse to write a resource that refers to what is being deleted, by itself or with what it is in.

    Raises: ArmError: 400 ReferencedResourceNotProvisioned.
    """
    for _, target in links(body):
        leaving = _leaving(world, target) if target.namespace.lower() == _NETWORK else None
        if leaving is not None:
            raise refused(id, leaving.id)


def _leaving(world: World, id: ArmId) -> Resource | None:
    """Find what is being deleted, of a resource, what it is in, and its group."""
    at: ArmId | None = id
    while at is not None:
        found = world.find(at)
        if found is not None and found.phase == DELETING:
            return found
        at = at.parent or (at.group_id if at.group_id != at else None)
    return None


def work_of(leaving: ArmId) -> str:
    """Name the operation that deletes a resource, as the network service's texts do."""
    kind = leaving.type.rpartition("/")[2].removesuffix("es" if leaving.type.endswith("sses") else "s")
    return f"Delete{kind[:1].upper()}{kind[1:]}Operation"


def refused(id: ArmId, leaving: ArmId) -> ArmError:
    """Return the refusal to do something with a resource that uses what is being deleted."""
    message = (
        f"Cannot proceed with operation because resource {leaving} used by resource {id} is not in Succeeded state. "
        f"Resource is in {DELETING} state and the last operation that updated/is updating the resource is "
        f"{work_of(leaving)}."
    )
    return ArmError(400, "ReferencedResourceNotProvisioned", message, details=[])


DEVIATIONS = (
    Deviation(
        of="Azure Resource Manager",
        what=(
            "Every service refuses in the network service's words to build on a network, or a part of one, that is "
            "being deleted."
        ),
        impact="A link of a private DNS zone, or a VM, may get another code from Azure in that moment.",
        reason="What these services say then is documented nowhere, and no recording has it.",
        workaround="Wait for a deletion before you build again, as the lab's steps do.",
    ),
)
