"""What a run that stopped has left on a real subscription: its name, its price, and the way to take it away."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acrlab.lab.lab import Lab


def standing(lab: Lab) -> list[str]:
    """Write what of the lab stands now, what that costs in an hour, and the command that deletes it."""
    from acrlab.lab.prices import cost_of_kinds
    from acrlab.steps.clean_up_plan import plan_clean_up

    left = plan_clean_up(lab).left
    if not left:
        return ["Nothing of the lab stands on the subscription."]
    names = ", ".join(f"{one.kind} {one.name}" for one in left)
    dollars = cost_of_kinds(one.kind for one in left)
    return [
        f"Standing, for about {dollars:.3f} US dollars an hour: {names}",
        f"To take it away: {_clean_up(lab)}",
    ]


def after_a_stop(parameters: dict[str, Any]) -> list[str]:
    """Write that for a run's parameters; where Azure does not answer, how to look."""
    from acrlab.errors import AcrLabError
    from acrlab.lab.lab import connect
    from acrlab.settings import Settings

    known = {name: value for name, value in parameters.items() if name in Settings.model_fields}
    try:
        lab = connect(Settings.from_parameters(**known))
    except AcrLabError as problem:
        return [f"What stands on the subscription could not be read: {problem}"]
    try:
        return standing(lab)
    except AcrLabError as problem:
        return [f"What stands could not be read: {problem}", f"To look: {_clean_up(lab)} --plan"]
    finally:
        lab.close()


def _clean_up(lab: Lab) -> str:
    s = lab.settings
    words = ["--group", s.resource_group, "--registry", s.registry_name, "--subscription", lab.subscription]
    return f"acrlab clean-up --backend {s.backend} {shlex.join(words)}"
