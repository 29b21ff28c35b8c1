"""In which order a template's resources are made: each after all that it says it depends on, or looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from acrlab.emulator.deployments.effort import invalid
from acrlab.emulator.deployments.template import Wanted

PROVIDERS = "/providers/"


class Named:
    """The resources of a template by what names them, in the order of the template."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self._known: dict[str, list[Wanted]] = {}
        for one in wanted:
            for word in _words(one):
                self._known.setdefault(word, []).append(one)

    def by(self, word: str) -> Sequence[Wanted]:
        """Return what a word in small letters means; nothing: no resource of the template."""
        return self._known.get(word, ())


def ordered(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Sort them by dependency. Raises: ArmError: 400 InvalidTemplate: something is missing, or there is a cycle."""
    by_key = {w.id.key: w for w in sorted(wanted, key=lambda w: w.deployed)}  # of two, the one whose condition holds
    named = Named(wanted)
    for one in wanted:
        if any(before.id.key == one.id.key for word in one.depends for before in named.by(word)):
            raise invalid(f"Circular dependency detected on resource '{one.id}'")
    graph = {key: {before.id.key for before in depended(w, named)} for key, w in by_key.items()}
    try:
        return [by_key[key] for key in TopologicalSorter(graph).static_order()]
    except CycleError as problem:
        circle = " -> ".join(by_key[key].id.name for key in problem.args[1])
        raise invalid(f"Circular dependency detected on resource '{circle}'") from problem


def depended(one: Wanted, named: Named) -> list[Wanted]:
    """Return the resources of the template that have to be there before one of them, in the order that it says."""
    found: dict[str, Wanted] = {}
    for word in one.depends:
        if not named.by(word):
            raise invalid(f"The resource '{word}' is not defined in the template")
        found |= {w.id.key: w for w in named.by(word)}
    # `dependsOn` has to name something; what `reference()` names may exist outside of the template.
    for mention in one.mentions:
        found |= {w.id.key: w for w in named.by(mention.word.lower())}
    found.pop(one.id.key, None)  # a resource may mention itself, in `resourceId()` of its own name
    return list(found.values())


def _words(one: Wanted) -> set[str]:
    """What may name a resource: an id, `Type/name`, a symbolic name, a loop's name, or the resource's own name."""
    key = one.id.key
    words = {key, *_behind_providers(key), one.symbol, one.symbol.partition("[")[0], one.loop}
    # `NS/a/b/x/y`: type and names one after the other, as some templates write it.
    flat = f"{one.id.type}/{'/'.join(one.id.names)}".lower()
    return (words | {flat, one.id.name.lower(), "/".join(one.id.names).lower()}) - {""}


def _behind_providers(key: str) -> Iterator[str]:
    """An id may be written without its scope, or without a part of it."""
    at = key.find(PROVIDERS)
    while at >= 0:
        yield key[at + len(PROVIDERS) :]
        at = key.find(PROVIDERS, at + 1)
