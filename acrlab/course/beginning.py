"""Where a chapter begins: what stands behind it is there, and what it is about to do is not, or not any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from acrlab.course import reset
from acrlab.course.plan import needed, perform
from acrlab.display import Table, table
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.memory import PRACTICE, kept
from acrlab.lab.ownership import NOT_OURS

__all__ = ["BACK", "Back", "bring_to"]


@dataclass(frozen=True)
class Back:
    """Something that a chapter makes, and that a chapter which is run again takes back first.

    Attributes:
        name: kebab-case, as `bring_to` takes it.
        undo: takes it back. Returns: whether there was something.
    """

    name: str
    undo: Callable[[Lab], bool]


BACK = (
    Back("portal-lab", reset.portal_lab),
    Back("manual-endpoint", reset.manual_endpoint),
    Back("zone", reset.zone),
    Back("endpoint", reset.endpoint),
)


def bring_to(lab: Lab, *steps: str, without: Iterable[str] = ()) -> Table:
    """Bring the lab to where a chapter begins, back as well as forward: after an earlier run of it, whole or not, too.

    A fault that was planted to practise on is mended. What is somebody else's is left, and the table says so.

    Args:
        steps: to be done with all that they need, as far as they are not; independent ones together.
        without: what the chapter makes itself, to be taken back: `zone`, with its links and records, `endpoint`,
            `manual-endpoint`, `portal-lab`.

    Returns: the steps with what each leaves behind, after what was taken back.

    Raises:
        ConfigurationError: there is no such step.
        RefusedError: Azure refused one of them; the message says what there is now.
    """
    wanted, unwanted = needed(steps), _named(without)
    back = [(f"the fault {name}", "mended") for name in _mended(lab)]
    back += [(one.name, told) for one in unwanted if (told := _taken_back(lab, one))]
    perform(lab, wanted)
    there = [*back, *((step.name, step.does) for step in wanted)]
    return table([{"step": name, "there is now": told} for name, told in there], caption="Where this chapter starts")


def _mended(lab: Lab) -> list[str]:
    """Mend what was planted to practise on. Returns: its name, if there was something."""
    if kept(lab, PRACTICE) is None:
        return []
    from acrlab.course import exercise  # which brings the doctor along

    return [name for name in [exercise.take_back(lab)] if name]


def _taken_back(lab: Lab, one: Back) -> str:
    """Take something back. Returns: what there is to say of it; empty: there was nothing."""
    try:
        with asking(f"Taking back {one.name}", str(lab.group_id())):
            return "taken back: an earlier run had made it" if one.undo(lab) else ""
    except RefusedError as problem:
        if problem.code != NOT_OURS:
            raise
        return str(problem)


def _named(names: Iterable[str]) -> list[Back]:
    wanted, known = set(names), {one.name for one in BACK}
    if wanted - known:
        message = f"there is nothing called {min(wanted - known)} to take back; there are: {', '.join(sorted(known))}"
        raise ConfigurationError("without", message)
    return [one for one in BACK if one.name in wanted]
