"""What a resource's expressions look at: it has to be there before the resource is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.deployments.language import FunctionCall, Language, calls

LOOKS = ("reference", "references")


@dataclass(frozen=True)
class Mention:
    """One look at a resource, by `reference()` or `list…()`, or at a loop's by `references()`.

    Attributes:
        word: a name or an id, as it is written.
        version: the api-version that it is looked at in; empty: that of the template's resource.
        action: `listKeys` and its like; empty: `reference()`.
    """

    word: str
    version: str = ""
    action: str = ""


def mentioned(resource: JSON, language: Language) -> Iterator[Mention]:
    """Read every look that a resource takes, in the order in which it stands in the template."""
    for call in calls({k: v for k, v in resource.items() if k != "resources"}):
        name = call.name.lower()
        if name in LOOKS or name.startswith("list"):
            yield from _read(call, "" if name in LOOKS else call.name, language)


def _read(call: FunctionCall, action: str, language: Language) -> Iterator[Mention]:
    try:
        said = call.arguments[: 1 if call.name.lower() == LOOKS[1] else 2]  # a loop's is told in the loop's version
        word, version = [*(str(language.evaluate(argument)) for argument in said), ""][:2]
    except (ArmError, ValueError):
        return  # it names what only a loop or a lambda around it knows
    yield Mention(word, version, action)
