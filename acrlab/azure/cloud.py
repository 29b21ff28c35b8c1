"""Names and addresses of Azure's public cloud that both houses need. Facts only; nothing here acts."""

from __future__ import annotations

MANAGEMENT_HOST = "management.azure.com"
MANAGEMENT = f"https://{MANAGEMENT_HOST}"
LOGIN_HOST = "login.microsoftonline.com"
REGISTRY_SUFFIX = "azurecr.io"
REGISTRY_AUDIENCE = "https://containerregistry.azure.net"
PRIVATE_ZONE = "privatelink.azurecr.io"
AZURE_RESOLVER = "168.63.129.16"
REGISTRY_MEMBER = "registry"

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


def login_server(registry: str) -> str:
    """Name the host that a registry answers on, e.g. `contoso.azurecr.io`."""
    return f"{registry.lower()}.{REGISTRY_SUFFIX}"


def data_endpoint(registry: str, region: str) -> str:
    """Name the host that a registry serves layers from, e.g. `contoso.westus.data.azurecr.io`."""
    return f"{registry.lower()}.{region.lower()}.data.{REGISTRY_SUFFIX}"


def data_member(region: str) -> str:
    """Name the private endpoint's member for that host, e.g. `registry_data_westus`."""
    return f"registry_data_{region.lower()}"
