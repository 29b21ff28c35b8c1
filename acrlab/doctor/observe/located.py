"""Find what was named, by its name or its id: in the lab's group first, then wherever it is.

What was named and is not there is a slip of the person who named it, and refused: no finding may come of it.
"""

from __future__ import annotations

import difflib
from dataclasses import replace

from acrlab.azure.arm_id import ArmId
from acrlab.doctor.observe.reader import Reader
from acrlab.errors import ConfigurationError


def parsed(option: str, type: str, given: str) -> ArmId:
    """Read an id of this type. Raises: ConfigurationError: it is not one."""
    try:
        id = ArmId.parse(given)
    except ValueError:
        raise ConfigurationError(
            option, f"{given!r} is not a resource's id. Write its name, or its whole id."
        ) from None
    if id.type.lower() != type.lower():
        raise ConfigurationError(option, f"{given} is a {id.type}, not one of {type}.")
    return id


def located(reader: Reader, option: str, what: str, type: str, given: str) -> str:
    """Give the id of what was named; one that this identity may not see is taken to be in the lab's group.

    Args:
        option: under which it was named.
        what: its kind, as `Unseen.what` names it.
        given: a name, or an id.

    Raises: ConfigurationError: there is nothing of that name, or there are several.
    """
    if given.startswith("/"):
        id = str(parsed(option, type, given))
        reader.look_in(id)
        before = len(reader.unseen)
        if reader.at(what, id) is None and len(reader.unseen) == before:
            raise ConfigurationError(option, f"there is no {given}.")
        return id
    own, before = reader.lab.id_of(type, given), len(reader.unseen)
    if reader.at(what, own) is not None:
        return own
    refused = reader.unseen[before:]
    del reader.unseen[before:]
    listed = [str(one["id"]) for one in reader.everywhere(what, type)]
    found = [id for id in listed if id.rpartition("/")[2].lower() == given.lower()]
    if len(found) > 1:
        raise ConfigurationError(option, f"{given} is the name of several: {', '.join(sorted(found))}. Write an id.")
    if found:
        return found[0]
    partial = reader.unseen[before:] or refused or reader.reads_in_part(what, type)
    if partial:
        reader.unseen[before:] = [replace(partial[0], what=what)]
        return own
    raise ConfigurationError(option, _not_there(reader, given, listed))


def _not_there(reader: Reader, given: str, listed: list[str]) -> str:
    names = sorted({id.rpartition("/")[2] for id in listed})
    near = difflib.get_close_matches(given, names, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}." if names else "There are none."
    places = " or ".join(reader.subscriptions)
    return f"there is no {given} in subscription {places}. {hint} In another subscription, name it by its id."
