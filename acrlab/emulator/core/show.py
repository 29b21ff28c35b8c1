"""How a stored resource looks to a caller: what was set, what the service computes, and the state it is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, Versioned
from acrlab.emulator.core.values import Scene

NEWEST = "9999"  # later than every api-version: a caller that names none sees the newest shape


def show(state: State, kind: ResourceType, resource: Resource, version: str) -> JSON:
    """Write a resource as its service answers it at an api-version."""
    scene = Scene(state, resource, kind.type, version or NEWEST)
    shown: JSON = {"name": resource.id.name, "id": id_of(kind, resource), "type": kind.type}
    if kind.etag and scene.version >= kind.etag_since:
        shown["etag"] = state.etag(resource)
    shown |= _around(kind, scene)
    properties: JSON = {"provisioningState": resource.phase} if kind.stateful else {}
    properties |= Shape(kind.properties).show(resource.properties, scene)
    for name, segment in kind.children.items():
        properties[name] = [state.show(child, version) for child in state.children(resource.id, segment)]
    shown["properties"] = properties | _evaluated(kind.computed, scene)
    return shown


def echoed(shown: JSON, sent: JSON, parts: Sequence[str]) -> JSON:
    """Leave of a resource as it is shown its names, its state, and what was sent of some of its parts."""
    told = _both({name: value for name, value in shown.items() if name in parts}, sent)
    state = {"provisioningState": shown["properties"]["provisioningState"]}
    names = {name: shown[name] for name in ("name", "id", "type")}
    return {**names, **told, "properties": {**told.get("properties", {}), **state}}


def _both(shown: JSON, sent: JSON) -> JSON:
    return {
        name: _both(value, sent[name]) if isinstance(value, dict) and isinstance(sent[name], dict) else value
        for name, value in shown.items()
        if name in sent
    }


def id_of(kind: ResourceType, resource: Resource) -> str:
    """Spell a resource's id as its service does."""
    id = str(resource.id)
    return id.replace("/resourceGroups/", "/resourcegroups/", 1) if kind.proxied else id


def envelope(state: State, kind: ResourceType, resource: Resource) -> JSON:
    """Write what stands around a resource's properties, as the newest api-version has it."""
    return {"id": str(resource.id), "type": kind.type} | _around(kind, Scene(state, resource, kind.type, NEWEST))


def _around(kind: ResourceType, scene: Scene) -> JSON:
    kept = Shape(kind.envelope).show(scene.resource.body, scene)
    told = {name: value for name, value in kept.items() if name not in kind.computed_envelope}
    return told | _evaluated(kind.computed_envelope, scene)


def _evaluated(computed: Mapping[str, Callable[[State, Resource], Any]], scene: Scene) -> JSON:
    values = {
        name: compute(scene.state, scene.resource)
        for name, compute in computed.items()
        if not isinstance(compute, Versioned) or compute.in_version(scene.version)
    }
    return {name: value for name, value in values.items() if value is not None}
