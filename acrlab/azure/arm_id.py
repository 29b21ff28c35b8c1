"""Azure resource ids and names: parse, format, compare, and find one that is free.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

SUBSCRIPTION_TYPE = "Microsoft.Resources/subscriptions"
GROUP_TYPE = "Microsoft.Resources/resourceGroups"


def same(one: str, other: str) -> bool:
    """Say whether two ARM ids name the same thing."""
    return one.lower() == other.lower()


@dataclass(frozen=True)
class ArmId:
    """`{scope}/providers/{namespace}/{type}/{name}[/{type}/{name}…]`, or a group, or a subscription.

    Identity is case-insensitive, spelling is preserved.

    Attributes:
        scope: id of what the resource lies in or extends: a subscription, a group or another resource.
        type: `Namespace/outer/inner`, e.g. `Microsoft.Network/virtualNetworks/subnets`.
        names: one per type segment, outermost first.
    """

    scope: str
    type: str
    names: tuple[str, ...]

    @classmethod
    @lru_cache(maxsize=4096)  # the same few are read again and again
    def parse(cls, text: str) -> ArmId:
        """Read an id. Raises: ValueError: it is not the id of one resource."""
        parts = text.strip("/").split("/")
        keys = [p.lower() for p in parts]
        if "" in parts or len(parts) % 2 or keys[0] != "subscriptions":
            raise ValueError(f"not a resource id: {text!r}")
        if len(parts) == 2:
            return cls("", SUBSCRIPTION_TYPE, (parts[1],))
        if len(parts) == 4 and keys[2] == "resourcegroups":
            return cls(f"/subscriptions/{parts[1]}", GROUP_TYPE, (parts[3],))
        at = len(keys) - 1 - keys[::-1].index("providers") if "providers" in keys else -1
        scope = "/" + "/".join(parts[:at])
        if at < 2 or at % 2 or len(parts) < at + 4 or (at == 4 and keys[2] != "resourcegroups"):
            raise ValueError(f"not a resource id: {text!r}")
        if at > 4:
            cls.parse(scope)  # what it extends is a resource itself
        return cls(scope, "/".join([parts[at + 1], *parts[at + 2 :: 2]]), tuple(parts[at + 3 :: 2]))

    @classmethod
    def of_group(cls, subscription: str, group: str) -> ArmId:
        return cls(f"/subscriptions/{subscription}", GROUP_TYPE, (group,))

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        if self.type == SUBSCRIPTION_TYPE:
            return f"/subscriptions/{self.names[0]}"
        if self.type == GROUP_TYPE:
            return f"{self.scope}/resourceGroups/{self.names[0]}"
        namespace, *segments = self.type.split("/")
        tail = "/".join(f"{s}/{n}" for s, n in zip(segments, self.names, strict=True))
        return f"{self.scope}/providers/{namespace}/{tail}"

    @cached_property
    def key(self) -> str:
        """The id in the one spelling that compares equal for equal resources."""
        return self._text.lower()

    @property
    def name(self) -> str:
        return self.names[-1]

    @property
    def namespace(self) -> str:
        return self.type.partition("/")[0]

    @property
    def subscription(self) -> str:
        return self._text.split("/")[2]

    @property
    def group(self) -> str | None:
        """Name of the resource group; None outside any."""
        parts = self._text.split("/")
        return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else None

    @property
    def group_id(self) -> ArmId | None:
        return ArmId.of_group(self.subscription, self.group) if self.group else None

    @property
    def parent(self) -> ArmId | None:
        """The resource that a child resource belongs to; None for a top-level one."""
        if len(self.names) == 1:
            return None
        return ArmId(self.scope, self.type.rpartition("/")[0], self.names[:-1])

    def child(self, segment: str, name: str) -> ArmId:
        return ArmId(self.scope, f"{self.type}/{segment}", (*self.names, name))

    def sibling(self, type: str, *names: str) -> ArmId:
        """Name another resource in the same scope."""
        return ArmId(self.scope, type, names)


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Find a name that is not taken, whatever its case: a write under one that is replaces what has it.

    Returns: the wanted one, or with a number behind: `AllowRegistry2`
    """
    names = {name.lower() for name in taken}
    numbered = (f"{wanted}{n}" for n in range(2, len(names) + 3))
    return next(name for name in (wanted, *numbered) if name.lower() not in names)
