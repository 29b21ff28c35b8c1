"""What a request for an export asks for.

Source: https://learn.microsoft.com/rest/api/resources/resource-groups/export-template
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, NotEmulated

ALL = "*"
DEFAULTS, COMMENTS = "IncludeParameterDefaultValue", "IncludeComments"
SKIP_NAMES, SKIP_ALL = "SkipResourceNameParameterization", "SkipAllParameterization"
OPTIONS = (DEFAULTS, COMMENTS, SKIP_NAMES, SKIP_ALL)


@dataclass(frozen=True)
class Asked:
    """Which resources are exported, and how.

    Attributes:
        ids: each with all below it; empty: everything in the group.
        defaults: parameters tell the values of today.
        comments: each resource tells what it was made from.
        names: names of resources become parameters.
        others: ids of what is not exported become parameters.
    """

    ids: tuple[ArmId, ...] = ()
    defaults: bool = False
    comments: bool = False
    names: bool = True
    others: bool = True


def asked_by(sent: JSON) -> Asked:
    """Read the body of a request. Raises: NotEmulated: what Azure makes of it is not known."""
    form = str(sent.get("outputFormat") or "Json")
    if form.lower() != "json":
        raise NotEmulated(f"an export in the format {form}", supported="Json")
    options = _options(str(sent.get("options") or ""))
    return Asked(
        ids=_ids(sent.get("resources")),
        defaults=DEFAULTS in options,
        comments=COMMENTS in options,
        names=not {SKIP_NAMES, SKIP_ALL} & options,
        others=SKIP_ALL not in options,
    )


def _options(text: str) -> set[str]:
    known = {name.lower(): name for name in OPTIONS}
    words = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := [word for word in words if word.lower() not in known]:
        raise NotEmulated(f"the options {', '.join(unknown)} of an export", supported=", ".join(OPTIONS))
    return {known[word.lower()] for word in words}


def _ids(sent: object) -> tuple[ArmId, ...]:
    if not isinstance(sent, list) or not sent or not all(isinstance(one, str) for one in sent):
        raise NotEmulated("an export that does not say of which resources", supported='["*"], or ids')
    if sent == [ALL]:
        return ()
    try:
        return tuple(ArmId.parse(one) for one in sent)
    except ValueError as problem:
        raise NotEmulated("an export of something that is not a resource id", supported='["*"], or ids') from problem
