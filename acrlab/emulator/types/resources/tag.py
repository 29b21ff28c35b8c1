"""Microsoft.Resources/tags: the tags of whatever they extend, read and written apart from it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from acrlab.azure.arm_id import SUBSCRIPTION_TYPE, ArmId
from acrlab.emulator.core.http import JSON, NotEmulated, Request, malformed
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.core.tag_rules import require_legal
from acrlab.emulator.types.resources.scope import require_scope
from acrlab.emulator.types.resources.subscription import tags_key

TAGS_TYPE = "Microsoft.Resources/tags"
SOURCE = "https://learn.microsoft.com/rest/api/resources/tags"

Tags = dict[str, str]


def shown(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    scope = _scope(state, words)
    return _answer(scope, tags_of(state, scope))


def replaced(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Give a scope exactly these tags."""
    return _kept(state, _scope(state, words), _sent(request))


def changed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Merge tags into those of a scope, replace them, or delete those that are sent."""
    scope, sent = _scope(state, words), _sent(request)
    operation = str(request.json().get("operation", ""))
    if operation.lower() not in _OPERATIONS:
        raise malformed(f"Error converting value \"{operation}\" to type 'TagsPatchOperation'. Path 'operation'.")
    return _kept(state, scope, _OPERATIONS[operation.lower()](tags_of(state, scope), sent))


def deleted(state: State, request: Request, words: Mapping[str, str]) -> None:
    _kept(state, _scope(state, words), {})


def _scope(state: State, words: Mapping[str, str]) -> ArmId:
    id = require_scope(state, f"/{words['scope']}")
    if id.type == SUBSCRIPTION_TYPE:
        return id
    if "tags" not in state.type_of(id).envelope:
        raise NotEmulated(f"tags of {id.type}")
    return state.get(id).id


def _sent(request: Request) -> Tags:
    properties = request.json().get("properties") or {}
    if not isinstance(properties, dict):
        raise malformed("Error converting value to type 'Tags'. Path 'properties'.")
    tags = properties.get("tags", {})
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise malformed("Error converting value to type 'System.String'. Path 'properties.tags'.")
    return require_legal(tags)


def tags_of(state: State, scope: ArmId) -> Tags:
    """Return the tags of a subscription, a group or a resource."""
    if scope.type == SUBSCRIPTION_TYPE:
        return dict(json.loads(state.value(tags_key(state, scope.name), "{}")))
    return dict(state.get(scope).body.get("tags", {}))


def _kept(state: State, scope: ArmId, tags: Tags) -> JSON:
    require_legal(tags)
    if scope.type == SUBSCRIPTION_TYPE:
        state.set_value(tags_key(state, scope.name), json.dumps(tags))
    else:
        resource = state.get(scope)
        resource.body["tags"] = tags
        state.put(resource)
    return _answer(scope, tags)


def _answer(scope: ArmId, tags: Tags) -> JSON:
    id = f"{scope}/providers/{TAGS_TYPE}/default"
    return {"id": id, "name": "default", "type": TAGS_TYPE, "properties": {"tags": tags}}


def _merge(old: Tags, sent: Tags) -> Tags:
    """Names are the same in any case, and stay spelled as they were."""
    spelled = {name.lower(): name for name in old}
    return old | {spelled.get(name.lower(), name): value for name, value in sent.items()}


def _delete(old: Tags, sent: Tags) -> Tags:
    """A tag goes when it has the value that is sent, or when none is."""
    asked = {name.lower(): value for name, value in sent.items()}
    return {n: v for n, v in old.items() if asked.get(n.lower()) not in ("", v)}


_OPERATIONS = {"merge": _merge, "replace": lambda old, sent: sent, "delete": _delete}


_PATH = f"/{{scope:path}}/providers/{TAGS_TYPE}/default"
ROUTES = (
    Route("GET", _PATH, shown, f"{SOURCE}/get-at-scope"),
    Route("PUT", _PATH, replaced, f"{SOURCE}/create-or-update-at-scope"),
    Route("PATCH", _PATH, changed, f"{SOURCE}/update-at-scope"),
    Route("DELETE", _PATH, deleted, f"{SOURCE}/delete-at-scope"),
)
