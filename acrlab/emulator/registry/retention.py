"""The retention policy: a manifest that loses its last tag while it is enabled is deleted some days later.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-retention-policy
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.registry.content import Content

DAY_S = 24 * 3600


def delete_due(world: World, registry: Resource) -> None:
    """Delete the manifests whose days are over; what is locked stays, and what had no tag before the policy was set."""
    policy = (registry.properties.get("policies") or {}).get("retentionPolicy") or {}
    if policy.get("status") != "enabled":
        return
    content = Content(world, registry)
    since = registry.state.get("policiesSet", world.timestamp(registry.created))
    for manifest in content.untagged(since=since, until=world.timestamp(world.now - policy["days"] * DAY_S)):
        if manifest.attributes["deleteEnabled"] and manifest.attributes["writeEnabled"]:
            content.remove_manifest(manifest)


DEVIATIONS = (
    Deviation(
        of="Microsoft.ContainerRegistry/registries",
        what="The retention policy deletes a manifest at the first request for content after its days are over.",
        impact="On Azure a queue does it, which may take hours longer; the space is free before anyone asks.",
        reason="Nothing in the world happens by itself.",
        workaround="Wait by condition and not by time.",
    ),
)
