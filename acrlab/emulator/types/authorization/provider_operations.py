"""Which operations Azure's providers have: what a role can name, and what `az provider operation` lists.

Of types that are emulated all are here. What else there is in their providers is a gap, not a mistake; providers that
are not emulated at all are known by name.
Source: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route

SOURCE = "https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata/list"
PATH = "/providers/Microsoft.Authorization/providerOperations"
_ALL = "read write delete "  # what nearly every type has
_PRIVATE_DNS_RECORDS = ("A", "AAAA", "CNAME", "MX", "PTR", "SRV", "TXT")

# type -> its operations, each as it ends; those of a provider itself are under its name
_CONTROL: Mapping[str, str] = {
    "Microsoft.Authorization": "elevateAccess/action",
    "Microsoft.Authorization/locks": _ALL,
    "Microsoft.Authorization/permissions": "read",
    "Microsoft.Authorization/providerOperations": "read",
    "Microsoft.Authorization/roleAssignments": _ALL,
    "Microsoft.Authorization/roleDefinitions": _ALL,
    "Microsoft.Compute": "register/action",
    "Microsoft.Compute/availabilitySets": _ALL + "vmSizes/read",
    "Microsoft.Compute/disks": _ALL + "beginGetAccess/action endGetAccess/action",
    "Microsoft.Compute/images": _ALL,
    "Microsoft.Compute/locations": "read usages/read vmSizes/read operations/read "
    "runCommands/read virtualMachines/read",
    "Microsoft.Compute/locations/publishers": "read artifacttypes/offers/read artifacttypes/offers/skus/read "
    "artifacttypes/offers/skus/versions/read artifacttypes/types/read artifacttypes/types/versions/read",
    "Microsoft.Compute/skus": "read",
    "Microsoft.Compute/virtualMachines": _ALL
    + "start/action powerOff/action restart/action deallocate/action runCommand/action instanceView/read vmSizes/read "
    "redeploy/action reapply/action generalize/action",
    "Microsoft.Compute/virtualMachines/extensions": _ALL,
    "Microsoft.Compute/virtualMachines/runCommands": _ALL,
    "Microsoft.ContainerRegistry": "register/action unregister/action checkNameAvailability/read operations/read",
    "Microsoft.ContainerRegistry/registries": _ALL
    + "importImage/action listCredentials/action regenerateCredential/action generateCredentials/action "
    "scheduleRun/action listBuildSourceUploadUrl/action listUsages/read privateLinkResources/read pull/read "
    "push/write artifacts/delete sign/write metadata/read metadata/write listPolicies/read updatePolicies/write "
    "operationStatuses/read privateEndpointConnectionsApproval/action",
    "Microsoft.ContainerRegistry/registries/agentPools": _ALL + "listQueueStatus/action",
    "Microsoft.ContainerRegistry/registries/cacheRules": _ALL + "operationStatuses/read",
    "Microsoft.ContainerRegistry/registries/credentialSets": _ALL + "operationStatuses/read",
    "Microsoft.ContainerRegistry/registries/privateEndpointConnections": _ALL + "operationStatuses/read",
    "Microsoft.ContainerRegistry/registries/replications": _ALL + "operationStatuses/read",
    "Microsoft.ContainerRegistry/registries/runs": "read write listLogSasUrl/action cancel/action",
    "Microsoft.ContainerRegistry/registries/scopeMaps": _ALL + "operationStatuses/read",
    "Microsoft.ContainerRegistry/registries/tasks": _ALL + "listDetails/action",
    "Microsoft.ContainerRegistry/registries/tokens": _ALL + "operationStatuses/read",
    "Microsoft.ContainerRegistry/registries/webhooks": _ALL
    + "getCallbackConfig/action ping/action listEvents/action operationStatuses/read",
    "Microsoft.ContainerService": "register/action unregister/action",
    "Microsoft.ContainerService/managedClusters": _ALL
    + "listClusterUserCredential/action listClusterAdminCredential/action runCommand/action commandResults/read",
    "Microsoft.ContainerService/managedClusters/agentPools": _ALL,
    "Microsoft.DevTestLab": "register/action",
    "Microsoft.DevTestLab/schedules": _ALL + "execute/action retarget/action",
    "Microsoft.ManagedIdentity": "register/action",
    "Microsoft.ManagedIdentity/userAssignedIdentities": _ALL + "assign/action listAssociatedResources/action",
    "Microsoft.Network": "register/action unregister/action",
    "Microsoft.Network/applicationSecurityGroups": _ALL + "joinIpConfiguration/action joinNetworkSecurityRule/action",
    "Microsoft.Network/dnsForwardingRulesets": _ALL + "join/action",
    "Microsoft.Network/dnsForwardingRulesets/forwardingRules": _ALL,
    "Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks": _ALL,
    "Microsoft.Network/dnsResolvers": _ALL + "join/action",
    "Microsoft.Network/dnsResolvers/inboundEndpoints": _ALL + "join/action",
    "Microsoft.Network/dnsResolvers/outboundEndpoints": _ALL + "join/action",
    "Microsoft.Network/locations": "usages/read operations/read operationResults/read "
    "availablePrivateEndpointTypes/read serviceTags/read",
    "Microsoft.Network/natGateways": _ALL + "join/action",
    "Microsoft.Network/networkInterfaces": _ALL
    + "join/action effectiveRouteTable/action effectiveNetworkSecurityGroups/action ipconfigurations/read",
    "Microsoft.Network/networkSecurityGroups": _ALL + "join/action defaultSecurityRules/read",
    "Microsoft.Network/networkSecurityGroups/securityRules": _ALL,
    "Microsoft.Network/privateDnsOperationResults": "read",
    "Microsoft.Network/privateDnsOperationStatuses": "read",
    "Microsoft.Network/privateDnsZones": _ALL + "join/action ALL/read recordsets/read",
    **{f"Microsoft.Network/privateDnsZones/{kind}": _ALL for kind in _PRIVATE_DNS_RECORDS},
    "Microsoft.Network/privateDnsZones/SOA": "read write",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": _ALL,
    "Microsoft.Network/privateEndpoints": _ALL,
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": _ALL,
    "Microsoft.Network/privateEndpoints/privateLinkServiceProxies": _ALL,
    "Microsoft.Network/publicIPAddresses": _ALL + "join/action",
    "Microsoft.Network/routeTables": _ALL + "join/action",
    "Microsoft.Network/routeTables/routes": _ALL,
    "Microsoft.Network/virtualNetworks": _ALL
    + "join/action peer/action checkIpAddressAvailability/read usages/read listDnsResolvers/action "
    "listDnsForwardingRulesets/action",
    "Microsoft.Network/virtualNetworks/subnets": _ALL
    + "join/action joinViaServiceEndpoint/action ServiceAssociationLinks/read",
    "Microsoft.Network/virtualNetworks/virtualNetworkPeerings": _ALL,
    "Microsoft.Resources/deployments": _ALL
    + "cancel/action validate/action whatIf/action exportTemplate/action operations/read operationstatuses/read",
    "Microsoft.Resources/providers": "read",
    "Microsoft.Resources/subscriptions": "read locations/read operationresults/read providers/read resources/read "
    "tagNames/read tagNames/write tagNames/delete tagNames/tagValues/read tagNames/tagValues/write "
    "tagNames/tagValues/delete",
    "Microsoft.Resources/subscriptions/resourceGroups": _ALL
    + "resources/read exportTemplate/action moveResources/action validateMoveResources/action",
    "Microsoft.Resources/tags": _ALL,
    "Microsoft.Resources/tenants": "read",
    "Microsoft.Storage": "register/action checknameavailability/read usages/read operations/read",
    "Microsoft.Storage/locations": "usages/read checknameavailability/read",
    "Microsoft.Storage/storageAccounts": _ALL + "listkeys/action regeneratekey/action",
}
_DATA: Mapping[str, str] = {
    "Microsoft.ContainerRegistry/registries": "catalog/read",
    "Microsoft.ContainerRegistry/registries/repositories": "content/read content/write content/delete metadata/read "
    "metadata/write metadata/delete",
}
# Providers that Azure has and that no part of the emulated one is of, but for the accounts of storage: a role may name
# what is theirs, unlooked at.
OTHERS = (
    "Microsoft.Advisor",
    "Microsoft.Billing",
    "Microsoft.Blueprint",
    "Microsoft.Consumption",
    "Microsoft.CostManagement",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.OperationalInsights",
    "Microsoft.PolicyInsights",
    "Microsoft.ResourceGraph",
    "Microsoft.ResourceHealth",
    "Microsoft.Security",
    "Microsoft.Storage",
    "Microsoft.Support",
    "Microsoft.Web",
)


@dataclass(frozen=True)
class Operation:
    """One operation. `data`: it is on what a resource holds, not on the resource."""

    type: str
    name: str
    data: bool


def operations() -> Iterator[Operation]:
    """Return every operation that is known, by type."""
    for data, table in ((False, _CONTROL), (True, _DATA)):
        for type, endings in table.items():
            for ending in endings.split():
                yield Operation(type, f"{type}/{ending}", data)


def require_known(action: str, *, data: bool) -> None:
    """Require that a role may name an action, which may have one `*`.

    Raises:
        ArmError: no provider of Azure has it.
        NotEmulated: it may be Azure's, and is not known here.
    """
    namespace = action.partition("/")[0]
    if any(fnmatchcase(one.name.lower(), action.lower()) for one in operations() if one.data == data):
        return
    if action.count("*") and "/" not in action.partition("*")[0]:
        return  # such as `*`, which every provider has something for
    if any(namespace.lower() == other.lower() for other in OTHERS):
        return
    code = "InvalidDataActionOrNotDataAction" if data else "InvalidActionOrNotAction"
    if namespace.lower() not in _providers():
        message = (
            "The resource provider referenced in the action is not returned in the list of providers from Azure "
            "Resource Manager."
        )
        raise ArmError(400, code, message)
    if not _is_of_known_type(action):
        raise NotEmulated(f"the action {action} in a role")
    raise ArmError(400, code, f"'{action}' does not match any of the actions supported by the providers.")


def _providers() -> set[str]:
    return {type.partition("/")[0].lower() for type in _CONTROL}


def _is_of_known_type(action: str) -> bool:
    """Tell whether all operations that an action could mean are of types whose operations are known."""
    before = action.partition("*")[0].lower()
    holder = before.rpartition("/")[0]
    types = [type.lower() for type in (*_CONTROL, *_DATA) if "/" in type]
    return any(holder == type or holder.startswith(f"{type}/") for type in types)


# -- as Resource Manager lists them ------------------------------------------------------------------------------------


def _every(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    return {"value": [_shown(namespace, request) for namespace in _namespaces()]}


def _one(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    found = next((one for one in _namespaces() if one.lower() == words["namespace"].lower()), None)
    if found is None:
        if any(words["namespace"].lower() == other.lower() for other in OTHERS):
            raise NotEmulated(f"operations of {words['namespace']}", supported=", ".join(_namespaces()))
        raise ArmError(404, "ProviderNotFound", f"Provider '{words['namespace']}' not found.")
    return _shown(found, request)


def _namespaces() -> list[str]:
    return list(dict.fromkeys(type.partition("/")[0] for type in _CONTROL))


def _shown(namespace: str, request: Request) -> JSON:
    """A provider with what it has; its types only where they are asked for, as clients do."""
    own = [one for one in operations() if one.type.partition("/")[0] == namespace]
    types = dict.fromkeys(one.type for one in own if one.type != namespace)
    expanded = request.query.get("$expand", "").lower() == "resourcetypes"
    return {
        "id": f"{PATH}/{namespace}",
        "type": "Microsoft.Authorization/providerOperations",
        "name": namespace,
        "displayName": namespace,
        "operations": [_described(one) for one in own if one.type == namespace],
        "resourceTypes": [
            {
                "name": type.partition("/")[2],
                "displayName": type.partition("/")[2],
                "operations": [_described(one) for one in own if one.type == type],
            }
            for type in types
            if expanded
        ],
    }


def _described(one: Operation) -> JSON:
    words = one.name.rpartition("/")[2]
    return {
        "name": one.name,
        "displayName": one.name,
        "description": f"{words} on {one.type}",
        "origin": "user,system",
        "properties": None,
        "isDataAction": one.data,
    }


ROUTES = (Route("GET", PATH, _every, SOURCE), Route("GET", f"{PATH}/{{namespace}}", _one, SOURCE))
