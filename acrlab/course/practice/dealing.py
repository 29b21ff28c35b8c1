"""Faults dealt by seed to a whole class, so that neighbours have different ones. Pure: it knows names only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from acrlab.errors import ConfigurationError


def deal(learners: Sequence[str], faults: Sequence[str], *, seed: str) -> dict[str, str]:
    """Give each learner a fault, in rounds: each fault comes once before any comes again.

    Two who follow each other in the roster get different faults, where there are two. The same seed deals the same,
    and a learner who is added at the roster's end changes nothing for the others.

    Args:
        learners: ids, in the order in which they sit.
        faults: names of those that may be dealt.
        seed: any text; another one deals otherwise.

    Returns: learner's id -> fault's name.

    Raises: ConfigurationError: there is nothing to deal.
    """
    names = sorted(set(faults))
    if learners and not names:
        raise ConfigurationError("fault", "there are no faults to deal. Name at least one.")
    dealt: list[str] = []
    while len(dealt) < len(learners):
        dealt += _round(names, f"{seed}/{len(dealt) // len(names)}", after=dealt[-1] if dealt else "")
    return dict(zip(learners, dealt, strict=False))


def _round(names: Sequence[str], seed: str, *, after: str) -> list[str]:
    """All names in an order that the seed decides; the first is another than the one before the round."""
    order = sorted(names, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())
    return order[1:] + order[:1] if order[0] == after else order
