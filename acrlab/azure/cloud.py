"""Names and addresses of Azure that both houses need, and its clouds: the public, the US Government's and China's.

A region tells its cloud. Facts only, nothing acts: where Resource Manager is, the SDK's own definitions say.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

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
RESOLVER = "Microsoft.Network/dnsResolvers"
INBOUND_ENDPOINT, OUTBOUND_ENDPOINT = f"{RESOLVER}/inboundEndpoints", f"{RESOLVER}/outboundEndpoints"
RULESET = "Microsoft.Network/dnsForwardingRulesets"
RULESET_LINK = f"{RULESET}/virtualNetworkLinks"
CLUSTER, CLUSTERS_VERSION = "Microsoft.ContainerService/managedClusters", "2025-05-01"
RESOLVERS_VERSION = "2022-07-01"

# api-versions of what is read by path, without the service's own client
RESOURCES_VERSION = "2021-04-01"  # of resource providers, and of the list of all resources
ROLES_VERSION = "2022-04-01"
RUN_COMMAND_VERSION = "2024-07-01"
SCHEDULES_VERSION = "2018-09-15"
LOCKS_VERSION = "2020-05-01"
RECORDS_VERSION = "2024-06-01"

# GUID of a built-in role -> its name. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
ACR_PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"
REPOSITORY_READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
REPOSITORY_WRITER = "2a1e307c-b015-4ebd-883e-5b7698a07328"
REPOSITORY_CONTRIBUTOR = "2efddaa5-3f1f-4df3-97df-af3f13818f4c"
CATALOG_LISTER = "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7"
ROLES = {
    REPOSITORY_READER: "Container Registry Repository Reader",
    REPOSITORY_WRITER: "Container Registry Repository Writer",
    REPOSITORY_CONTRIBUTOR: "Container Registry Repository Contributor",
    CATALOG_LISTER: "Container Registry Repository Catalog Lister",
    ACR_PULL: "AcrPull",
    ACR_PUSH: "AcrPush",
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "AcrDelete",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
    "4d97b98b-1d4f-4787-a291-c67834d212e7": "Network Contributor",
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


def login_server(label: str, suffix: str = REGISTRY_SUFFIX) -> str:
    """Name the host that a registry answers on, e.g. `contoso.azurecr.io`.

    Args:
        label: its name; or that and a hash, where it was made with a domain name label scope.
    """
    return f"{label.lower()}.{suffix}"


def data_endpoint(server: str, region: str) -> str:
    """Name the host that a registry serves layers from, e.g. `contoso.westus.data.azurecr.io`.

    Args:
        server: its login server.
    """
    label, _, suffix = server.lower().partition(".")
    return f"{label}.{region.lower()}.data.{suffix}"


def regional_endpoint(server: str, region: str) -> str:
    """Name the host that one region of a registry answers on, e.g. `contoso.westus.geo.azurecr.io`.

    Args:
        server: its login server.
    """
    label, _, suffix = server.lower().partition(".")
    return f"{label}.{region.lower()}.geo.{suffix}"


def label_of(host: str) -> str:
    """Name a registry host's record in the private zone: `contoso`, `contoso.westus.data`, `contoso.westus.geo`."""
    return re.sub(r"\.azurecr\.(io|us|cn)$", "", host)


def data_member(region: str) -> str:
    """Name the private endpoint's member for that host, e.g. `registry_data_westus`."""
    return f"registry_data_{region.lower()}"


def regional_member(region: str) -> str:
    """Name the private endpoint's member for a region's own login server, e.g. `registry_westus`."""
    return f"registry_{region.lower()}"


@dataclass(frozen=True)
class Cloud:
    """One of Azure's clouds.

    Attributes:
        name: as `az cloud list` has it.
        sdk_name: as the SDK's `AzureClouds` has it.
        sign_in: host that gives tokens.
        registry_suffix: what its registries' names end with.
        registry_audience: whom a token for a registry's own API is for.
        regions: region -> display name.
    """

    name: str
    sdk_name: str
    sign_in: str
    registry_suffix: str
    registry_audience: str
    regions: Mapping[str, str] = field(repr=False)

    @property
    def zone(self) -> str:
        """Name the private zone that its registries' public names lead to."""
        return f"privatelink.{self.registry_suffix}"


PUBLIC = Cloud("AzureCloud", "AZURE_PUBLIC_CLOUD", LOGIN_HOST, REGISTRY_SUFFIX, REGISTRY_AUDIENCE, REGIONS)
# Sources: https://learn.microsoft.com/azure/private-link/private-endpoint-dns, `az cloud list`, `az account
# list-locations`, and azure-identity's AzureAuthorityHosts; the audiences are azure-containerregistry's.
GOVERNMENT = Cloud(
    "AzureUSGovernment",
    "AZURE_US_GOVERNMENT",
    "login.microsoftonline.us",
    "azurecr.us",
    "https://management.usgovcloudapi.net",
    {
        "usgovvirginia": "USGov Virginia",
        "usgovarizona": "USGov Arizona",
        "usgovtexas": "USGov Texas",
        "usdodcentral": "USDoD Central",
        "usdodeast": "USDoD East",
    },
)
CHINA = Cloud(
    "AzureChinaCloud",
    "AZURE_CHINA_CLOUD",
    "login.chinacloudapi.cn",
    "azurecr.cn",
    "https://management.chinacloudapi.cn",
    {
        "chinaeast": "China East",
        "chinaeast2": "China East 2",
        "chinaeast3": "China East 3",
        "chinanorth": "China North",
        "chinanorth2": "China North 2",
        "chinanorth3": "China North 3",
    },
)
CLOUDS = (PUBLIC, GOVERNMENT, CHINA)


def region_name(text: str) -> str:
    """Return a region's name, however it was spelled: `West US` is `westus`."""
    return text.replace(" ", "").lower()


def cloud_of(region: str) -> Cloud:
    """Find the cloud that a region is in; one that is not known counts as the public cloud's."""
    return next((cloud for cloud in CLOUDS if region in cloud.regions), PUBLIC)


def region_problem(region: str, *, emulated: bool) -> str:
    """Say what keeps a lab from standing in a region; empty: nothing does.

    Args:
        emulated: it would stand in the emulated Azure.
    """
    cloud, known = cloud_of(region), [name for cloud in CLOUDS for name in cloud.regions]
    if emulated and cloud is not PUBLIC:
        return f"{region} is a region of {cloud.name}, and the emulated Azure is AzureCloud. Choose one of its regions."
    if region in known:
        return ""
    near = difflib.get_close_matches(region, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "for example westus, westeurope."
    return f"there is no Azure region {region or '(empty)'}; {hint}"
