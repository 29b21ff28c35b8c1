"""What a template is told of where it is deployed: the deployment itself, the tenant, and the cloud.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-deployment and
https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-scope
"""

from __future__ import annotations

from acrlab.azure.cloud import MANAGEMENT, REGISTRY_SUFFIX
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.types.resources.deployment import template_hash
from acrlab.emulator.types.resources.tenant import tenant_as_shown

SECOND = "2.0"  # the language version with symbolic names


def deployment_as_told(state: State, deployment: Resource) -> JSON:
    """Tell what `deployment()` answers; of one in the second version of the language only its name and place.

    Values that are given for secret parameters are left out.
    """
    template, location = deployment.properties["template"], deployment.location
    named: JSON = {"name": deployment.id.name, **({"location": location} if location else {})}
    if not isinstance(template, dict) or str(template.get("languageVersion", "")) == SECOND:
        version = template.get("contentVersion", "") if isinstance(template, dict) else ""
        return {**named, "properties": {"template": {"contentVersion": version}}}
    told = {
        "template": template,
        "templateHash": template_hash(state, deployment),
        "parameters": _shown(template.get("parameters"), deployment.properties.get("parameters")),
        "mode": "Incremental",
        "provisioningState": "Accepted",
    }
    return {**named, "properties": told}


def _shown(declared: object, given: object) -> JSON:
    if not isinstance(declared, dict) or not isinstance(given, dict):
        return {}
    secret = {
        name.lower()
        for name, rule in declared.items()
        if isinstance(rule, dict) and str(rule.get("type", "")).lower().startswith("secure")
    }
    return {name: value for name, value in given.items() if name.lower() not in secret}


def tenant_as_told(state: State, subscription: str) -> JSON:
    shown = tenant_as_shown(state, tenant_of(state, subscription))
    return {name: shown[name] for name in ("countryCode", "displayName", "id", "tenantId")}


def environment() -> JSON:
    """Tell the names and addresses of the public cloud."""
    return {
        "name": "AzureCloud",
        "gallery": "https://gallery.azure.com/",
        "graph": "https://graph.windows.net/",
        "portal": "https://portal.azure.com",
        "graphAudience": "https://graph.windows.net/",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "vmImageAliasDoc": "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/"
        "quickstart-templates/aliases.json",
        "resourceManager": f"{MANAGEMENT}/",
        "authentication": {
            "loginEndpoint": "https://login.microsoftonline.com/",
            "audiences": ["https://management.core.windows.net/", f"{MANAGEMENT}/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {
            "acrLoginServer": f".{REGISTRY_SUFFIX}",
            "azureDatalakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            "azureDatalakeStoreFileSystem": "azuredatalakestore.net",
            "azureFrontDoorEndpointSuffix": "azurefd.net",
            "keyvaultDns": ".vault.azure.net",
            "sqlServerHostname": ".database.windows.net",
            "storage": "core.windows.net",
        },
    }
