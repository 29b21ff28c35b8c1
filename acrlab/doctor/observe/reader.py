"""Read without harm: what can't be read is noted with the missing permission, and the reading goes on.

It takes Azure's JSON as it is, without the services' clients, which take longer to load than all the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from acrlab.errors import NotVisibleError, RefusedError
from acrlab.lab.lab import Lab
from acrlab.snapshot import Unseen

Seen = TypeVar("Seen")

# namespace -> api-version in which it is read
VERSIONS = {
    "Microsoft.Authorization": "2022-04-01",
    "Microsoft.Compute": "2024-07-01",
    "Microsoft.ContainerRegistry": "2025-11-01",
    "Microsoft.Network": "2024-05-01",
    "Microsoft.Network/privateDnsZones": "2024-06-01",
}


class Reader:
    """One reading of a lab: what could not be read so far, and how many requests it took."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.unseen: list[Unseen] = []
        self._sent_before = lab.arm.sent

    @property
    def requests(self) -> int:
        """How many requests this reading has sent."""
        return self.lab.arm.sent - self._sent_before

    def at(self, what: str, resource: str, **query: str) -> dict[str, Any] | None:
        """Read one resource; None: it does not exist, or can't be read."""
        found: dict[str, Any] | None = self.tried(
            what, resource, lambda: self.lab.arm.get(resource, _version(resource), **query)
        )
        return found

    def members(self, what: str, path: str, **query: str) -> list[Any] | None:
        """Read a list; None: it can't be read. What does not exist has no members."""
        before = len(self.unseen)
        found = self.tried(what, path, lambda: self.lab.arm.get_all(path, _version(path), **query))
        return None if len(self.unseen) > before else found or []

    def everywhere(self, what: str, type: str, known: Iterable[str] = ()) -> list[Any]:
        """Read all of a type that this identity may read: in the subscription, or at least in the lab's group.

        Azure's lists leave out what the caller may not read, and do not say so: what is known to exist is read by id.
        """
        noted = len(self.unseen)
        found: list[Any] | None = None
        for place in (f"/subscriptions/{self.lab.subscription}", self.lab.group_id()):
            found = self.members(what, f"{place}/providers/{type}") if found is None else found
        refused = self.unseen[noted:]
        del self.unseen[noted:]
        there = {one["id"].lower(): one for one in found or []}
        for id in known:
            if id.lower() not in there and (one := self.at(what, id)) is not None:
                there[id.lower()] = one
        if refused:  # there may be more
            self.unseen.append(replace(refused[-1], what=f"other {what}" if there else what))
        return [*there.values()]

    def tried(self, what: str, resource: str, call: Callable[[], Seen]) -> Seen | None:
        """Make a call that reads; None: what it asks for does not exist, or can't be read."""
        try:
            return call()
        except NotVisibleError as problem:
            self.unseen.append(Unseen(what, resource, problem.permission, "this identity may not read it"))
        except RefusedError as problem:
            if problem.status in (0, 401):
                raise  # not this one thing: nothing can be read
            if problem.status != 404:
                self.unseen.append(Unseen(what, resource, "", str(problem)))
        return None


def _version(path: str) -> str:
    """The api-version of the last provider that a path names."""
    type = path.rpartition("/providers/")[2]
    return VERSIONS.get("/".join(type.split("/")[:2]), VERSIONS[type.split("/")[0]])
