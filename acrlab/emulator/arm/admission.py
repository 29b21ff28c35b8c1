"""How a body that was sent becomes a resource that is kept: its home, its preconditions, its domains, its rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from acrlab.azure.arm_id import GROUP_TYPE, ArmId
from acrlab.azure.cloud import region_name
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.error_texts import bad_name, reworded, twins
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.lro import Polling
from acrlab.emulator.core.registration import is_registered
from acrlab.emulator.core.resource import CREATING, SUCCEEDED, UPDATING, Resource
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.values import Field, Lacking, Scene, Unfit
from acrlab.emulator.core.world import World
from acrlab.emulator.types.identity import without_others

ECHOED = ("id", "name", "type", "etag", "systemData", "kind", "managedBy")  # sent back by clients, read by no service


def require_home(world: World, kind: ResourceType, id: ArmId) -> None:
    """Refuse to write where there is no group, no parent or no registered provider."""
    if kind.in_group and id.group_id is not None and id.type != GROUP_TYPE and world.find(id.group_id) is None:
        raise world.missing(id)
    if id.parent is not None and world.find(id.parent) is None:
        _, _, type = id.type.partition("/")
        message = (
            f"Failed to perform 'write' on resource(s) of type '{type}', because the parent resource '{id.parent}' "
            "could not be found."
        )
        raise ArmError(404, "ParentResourceNotFound", message, gateway=True)
    if not is_registered(world, id.namespace, id.subscription):
        raise _unregistered(id.namespace)


def only_tags(kind: ResourceType, change: JSON, old: Resource) -> JSON:
    """Leave of a PATCH what changes tags. A client may send back with them what it has read.

    Raises: NotEmulated: it would change more.
    """
    said_back = {name for name in change if name in ECHOED or change[name] == {} or _same_place(name, change, old)}
    if more := sorted(change.keys() - said_back - {"tags"}):
        raise NotEmulated(f"PATCH of {', '.join(more)} on {kind.type}", supported="tags")
    return {name: value for name, value in change.items() if name == "tags"}


def _same_place(name: str, change: JSON, old: Resource) -> bool:
    return name == "location" and region_name(str(change[name])) == region_name(old.location)


def failed_precondition(
    world: World, kind: ResourceType, id: ArmId, old: Resource | None, request: Request
) -> ArmError | None:
    """Return what If-Match and If-None-Match have against this write, in the service's own words; None: nothing."""
    match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
    if none_match == "*" and old is not None:
        text = kind.exists_text
    elif match and match != "*" and (old is None or match.strip('"') != world.etag(old).strip('"')):
        text = kind.changed_text
    else:
        return None
    words = {"name": id.name, "zone": id.parent.name if id.parent else ""}
    return ArmError(412, "PreconditionFailed", text.format(**words), wrapped=kind.wrapped_errors)


def store(
    world: World,
    kind: ResourceType,
    id: ArmId,
    sent: JSON,
    *,
    version: str,
    wait: Polling | None,
    query: Mapping[str, str] | None = None,
    parent: Resource | None = None,
    whole: bool = True,
) -> tuple[Resource, tuple[str, ...]]:
    """Admit a body, hold it against the rules, keep it with its inline children.

    Args:
        query: what was asked beside the body.
        parent: what it came inline with, whose phase it shares; None: it came by itself.
        whole: the body is all of the resource, as a PUT's is.

    Returns: the resource, and the keys of everything that is now waiting for the operation's end.
    """
    old = world.find(id)
    draft, inline = drafted(
        world, kind, id, sent, version=version, wait=wait, query=None if parent else query or {}, whole=whole
    )
    if kind.on_put:
        kind.on_put(world, draft, old)
    if parent:
        draft.phase = parent.phase
    elif kind.at_once and kind.at_once(world, draft, old) and _keeps_children(world, kind, draft, inline, version):
        draft.phase = SUCCEEDED
    world.put(draft)
    keys = [draft.id.key]
    for name, items in inline.items():
        keys += _store_children(world, draft, kind.children[name], name, items or [], version, wait)
    return draft, tuple(keys)


