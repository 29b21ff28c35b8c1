"""OData filters that ask for equality, joined by `and`: all that the emulator reads of them.

Source: https://learn.microsoft.com/rest/api/resources/resources/list
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from acrlab.emulator.core.http import NotEmulated
from acrlab.emulator.core.resource import Resource

TAGS = ("tagname", "tagvalue")
_QUESTION = re.compile(r"\s*(\w+)\s+eq\s+'([^']*)'\s*", re.IGNORECASE)


def asked(question: str, names: tuple[str, ...]) -> dict[str, str]:
    """Lower-case name -> value, lower-case. Raises: NotEmulated: it asks for more than these names, or otherwise."""
    parts = re.split(r"\s+and\s+", question, flags=re.IGNORECASE) if question else []
    found = {m[1].lower(): m[2].lower() for m in map(_QUESTION.fullmatch, parts) if m}
    if len(found) != len(parts) or not found.keys() <= set(names):
        raise NotEmulated(f"the filter {question}", supported=f"{', '.join(names)} with eq, joined by and")
    return found


def has_tag(resource: Resource, wanted: Mapping[str, str]) -> bool:
    """Whether it has the tag of that name, and with that value where one is asked for."""
    tags = {name.lower(): value.lower() for name, value in resource.body.get("tags", {}).items()}
    name, value = wanted.get("tagname"), wanted.get("tagvalue")
    return (name is None or name in tags) and (value is None or value in ([tags[name]] if name else tags.values()))


__all__ = ["TAGS", "asked", "has_tag"]
