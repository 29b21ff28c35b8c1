"""Resource groups that a world takes for granted, where its `groups` setting says so.

Recorded traffic seldom shows where its groups come from: they had been made before the recording began.
"""

from __future__ import annotations

import re

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import Request
from acrlab.emulator.core.world import World

REGION = "westus"
_GROUP = re.compile(r"/subscriptions/([^/]+)/resourcegroups/([^/]+)(/.*)?", re.IGNORECASE)


def assume_group(world: World, request: Request) -> None:
    """Make the group that a request is about, unless it was there before: what was deleted stays deleted.

    A PUT of the group itself assumes nothing: it makes it.
    """
    found = _GROUP.fullmatch(request.path.rstrip("/")) if world.setting("groups") == "assumed" else None
    if found is None or (request.method == "PUT" and not found[3]):
        return
    group = world.new(ArmId.of_group(found[1], found[2]), {"location": REGION, "properties": {}})
    own = subscriptions.exists(world, found[1])
    if own and group.generation == 1 and re.fullmatch(world.type_of(group.id).name, group.id.name):
        world.put(group)
