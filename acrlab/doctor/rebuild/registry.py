"""Rebuild a registry, its tasks, what its owner answered endpoints, and who is let in."""

from __future__ import annotations

from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import REGISTRY
from acrlab.doctor.observe.registry import TASKS_VERSION
from acrlab.doctor.rebuild.builder import Builder
from acrlab.doctor.rebuild.networks import location_of
from acrlab.lab.ownership import LAB
from acrlab.snapshot import Snapshot
from acrlab.snapshot.registry import Registry

HELLO = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
# What a task does is not seen: this one builds a folder that it is given when it runs.
TASK = {
    "identity": {"type": "SystemAssigned"},
    "properties": {
        "platform": {"os": "linux", "architecture": "amd64"},
        "step": {"type": "Docker", "dockerFilePath": "Dockerfile", "isPushEnabled": False},
    },
}


def registry_id(seen: Snapshot) -> str:
    """Tell the registry's id; of one that is gone, that of the one which its endpoints led to."""
    if seen.registry:
        return seen.registry.id
    subject = seen.subject
    group = str(ArmId.of_group(subject.subscription, subject.resource_group))
    usual = str(ArmId(group, REGISTRY, (subject.registry,)))
    return next((e.target for e in seen.endpoints if e.target.lower().endswith(f"/{subject.registry.lower()}")), usual)


def build_registry(builder: Builder, seen: Snapshot) -> None:
    """Create the registry as one that can have endpoints, open, with its tasks and the image that is tried."""
    id, registry = registry_id(seen), seen.registry
    tags = {LAB: seen.subject.registry.lower()} if registry is None or registry.of_lab else {}
    body: dict[str, Any] = {"location": location_of(seen), "sku": {"name": "Premium"}, "tags": tags}
    if registry and registry.asks_for_repositories:
        body["properties"] = {"roleAssignmentMode": registry.role_mode}
    builder.put(id, body)
    for task in registry.tasks if registry else ():
        builder.put(f"{id}/tasks/{task}", {"location": location_of(seen), **TASK}, TASKS_VERSION)
    if seen.subject.image and _has_image(seen):
        asked = {"source": HELLO, "targetTags": [seen.subject.image], "mode": "Force"}
        builder.act(f"{id}/importImage", asked)


def _has_image(seen: Snapshot) -> bool:
    probes = seen.vm_view.probes if seen.vm_view else ()
    return not any(p.step == "manifest" and p.status == 404 for p in probes)


def answer_connections(builder: Builder, seen: Snapshot, statuses: tuple[str, ...]) -> None:
    """Give endpoints' connections these of the states in which they were seen."""
    id = registry_id(seen)
    made = builder.read(id) or {"properties": {}}
    there = {_asker(c).lower(): c["id"] for c in made["properties"].get("privateEndpointConnections") or []}
    recorded = seen.connections
    for endpoint in seen.endpoints:
        record, connection = recorded.get(endpoint.id.lower()), there.get(endpoint.id.lower())
        status = record.status if record else "Disconnected"
        if connection is None or status not in statuses or seen.registry is None:
            continue
        if status == "Disconnected":
            builder.delete(connection)
        elif status == "Rejected" or endpoint.manual:
            state = {"status": status, "description": record.description if record else ""}
            builder.put(connection, {"properties": {"privateLinkServiceConnectionState": state}})


def _asker(connection: dict[str, Any]) -> str:
    return str((connection["properties"].get("privateEndpoint") or {}).get("id") or "")


def close_registry(builder: Builder, seen: Snapshot) -> None:
    """Give the registry its tier and access as they were seen; one that is gone is deleted."""
    registry = seen.registry
    if registry is None:
        builder.delete(registry_id(seen))
        return
    _set_access(builder, registry)
    if registry.sku != "Premium":
        builder.patch(registry.id, {"sku": {"name": registry.sku}})
    if registry.state not in ("Succeeded", "Updating", "Creating"):
        builder.note(registry.name, f"its last change was {registry.state}, and is Succeeded here")


def _set_access(builder: Builder, registry: Registry) -> None:
    rules = [{"action": "Allow", "value": rule} for rule in registry.ip_rules]
    properties: dict[str, Any] = {}
    if registry.default_action != "Allow" or rules:
        properties["networkRuleSet"] = {"defaultAction": registry.default_action, "ipRules": rules}
    if registry.subnet_rules:
        subnets = [{"action": "Allow", "virtualNetworkSubnetResourceId": id} for id in registry.subnet_rules]
        properties.setdefault("networkRuleSet", {"defaultAction": registry.default_action})
        properties["networkRuleSet"]["virtualNetworkRules"] = subnets
    if registry.public_access != "Enabled":
        properties["publicNetworkAccess"] = registry.public_access
    if registry.bypass != "AzureServices":
        properties["networkRuleBypassOptions"] = registry.bypass
    if registry.tasks_pass:
        properties["networkRuleBypassAllowedForTasks"] = True
    if properties:
        builder.patch(registry.id, {"properties": properties})
