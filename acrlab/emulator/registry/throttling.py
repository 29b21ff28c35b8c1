"""Too many requests: in a world that is as late as Azure, a registry asks its callers now and then to come again later.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-skus#throttling
"""

from __future__ import annotations

import json
import math

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.core.lateness import is_late
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.registry.refusals import Refusal

EVERY, PAUSE_S = 60, 10


def throttled(world: World, registry: Resource, request: Request) -> Response | None:
    """Count a request for content. Returns: the answer that asks its caller to wait; None: it is served.

    The answer is returned and not raised, so that the count outlives it; a request that is refused is not counted.
    """
    if not is_late(world) or not request.path.startswith(("/v2/", "/acr/")) or request.path == "/v2/":
        return None
    key = f"requests {registry.id.key}"
    count, until = json.loads(world.value(key, "[0, 0]"))
    if world.now >= until:
        count += 1
        until = world.now + PAUSE_S if count % EVERY == 0 else 0
        world.set_value(key, json.dumps([count, until]))
    if world.now >= until:
        return None
    # It counts down: who asks again too early is told what is left.
    wait = str(math.ceil(until - world.now))
    return Refusal(429, "TOOMANYREQUESTS", "too many requests", headers={"Retry-After": wait}).response()


DEVIATIONS = (
    Deviation(
        of="timing",
        what=(
            f"With `timing=as-azure`, every {EVERY}th request for a registry's content that it would serve is answered "
            f"429, and so is what follows within {PAUSE_S} s."
        ),
        impact="On Azure a registry throttles by requests a minute, thousands of them, and its words may differ.",
        reason="So many requests no chapter sends, and the text of that answer is not documented.",
        workaround="Wait as long as Retry-After says.",
    ),
)
