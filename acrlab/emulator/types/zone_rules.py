"""Zones beside the question whether a region has them: how many a resource can be in, and that it stays there.

Compute and the network service word both in their own ways.
"""

from __future__ import annotations

from acrlab.emulator.core.http import ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.region import ZONES


def zones_of(resource: Resource) -> list[str]:
    """The zones that a resource is in; none: it is in its region."""
    zones: list[str] = resource.body.get("zones") or []
    return zones


# -- Compute ----------------------------------------------------------------------------------------------------------


def is_in_one_zone(state: State, resource: Resource, old: Resource | None) -> None:
    """A VM and a disk are in one zone at most; what Azure says to more is documented nowhere."""
    if len(zones_of(resource)) > 1:
        raise NotEmulated(f"{len(zones_of(resource))} zones of {resource.id.type}", supported="one")


def stays_in_its_zone(state: State, resource: Resource, old: Resource | None) -> None:
    """A VM and a disk never change their zone.

    Source, of the words: https://github.com/hashicorp/terraform-provider-azurerm/issues/3277
    """
    if old is None:
        return
    if zones_of(resource) and zones_of(resource) != zones_of(old):
        raise ArmError(409, "PropertyChangeNotAllowed", "Changing property 'zones' is not allowed.", target="zones")
    if zones_of(old):
        resource.body["zones"] = zones_of(old)


COMPUTE = (is_in_one_zone, stays_in_its_zone)


# -- the network service ----------------------------------------------------------------------------------------------


def is_in_one_or_all(state: State, resource: Resource, old: Resource | None) -> None:
    """An address that is to be in two zones is in all three.

    Source: https://github.com/Azure/azure-rest-api-specs/issues/20691
    """
    asked = zones_of(resource)
    if len(asked) > 1:
        resource.body["zones"] = [*asked, *(zone for zone in ZONES if zone not in asked)]


def has_one_zone(state: State, resource: Resource, old: Resource | None) -> None:
    """A NAT gateway is in one zone at most.

    Source, of the words: https://github.com/kubermatic/kubermatic/issues/6557
    """
    count = len(zones_of(resource))
    if count > 1:
        message = (
            f"Resource {resource.id} has {count} zones specified. Only one zone can be specified for this resource."
        )
        raise ArmError(400, "ResourceCannotHaveMultipleZonesSpecified", message, details=[])


def zones_stay(state: State, resource: Resource, old: Resource | None) -> None:
    """What the network service has made keeps its zones; to leave them out is to ask for none.

    Source, of the words: https://github.com/Azure/AzOps/issues/701
    """
    if old is None or sorted(zones_of(old)) == sorted(zones_of(resource)):
        return
    before, asked = (", ".join(sorted(zones_of(one))) or "NoZone" for one in (old, resource))
    message = (
        f"Resource {resource.id} has an existing availability zone constraint {before} and the request has "
        f"availability zone constraint {asked}, which do not match. Zones cannot be added/updated/removed once the "
        "resource is created. The resource cannot be updated from regional to zonal or vice-versa."
    )
    raise ArmError(400, "ResourceAvailabilityZonesCannotBeModified", message, details=[])
