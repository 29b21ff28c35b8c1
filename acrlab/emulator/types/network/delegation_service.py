"""Services that take a subnet to themselves, and what each may do there once it is delegated to them.

Source: what a subscription answered in July 2024 to
https://learn.microsoft.com/rest/api/virtualnetwork/available-delegations/list, as kept in
https://github.com/search?q=availableDelegations%2FMicrosoft.PowerPlatform.vnetaccesslinks&type=code
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.location import require_location

TYPE = "Microsoft.Network/availableDelegations"
_SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
ACT = (f"{_SUBNETS}/action",)
JOIN = (f"{_SUBNETS}/join/action",)
CARDS = ("Microsoft.Network/networkinterfaces/*",)
PREPARE = (*JOIN, f"{_SUBNETS}/prepareNetworkPolicies/action")
POLICIES = (*PREPARE, f"{_SUBNETS}/unprepareNetworkPolicies/action")

# In Azure's order.
SERVICES: Mapping[str, Sequence[str]] = {
    "Microsoft.Web/serverFarms": ACT,
    "Microsoft.ContainerInstance/containerGroups": ACT,
    "Microsoft.Netapp/volumes": (*CARDS, *JOIN),
    "Microsoft.HardwareSecurityModules/dedicatedHSMs": (*CARDS, *JOIN),
    "Microsoft.ServiceFabricMesh/networks": ACT,
    "Microsoft.Logic/integrationServiceEnvironments": ACT,
    "Microsoft.Batch/batchAccounts": ACT,
    "Microsoft.Sql/managedInstances": POLICIES,
    "Microsoft.Web/hostingEnvironments": ACT,
    "Microsoft.BareMetal/CrayServers": (*CARDS, *JOIN),
    "Microsoft.Databricks/workspaces": POLICIES,
    "Microsoft.BareMetal/AzureHostedService": (*CARDS, *JOIN),
    "Microsoft.BareMetal/AzureVMware": (*CARDS, *JOIN),
    "Microsoft.StreamAnalytics/streamingJobs": JOIN,
    "Microsoft.DBforPostgreSQL/serversv2": JOIN,
    "Microsoft.AzureCosmosDB/clusters": JOIN,
    "Microsoft.MachineLearningServices/workspaces": JOIN,
    "Microsoft.DBforPostgreSQL/singleServers": JOIN,
    "Microsoft.DBforPostgreSQL/flexibleServers": JOIN,
    "Microsoft.DBforMySQL/serversv2": JOIN,
    "Microsoft.DBforMySQL/flexibleServers": JOIN,
    "Microsoft.DBforMySQL/servers": JOIN,
    "Microsoft.ApiManagement/service": PREPARE,
    "Microsoft.Synapse/workspaces": JOIN,
    "Microsoft.PowerPlatform/vnetaccesslinks": JOIN,
    "Microsoft.Network/dnsResolvers": JOIN,
    "Microsoft.Kusto/clusters": POLICIES,
    "Microsoft.DelegatedNetwork/controller": JOIN,
    "Microsoft.ContainerService/managedClusters": JOIN,
    "Microsoft.PowerPlatform/enterprisePolicies": JOIN,
    "Microsoft.StoragePool/diskPools": ("Microsoft.Network/virtualNetworks/read",),
    "Microsoft.DocumentDB/cassandraClusters": JOIN,
    "Microsoft.Apollo/npu": (*CARDS, *JOIN),
    "Microsoft.AVS/PrivateClouds": CARDS,
    "Microsoft.Orbital/orbitalGateways": (
        "Microsoft.Network/publicIPAddresses/join/action",
        *JOIN,
        "Microsoft.Network/virtualNetworks/read",
        "Microsoft.Network/publicIPAddresses/read",
    ),
    "Microsoft.Singularity/accounts/networks": (*CARDS, *JOIN),
    "Microsoft.Singularity/accounts/npu": (*CARDS, *JOIN),
    "Microsoft.LabServices/labplans": JOIN,
    "Microsoft.Fidalgo/networkSettings": JOIN,
    "Microsoft.DevCenter/networkConnection": JOIN,
    "NGINX.NGINXPLUS/nginxDeployments": JOIN,
    "Microsoft.DevOpsInfrastructure/pools": JOIN,
    "Microsoft.CloudTest/pools": JOIN,
    "Microsoft.CloudTest/hostedpools": JOIN,
    "Microsoft.CloudTest/images": JOIN,
    "PaloAltoNetworks.Cloudngfw/firewalls": JOIN,
    "Qumulo.Storage/fileSystems": JOIN,
    "Microsoft.App/testClients": JOIN,
    "Microsoft.App/environments": JOIN,
    "Microsoft.ServiceNetworking/trafficControllers": JOIN,
    "GitHub.Network/networkSettings": JOIN,
    "Microsoft.Network/networkWatchers": JOIN,
    "Dell.Storage/fileSystems": JOIN,
    "Microsoft.Netapp/scaleVolumes": JOIN,
    "Oracle.Database/networkAttachments": (*CARDS, *JOIN),
    "PureStorage.Block/storagePools": JOIN,
    "Informatica.DataManagement/organizations": JOIN,
    "Microsoft.AzureCommunicationsGateway/networkSettings": JOIN,
    "Microsoft.PowerAutomate/hostedRpa": JOIN,
    "Microsoft.MachineLearningServices/workspaceComputes": JOIN,
}
_ACTIONS = {service.lower(): actions for service, actions in SERVICES.items()}


def actions_of(service: str) -> list[str] | None:
    """Return what a service may do in a subnet that is delegated to it; None: it takes none."""
    found = _ACTIONS.get(service.lower())
    return None if found is None else list(found)


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Name the services of a region. Azure spells a group that was asked in with `resourceGroup` here."""
    require_location(state, request, words)
    root = f"/subscriptions/{words['subscription']}"
    if group := words.get("group"):
        state.get(ArmId.of_group(words["subscription"], group))
        root += f"/resourceGroup/{group}"
    return {"value": [_one(root, service, actions) for service, actions in SERVICES.items()]}


def _one(root: str, service: str, actions: Sequence[str]) -> JSON:
    name = service.replace("/", ".")
    about = {"type": TYPE, "serviceName": service, "actions": list(actions)}
    return {"name": name, "id": f"{root}/providers/{TYPE}/{name}", **about}


_SOURCE = "https://learn.microsoft.com/rest/api/virtualnetwork"
_TAIL = "/providers/Microsoft.Network/locations/{location}/availableDelegations"
ROUTES = (
    Route("GET", f"/subscriptions/{{subscription}}{_TAIL}", listed, f"{_SOURCE}/available-delegations/list"),
    Route(
        "GET",
        f"/subscriptions/{{subscription}}/resourceGroups/{{group}}{_TAIL}",
        listed,
        f"{_SOURCE}/available-resource-group-delegations/list",
    ),
)
