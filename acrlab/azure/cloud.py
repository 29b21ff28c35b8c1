"""Names and addresses of Azure's public cloud that both houses need; how others are known. Facts only, nothing acts."""

from __future__ import annotations

MANAGEMENT_HOST = "management.azure.com"
MANAGEMENT = f"https://{MANAGEMENT_HOST}"
LOGIN_HOST = "login.microsoftonline.com"
REGISTRY_SUFFIX = "azurecr.io"
REGISTRY_AUDIENCE = "https://containerregistry.azure.net"
PRIVATE_ZONE = "privatelink.azurecr.io"
AZURE_RESOLVER = "168.63.129.16"
REGISTRY_MEMBER = "registry"

REGISTRY = "Microsoft.ContainerRegistry/registries"
VM = "Microsoft.Compute/virtualMachines"
NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = f"{NETWORK}/subnets"
INTERFACE = "Microsoft.Network/networkInterfaces"
SECURITY_GROUP = "Microsoft.Network/networkSecurityGroups"
PUBLIC_ADDRESS = "Microsoft.Network/publicIPAddresses"
SCHEDULE = "Microsoft.DevTestLab/schedules"
ENDPOINT = "Microsoft.Network/privateEndpoints"
ZONE = "Microsoft.Network/privateDnsZones"
ZONE_LINK = f"{ZONE}/virtualNetworkLinks"

# api-versions of what is read by path, without the service's own client
ROLES_VERSION = "2022-04-01"
RUN_COMMAND_VERSION = "2024-07-01"
SCHEDULES_VERSION = "2018-09-15"
LOCKS_VERSION = "2020-05-01"
RECORDS_VERSION = "2024-06-01"

# cloud that the lab does not work in -> its registries' suffix, and how its regions' names begin
# Source: https://learn.microsoft.com/azure/private-link/private-endpoint-dns and `az cloud list`
OTHER_CLOUDS = {
    "AzureUSGovernment": ("azurecr.us", ("usgov", "usdod", "ussec", "usnat")),
    "AzureChinaCloud": ("azurecr.cn", ("china",)),
}
PUBLIC_ALONE = (
    "acrlab works in Azure's public cloud alone: endpoints, names of registries and of the zone are that cloud's."
)

# GUID of a built-in role -> its name. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
ROLES = {
    ACR_PULL: "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "AcrDelete",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
}

# region -> display name. Source: https://learn.microsoft.com/azure/reliability/regions-list
REGIONS = {
    "westus": "West US",
    "westus2": "West US 2",
    "westus3": "West US 3",
    "westcentralus": "West Central US",
    "centralus": "Central US",
    "southcentralus": "South Central US",
    "northcentralus": "North Central US",
    "eastus": "East US",
    "eastus2": "East US 2",
    "centraluseuap": "Central US EUAP",
    "eastus2euap": "East US 2 EUAP",
    "canadacentral": "Canada Central",
    "brazilsouth": "Brazil South",
    "northeurope": "North Europe",
    "westeurope": "West Europe",
    "uksouth": "UK South",
    "francecentral": "France Central",
    "germanywestcentral": "Germany West Central",
    "switzerlandnorth": "Switzerland North",
    "swedencentral": "Sweden Central",
    "norwayeast": "Norway East",
    "italynorth": "Italy North",
    "southeastasia": "Southeast Asia",
    "eastasia": "East Asia",
    "japaneast": "Japan East",
    "koreacentral": "Korea Central",
    "centralindia": "Central India",
    "australiaeast": "Australia East",
    "southafricanorth": "South Africa North",
    "uaenorth": "UAE North",
    "canadaeast": "Canada East",
    "mexicocentral": "Mexico Central",
    "chilecentral": "Chile Central",
    "ukwest": "UK West",
    "polandcentral": "Poland Central",
    "spaincentral": "Spain Central",
    "austriaeast": "Austria East",
    "belgiumcentral": "Belgium Central",
    "japanwest": "Japan West",
    "koreasouth": "Korea South",
    "southindia": "South India",
    "westindia": "West India",
    "indonesiacentral": "Indonesia Central",
    "malaysiawest": "Malaysia West",
    "australiasoutheast": "Australia Southeast",
    "australiacentral": "Australia Central",
    "newzealandnorth": "New Zealand North",
    "israelcentral": "Israel Central",
    "qatarcentral": "Qatar Central",
}


def interface_of(vm: str) -> str:
    """Name the network interface that `az vm create` gives a VM, e.g. `myDockerVMVMNic`."""
    return f"{vm}VMNic"


def shutdown_of(vm: str) -> str:
    """Write the id of the schedule that switches a VM off every day; Azure accepts no other name for it."""
    group, _, name = vm.rpartition(f"/providers/{VM}/")
    return f"{group}/providers/{SCHEDULE}/shutdown-computevm-{name}"


def cloud_of_region(name: str) -> str:
    """Name the other cloud that a region is in, by its name; empty: none is known."""
    return next((cloud for cloud, (_, beginnings) in OTHER_CLOUDS.items() if name.startswith(beginnings)), "")


def cloud_of_zone(name: str) -> str:
    """Name the other cloud whose registries have this private zone; empty: none is known."""
    return next((cloud for cloud, (suffix, _) in OTHER_CLOUDS.items() if name == f"privatelink.{suffix}"), "")


def login_server(registry: str) -> str:
    """Name the host that a registry answers on, e.g. `contoso.azurecr.io`."""
    return f"{registry.lower()}.{REGISTRY_SUFFIX}"


def data_endpoint(registry: str, region: str) -> str:
    """Name the host that a registry serves layers from, e.g. `contoso.westus.data.azurecr.io`."""
    return f"{registry.lower()}.{region.lower()}.data.{REGISTRY_SUFFIX}"


def data_member(region: str) -> str:
    """Name the private endpoint's member for that host, e.g. `registry_data_westus`."""
    return f"registry_data_{region.lower()}"
