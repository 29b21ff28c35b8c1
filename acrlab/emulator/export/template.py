"""The template of a resource group.

Resources stand in the order of how many others they depend on, then of type and name, as in real exports.
Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/export-template-cli
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.export.asked import Asked, asked_by
from acrlab.emulator.export.body import AROUND, body_of, version_of
from acrlab.emulator.export.expressions import Expressions, ids_in
from acrlab.emulator.export.selection import unread, wanted_in, written_of

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def export(world: World, group: Resource, request: Request) -> JSON:
    """Capture a group, or some resources of it, as a template. Raises: NotEmulated."""
    asked = asked_by(request.json())
    wanted = wanted_in(world, group, asked.ids)
    written = written_of(world, wanted)
    expressions = Expressions(wanted, written, asked)
    resources = list(_ordered(world, written, expressions, asked))
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": expressions.parameters(),
        "variables": {},
        "resources": resources,
    }
    error = unread(written)
    return {"template": template, **({"error": error} if error else {})}


def _ordered(world: World, written: list[Resource], expressions: Expressions, asked: Asked) -> Iterator[JSON]:
    there = {resource.id.key for resource in written}
    drafts = []
    for resource in written:
        body = body_of(world, resource)
        drafts.append((resource, body, _depended(resource.id, body, there, expressions)))
    for resource, body, depends in sorted(drafts, key=lambda draft: (len(draft[2]), *_place(draft[0].id))):
        yield _written(world, resource, body, depends, expressions, asked)


def _place(id: ArmId) -> tuple[str, str]:
    """Where an id stands among others; hyphens do not count, as where words are sorted by their language."""
    return id.type.lower(), "/".join(id.names).lower().replace("-", "")


def _depended(id: ArmId, body: JSON, there: set[str], expressions: Expressions) -> list[ArmId]:
    """Return what has to be there first: all that a resource lies in, and what its body names."""
    found: dict[str, ArmId] = {}
    above = id.parent
    while above:
        found[above.key] = above
        above = above.parent
    for text in ids_in(body.get("properties", {})):
        named = expressions.found(text)
        if named and not f"{named[0].key}/".startswith(f"{id.key}/"):
            found[named[0].key] = named[0]
    return sorted((one for key, one in found.items() if key in there), key=_place)


def _written(
    world: World, resource: Resource, body: JSON, depends: list[ArmId], expressions: Expressions, asked: Asked
) -> JSON:
    kind, id = world.type_of(resource.id), resource.id
    written: JSON = {"type": kind.type, "apiVersion": version_of(kind), "name": expressions.name(id)}
    if asked.comments:
        written["comments"] = f"Generalized from resource: '{id}'."
    written |= {name: body[name] for name in ("location", "tags") if name in body}
    if depends:
        written["dependsOn"] = [f"[{expressions.resource_id(one)}]" for one in depends]
    written |= {name: body[name] for name in AROUND if name in body}
    if "properties" in body:
        written["properties"] = _expressed(body["properties"], id, expressions)
    return written


def _expressed(value: Any, owner: ArmId, expressions: Expressions) -> Any:
    if isinstance(value, dict):
        return {name: _expressed(inner, owner, expressions) for name, inner in value.items()}
    if isinstance(value, list):
        return [_expressed(item, owner, expressions) for item in value]
    return expressions.text(value, owner) if isinstance(value, str) else value
