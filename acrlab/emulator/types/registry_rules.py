"""What a registry must be before it is made or changed, in the words in which the service refuses it."""

from __future__ import annotations

import ipaddress
from typing import Any

from acrlab.azure.cloud import login_server
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import Resource, State

REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"
TOKEN_TYPE = f"{REGISTRY_TYPE}/tokens"
AKA = "For more information, please visit https://aka.ms/acr/private-link."
CHECK_NAME_DOC = "https://docs.microsoft.com/en-us/rest/api/containerregistry/registries/checknameavailability"


def is_premium(registry: Resource) -> bool:
    return bool(registry.body["sku"]["name"] == "Premium")


def public_access(registry: Resource) -> list[Any]:
    """Return what decides about the registry's public endpoint: whether there is one, and the rules at it."""
    properties = registry.properties
    return [properties.get("publicNetworkAccess", "Enabled"), properties.get("networkRuleSet") or {}]


def name_is_free(state: State, registry: Resource, old: Resource | None) -> None:
    """Registry names are global: each is a public DNS name."""
    for other in state.named(REGISTRY_TYPE, registry.id.name):
        if other.id.key != registry.id.key:
            message = (
                f"The registry DNS name {login_server(registry.id.name)} is already in use. You can check if the name "
                f"is already claimed using following API: {CHECK_NAME_DOC}"
            )
            raise ArmError(409, "AlreadyInUse", message)


def network_rules_need_premium(state: State, registry: Resource, old: Resource | None) -> None:
    """Rules about who may connect are a Premium feature."""
    rules = registry.properties.get("networkRuleSet")
    if rules and not is_premium(registry) and (rules["defaultAction"] != "Allow" or rules["ipRules"]):
        sku = registry.body["sku"]["name"]
        message = f"The requested feature virtual network rule is not supported for the SKU {sku}."
        raise ArmError(400, "NetworkRuleNotSupported", message)


def closing_needs_premium(state: State, registry: Resource, old: Resource | None) -> None:
    """A registry that no private endpoint can reach must stay open to the public."""
    if registry.properties["publicNetworkAccess"] == "Disabled" and not is_premium(registry):
        sku = registry.body["sku"]["name"]
        message = f"Disabling public network access is not supported for the SKU {sku}. {AKA}"
        raise ArmError(400, "DisablingPublicNetworkAccessNotSupported", message)


def data_endpoint_needs_premium(state: State, registry: Resource, old: Resource | None) -> None:
    """Dedicated data endpoints are a Premium feature."""
    if registry.properties["dataEndpointEnabled"] and not is_premium(registry):
        message = f"Dedicated data endpoint is not supported for the SKU {registry.body['sku']['name']}."
        raise ArmError(400, "DataEndpointNotSupported", message)


def anonymous_pull_needs_standard(state: State, registry: Resource, old: Resource | None) -> None:
    """Only Standard and Premium registries may let everyone pull. Source: MicrosoftDocs/azure-docs#94535."""
    if registry.properties.get("anonymousPullEnabled") and registry.body["sku"]["name"] == "Basic":
        tiers = "For more information on SKU tiers, please visit https://aka.ms/acr/tiers."
        raise ArmError(400, "BadRequest", f"Anonymous pull is not supported for SKU Managed_Basic. {tiers}")


def replicas_need_premium(state: State, registry: Resource, old: Resource | None) -> None:
    """A registry that serves from several regions can't be made smaller. The words are ours."""
    if not is_premium(registry) and state.children(registry.id, "replications"):
        sku = registry.body["sku"]["name"]
        message = (
            f"The requested feature replication is not supported for the SKU {sku}. Delete the replications first."
        )
        raise ArmError(400, "ReplicationNotSupported", message)


def rules_are_addresses(state: State, registry: Resource, old: Resource | None) -> None:
    """A rule names a public IPv4 address or range."""
    for rule in registry.properties.get("networkRuleSet", {}).get("ipRules", []):
        try:
            ipaddress.IPv4Network(rule["value"], strict=False)
        except ValueError as problem:
            message = f"The IP address or range '{rule['value']}' in the network rule set is invalid."
            raise ArmError(400, "InvalidNetworkRule", message) from problem


RULES = (
    name_is_free,
    network_rules_need_premium,
    closing_needs_premium,
    data_endpoint_needs_premium,
    anonymous_pull_needs_standard,
    replicas_need_premium,
    rules_are_addresses,
)
