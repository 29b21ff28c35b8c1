"""Resource Manager's own list of resources, of whichever type: of a group, or of the subscription."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.arm_id import GROUP_TYPE, ArmId
from acrlab.emulator.schema import Resource, Route, Tenant
from acrlab.emulator.types.equality_filter import TAGS, asked, has_tag
from acrlab.emulator.types.subscription import require_subscription
from acrlab.emulator.wire import JSON, Request

SOURCE = "https://learn.microsoft.com/rest/api/resources/resources/list"
PAGE = 1000
SHOWN = ("location", "tags", "sku", "identity", "zones", "kind", "managedBy", "systemData")
ASKED = ("resourcetype", "resourcegroup", "name", "location", *TAGS)


def resources_of(tenant: Tenant, request: Request, words: Mapping[str, str]) -> JSON:
    """Top-level resources by id; children and what extends another resource are not listed."""
    require_subscription(tenant, words["subscription"])
    scope = ArmId.parse(request.path.rstrip("/").rpartition("/")[0])
    if scope.type == GROUP_TYPE:
        tenant.get(scope)
    wanted = asked(request.query.get("$filter", ""), ASKED)
    after = request.query.get("$skiptoken", "")
    fitting = sorted((r for r in tenant.below(scope) if _is_listed(r) and _fits(r, wanted)), key=lambda r: r.id.key)
    rest = [r for r in fitting if r.id.key > after]
    answer: JSON = {"value": [_shown(tenant, r) for r in rest[:PAGE]]}
    if len(rest) > PAGE:
        answer["nextLink"] = (
            f"{request.origin}{request.path}?api-version={request.api_version}"
            f"&$filter={request.query.get('$filter', '')}&$skiptoken={rest[PAGE - 1].id.key}"
        )
    return answer


def _is_listed(resource: Resource) -> bool:
    top = resource.id.parent is None and resource.id.type != GROUP_TYPE
    return top and (resource.id.scope.count("/") == 4 or resource.id.scope.count("/") == 2) and not _extends(resource)


def _extends(resource: Resource) -> bool:
    return resource.id.namespace.lower() == "microsoft.authorization"


def _fits(resource: Resource, wanted: Mapping[str, str]) -> bool:
    has = {
        "resourcetype": resource.id.type.lower(),
        "resourcegroup": (resource.id.group or "").lower(),
        "name": resource.id.name.lower(),
        "location": resource.location.lower(),
    }
    return has_tag(resource, wanted) and all(has[n] == value for n, value in wanted.items() if n not in TAGS)


def _shown(tenant: Tenant, resource: Resource) -> JSON:
    shown = tenant.show(resource)
    return {k: v for k, v in shown.items() if k in ("id", "name", "type", *SHOWN)}


ROUTES = (
    Route("GET", "/subscriptions/{subscription}/resources", resources_of, SOURCE),
    Route("GET", "/subscriptions/{subscription}/resourceGroups/{group}/resources", resources_of, SOURCE),
)
