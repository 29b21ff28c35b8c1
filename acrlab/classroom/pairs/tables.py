"""What is shown of pairs: who plays what with whom, and, once, each one's secret."""

from __future__ import annotations

from collections.abc import Sequence

from acrlab.classroom.pairs.opening import Place
from acrlab.classroom.pairs.pairing import Pair
from acrlab.display import Table, table


def pair_table(pairs: Sequence[Pair], places: Sequence[Place]) -> Table:
    """Show each learner with their part, their partner and their subscription."""
    subscriptions = {one.planned.learner.id: one.planned.settings.subscription for one in places}
    rows = []
    for number, pair in enumerate(pairs, start=1):
        consumers = ", ".join(one.id for one in pair.consumers)
        parts = [(pair.owner, "owner", consumers), *((one, "consumer", pair.owner.id) for one in pair.consumers)]
        for learner, part, partner in parts:
            of = {"pair": number, "learner": learner.id, "plays": part, "with": partner}
            rows.append({**of, "subscription": subscriptions[learner.id]})
    return table(rows, caption="Pairs")


def secret_table(places: Sequence[Place]) -> Table:
    """Show each learner's secret."""
    rows = [{"learner": one.planned.learner.id, "secret": one.secret} for one in places]
    return table(rows, caption="Secrets, this once")
