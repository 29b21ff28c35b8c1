"""The tenants that a caller knows. A world has one."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route

DOMAIN = "acrlab.onmicrosoft.com"


def tenants(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """The one tenant, as its members see it."""
    id = state.setting("tenant")
    shown = {
        "id": f"/tenants/{id}",
        "tenantId": id,
        "countryCode": "US",
        "displayName": "acrlab emulated tenant",
        "domains": [DOMAIN],
        "tenantCategory": "Home",
        "defaultDomain": DOMAIN,
        "tenantType": "AAD",
    }
    return {"value": [shown]}


ROUTES = (Route("GET", "/tenants", tenants, "https://learn.microsoft.com/rest/api/resources/tenants/list"),)
