"""A break-and-fix round: one fault for all, or one each, dealt by a seed. A lab that is not ready is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from acrlab.classroom.console.labs import Place, opened
from acrlab.course.practice import exercise
from acrlab.course.practice.dealing import deal
from acrlab.course.practice.faults import FAULTS, named
from acrlab.course.practice.note import note_of
from acrlab.course.progress import look
from acrlab.course.section import Fault
from acrlab.doctor import examine
from acrlab.errors import AcrLabError
from acrlab.lab.lab import Lab

# What a lab has to have for any fault, in the article's words; a stage that some need besides is built by planting.
NEEDED = ("registry", "sample-image", "vm", "private-dns-zone", "zone-link", "private-endpoint", "dns-records")


def dealt(places: Sequence[Place], *, seed: str, faults: Sequence[str] = ()) -> dict[str, str]:
    """Deal faults, so that neighbours get different ones.

    Args:
        faults: of which; none: all that need nothing but the lab itself.

    Returns: learner's id -> name of the fault.

    Raises: ConfigurationError: there is no such fault.
    """
    chosen = [named(one).name for one in faults] or [one.name for one in FAULTS if not one.stage.build]
    return deal([place.id for place in places], chosen, seed=seed)


def plant(places: Sequence[Place], faults: Mapping[str, str], *, replace: bool = False) -> Iterator[tuple[str, str]]:
    """Open each learner's ticket in the learner's own lab, one after the other.

    Args:
        faults: learner's id -> name of the fault.
        replace: an open ticket is fixed, and makes room for the new one.

    Yields: the learner's id, and why nothing was planted; empty: it was.
    """
    for place in places:
        try:
            yield place.id, _planted(place, named(faults[place.id]), replace)
        except AcrLabError as problem:  # whatever it is, it is this learner's, and others go on
            yield place.id, " ".join(str(problem).split())


def _planted(place: Place, fault: Fault, replace: bool) -> str:
    with opened(place) as lab:
        if why := not_ready(lab, replace):
            return why
        exercise.start(lab, fault.name)
    return ""


def not_ready(lab: Lab, replace: bool) -> str:
    """Say why no fault can be planted in a lab as it stands; empty: it can."""
    note = note_of(lab)
    is_open = note is not None and note.planted and not (note.fixed or note.given_up)
    if is_open and note is not None and not replace:
        return f"the ticket {note.fault} is open; --replace fixes it first"
    if missing := [name for name in NEEDED if not look(lab, name).done and not is_open]:
        return f"the lab is not built: {missing[0]} is not done"
    if is_open:
        return ""  # what is wrong now is that ticket's, and planting asks again once it is fixed
    if troubles := examine(lab).codes:
        return f"the lab has other faults: {', '.join(troubles)}"
    return ""
