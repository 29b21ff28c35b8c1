"""In which order a template's resources are made: each after all that it says it depends on, or looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from acrlab.emulator.deployments.effort import invalid
from acrlab.emulator.deployments.template import Wanted


def ordered(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Sort them by dependency. Raises: ArmError: 400 InvalidTemplate: something is missing, or there is a cycle."""
    by_key = {w.id.key: w for w in sorted(wanted, key=lambda w: w.deployed)}  # of two, the one whose condition holds
    for one in (w for w in wanted if any(d.id.key == w.id.key for word in w.depends for d in named_by(word, wanted))):
        raise invalid(f"Circular dependency detected on resource '{one.id}'")
    graph = {key: {d.id.key for d in depended(w, wanted)} for key, w in by_key.items()}
    try:
        return [by_key[key] for key in TopologicalSorter(graph).static_order()]
    except CycleError as problem:
        circle = " -> ".join(by_key[key].id.name for key in problem.args[1])
        raise invalid(f"Circular dependency detected on resource '{circle}'") from problem


def depended(one: Wanted, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Return the resources of the template that have to be there before one of them, in the order that it says."""
    found: dict[str, Wanted] = {}
    for word in one.depends:
        named = list(named_by(word, wanted))
        if not named:
            raise invalid(f"The resource '{word}' is not defined in the template")
        found |= {w.id.key: w for w in named}
    # `dependsOn` has to name something; what `reference()` names may exist outside of the template.
    for mention in one.mentions:
        found |= {w.id.key: w for w in named_by(mention.word.lower(), wanted)}
    found.pop(one.id.key, None)  # a resource may mention itself, in `resourceId()` of its own name
    return list(found.values())


def named_by(word: str, wanted: Sequence[Wanted]) -> Iterator[Wanted]:
    """What a word means: an id, `Type/name`, a symbolic name, a loop's name, or a resource's own name."""
    for one in wanted:
        spelled = {one.id.key, _flat(one), one.symbol, one.symbol.partition("[")[0], one.loop}
        spelled |= {one.id.name.lower(), "/".join(one.id.names).lower()}
        if word in spelled or one.id.key.endswith(f"/providers/{word}"):
            yield one


def _flat(one: Wanted) -> str:
    """`NS/a/b/x/y`: type and names one after the other, as some templates write it."""
    return f"{one.id.type}/{'/'.join(one.id.names)}".lower()
