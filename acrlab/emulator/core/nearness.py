"""What the network service asks of the things that a resource names: that they are there, and in its own region.

It answers the same to both, as its front end looks in one region alone.
Source: https://github.com/microsoft/CromwellOnAzure/issues/231 (a subnet), https://github.com/Azure/azure-cli/issues/332
(a security group)
"""

from __future__ import annotations

from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Rule, missing_reference


def require_near(state: State, resource: Resource, target: str) -> Resource:
    """Return what a reference names. Raises: ArmError: it is not there, or in another region."""
    found = state.find(target)
    if found is None or not is_near(state, resource, found):
        raise missing_reference(resource, target)
    return found


def is_near(state: State, resource: Resource, other: Resource) -> bool:
    """Tell whether two resources are in one region."""
    return region_of(state, resource) == region_of(state, other)


def region_of(state: State, resource: Resource) -> str:
    """Name the region of a resource: its own, or that of what it is a part of."""
    parent = state.find(resource.id.parent) if not resource.location and resource.id.parent else None
    return region_of(state, parent) if parent else resource.location


def references_are_near(*names: str) -> Rule:
    """Build the rule that the resources named under these properties (`{"id": …}`) exist in the resource's region."""

    def referenced_resources_are_near(state: State, resource: Resource, old: Resource | None) -> None:
        """A resource of a network stands on what is in its region."""
        for name in names:
            if target := resource.properties.get(name):
                require_near(state, resource, target["id"])

    return referenced_resources_are_near
