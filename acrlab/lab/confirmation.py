"""Cost confirmation: on a real subscription nothing is created before a person has agreed to what it costs.

Given once, it holds for the lab: by the setting `confirm_cost`, `--yes`, or the button of `acrlab.confirmation`.
"""

from __future__ import annotations

from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from acrlab.lab.memory import kept, put
from acrlab.settings import PLANNED_HOURS

CENT = 0.01
CONFIRMED = "confirmed"  # under which it is kept


def question(lab: Lab, hours: float = PLANNED_HOURS) -> str:
    """Write what has to be confirmed: where things will be created, and what they cost."""
    where = f"group {lab.settings.resource_group} of subscription {lab.subscription}"
    dollars = cost_here(lab, hours)
    price = f"for about {dollars:.2f} US dollars in {hours:g} hours" if dollars else "which costs nothing here"
    return f"Make a lab in {where}, {price}?"


def cost_here(lab: Lab, hours: float = PLANNED_HOURS) -> float:
    """Say what a lab costs where it is made, in US dollars: nothing on the emulated Azure."""
    if lab.settings.backend != "azure":
        return 0.0
    from acrlab.lab.prices import whole_cost  # only where something costs money

    return whole_cost(lab.settings, hours)


def confirm(lab: Lab, dollars: float) -> None:
    """Remember the confirmation for this lab.

    Args:
        dollars: what it may cost, in US dollars.
    """
    put(lab, CONFIRMED, {"dollars": dollars})


def confirmed_enough(lab: Lab) -> bool:
    """Say whether a run costs nothing, or what it costs was confirmed."""
    # Figures are shown in whole cents, and copied.
    return _said(lab) + CENT / 2 >= cost_here(lab)


def require_confirmation(lab: Lab) -> None:
    """Let pass what costs nothing, and what was confirmed.

    Raises: ConfigurationError: on a real subscription, nothing was confirmed, or less than it will cost.
    """
    if confirmed_enough(lab):
        return
    needed, said = cost_here(lab), _said(lab)
    so_far = f"only {said:.2f} were confirmed" if said else "no one has confirmed that"
    asked = question(lab).removesuffix("?")
    ways = f"acrlab.confirmation(lab), -p confirm_cost {needed:.2f}, or --yes"
    message = f"{asked}: {so_far}. Look first: acrlab preflight. Then say yes: {ways}."
    raise ConfigurationError("confirm_cost", message)


def _said(lab: Lab) -> float:
    said = kept(lab, CONFIRMED)
    return max(lab.settings.confirm_cost, float(said["dollars"]) if said else 0.0)
