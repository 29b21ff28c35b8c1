"""What each learner's lab is called and where its addresses lie: the same every time, and no two share any.

Names follow from a learner's id. Addresses do, too, and where two ids would get the same, from the order of the roster:
a learner who is added at its end changes nothing for the others.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acrlab.classroom.roster import MOST, Learner
from acrlab.errors import ConfigurationError
from acrlab.learner.owner import as_owner
from acrlab.settings import Settings
from acrlab.settings.environment import SETTINGS_FILE
from acrlab.settings.file import read, write

FIRST = ipaddress.IPv4Address("10.1.0.0")  # 10.0.0.0/16 is what AKS gives its services
BLOCK = 20  # bits of a learner's own range
NETWORK_BITS, SUBNET_BITS = 23, 24  # up to eight networks a learner, with one subnet each
PREFIX = re.compile(r"[a-z][a-z0-9]{1,9}")
LONGEST_REGISTRY = 50


@dataclass(frozen=True)
class Planned:
    """A learner with the settings of their lab.

    Attributes:
        values: what stands in their settings file.
    """

    learner: Learner
    values: dict[str, Any] = field(hash=False)

    @property
    def settings(self) -> Settings:
        """The whole of their settings. Raises: ConfigurationError: they are not possible."""
        return Settings.alone(**self.values)


def plan(
    learners: Sequence[Learner],
    *,
    backend: str = "emulator",
    subscriptions: Sequence[str] = (),
    location: str = "",
    prefix: str = "acrlab",
    hours: float = 0,
) -> tuple[Planned, ...]:
    """Give each learner names and addresses.

    Args:
        subscriptions: those of the class, dealt out in turn to learners without one of their own.
        prefix: what all names begin with: 2 to 10 lower-case letters and digits; one for each class in a subscription.
        hours: after how many hours a forgotten lab may go; 0: as the settings have it.

    Raises: ConfigurationError: a value is not possible, or a learner has no subscription.
    """
    if not PREFIX.fullmatch(prefix):
        raise ConfigurationError("--prefix", f"{prefix!r} is not possible: 2 to 10 lower-case letters and digits.")
    if not 0 <= hours <= 8760:
        raise ConfigurationError("--hours", f"{hours:g} is not possible. Write 0 to 8760.")
    if len(learners) > MOST:
        raise ConfigurationError(
            "roster", f"there are addresses for {MOST} learners, but the roster has {len(learners)}."
        )
    registries: set[str] = set()
    planned = []
    for at, (learner, block) in enumerate(zip(learners, _blocks(learners), strict=True)):
        dealt = subscriptions[at % len(subscriptions)] if subscriptions else ""
        subscription = learner.subscription or dealt if backend == "azure" else ""
        group = f"{prefix}-{learner.id}"
        registry = _registry(prefix, learner.id, f"{subscription}/{group}", registries)
        registries.add(registry)
        chosen = {
            "backend": backend,
            "subscription": subscription,
            "resource_group": group,
            "location": location,
            "registry_name": registry,
            **dict(_addresses(block)),
            "owner": learner.id,
            "tags": f"class={prefix}",
            "expires_hours": math.ceil(hours) if backend == "azure" else 0,
        }
        one = Planned(learner, {name: value for name, value in chosen.items() if value})
        _require_possible(one)
        planned.append(one)
    return tuple(planned)


def write_files(planned: Sequence[Planned], out: Path) -> None:
    """Write a settings file for each learner, in a folder of their own. What else stands in one stays.

    Raises: ConfigurationError: a folder holds the settings of another lab, or can't be written.
    """
    places = [(one, out / one.learner.id / SETTINGS_FILE) for one in planned]
    for one, path in places:
        with as_owner(path.parent):
            there = read(path).get("resource_group") if os.path.lexists(path) else None
        if there not in (None, one.values["resource_group"]):
            raise ConfigurationError("--out", f"{path} belongs to another lab, {there}. Choose another folder.")
    for one, path in places:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise ConfigurationError("--out", f"{path.parent} can't be made: {problem.strerror}.") from problem
        with as_owner(path.parent):
            write(path, one.values)


def _require_possible(one: Planned) -> None:
    try:
        _ = one.settings
    except ConfigurationError as problem:
        raise ConfigurationError("roster", f"{one.learner.id}: {problem}") from None


def _registry(prefix: str, id: str, owner: str, taken: set[str]) -> str:
    """A name that is this learner's in the whole world, and in this class for certain."""
    digest = hashlib.sha256(owner.lower().encode()).hexdigest()
    for length in range(8, len(digest)):
        mark = digest[:length]
        name = f"{prefix}{id.replace('-', '')}"[: LONGEST_REGISTRY - length] + mark
        if name not in taken:
            return name
    raise AssertionError("unreachable: two owners have the same digest")


def _blocks(learners: Sequence[Learner]) -> Iterator[ipaddress.IPv4Network]:
    """Each learner's own range: the one that the id leads to, or the next that is free."""
    taken: set[int] = set()
    size = 2 ** (32 - BLOCK)
    for learner in learners:
        at = int.from_bytes(hashlib.sha256(learner.id.encode()).digest()[:4], "big") % MOST
        while at in taken:
            at = (at + 1) % MOST
        taken.add(at)
        yield ipaddress.IPv4Network((int(FIRST) + at * size, BLOCK))


def _addresses(block: ipaddress.IPv4Network) -> Iterator[tuple[str, str]]:
    """A range for every network that the settings know, and one in it for its subnet."""
    networks = block.subnets(new_prefix=NETWORK_BITS)
    for name in Settings.model_fields:
        if name.endswith("network_prefix"):
            network = next(networks)
            yield name, str(network)
            subnet = f"{name.removesuffix('network_prefix')}subnet_prefix"
            if subnet in Settings.model_fields:
                yield subnet, str(next(network.subnets(new_prefix=SUBNET_BITS)))
