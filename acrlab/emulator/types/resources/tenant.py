"""The tenants that a caller knows: the world's own, and those of subscriptions that were added."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route

DOMAIN = "acrlab.onmicrosoft.com"


def tenants(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Each tenant as its members see it; the learner is a guest in all but the first."""
    return {"value": [tenant_as_shown(state, id) for id in subscriptions.tenants(state)]}


def tenant_as_shown(state: State, id: str) -> JSON:
    return _shown(id, DOMAIN if id == state.setting("tenant") else f"tenant-{id[:8]}.onmicrosoft.com")


def _shown(id: str, domain: str) -> JSON:
    return {
        "id": f"/tenants/{id}",
        "tenantId": id,
        "countryCode": "US",
        "displayName": "acrlab emulated tenant" if domain == DOMAIN else f"acrlab emulated tenant {id[:8]}",
        "domains": [domain],
        "tenantCategory": "Home",
        "defaultDomain": domain,
        "tenantType": "AAD",
    }


ROUTES = (Route("GET", "/tenants", tenants, "https://learn.microsoft.com/rest/api/resources/tenants/list"),)
