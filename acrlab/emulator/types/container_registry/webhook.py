"""Microsoft.ContainerRegistry/registries/webhooks: what a registry would tell to whom. Nothing is sent from here.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-webhook
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Listing
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType
from acrlab.emulator.core.values import Anything, Field, Region, Scene, Tags, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.container_registry.agent_pool import registry_of
from acrlab.emulator.types.container_registry.registry import system_data
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE

WEBHOOK_TYPE = f"{REGISTRY_TYPE}/webhooks"
MOST = {"Basic": 2, "Standard": 10, "Premium": 500}  # Source: the tiers' limits in the documentation


class _Hidden(Text):
    """Where events would go: kept, and shown by `getCallbackConfig` alone."""

    def show(self, value: str, scene: Scene) -> None:
        return None


class _HiddenHeaders(Anything):
    """What would be sent along: kept, and shown by `getCallbackConfig` alone."""

    def show(self, value: JSON, scene: Scene) -> None:
        return None


def tier_has_room(state: State, webhook: Resource, old: Resource | None) -> None:
    """A tier has so many webhooks. The numbers are documented, the words are ours."""
    registry = registry_of(state, webhook)
    sku = registry.body["sku"]["name"]
    if old is None and len(state.children(registry.id, "webhooks")) >= MOST[sku]:
        message = f"The registry {registry.id.name} of SKU {sku} can have at most {MOST[sku]} webhooks."
        raise ArmError(400, "WebhookLimitExceeded", message)


def callback(state: State, webhook: Resource, request: Request) -> JSON:
    """Where it would send events, and with which headers."""
    properties = webhook.properties
    return {"serviceUri": properties["serviceUri"], "customHeaders": properties.get("customHeaders", {})}


def ping(state: State, webhook: Resource, request: Request) -> JSON:
    """Refuse: an event would leave the emulated Azure."""
    raise NotEmulated(f"sending an event to {webhook.properties['serviceUri']}")


WEBHOOK = ResourceType(
    type=WEBHOOK_TYPE,
    source="https://learn.microsoft.com/rest/api/container-registry/webhooks/create",
    versions=api_versions.REGISTRY,
    name=r"[A-Za-z0-9]{5,50}",
    envelope={"location": Field(Region(), required=True), "tags": Field(Tags(), default={}, inert=True)},
    properties={
        "serviceUri": Field(_Hidden(r"https?://.+"), required=True),
        "customHeaders": Field(_HiddenHeaders(), inert=True),
        "status": Field(choice("enabled", "disabled"), default="enabled", inert=True),
        "scope": Field(Text(), default="", inert=True),
        "actions": Field(
            Listing(choice("push", "delete", "quarantine", "chart_push", "chart_delete", as_sent=True)),
            required=True,
            inert=True,
        ),
    },
    computed_envelope={"systemData": system_data},
    rules=(tier_has_room,),
    patched_whole=("customHeaders",),  # `az acr webhook update --headers ""` sends an empty object to clear them
    created=200,
    actions={
        "getCallbackConfig": Action(callback),
        "ping": Action(ping),
        "listEvents": Action(lambda state, webhook, request: {"value": []}),
    },
)

DEVIATIONS = (
    Deviation(
        of=WEBHOOK_TYPE,
        what="A webhook is kept and sends nothing: its list of events stays empty, and `ping` is not emulated.",
        impact="No service hears of a push.",
        reason="The emulated Azure opens no connection to the outside.",
        workaround="Look at the registry itself.",
    ),
)
