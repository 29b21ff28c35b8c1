"""Say before a run whether it has what it needs, what it will create, and what that costs. Only reads.

On a real subscription a run creates things that cost money: a person is told first, and confirms it.
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.course.lookup import PLAN
from acrlab.display import Table, table
from acrlab.lab.confirmation import cost_here
from acrlab.lab.lab import Lab
from acrlab.lab.prices import cost_table, cost_table_beyond
from acrlab.preflight.questions import QUESTIONS, Requirement
from acrlab.settings import PLANNED_HOURS

__all__ = ["Preflight", "Requirement", "run_preflight"]


@dataclass(frozen=True, repr=False)
class Preflight:
    """What a run needs, what it will create, and what it costs.

    Attributes:
        requirements: what was asked, with what was found.
        cost: of the lab of the article, for the planned time.
        beyond: what chapters beyond the article cost on top.
        dollars: for the planned time, without those chapters, in US dollars; 0 on the emulated Azure.
    """

    requirements: tuple[Requirement, ...]
    creates: Table
    cost: Table
    beyond: Table
    dollars: float

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way; what could not be read does not."""
        return all(one.ok is not False for one in self.requirements)

    @property
    def unregistered(self) -> bool:
        """Whether resource providers are missing, which `register_providers` registers."""
        return any(one.asks == "providers" and one.ok is False for one in self.requirements)

    @property
    def found(self) -> Table:
        marks = {True: "✓", False: "✗", None: "?"}
        rows = [{"": marks[k.ok], "asked": k.asks, "seen": k.seen, "what to do": k.fix} for k in self.requirements]
        return table(rows, caption="Before the run")

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self._shown))

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in self._shown)

    @property
    def _shown(self) -> tuple[Table, ...]:
        return self.found, self.creates, self.cost, self.beyond


def run_preflight(lab: Lab, hours: float = PLANNED_HOURS) -> Preflight:
    """Check whether a run can succeed, before it begins. Changes nothing.

    Args:
        hours: how long the lab will exist, for its cost.

    Raises: RefusedError: Azure can't be reached, or does not accept the credentials.
    """
    found = tuple(one for asked in QUESTIONS for one in asked(lab))
    made = [{"what": step.does, "step": step.name} for step in PLAN if not step.name.startswith("public-access")]
    where = f"{lab.settings.resource_group}, {lab.settings.location}"
    return Preflight(
        found,
        table(made, caption=f"What the course makes, in {where}"),
        cost_table(lab.settings, hours),
        cost_table_beyond(),
        cost_here(lab, hours),
    )
