"""Read without harm: what can't be read is noted with the missing permission, and the reading goes on.

It takes Azure's JSON as it is, without the services' clients, which take longer to load than all the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any, TypeVar

from acrlab.azure.cloud import RESOURCES_VERSION
from acrlab.errors import NotVisibleError, RefusedError
from acrlab.lab.lab import Lab
from acrlab.snapshot import Unseen

Seen = TypeVar("Seen")

# namespace -> api-version in which it is read
VERSIONS = {
    "Microsoft.Authorization": "2022-04-01",
    "Microsoft.Compute": "2024-07-01",
    "Microsoft.ContainerRegistry": "2026-09-01-preview",  # the first that shows rules for subnets again
    "Microsoft.ContainerService": "2025-05-01",
    "Microsoft.Network": "2024-05-01",
    "Microsoft.Network/privateDnsZones": "2024-06-01",
    "Microsoft.Network/dnsResolvers": "2022-07-01",
    "Microsoft.Network/dnsForwardingRulesets": "2022-07-01",
}


class Reader:
    """One reading of a lab: what could not be read so far, and how many requests it took.

    Attributes:
        subscriptions: where lists are asked for: the lab's, and those of ids that lead elsewhere.
        delegated: whether a network that was read has given a subnet to DNS Private Resolver.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.unseen: list[Unseen] = []
        self.subscriptions = [lab.subscription]
        self.delegated = False
        self._sent_before = lab.arm.sent

    @property
    def requests(self) -> int:
        """How many requests this reading has sent."""
        return self.lab.arm.sent - self._sent_before

    def look_in(self, *ids: str) -> None:
        """List from now on in the subscriptions of these ids, too."""
        for id in ids:
            parts = id.split("/")
            if len(parts) > 2 and parts[2].lower() not in (one.lower() for one in self.subscriptions):
                self.subscriptions.append(parts[2])

    def at(self, what: str, resource: str, **query: str) -> dict[str, Any] | None:
        """Read one resource; None: it does not exist, or can't be read."""
        found: dict[str, Any] | None = self.tried(
            what, resource, lambda: self.lab.arm.get(resource, version_of(resource), **query)
        )
        return found

    def members(self, what: str, path: str, **query: str) -> list[Any] | None:
        """Read a list; None: it can't be read. What does not exist has no members."""
        before = len(self.unseen)
        found = self.tried(what, path, lambda: self.lab.arm.get_all(path, version_of(path), **query))
        return None if len(self.unseen) > before else found or []

    def everywhere(self, what: str, type: str, known: Iterable[str] = ()) -> list[Any]:
        """Read all of a type that this identity may read: in the subscriptions, or at least in the lab's group.

        Azure's lists leave out what the caller may not read, and do not say so: what is known to exist is read by id.
        """
        noted = len(self.unseen)
        found = [one for subscription in self.subscriptions for one in self._listed(what, type, subscription)]
        refused = self.unseen[noted:]
        del self.unseen[noted:]
        there = {one["id"].lower(): one for one in found}
        for id in known:
            if id.lower() not in there and (one := self.at(what, id)) is not None:
                there[id.lower()] = one
        if refused:  # there may be more
            self.unseen.append(replace(refused[-1], what=f"other {what}" if there else what))
        return [*there.values()]

    def _listed(self, what: str, type: str, subscription: str) -> list[Any]:
        found = self.members(what, f"/subscriptions/{subscription}/providers/{type}")
        if found is None and subscription == self.lab.subscription:
            found = self.members(what, f"{self.lab.group_id()}/providers/{type}")
        return found or []

    def all_of(self, what: str, type: str) -> list[Any]:
        """List everything of a type that lies within other resources, with location and state alone."""
        asked = {"$filter": f"resourceType eq '{type}'", "$expand": "provisioningState"}
        found: list[Any] = []
        for subscription in self.subscriptions:
            path = f"/subscriptions/{subscription}/resources"
            listed = self.tried(what, path, lambda path=path: self.lab.arm.get_all(path, RESOURCES_VERSION, **asked))  # type: ignore[misc]
            found += listed or []
        return found

    def reads_in_part(self, what: str, type: str) -> tuple[Unseen, ...]:
        """Tell which subscriptions this identity reads only parts of, so that there may be more than was listed."""
        return tuple(
            Unseen(what, place, f"{type}/read", "this identity reads only parts of the subscription")
            for place in (f"/subscriptions/{one}" for one in self.subscriptions)
            if not self._may(f"{type}/read", place)
        )

    def _may(self, action: str, scope: str) -> bool:
        """Say whether this identity may do something at a scope; what Azure does not tell counts as yes."""
        path = f"{scope}/providers/Microsoft.Authorization/permissions"
        try:
            held = self.lab.arm.get_all(path, VERSIONS["Microsoft.Authorization"])
        except NotVisibleError:
            return False
        except RefusedError as problem:
            if problem.status in (0, 401):
                raise
            return True
        return any(_matches(h["actions"], action) and not _matches(h["notActions"], action) for h in held)

    def tried(self, what: str, resource: str, call: Callable[[], Seen]) -> Seen | None:
        """Make a call that reads; None: what it asks for does not exist, or can't be read."""
        try:
            return call()
        except NotVisibleError as problem:
            self.unseen.append(Unseen(what, resource, problem.permission, "this identity may not read it"))
        except RefusedError as problem:
            if problem.status == 0 or (problem.status == 401 and self._is_own(resource)):
                raise  # not this one thing: nothing can be read
            if problem.status != 404 or problem.code == "SubscriptionNotFound":
                self.unseen.append(Unseen(what, resource, "", str(problem)))
        return None

    def _is_own(self, resource: str) -> bool:
        """Say whether something is in the lab's own subscription; another's tenant may not know this identity."""
        return resource.lower().startswith(f"/subscriptions/{self.lab.subscription}/".lower())


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(fnmatch(action.lower(), pattern.lower()) for pattern in patterns)


def version_of(path: str) -> str:
    """Name the api-version of the last provider that a path names."""
    type = path.rpartition("/providers/")[2]
    return VERSIONS.get("/".join(type.split("/")[:2]), VERSIONS[type.split("/")[0]])
