"""Microsoft.Resources/subscriptions, their locations and their resource providers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from acrlab.azure.cloud import REGIONS
from acrlab.emulator.core import lateness, registration, subscriptions
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import DeclaredType, State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.core.subscriptions import Subscription
from acrlab.emulator.core.values import Region
from acrlab.emulator.types import region

SOURCE = "https://learn.microsoft.com/rest/api/resources/subscriptions"

GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# What may be done with a type's resources; those without a region are parts of others.
MOVES = "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags, SupportsLocation"
TAGS = "subscription tags"  # a subscription is not a resource of the world, so its tags are one of its values
PROVIDERS = (
    "Microsoft.Authorization",
    "Microsoft.Compute",
    "Microsoft.ContainerRegistry",
    "Microsoft.ContainerService",
    "Microsoft.DevTestLab",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.Resources",
    "Microsoft.Storage",
)


def require_subscription(state: State, id: str) -> None:
    """Refuse a request about a subscription that the world does not have."""
    if not re.fullmatch(GUID, id):
        message = f"The provided subscription identifier '{id}' is malformed or invalid."
        raise ArmError(400, "InvalidSubscriptionId", message, gateway=True)
    if not subscriptions.exists(state, id):
        raise ArmError(404, "SubscriptionNotFound", f"The subscription '{id}' could not be found.", gateway=True)


def tags_key(state: State, id: str) -> str:
    """Name the value that holds the tags of a subscription."""
    return TAGS if subscriptions.is_home(state, id) else f"{TAGS} {id.lower()}"


def subscription(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    require_subscription(state, words["subscription"])
    found = subscriptions.find(state, words["subscription"])
    assert found is not None  # what is required is there
    return _shown(state, found)


def _shown(state: State, found: Subscription) -> JSON:
    tags = json.loads(state.value(tags_key(state, found.id), "{}"))
    return {
        "id": f"/subscriptions/{found.id}",
        **({"tags": tags} if tags else {}),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": found.id,
        "tenantId": found.tenant,
        "displayName": found.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """All of them; a caller with a token sees those of its tenant in which it has a right."""
    shown = [_shown(state, found) for found in subscriptions.subscriptions(state)]
    return {"value": shown, "count": {"type": "Total", "value": len(shown)}}


def locations(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    require_subscription(state, words["subscription"])
    root = f"/subscriptions/{words['subscription']}/locations"
    return {"value": [region.shown(name, root) for name in REGIONS]}


def provider(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """One resource provider: whether the subscription may use it, and the types that are emulated of it."""
    require_subscription(state, words["subscription"])
    namespace = next((p for p in PROVIDERS if p.lower() == words["namespace"].lower()), None)
    if namespace is None:
        raise NotEmulated(f"resource provider {words['namespace']}", supported=", ".join(PROVIDERS))
    return {
        "id": f"/subscriptions/{words['subscription']}/providers/{namespace}",
        "namespace": namespace,
        "registrationPolicy": "RegistrationFree" if _is_free(namespace) else "RegistrationRequired",
        "registrationState": _registration(state, namespace, words["subscription"]),
        "resourceTypes": [
            {
                "resourceType": kind.type.partition("/")[2],
                "locations": _offered(kind),
                "apiVersions": list(kind.versions),
                "capabilities": MOVES if "location" in kind.envelope else "None",
            }
            for kind in state.types_of(namespace)
        ],
    }


def _is_free(namespace: str) -> bool:
    return namespace.lower() in registration.ALWAYS_REGISTERED


def _offered(kind: DeclaredType) -> list[str]:
    """Name the regions that have a type: what it takes as a location, and all where it has none of its own."""
    location = kind.envelope.get("location")
    names = location.domain.names if location and isinstance(location.domain, Region) else REGIONS
    return [REGIONS.get(name, name) for name in names]


def _registration(state: State, namespace: str, subscription: str) -> str:
    """Tell how far a registration is. One that takes time is done by the time that it is looked at again.

    It does not go by the clock: the SDKs register what is missing by themselves, and wait for it in real time.
    """
    if registration.is_registered(state, namespace, subscription):
        return "Registered"
    before = registration.registration(state, namespace, subscription)
    if before == registration.UNREGISTERED:
        return "Unregistered"
    if before != registration.REGISTERING:
        return "NotRegistered"
    registration.register(state, namespace, subscription)
    return "Registering"


def providers(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    return {"value": [provider(state, request, {**words, "namespace": p}) for p in PROVIDERS]}


def register(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    shown = provider(state, request, words)
    if lateness.is_late(state):
        registration.register(state, words["namespace"], words["subscription"], to=registration.REGISTERING)
        return {**shown, "registrationState": "Registering"}
    registration.register(state, words["namespace"], words["subscription"])
    return provider(state, request, words)


def unregister(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Take a provider away from a subscription that has nothing of it."""
    shown = provider(state, request, words)
    own = f"/subscriptions/{words['subscription']}"
    if any(True for kind in state.types_of(shown["namespace"]) for _ in state.of_type(kind.type, own)):
        message = (
            f"The subscription cannot be unregistered from resource namespace '{shown['namespace']}'. "
            "Please delete existing resources for the provider."
        )
        raise ArmError(409, "CannotUnregisterProvider", message, gateway=True)
    registration.register(state, words["namespace"], words["subscription"], to=registration.UNREGISTERED)
    return {**shown, "registrationState": "Unregistering"}


ROUTES = (
    Route("GET", "/subscriptions", listed, SOURCE),
    Route("GET", "/subscriptions/{subscription}", subscription, SOURCE),
    Route("GET", "/subscriptions/{subscription}/locations", locations, SOURCE),
    Route("GET", "/subscriptions/{subscription}/providers", providers, SOURCE),
    Route("GET", "/subscriptions/{subscription}/providers/{namespace}", provider, SOURCE),
    Route("POST", "/subscriptions/{subscription}/providers/{namespace}/register", register, SOURCE),
    Route("POST", "/subscriptions/{subscription}/providers/{namespace}/unregister", unregister, SOURCE),
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Resources/subscriptions",
        what="Unregistering a provider that has resources is refused with the code CannotUnregisterProvider.",
        impact="The message is Azure's; its code may be another one.",
        reason="People report the message without the code.",
        workaround="Go by the status, 409, or by the message.",
    ),
)
