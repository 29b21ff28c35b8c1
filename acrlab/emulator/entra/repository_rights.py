"""Who may do what in which repository, where a registry asks for repository permissions and not for roles of its own.

Then `AcrPull` and its like allow nothing, and neither do `Owner`, `Contributor` and `Reader`: they are good for signing
in, and for Resource Manager. What counts is the data actions of the roles for repositories, under their conditions,
looked up whenever a token is asked for.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.emulator.core import lateness
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles
from acrlab.emulator.types.authorization import role_condition
from acrlab.emulator.types.authorization.role_assignment import role_of
from acrlab.emulator.types.authorization.roles import CATALOG_ACTION

_REPOSITORIES = "Microsoft.ContainerRegistry/registries/repositories"
# what a registry's tokens call an action -> the data action that allows it
NEEDED = {
    "pull": f"{_REPOSITORIES}/content/read",
    "push": f"{_REPOSITORIES}/content/write",
    "delete": f"{_REPOSITORIES}/content/delete",
    "metadata_read": f"{_REPOSITORIES}/metadata/read",
    "metadata_write": f"{_REPOSITORIES}/metadata/write",
}


@dataclass(frozen=True)
class RepositoryRights:
    """What one principal may do in one registry."""

    world: World
    principal: str
    registry: Resource

    def may_sign_in(self) -> bool:
        """Tell whether it has any role at all, with which the registry lets it sign in."""
        return bool(roles.roles_at(self.world, self.principal, self.registry.id, late_s=lateness.REGISTRY_ROLE_S))

    def may(self, repository: str) -> frozenset[str]:
        """Return all that it may do to a repository, e.g. `pull`."""
        return frozenset(word for word, action in NEEDED.items() if self._allows(action, repository))

    def may_list(self) -> bool:
        """Tell whether it may see the catalog, which none of the roles for repositories includes."""
        return self._allows(CATALOG_ACTION, "")

    def _allows(self, action: str, repository: str) -> bool:
        return any(
            role is not None and role.allows_on_data(action) and _fits(assignment, action, repository)
            for assignment in self._assignments()
            for role in (role_of(self.world, assignment),)
        )

    def _assignments(self) -> list[Resource]:
        late_s = lateness.REGISTRY_ROLE_S
        return roles.assignments_at(self.world, self.principal, self.registry.id, late_s=late_s)


def _fits(assignment: Resource, action: str, repository: str) -> bool:
    condition = assignment.properties.get("condition")
    return not condition or role_condition.read(condition)(action, repository)


DEVIATIONS = (
    Deviation(
        of="registries in the mode AbacRepositoryPermissions",
        what="A principal with any role on the registry, or above it, can sign in to it, with `AcrPull` alone, too.",
        impact="What such an identity lacks shows at the repository, as 401, and not at the exchange.",
        reason=(
            "The documentation says so of roles for the control plane; of `AcrPull` it says that it is not honored."
        ),
        workaround="Ask for a repository: `az acr repository show-tags`.",
    ),
)
