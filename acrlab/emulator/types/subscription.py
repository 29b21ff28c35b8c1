"""Microsoft.Resources/subscriptions, their locations and their resource providers. Each world has one subscription."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from acrlab.azure.cloud import REGIONS
from acrlab.emulator.core import lateness
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route

SOURCE = "https://learn.microsoft.com/rest/api/resources/subscriptions"

GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
TAGS = "subscription tags"  # a subscription is not a resource of the world, so its tags are one of its values
PROVIDERS = (
    "Microsoft.Authorization",
    "Microsoft.Compute",
    "Microsoft.ContainerRegistry",
    "Microsoft.DevTestLab",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.Resources",
)


def require_subscription(state: State, id: str) -> None:
    """Refuse a request about any subscription but the world's own."""
    if not re.fullmatch(GUID, id):
        message = f"The provided subscription identifier '{id}' is malformed or invalid."
        raise ArmError(400, "InvalidSubscriptionId", message, gateway=True)
    if id.lower() != state.setting("subscription").lower():
        raise ArmError(404, "SubscriptionNotFound", f"The subscription '{id}' could not be found.", gateway=True)


def subscription(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    id = state.setting("subscription")
    require_subscription(state, words.get("subscription", id))
    tags = json.loads(state.value(TAGS, "{}"))
    return {
        "id": f"/subscriptions/{id}",
        **({"tags": tags} if tags else {}),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": id,
        "tenantId": state.setting("tenant"),
        "displayName": "acrlab emulated subscription",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def subscriptions(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    return {"value": [subscription(state, request, {})], "count": {"type": "Total", "value": 1}}


def locations(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    require_subscription(state, words["subscription"])
    root = f"/subscriptions/{words['subscription']}/locations"
    return {
        "value": [
            {
                "id": f"{root}/{name}",
                "name": name,
                "type": "Region",
                "displayName": shown,
                "regionalDisplayName": shown,
                "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
            }
            for name, shown in REGIONS.items()
        ]
    }


def provider(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """One resource provider: whether the subscription may use it, and the types that are emulated of it."""
    require_subscription(state, words["subscription"])
    namespace = next((p for p in PROVIDERS if p.lower() == words["namespace"].lower()), None)
    if namespace is None:
        raise NotEmulated(f"resource provider {words['namespace']}", supported=", ".join(PROVIDERS))
    return {
        "id": f"/subscriptions/{words['subscription']}/providers/{namespace}",
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": _registration(state, namespace),
        "resourceTypes": [
            {
                "resourceType": kind.type.partition("/")[2],
                "locations": list(REGIONS.values()),
                "apiVersions": list(kind.versions),
            }
            for kind in state.types_of(namespace)
        ],
    }


def _registration(state: State, namespace: str) -> str:
    """Tell how far a registration is. One that takes time is done by the time that it is looked at again.

    It does not go by the clock: the SDKs register what is missing by themselves, and wait for it in real time.
    """
    if state.is_registered(namespace):
        return "Registered"
    if state.value(f"provider {namespace.lower()}", "") != "registering":
        return "NotRegistered"
    state.register(namespace)
    return "Registering"


def providers(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    return {"value": [provider(state, request, {**words, "namespace": p}) for p in PROVIDERS]}


def register(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    shown = provider(state, request, words)
    if lateness.is_late(state):
        state.register(words["namespace"], "registering")
        return {**shown, "registrationState": "Registering"}
    state.register(words["namespace"])
    return provider(state, request, words)


ROUTES = (
    Route("GET", "/subscriptions", subscriptions, SOURCE),
    Route("GET", "/subscriptions/{subscription}", subscription, SOURCE),
    Route("GET", "/subscriptions/{subscription}/locations", locations, SOURCE),
    Route("GET", "/subscriptions/{subscription}/providers", providers, SOURCE),
    Route("GET", "/subscriptions/{subscription}/providers/{namespace}", provider, SOURCE),
    Route("POST", "/subscriptions/{subscription}/providers/{namespace}/register", register, SOURCE),
)