def drafted(
    world: World,
    kind: ResourceType,
    id: ArmId,
    sent: JSON,
    *,
    version: str,
    wait: Polling | None = None,
    query: Mapping[str, str] | None = None,
    whole: bool = True,
) -> tuple[Resource, JSON]:
    """Admit a body and hold it against the rules. Returns: the resource that is not kept yet, and its inline children.

    Args:
        query: what was asked beside the body; None: it came inline with another, or is only asked about.
    """
    if not re.fullmatch(kind.name, id.name):
        refused = bad_name(id, kind.name)
        refused.wrapped = kind.wrapped_errors
        raise refused
    if (location := kind.envelope.get("location")) and location.required and not sent.get("location"):
        message = "The location property is required for this definition."
        raise ArmError(400, "LocationRequired", message, gateway=True)
    # Read once more for a draft: what is refused below must leave no trace in the resource that is kept.
    old, draft = world.find(id), world.find(id) or world.new(id, {})
    properties = sent.get("properties") or {}
    if not isinstance(properties, dict):
        raise Unfit("properties", properties, "Newtonsoft.Json.Linq.JObject")
    sent = {**sent, "properties": dict(properties)}
    inline = {name: sent["properties"].pop(name) for name in kind.children if name in sent["properties"]}
    if old is not None and whole:
        inline = {name: [] for name, since in kind.children_stay_since.items() if version < since} | inline
    try:
        draft.body = _admitted(kind, sent, Scene(world, draft, kind.type, version))
    except ArmError as problem:
        refused = reworded(kind.type, problem)
        refused.wrapped = kind.wrapped_errors or refused.gateway or isinstance(refused, NotEmulated)
        raise refused from problem
    if old is not None and kind.in_group and old.location != draft.location:
        raise (kind.elsewhere or _elsewhere)(old, draft.location)
    draft.phase = SUCCEEDED if wait is None else wait.phase or (UPDATING if old else CREATING)
    if kind.asked and query is not None:
        draft.state["asked"] = {name: text for name, text in query.items() if name in kind.asked}
    # Each step may count on the one before: rules see a body that fits its domains, `on_put` one that is legal.
    # Other tags are against no rule: Azure takes them even for the interface of a private endpoint.
    # Source: https://github.com/Azure/azure-rest-api-specs/issues/34437
    for rule in kind.rules if whole or kind.patch != "tags" else ():
        rule(world, draft, old)
    return draft, inline


def _keeps_children(
    world: World, kind: ResourceType, parent: Resource, inline: Mapping[str, list[JSON] | None], version: str
) -> bool:
    """Tell whether what comes inline is there already, as it comes."""
    for name, sent in inline.items():
        kept = {child.id.name.lower(): child for child in world.children(parent.id, kind.children[name])}
        if _names(parent, name, sent or []) != kept.keys():
            return False
        if any(_differs(world, kept[item["name"].lower()], item, version) for item in sent or []):
            return False
    return True


def _differs(world: World, child: Resource, sent: JSON, version: str) -> bool:
    kind = world.type_of(child.id)
    try:
        return _admitted(kind, sent, Scene(world, child, kind.type, version)) != child.body
    except ArmError:
        return True  # it is refused where it is stored, in its own words


def _store_children(
    world: World,
    parent: Resource,
    segment: str,
    name: str,
    sent: list[JSON],
    version: str,
    wait: Polling | None,
) -> list[str]:
    """Make the parent's children exactly those that were sent: new ones are made, missing ones removed."""
    named = _names(parent, name, sent)
    for child in world.children(parent.id, segment):
        if child.id.name.lower() not in named:
            world.remove(child)
    keys: list[str] = []
    for item in sent:
        id = parent.id.child(segment, item["name"])
        keys += store(world, world.type_of(id), id, item, version=version, wait=wait, parent=parent)[1]
    return keys


def _names(parent: Resource, name: str, sent: Any) -> set[str]:
    """Names of inline children in small letters. Raises: ArmError: one has none, or two have the same."""
    if not isinstance(sent, list):
        raise reworded(parent.id.type, Unfit(f"properties.{name}", sent, "System.Collections.Generic.List`1"))
    named: set[str] = set()
    for index, item in enumerate(sent):
        own = item.get("name") if isinstance(item, dict) else None
        if not isinstance(own, str) or not own:
            raise reworded(parent.id.type, Lacking(f"properties.{name}[{index}].name"))
        if own.lower() in named:
            raise twins(parent.id, own)
        named.add(own.lower())
    return named


def patched(old: JSON, change: JSON, whole: Sequence[str] = ()) -> JSON:
    """Apply a PATCH: properties are merged, tags replaced, and identities of another kind are no longer named.

    Args:
        whole: properties that are replaced as well.
    """
    made = merged(old, change)
    if isinstance(change.get("tags"), dict):
        made["tags"] = change["tags"]
    if isinstance(change.get("identity"), dict):
        made["identity"] = without_others(made["identity"], change["identity"])
    if isinstance(properties := change.get("properties"), dict):
        made["properties"] |= {name: properties[name] for name in whole if properties.get(name) is not None}
    return made


def merged(old: JSON, change: JSON) -> JSON:
    """Apply a JSON merge patch. Source: RFC 7396."""
    result = dict(old)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def _admitted(kind: ResourceType, sent: JSON, scene: Scene) -> JSON:
    properties = Shape(kind.properties, (*kind.computed, *kind.read_only, "provisioningState"))
    whole = Shape(
        {**kind.envelope, "properties": Field(properties)},
        (*ECHOED, *kind.computed_envelope),
    )
    return whole.admit("", sent, scene)


def _elsewhere(old: Resource, location: str) -> ArmError:
    message = (
        f"The resource '{old.id.name}' already exists in location '{old.location}' in resource group '{old.id.group}'. "
        f"A resource with the same name cannot be created in location '{location}'. Please select a new resource name."
    )
    return ArmError(409, "InvalidResourceLocation", message, gateway=True)


def _unregistered(namespace: str) -> ArmError:
    message = (
        f"The subscription is not registered to use namespace '{namespace}'. "
        "See https://aka.ms/rps-not-found for how to register subscriptions."
    )
    detail = {"code": "MissingSubscriptionRegistration", "target": namespace, "message": message}
    return ArmError(409, "MissingSubscriptionRegistration", message, details=[detail], gateway=True)
