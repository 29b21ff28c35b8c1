"""Before a run: is everything there that it needs, what will it make, and what will that cost. Only reads.

On a real subscription a run makes things that cost money; whoever starts it is told first, and says yes.
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.course.lookup import PLAN
from acrlab.display import Table, table
from acrlab.lab.confirmation import cost_here
from acrlab.lab.lab import Lab
from acrlab.lab.prices import PLANNED_HOURS, cost_table
from acrlab.preflight.questions import QUESTIONS, Look

__all__ = ["Preflight", "run_preflight"]


@dataclass(frozen=True, repr=False)
class Preflight:
    """What was looked at, what a run will make, and what it costs.

    Attributes:
        dollars: for the planned time, in US dollars; 0 on the emulated Azure.
    """

    looks: tuple[Look, ...]
    creates: Table
    cost: Table
    dollars: float

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way; what could not be seen does not."""
        return all(look.ok is not False for look in self.looks)

    @property
    def unregistered(self) -> bool:
        """Whether the subscription may not use all services yet, which `register_providers` changes."""
        return any(look.asks == "providers" and look.ok is False for look in self.looks)

    @property
    def found(self) -> Table:
        marks = {True: "✓", False: "✗", None: "?"}
        rows = [{"": marks[k.ok], "asked": k.asks, "seen": k.seen, "what to do": k.remedy} for k in self.looks]
        return table(rows, caption="Before the run")

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, (self.found, self.creates, self.cost)))

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in (self.found, self.creates, self.cost))


def run_preflight(lab: Lab, hours: float = PLANNED_HOURS) -> Preflight:
    """Look whether a run can succeed, before it begins. Changes nothing.

    Args:
        hours: how long the lab is meant to stand, for its cost.

    Raises: RefusedError: Azure can't be reached, or does not accept the credentials.
    """
    looks = tuple(look for asked in QUESTIONS for look in asked(lab))
    made = [{"what": step.does, "step": step.name} for step in PLAN if not step.name.startswith("public-access")]
    where = f"{lab.settings.resource_group}, {lab.settings.location}"
    return Preflight(
        looks,
        table(made, caption=f"What the course makes, in {where}"),
        cost_table(lab.settings, hours),
        cost_here(lab, hours),
    )
