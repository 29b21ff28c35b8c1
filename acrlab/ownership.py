"""The tags that everything of a lab carries: whose it is, which run made it, and when it may go if it was forgotten."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from datetime import UTC, datetime

from acrlab.clients import Lab

__all__ = ["EXPIRES", "LAB", "OWNER", "RUN", "RUN_VARIABLE", "expired", "tags_of"]

LAB, OWNER, RUN, EXPIRES = "acrlab", "acrlab-owner", "acrlab-run", "acrlab-expires"
RUN_VARIABLE = "ACRLAB_RUN"  # names, for a kernel, the run that it is part of
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
        EXPIRES: lab.expires,
    }
    return {name: value for name, value in given.items() if value}


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
