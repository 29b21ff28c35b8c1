"""What of a lab stands: its name, its price, and the way to take it away."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from acrlab.lab.lab import Lab


def standing(lab: Lab, world: Path | None = None) -> list[str]:
    """Write what of the lab stands now, what that costs in an hour, and the command that deletes it.

    Args:
        world: file of the emulated Azure that the command has to name; None: it finds it by itself.
    """
    from acrlab.lab.prices import cost_of_kinds
    from acrlab.steps.clean_up_plan import plan_clean_up

    left = plan_clean_up(lab).left
    if not left:
        return ["Nothing of the lab stands on the subscription."]
    names = ", ".join(f"{one.kind} {one.name}" for one in left)
    cost = f"about {cost_of_kinds(one.kind for one in left):.3f} US dollars an hour"
    cost = f"for {cost}" if lab.settings.backend == "azure" else f"free here, {cost} on a real subscription"
    return [f"Standing, {cost}: {names}", f"To take it away: {_clean_up(lab, world)}"]


def after_a_stop(parameters: dict[str, Any]) -> list[str]:
    """Write that for a run's parameters; where Azure does not answer, how to look."""
    from acrlab.errors import AcrLabError
    from acrlab.lab.lab import connect
    from acrlab.settings import Settings

    known = {name: value for name, value in parameters.items() if name in Settings.model_fields}
    try:
        lab = connect(Settings.given(**known))
    except AcrLabError as problem:
        return [f"What stands on the subscription could not be read: {problem}"]
    try:
        return standing(lab)
    except AcrLabError as problem:
        return [f"What stands could not be read: {problem}", f"To look: {_clean_up(lab)} --plan"]
    finally:
        lab.close()


def _clean_up(lab: Lab, world: Path | None = None) -> str:
    s = lab.settings
    place = ["--subscription", lab.subscription] if s.backend == "azure" else ["--world", str(world)] if world else []
    words = ["--group", s.resource_group, "--registry", s.registry_name, *place]
    return f"acrlab clean-up --backend {s.backend} {shlex.join(words)}"
