"""What a deployment tells of its template before anything of it is there: providers, dependencies, resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.deployments.mentions import Mention
from acrlab.emulator.deployments.order import Named, depended
from acrlab.emulator.deployments.placement import DEPLOYMENT_TYPE
from acrlab.emulator.deployments.template import Template, Wanted


def described(template: Template, inside: Sequence[Resource]) -> JSON:
    """Describe a template. `inside`: the nested deployments, in its order, each described already.

    What is validated is told from outside to inside, and what comes about are the resources alone, by id.
    """
    wanted = _written(template)
    plain = [str(one.id) for one in wanted if not _is_nested(one)]
    named = Named(template.wanted)
    links = [(one, list(_links(one, named))) for one in wanted]
    return {
        "parameters": template.parameters,
        "providers": _providers(template, wanted),
        "dependencies": [{"dependsOn": before, **_link(one.id)} for one, before in links if before],
        "validated": [*(str(one.id) for one in wanted), *(id for made in inside for id in made.state["validated"])],
        "resources": sorted([*plain, *(id for made in inside for id in made.state["resources"])]),
    }


def nested_of(template: Template) -> list[Wanted]:
    """Return the nested deployments, in the template's order."""
    return [one for one in _written(template) if _is_nested(one)]


def _written(template: Template) -> list[Wanted]:
    return [one for one in template.wanted if one.deployed and not one.existing]


def _is_nested(one: Wanted) -> bool:
    return one.id.type.lower() == DEPLOYMENT_TYPE.lower()


def _providers(template: Template, wanted: Sequence[Wanted]) -> list[JSON]:
    providers: dict[str, dict[str, list[str | None]]] = {}
    for one in wanted:
        types = providers.setdefault(one.id.namespace, {})
        location = template.location_of(one)
        places = types.setdefault(one.id.type.partition("/")[2], [])
        if location not in places:
            places.append(location)
    return [
        {
            "namespace": space,
            "resourceTypes": [{"resourceType": name, "locations": places} for name, places in types.items()],
        }
        for space, types in providers.items()
    ]


# -- dependencies ------------------------------------------------------------------------------------------------------


def _links(one: Wanted, named: Named) -> Iterator[JSON]:
    """What comes before a resource: what it names, and what it looks at in a version of its own."""
    yield from (_link(before.id) for before in depended(one, named) if before.deployed)
    for mention in one.mentions:
        if mention.version and (seen := _seen(mention, one, named)):
            action = {"actionName": mention.action} if mention.action else {}
            yield {**_link(seen), **action, "apiVersion": mention.version}


def _seen(mention: Mention, one: Wanted, named: Named) -> ArmId | None:
    """The resource that is looked at; None: it is the one that looks, or is not deployed."""
    found = next(iter(named.by(mention.word.lower())), None)
    if found is not None:
        return found.id if found.deployed and found.id.key != one.id.key else None
    try:
        return ArmId.parse(mention.word)
    except ValueError:
        return None


def _link(id: ArmId) -> JSON:
    return {"id": str(id), "resourceType": id.type, "resourceName": "/".join(id.names)}
