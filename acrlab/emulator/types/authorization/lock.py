"""Microsoft.Authorization/locks: keep a subscription, a group or a resource from being changed or deleted.

How they bind is `acrlab.emulator.core.locks`.
"""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.locks import CAN_NOT_DELETE, LOCK_TYPE, READ_ONLY, lies_at_or_below
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, Route, Versioned
from acrlab.emulator.core.values import Field, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.registry import who_and_when
from acrlab.emulator.types.odata_filter import terms_of
from acrlab.emulator.types.resources.scope import require_scope

SOURCE = "https://learn.microsoft.com/rest/api/resources/management-locks"


def scope_exists(state: State, lock: Resource, old: Resource | None) -> None:
    """A lock is put on something that is there."""
    require_scope(state, lock.id.scope)


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Locks at a scope, above and below it; with `atScope()` none below."""
    wanted = terms_of(request, "atScope")
    key = require_scope(state, f"/{words['scope']}").key
    everywhere = sorted(state.of_type(LOCK_TYPE), key=lambda lock: (lock.id.scope.count("/"), lock.id.key))
    above = [lock for lock in everywhere if lies_at_or_below(key, lock.id.scope)]
    below = [lock for lock in everywhere if lock not in above and lies_at_or_below(lock.id.scope.lower(), key)]
    shown = above if "atScope" in wanted else above + below
    return {"value": [state.show(lock, request.api_version) for lock in shown]}


LOCK = ResourceType(
    type=LOCK_TYPE,
    source=f"{SOURCE}/create-or-update-by-scope",
    versions=api_versions.LOCKS,
    name=r"[^<>%&:\\?/\x00-\x1f]{1,260}",
    envelope={},
    properties={
        "level": Field(choice(CAN_NOT_DELETE, READ_ONLY), required=True),
        "notes": Field(Text(r"(?s).{0,512}"), inert=True),
        "owners": Field(Listing(Shape({"applicationId": Field(Text())})), inert=True),
    },
    computed_envelope={"systemData": Versioned(who_and_when, since="2020-05-01")},
    rules=(scope_exists,),
    verbs=("GET", "PUT", "DELETE", "LIST"),
    stateful=False,
    in_group=False,
    missing=lambda id: ArmError(404, "LockNotFound", f"The lock '{id.name}' could not be found.", gateway=True),
)

ROUTES = (Route("GET", f"/{{scope:path}}/providers/{LOCK_TYPE}", listed, f"{SOURCE}/list-by-scope"),)
