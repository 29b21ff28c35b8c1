"""The subscriptions of a world, each in a tenant: the one that it begins with, and those that were added.

What was added is one value beside the world's settings, and outlives a reset as they do; a world with one subscription
keeps nothing of it. Which right the learner has in a subscription is part of it, so that one can stand for another
team's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from acrlab.emulator.core.settings import GUID
from acrlab.errors import ConfigurationError

ADDED = "setting added-subscriptions"
HOME_NAME = "acrlab emulated subscription"
NONE = "none"
ROLES = ("Owner", "Contributor", "Reader", NONE)


@dataclass(frozen=True)
class Subscription:
    """One subscription. `role`: the learner's in all of it, or `none`."""

    id: str
    name: str
    tenant: str
    role: str = "Owner"


class Values(Protocol):
    """What is asked of a world, or of the state that a declaration sees."""

    def setting(self, name: str) -> str: ...
    def value(self, key: str, default: str) -> str: ...
    def set_value(self, key: str, value: str) -> None: ...
    def derive(self, *parts: str) -> str: ...


def home(state: Values) -> Subscription:
    """Return the subscription that a world begins with."""
    return Subscription(state.setting("subscription"), HOME_NAME, state.setting("tenant"))


def added(state: Values) -> list[Subscription]:
    """Return the others, oldest first."""
    return [Subscription(**one) for one in json.loads(state.value(ADDED, "[]"))]


def subscriptions(state: Values) -> list[Subscription]:
    return [home(state), *added(state)]


def exists(state: Values, id: str) -> bool:
    """Tell whether the world has a subscription, for most requests with one question."""
    return is_home(state, id) or find(state, id) is not None


def find(state: Values, id: str) -> Subscription | None:
    """Look up a subscription; None: the world has none of that id."""
    if is_home(state, id):
        return home(state)
    return next((one for one in added(state) if one.id.lower() == id.lower()), None)


def tenant_of(state: Values, subscription: str) -> str:
    """Name the tenant of a subscription; of an unknown one, the world's own."""
    found = find(state, subscription)
    return found.tenant if found else state.setting("tenant")


def tenants(state: Values) -> list[str]:
    """List the tenants, the world's own first."""
    return list(dict.fromkeys(one.tenant.lower() for one in subscriptions(state)))


def principal(state: Values, word: str, tenant: str) -> str:
    """Return the id that someone of the world's own tenant has in a tenant: in each another one.

    `word`: `learner`, or an application's id.
    """
    own = tenant.lower() == state.setting("tenant").lower()
    return state.derive("principal", word) if own else state.derive("principal", word, tenant.lower())


def is_home(state: Values, subscription: str) -> bool:
    return subscription.lower() == state.setting("subscription").lower()


def add(state: Values, name: str, *, id: str = "", tenant: str = "", role: str = "Owner") -> Subscription:
    """Add a subscription, empty and with no provider registered.

    Args:
        id: a GUID; empty: one that belongs to its name in this world.
        tenant: a GUID; empty: the world's own.
        role: the learner's in all of it: `Owner`, `Contributor`, `Reader` or `none`.

    Raises: ConfigurationError: an id is not a GUID, name or id are taken, or there is no such role.
    """
    new = Subscription(
        id or state.derive("subscription", name), name, tenant or state.setting("tenant"), legal_role(role)
    )
    for field, value in (("id", new.id), ("tenant", new.tenant)):
        if not re.fullmatch(GUID, value):
            raise ConfigurationError(field, f"{value!r} is not a GUID.")
    if not name.strip():
        raise ConfigurationError("name", "a subscription needs a name.")
    for other in subscriptions(state):
        if other.id.lower() == new.id.lower() or other.name.lower() == name.lower():
            raise ConfigurationError("name", f"there is a subscription {other.name!r} with the id {other.id}.")
    _keep(state, [*added(state), new])
    return new


def set_role(state: Values, name: str, role: str) -> Subscription:
    """Change the learner's role in an added subscription. `name`: its name or id.

    Raises: ConfigurationError: there is none, it is the world's own, or there is no such role.
    """
    found = named(state, name)
    if is_home(state, found.id):
        raise ConfigurationError("name", "the learner owns the world's own subscription. Name one that was added.")
    changed = replace(found, role=legal_role(role))
    _keep(state, [changed if one.id == found.id else one for one in added(state)])
    return changed


def named(state: Values, name: str) -> Subscription:
    """Look up a subscription by name or id. Raises: ConfigurationError: there is none."""
    for one in subscriptions(state):
        if name.lower() in (one.id.lower(), one.name.lower()):
            return one
    known = ", ".join(one.name for one in subscriptions(state))
    raise ConfigurationError("name", f"there is no subscription {name!r} in this world. There are: {known}.")


def legal_role(word: str) -> str:
    """Return a role as it is spelled. Raises: ConfigurationError: there is no such role."""
    for role in ROLES:
        if role.lower() == word.lower():
            return role
    raise ConfigurationError("role", f"there is no role {word!r}. Say {', '.join(ROLES)}.")


def _keep(state: Values, found: Sequence[Subscription]) -> None:
    state.set_value(ADDED, json.dumps([asdict(one) for one in found]))
