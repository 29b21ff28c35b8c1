"""Cost confirmation: on a real subscription nothing is created before a person has agreed to what it costs.

Given once, it holds for the lab: by the setting `confirm_cost`, `--yes`, or the button of `acrlab.confirmation`.
"""

from __future__ import annotations

from collections.abc import Iterable

from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from acrlab.lab.memory import kept, put
from acrlab.settings import PLANNED_HOURS

CENT = 0.01
CONFIRMED = "confirmed"  # under which it is kept


def question(lab: Lab, hours: float = PLANNED_HOURS, chapters: Iterable[str] = ()) -> str:
    """Write what has to be confirmed: where things will be created, and what they cost.

    Args:
        chapters: numbers; those beyond the article cost more than the lab of the article.
    """
    where = f"group {lab.settings.resource_group} of subscription {lab.subscription}"
    numbers = sorted(chapters)
    dollars, more = cost_here(lab, hours, numbers), cost_here(lab, 0, numbers)
    of_it = f", {more:.2f} of it for {_named(numbers)}" if more else ""
    price = f"for about {dollars:.2f} US dollars in {hours:g} hours{of_it}" if dollars else "which costs nothing here"
    return f"Create a lab in {where}, {price}?"


def cost_here(lab: Lab, hours: float = PLANNED_HOURS, chapters: Iterable[str] = ()) -> float:
    """Say what a lab costs where it is made, in US dollars: nothing on the emulated Azure.

    Args:
        chapters: numbers of those that are to run; what lies beyond the article comes on top.
    """
    if lab.settings.backend != "azure":
        return 0.0
    from acrlab.lab.prices import cost_beyond, whole_cost  # only where something costs money

    return whole_cost(lab.settings, hours) + cost_beyond(chapters)


def _named(chapters: Iterable[str]) -> str:
    from acrlab.lab.prices import BEYOND

    dear = [number for number in chapters if number in BEYOND]
    return f"chapter{'s' if len(dear) > 1 else ''} {', '.join(dear)}"


def confirm(lab: Lab, dollars: float) -> None:
    """Remember the confirmation for this lab.

    Args:
        dollars: what it may cost, in US dollars.
    """
    put(lab, CONFIRMED, {"dollars": dollars})


def confirmed_enough(lab: Lab, chapters: Iterable[str] = ()) -> bool:
    """Say whether a run of these chapters costs nothing, or what it costs was confirmed."""
    # Figures are shown in whole cents, and copied.
    return _said(lab) + CENT / 2 >= cost_here(lab, chapters=chapters)


def require_confirmation(lab: Lab, chapter: str = "") -> None:
    """Let pass what costs nothing, and what was confirmed.

    Args:
        chapter: number of the one that makes something dear, where it is beyond the article.

    Raises: ConfigurationError: on a real subscription, nothing was confirmed, or less than it will cost.
    """
    chapters = [chapter] if chapter else []
    if confirmed_enough(lab, chapters):
        return
    needed, said = cost_here(lab, chapters=chapters), _said(lab)
    so_far = f"only {said:.2f} were confirmed" if said else "no one has confirmed that"
    asked = question(lab, chapters=chapters).removesuffix("?")
    more = f", {chapter!r}" if chapter else ""
    ways = f"acrlab.confirmation(lab{more}), -p confirm_cost {needed:.2f}, or --yes"
    message = f"{asked}: {so_far}. Look first: acrlab preflight. Then say yes: {ways}."
    raise ConfigurationError("confirm_cost", message)


def _said(lab: Lab) -> float:
    said = kept(lab, CONFIRMED)
    return max(lab.settings.confirm_cost, float(said["dollars"]) if said else 0.0)
