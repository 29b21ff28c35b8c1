"""A deletion that takes over what is under way on a part: the part's own deletion is canceled, and goes on with it.

Source: the recordings of Azure/azure-service-operator (a private endpoint that is deleted with its zone group)
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.references import refused, work_of
from acrlab.emulator.core.conflicts import Running
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import CANCELED, DELETING
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.world import World


def taken_over(running: Iterable[Running], kind: ResourceType, id: ArmId) -> list[Running]:
    """Return the deletions of parts that the deletion of a resource takes over."""
    below = tuple(f"{id.key}/{segment.lower()}/" for segment in kind.takes_over)
    return [one for one in running if one.verb == "DELETE" and below and one.key.startswith(below)]


def require_whole(world: World, id: ArmId) -> None:
    """Refuse to delete a part of what is being deleted and takes its parts with it.

    Raises: ArmError: 400 ReferencedResourceNotProvisioned.
    """
    parent = world.find(id.parent) if id.parent else None
    if parent is None or parent.phase != DELETING:
        return
    if id.type.rpartition("/")[2] in world.type_of(parent.id).takes_over:
        raise refused(id, parent.id)


def cancel(world: World, running: Iterable[Running], *, whole: ArmId, by: str) -> None:
    """Cancel deletions of parts in favour of another operation.

    Args:
        whole: what the other operation deletes.
        by: where its status is asked for.
    """
    for one in running:
        part = world.find(one.key)
        if part is None:
            continue
        message = (
            f"Operation {work_of(part.id)} ({_name(one.address)}) was canceled and superseded by operation "
            f"{work_of(whole)} ({_name(by)})."
        )
        detail = {"code": "CanceledAndSupersededDueToAnotherOperation", "message": message}
        error = {"code": "Canceled", "message": "Operation was canceled.", "details": [detail]}
        _end(world, _name(one.address), {"error": error, "ended_by": {"Canceled-By-Azure-AsyncOperation": by}})


def _name(address: str) -> str:
    return address.partition("?")[0].rpartition("/")[2]


def _end(world: World, name: str, more: JSON) -> None:
    row = world.db.row("SELECT detail FROM operation WHERE name = ?", (name,))
    if row is not None:
        told = json.dumps({**json.loads(row[0]), **more})
        world.db.execute("UPDATE operation SET status = ?, detail = ? WHERE name = ?", (CANCELED, told, name))
