"""A pool of machines that Azure runs for one registry, in a subnet of yours: its builds come by the private endpoint.

Source: https://learn.microsoft.com/azure/container-registry/tasks-agent-pools
"""

from __future__ import annotations

from typing import Any

from acrlab.azure.cloud import REGISTRY, SUBNET, region_name
from acrlab.errors import RefusedError
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_ours, require_own, tags_of
from acrlab.steps.beyond.builds import TASKS_VERSION, Run, build
from acrlab.steps.prerequisites import provider

NAME, TIER = "acrlabpool", "S1"


def pool_regions(lab: Lab) -> tuple[str, ...]:
    """Name the regions that have agent pools, as Azure tells it: they are a preview, and not everywhere."""
    namespace, _, registries = REGISTRY.partition("/")
    kinds = provider(lab, namespace).resource_types or []
    found = next((one for one in kinds if one.resource_type == f"{registries}/agentPools"), None)
    return tuple(sorted(region_name(region) for region in (found and found.locations) or ()))


def build_in_pool(lab: Lab, image: str, dockerfile: str) -> Run | None:
    """Make a pool in the VM's subnet, build there, and delete the pool, which is paid for while it stands.

    Returns: the run; None: the lab's region has no pools.

    Raises:
        ConfigurationError: on a real subscription, no one has confirmed the cost.
        RefusedError: Azure refused, or a pool of that name is someone else's.
    """
    if lab.settings.location not in pool_regions(lab):
        return None
    _ensure_pool(lab)
    try:
        return build(lab, image, dockerfile, pool=NAME)
    finally:
        remove_pool(lab)


def _ensure_pool(lab: Lab) -> None:
    require_own(lab, lab.registry_id)
    if (found := _find(lab)) is not None:
        require_ours(lab, found.get("tags"), _pool(lab))
    require_confirmation(lab, "15")
    subnet = lab.id_of(SUBNET, lab.settings.network_name, lab.settings.subnet_name)
    properties = {"count": 1, "tier": TIER, "os": "Linux", "virtualNetworkSubnetResourceId": subnet}
    body = {"location": lab.settings.location, "tags": tags_of(lab), "properties": properties}
    lab.arm.put(_pool(lab), TASKS_VERSION, body, f"Creating {NAME}")


def remove_pool(lab: Lab) -> bool:
    """Delete the lab's pool. Returns: whether it was there. Raises: RefusedError: it is someone else's."""
    if (found := _find(lab)) is None:
        return False
    require_ours(lab, found.get("tags"), _pool(lab))
    lab.arm.remove(_pool(lab), TASKS_VERSION, f"Deleting {NAME}")
    return True


def _find(lab: Lab) -> Any:
    """Read the pool; None: there is none."""
    try:
        return lab.arm.get(_pool(lab), TASKS_VERSION)
    except RefusedError as problem:
        if problem.status != 404:
            raise
        return None


def _pool(lab: Lab) -> str:
    return f"{lab.registry_id}/agentPools/{NAME}"
