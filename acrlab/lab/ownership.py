"""The tags that everything of a lab carries: whose it is, which run made it, and when it may go if it was forgotten.

What does not carry them is somebody else's, and is neither taken away nor made anew.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from acrlab.environment import RUN_VARIABLE
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import failed, find, state_of
from acrlab.lab.lab import Lab
from acrlab.lab.waiting import look_until

Found = TypeVar("Found")

NOT_OURS = "NotOurs"  # code of the refusal to touch what is somebody else's
LAB, OWNER, RUN, EXPIRES = "acrlab", "acrlab-owner", "acrlab-run", "acrlab-expires"
AT_REST = ("", "Succeeded", "Failed", "Canceled")  # states of a thing that Azure does nothing to
_BY_HAND = f"by-hand-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"  # a kernel or command that is part of none


def tags_of(lab: Lab) -> dict[str, str]:
    """What a thing is tagged with when this lab makes it. Nothing without the first of them is ever deleted.

    A lab is known by its registry, whose name no other lab in the world has.
    """
    real = lab.settings.backend == "azure"  # on the emulated Azure two runs make the same, to the last byte
    given = {
        LAB: lab.settings.registry_name.lower(),
        OWNER: lab.settings.owner or (_user() if real else ""),
        RUN: os.environ.get(RUN_VARIABLE) or (_BY_HAND if real else ""),
        EXPIRES: expires(lab),
    }
    return {name: value for name, value in given.items() if value}


def expires(lab: Lab) -> str:
    """Say when what this lab makes may go if it is forgotten, in UTC; empty: it does not say."""
    hours = lab.settings.expires_hours
    return (lab.opened + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%MZ") if hours else ""


def is_ours(lab: Lab, tags: Mapping[str, str] | None) -> bool:
    """Whether something with these tags was made by this lab."""
    return (tags or {}).get(LAB) == tags_of(lab)[LAB]


def is_the_learner_s(lab: Lab, tags: Mapping[str, str] | None) -> bool:
    """Whether nobody else has a say in something with these tags: all of the emulated Azure, and what the lab made."""
    return lab.settings.backend == "emulator" or is_ours(lab, tags)


def require_ours(lab: Lab, tags: Mapping[str, str] | None, id: str) -> None:
    """Let nothing be made anew or taken away that is somebody else's.

    Raises: RefusedError: it carries no tag of this lab, and the Azure is a real one.
    """
    if not is_the_learner_s(lab, tags):
        message = (
            f"{id.rpartition('/')[2]} is left as it is: it does not carry the lab's tag, so it is somebody else's. "
            "Choose another name for the lab's own, or change it yourself."
        )
        raise RefusedError(message, status=0, code=NOT_OURS, resource_id=id)


def at_rest(lab: Lab, call: Callable[[], Found]) -> Found:
    """Make a call that reads, again and again while Azure is at work on the thing, as after a run that was killed.

    Raises: NotReadyError: Azure is still at work on it after ten minutes.
    """
    return look_until(
        lambda found: state_of(found) in AT_REST,
        call,
        what="A thing whose making was interrupted is ready",
        resource_id="",
        pause=lab.backend.pause,
        told=lambda found: f"{getattr(found, 'id', '')} is {state_of(found)}",
    )


def made(lab: Lab, call: Callable[[], Found]) -> Found | None:
    """Make a call that reads; None when there is no such thing, or its making failed: who wants it makes it again.

    Raises:
        NotReadyError: Azure is still at work on it after ten minutes.
        RefusedError: its making failed, and it is somebody else's.
    """
    found = at_rest(lab, lambda: find(call))
    if found is None or not failed(found):
        return found
    if hasattr(found, "tags"):  # what has none is a part of something, and goes by what that is
        require_ours(lab, found.tags, str(getattr(found, "id", "")))
    return None


def _user() -> str:
    """Who runs this; empty where this computer has no name for that, as in a container."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""


def expired(tags: Mapping[str, str] | None, now: datetime | None = None) -> bool:
    """Say whether something of a lab was meant to be gone by now; not where it says no time, or none that reads."""
    told = (tags or {}).get(EXPIRES, "") if LAB in (tags or {}) else ""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment <= (now or datetime.now(UTC))
