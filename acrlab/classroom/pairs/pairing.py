"""Who plays with whom, in the order of the roster, and what stands in each one's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import REGISTRY
from acrlab.classroom.plan import Planned, plan
from acrlab.classroom.roster import Learner
from acrlab.errors import ConfigurationError
from acrlab.settings import Settings


@dataclass(frozen=True)
class Pair:
    """An owner of a registry, and who asks for an endpoint to it: one consumer, or two in the last pair."""

    owner: Learner
    consumers: tuple[Learner, ...]

    @property
    def learners(self) -> tuple[Learner, ...]:
        return (self.owner, *self.consumers)


def paired(learners: Sequence[Learner]) -> tuple[Pair, ...]:
    """Pair learners as they follow each other; where their number is odd, the last is a second consumer.

    Raises: ConfigurationError: there is one learner alone.
    """
    if len(learners) < 2:
        raise ConfigurationError("roster", "a pair takes two learners, and there is one. Add another, or use no pairs.")
    whole = len(learners) // 2 * 2
    found = [Pair(learners[at], (learners[at + 1],)) for at in range(0, whole, 2)]
    found[-1] = replace(found[-1], consumers=(*found[-1].consumers, *learners[whole:]))
    return tuple(found)


def settings_of(pairs: Sequence[Pair], subscriptions: Mapping[str, str], prefix: str) -> tuple[Planned, ...]:
    """Plan each learner's lab with the partner in it, as on a real Azure: they reach the served one as that.

    Args:
        subscriptions: learner's id -> the id of their own subscription.
        prefix: what all names begin with.

    Raises: ConfigurationError: the prefix is not possible.
    """
    learners = [replace(one, subscription=subscriptions[one.id]) for pair in pairs for one in pair.learners]
    planned = {one.learner.id: one for one in plan(learners, backend="azure", prefix=prefix)}
    partners = dict(entry for pair in pairs for entry in _partners(pair, planned))
    return tuple(replace(one, values={**one.values, "partner": partners[id]}) for id, one in planned.items())


def _partners(pair: Pair, planned: Mapping[str, Planned]) -> Iterator[tuple[str, str]]:
    """Each learner of a pair with what the setting `partner` says to them."""
    yield pair.owner.id, ",".join(planned[one.id].settings.subscription for one in pair.consumers)
    registry = _registry_id(planned[pair.owner.id].settings)
    for consumer in pair.consumers:
        yield consumer.id, registry


def _registry_id(settings: Settings) -> str:
    group = ArmId.of_group(settings.subscription, settings.resource_group)
    return str(ArmId(str(group), REGISTRY, (settings.registry_name,)))
