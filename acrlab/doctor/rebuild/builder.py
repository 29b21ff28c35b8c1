"""Create what a snapshot shows, by the requests that its owner would send; what can't be created is noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.doctor.observe.reader import version_of
from acrlab.errors import NotVisibleError, RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.waiting import follow

GROUPS_VERSION = "2022-09-01"
REGISTRIES = "Microsoft.ContainerRegistry"
NAMESPACES = ("Microsoft.Compute", REGISTRIES, "Microsoft.ContainerService", "Microsoft.Network")


class Builder:
    """Sends the requests of one rebuilding.

    Attributes:
        left: what could not be rebuilt, and why, a line each.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.left: list[str] = []

    def put(self, id: str, body: dict[str, Any], version: str = "") -> dict[str, Any] | None:
        """Create a resource. Returns: it as Azure shows it; None: it was refused, which is noted."""
        made: dict[str, Any] | None = self.tried(id, lambda: self._put(id, body, version or _version(id)))
        return made

    def is_refused(self, id: str, body: dict[str, Any]) -> bool:
        """Create a resource that is meant to be refused, and say whether it was. Raises: RefusedError: all would be."""
        try:
            self._put(id, body, _version(id))
        except RefusedError as problem:
            if problem.status in (0, 401):
                raise
            return True
        return False

    def read(self, id: str) -> dict[str, Any] | None:
        """Read a resource; None: it can't be read, which is noted."""
        found: dict[str, Any] | None = self.tried(id, lambda: dict(self.lab.arm.get(id, _version(id))))
        return found

    def patch(self, id: str, body: dict[str, Any]) -> None:
        """Change a part of a resource."""
        resources = self.lab.resources.resources
        self.tried(id, lambda: follow(resources.begin_update_by_id(id, body, api_version=_version(id)), "Changing"))

    def delete(self, id: str, version: str = "") -> None:
        """Delete a resource."""
        delete = self.lab.resources.resources.begin_delete_by_id
        self.tried(id, lambda: follow(delete(id, api_version=version or _version(id)), "Deleting"))

    def act(self, path: str, body: dict[str, Any] | None = None, version: str = "") -> None:
        """Ask for an action."""
        self.tried(path, lambda: self.lab.arm.act(path, version or _version(path), body or {}, "Acting"))

    def groups(self, ids: Sequence[str], location: str, unregistered: Sequence[str] = ()) -> None:
        """Create the resource groups of these ids, and let their subscriptions use the services.

        Args:
            unregistered: subscriptions that may not use registries.
        """
        without = {one.lower() for one in unregistered}
        for subscription in {ArmId.parse(id).subscription for id in ids}:
            for namespace in NAMESPACES:
                lacks = namespace == REGISTRIES and subscription.lower() in without
                if lacks or subscription != self.lab.subscription:  # its own has all of them
                    verb = "unregister" if lacks else "register"
                    self.act(f"/subscriptions/{subscription}/providers/{namespace}/{verb}", version=GROUPS_VERSION)
        groups = {str(g).lower(): g for id in ids if (g := ArmId.parse(id).group_id)}
        for group in groups.values():
            self.put(str(group), {"location": location}, GROUPS_VERSION)

    def note(self, what: str, why: str) -> None:
        """Note what could not be rebuilt."""
        self.left.append(f"{what}: {why}")

    def tried(self, id: str, send: Callable[[], Any]) -> Any:
        """Send something about a resource; None: it was refused, which is noted."""
        try:
            with asking("Rebuilding", id):
                return send()
        except (RefusedError, NotVisibleError) as problem:
            if isinstance(problem, RefusedError) and problem.status in (0, 401):
                raise  # nothing at all can be rebuilt
            self.note(id, " ".join(str(problem).split()))
            return None

    def _put(self, id: str, body: dict[str, Any], version: str) -> dict[str, Any]:
        resources = self.lab.resources.resources
        with asking("Making", id):
            made: Any = follow(resources.begin_create_or_update_by_id(id, body, api_version=version), "Making")
        return dict(made.as_dict()) if hasattr(made, "as_dict") else {}


def _version(path: str) -> str:
    try:
        return version_of(path)
    except KeyError:
        message = f"{path} is of a type that no lab has."
        raise RefusedError(message, status=400, code="UnknownType", resource_id=path) from None
