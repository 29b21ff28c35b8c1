"""Resource Manager's own list of resources, of whichever type: of a group, or of the subscription."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Mapping

from acrlab.azure.arm_id import GROUP_TYPE, ArmId
from acrlab.emulator.core import lateness
from acrlab.emulator.core.http import JSON, NotEmulated, Request
from acrlab.emulator.core.resource import DeclaredType, Resource, State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.paging import next_link, size_of
from acrlab.emulator.types.resources.resource_filter import ResourceFilter, full_name
from acrlab.emulator.types.resources.subscription import require_subscription

SOURCE = "https://learn.microsoft.com/rest/api/resources/resources/list"
PAGE = 1000
LEAST_AT_ONCE = 100  # read of the file; a filter may pass over many
SHOWN = ("location", "tags", "sku", "identity", "zones", "kind", "managedBy", "systemData")
LISTED = {"id", "type", *SHOWN}
# What is shown where `$expand` asks for it -> how it is found out.
EXPANDED: Mapping[str, Callable[[State, Resource], str]] = {
    "createdTime": lambda state, resource: state.timestamp(resource.created),
    "changedTime": lambda state, resource: state.timestamp(resource.changed),
    "provisioningState": lambda state, resource: resource.phase,
}


def resources_of(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Everything that has a location, oldest first, a page at a time; what belongs to another resource is left out."""
    require_subscription(state, words["subscription"])
    scope = ArmId.parse(request.path.rstrip("/").rpartition("/")[0])
    if scope.type == GROUP_TYPE:
        state.get(scope)
    wanted = ResourceFilter(request.query.get("$filter", ""))
    more, size, after = _expanded(request), size_of(request, PAGE), request.query.get("$skiptoken", "")
    gone = {r.id.key: r for r in state.lately_deleted(scope) if state.find(r.id) is None}
    begin, at_once = int(after) if after.isdecimal() else 0, max(size + 1, LEAST_AT_ONCE)
    oldest = state.oldest_first(scope, after=begin, wanted=_is_listed, at_once=at_once)
    there = (r for r in oldest if lateness.has_arrived(state, r, seconds=lateness.LIST_S))
    late = sorted((r for r in gone.values() if _is_listed(state.type_of(r.id))), key=_place)
    fitting = (r for r in heapq.merge(there, late, key=_place) if _place(r) > after and wanted.fits(r))
    rest = list(itertools.islice(fitting, size + 1))
    hidden = ("tags",) if wanted.asks_for_tags else ()
    answer: JSON = {"value": [_shown(state, r, more, hidden, gone=r.id.key in gone) for r in rest[:size]]}
    if len(rest) > size:
        answer["nextLink"] = next_link(request, _place(rest[size - 1]))
    return answer


def _place(resource: Resource) -> str:
    """Tell where it stands in the list; a token may be anything, so places compare as text."""
    return f"{resource.sequence:012d}"


def _expanded(request: Request) -> tuple[str, ...]:
    asked = [word.strip() for word in request.query.get("$expand", "").split(",") if word.strip()]
    known = {name.lower(): name for name in EXPANDED}
    if unknown := [word for word in asked if word.lower() not in known]:
        raise NotEmulated(f"$expand={','.join(unknown)} of resources", supported=", ".join(EXPANDED))
    return tuple(known[word.lower()] for word in asked)


def _is_listed(kind: DeclaredType) -> bool:
    return "location" in kind.envelope and not kind.type.lower().startswith("microsoft.resources/")


def _shown(state: State, resource: Resource, more: tuple[str, ...], hidden: tuple[str, ...], *, gone: bool) -> JSON:
    # What is gone has nothing left to compute the rest from.
    shown = (
        {**resource.body, "id": str(resource.id), "type": resource.id.type} if gone else state.show_envelope(resource)
    )
    kept = {k: v for k, v in shown.items() if k in LISTED and k not in hidden}
    return {**kept, "name": full_name(resource), **{word: EXPANDED[word](state, resource) for word in more}}


ROUTES = (
    Route("GET", "/subscriptions/{subscription}/resources", resources_of, SOURCE),
    Route("GET", "/subscriptions/{subscription}/resourceGroups/{group}/resources", resources_of, SOURCE),
)
