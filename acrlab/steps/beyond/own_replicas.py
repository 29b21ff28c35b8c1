"""Which replicas are the lab's: never that of the home region, though Azure gives it the registry's tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acrlab.azure.cloud import REGISTRY, region_name
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import NOT_OURS, tags_of

if TYPE_CHECKING:
    from azure.mgmt.containerregistry.models import Registry


def own_replicas(lab: Lab, registry: Registry) -> tuple[str, ...]:
    """Name the regions that the lab has replicated its registry to."""
    home, ours = region_name(registry.location), tags_of(lab)["acrlab"]
    with asking("Listing replicas", lab.registry_id):
        listed = list(lab.registry.replications.list(lab.settings.resource_group, lab.settings.registry_name))
    own = (r for r in listed if (r.tags or {}).get("acrlab") == ours and region_name(r.location) != home)
    return tuple(sorted(str(replica.name) for replica in own))


def require_not_home(lab: Lab, region: str, registry: Registry | None) -> None:
    """Let pass only other regions than the registry's own. Raises: RefusedError.

    Args:
        registry: as it was read; None: it is read now.
    """
    if registry is None:
        with asking("Reading the registry", lab.registry_id):
            registry = lab.registry.registries.get(lab.settings.resource_group, lab.settings.registry_name)
    if region_name(region) == region_name(registry.location):
        message = f"{region} is the registry's own region: its replica is the registry itself, and is left as it is."
        id = lab.id_of(f"{REGISTRY}/replications", lab.settings.registry_name, region)
        raise RefusedError(message, status=0, code=NOT_OURS, resource_id=id)
