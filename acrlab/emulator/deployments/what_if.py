"""What a deployment would change, without changing it: the template is carried out, looked at, and undone.

What is compared is what a caller may set, in the form that the service shows, before and after. What a service makes
beside it, such as the interface of an endpoint, is not told, as the real service does not know it beforehand.
Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-what-if
"""

from __future__ import annotations

from typing import Any

from acrlab.azure.arm_id import GROUP_TYPE, ArmId
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.deployments.execution import attempt

CREATE, MODIFY, NO_CHANGE, IGNORE, DELETE = "Create", "Modify", "NoChange", "Ignore", "Delete"
COMPLETE = "complete"
IDS_ONLY = "resourceidonly"
OF_A_MOMENT = ("etag", "provisioningState")  # told by a service, and set by no one
DEPLOYMENTS = "microsoft.resources/deployments"


class _Undone(Exception):
    """Ends the attempt."""


def predict(world: World, draft: Resource) -> JSON:
    """Return what a deployment that is only asked about would do: `status` with its changes, or with an error."""
    try:
        after = _attempted(world, draft)
    except NotEmulated:
        raise
    except ArmError as problem:
        inner = {"code": problem.code, "message": problem.message}
        return {"status": "Failed", "error": {**inner, "details": problem.details or []}}
    changes = [_change(id, _shown(world, id), then) for id, then in after.items()]
    changes += _left_alone(world, draft, {id.lower() for id in after})
    settings = draft.properties.get("whatIfSettings")
    ids_only = isinstance(settings, dict) and str(settings.get("resultFormat")).lower() == IDS_ONLY
    brief = [{key: change[key] for key in ("resourceId", "changeType")} for change in changes]
    correlation = world.guid(draft, "correlation")
    return {
        "status": "Succeeded",
        "properties": {"correlationId": correlation, "changes": brief if ids_only else changes},
    }


def _attempted(world: World, draft: Resource) -> dict[str, JSON | None]:
    """Carry a template out, read what it wrote, and undo it. Returns: id -> how it is shown then."""
    found: dict[str, JSON | None] = {}
    try:
        with world.savepoint():
            for id in attempt(world, draft):
                found[id] = _shown(world, id)
            raise _Undone
    except _Undone:
        return found


def _left_alone(world: World, draft: Resource, known: set[str]) -> list[JSON]:
    """What a group has and the template does not name: it stays, unless the deployment is to be complete."""
    scope = ArmId.parse(draft.id.scope)
    if scope.type != GROUP_TYPE:
        return []
    complete = str(draft.properties.get("mode", "")).lower() == COMPLETE
    rest = [r for r in reversed(world.below(scope)) if len(r.id.names) == 1 and r.id.key not in known]
    told = []
    for resource in rest:
        if resource.id.type.lower() == DEPLOYMENTS or "location" not in world.type_of(resource.id).envelope:
            continue
        before = _shown(world, str(resource.id))
        end = {"after": None} if complete else {"after": before}
        told.append(
            {
                "resourceId": str(resource.id),
                "changeType": DELETE if complete else IGNORE,
                "before": before,
                **end,
            }
        )
    return told


def _change(id: str, before: JSON | None, after: JSON | None) -> JSON:
    told: JSON = {"resourceId": id, "changeType": CREATE, "before": before, "after": after}
    if before is not None and after is not None:
        delta = _delta(before, after)
        told |= {"changeType": MODIFY if delta else NO_CHANGE, "delta": delta}
    return told


# -- what is compared --------------------------------------------------------------------------------------------------


def _shown(world: World, id: str) -> JSON | None:
    """A resource as its service shows it, cut down to what a caller may set; None: it is not there."""
    resource = world.find(id)
    if resource is None:
        return None
    kind = world.type_of(resource.id)
    version = kind.versions[0] if kind.versions else ""
    whole = world.show(resource, version)
    settable = {**kind.properties, **kind.children}
    properties = {name: value for name, value in whole.get("properties", {}).items() if name in settable}
    kept = {name: value for name, value in whole.items() if name in ("id", "name", "type", *kind.envelope)}
    # Of what the service adds to, such as a tier to a sku, only what the caller said can change.
    kept |= {name: resource.body[name] for name in kind.computed_envelope if name in kept and name in resource.body}
    stable: JSON = _stable({**kept, "apiVersion": version, **({"properties": properties} if properties else {})})
    return stable


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stable(one) for name, one in value.items() if name not in OF_A_MOMENT}
    return [_stable(one) for one in value] if isinstance(value, list) else value


def _delta(before: JSON, after: JSON, path: str = "") -> list[JSON]:
    """The properties that differ, each with its path, as `properties.addressSpace.addressPrefixes`."""
    changes: list[JSON] = []
    for name in dict.fromkeys([*before, *after]):
        where = f"{path}.{name}" if path else name
        if name not in before:
            changes.append(_property(where, CREATE, None, after[name]))
        elif name not in after:
            changes.append(_property(where, DELETE, before[name], None))
        elif isinstance(before[name], dict) and isinstance(after[name], dict):
            changes += _delta(before[name], after[name], where)
        elif isinstance(before[name], list) and isinstance(after[name], list):
            children = _items(before[name], after[name])
            if children:
                changes.append({**_property(where, "Array", None, None), "children": children})
        elif before[name] != after[name]:
            changes.append(_property(where, MODIFY, before[name], after[name]))
    return changes


def _items(before: list[Any], after: list[Any]) -> list[JSON]:
    """What differs between two lists: things with names are the same by their name, others by their place."""
    old, new = _keyed(before), _keyed(after)
    changes = []
    for at, key in enumerate(dict.fromkeys([*new, *old])):
        where = str(at)
        if key not in old:
            changes.append(_property(where, CREATE, None, new[key]))
        elif key not in new:
            changes.append(_property(where, DELETE, old[key], None))
        elif old[key] != new[key]:
            both = isinstance(old[key], dict) and isinstance(new[key], dict)
            children = {"children": _delta(old[key], new[key])} if both else {}
            changes.append({**_property(where, MODIFY, old[key], new[key]), **children})
    return changes


def _keyed(items: list[Any]) -> dict[str, Any]:
    if all(isinstance(one, dict) and "name" in one for one in items):
        return {str(one["name"]).lower(): one for one in items}
    return {str(at): one for at, one in enumerate(items)}


def _property(path: str, kind: str, before: Any, after: Any) -> JSON:
    return {"path": path, "propertyChangeType": kind, "before": before, "after": after, "children": None}
