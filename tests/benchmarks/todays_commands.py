"""Every command of today's article, in its order, with its variables."""

from __future__ import annotations

from types import MappingProxyType

# The article leaves these to the reader; REPLICA_LOCATION it sets itself.
VARIABLES = MappingProxyType(
    {
        "REGISTRY_NAME": "myregistry",
        "REGISTRY_LOCATION": "westeurope",
        "RESOURCE_GROUP": "myResourceGroup",
        "NETWORK_NAME": "myDockerVMVNET",
        "SUBNET_NAME": "myDockerVMSubnet",
    }
)

CHOOSE = "az account set --subscription <Name or ID of subscription of private link>"
REGISTER = "az provider register --namespace Microsoft.ContainerRegistry"

POLICIES = """az network vnet subnet update \\
 --name $SUBNET_NAME \\
 --vnet-name $NETWORK_NAME \\
 --resource-group $RESOURCE_GROUP \\
 --disable-private-endpoint-network-policies"""

ZONE = """az network private-dns zone create \\
  --resource-group $RESOURCE_GROUP \\
  --name "privatelink.azurecr.io\""""

LINK = """az network private-dns link vnet create \\
  --resource-group $RESOURCE_GROUP \\
  --zone-name "privatelink.azurecr.io" \\
  --name MyDNSLink \\
  --virtual-network $NETWORK_NAME \\
  --registration-enabled false"""

REGISTRY_ID = """REGISTRY_ID=$(az acr show --name $REGISTRY_NAME \\
  --query 'id' --output tsv)"""

ENDPOINT = """az network private-endpoint create \\
    --name myPrivateEndpoint \\
    --resource-group $RESOURCE_GROUP \\
    --vnet-name $NETWORK_NAME \\
    --subnet $SUBNET_NAME \\
    --private-connection-resource-id $REGISTRY_ID \\
    --group-ids registry \\
    --connection-name myConnection"""

# Named in a sentence, without the registry.
REGIONAL = "az acr update --regional-endpoints Enabled"

COUNT = """az network vnet subnet show \\
  --name <subnet-name> \\
  --vnet-name <vnet-name> \\
  --resource-group <resource-group> \\
  --query "{addressPrefix:addressPrefix, usedIPs:length(ipConfigurations || \\`[]\\`)}" \\
  --output table"""

INTERFACE = """NETWORK_INTERFACE_ID=$(az network private-endpoint show \\
  --name myPrivateEndpoint \\
  --resource-group $RESOURCE_GROUP \\
  --query 'networkInterfaces[0].id' \\
  --output tsv)"""


def _of_member(variable: str, member: str, what: str) -> str:
    """The article's command for what an endpoint's interface says of one of its members."""
    query = f"ipConfigurations[?privateLinkConnectionProperties.requiredMemberName=='{member}'].{what}"
    return f"""{variable}=$(az network nic show \\
  --ids $NETWORK_INTERFACE_ID \\
  --query "{query}" \\
  --output tsv)"""


PRIVATE, FQDNS = "privateIPAddress", "privateLinkConnectionProperties.fqdns"
ADDRESS = _of_member("REGISTRY_PRIVATE_IP", "registry", PRIVATE)
DATA_ADDRESS = _of_member("DATA_ENDPOINT_PRIVATE_IP", "registry_data_$REGISTRY_LOCATION", PRIVATE)
NAME = _of_member("REGISTRY_FQDN", "registry", FQDNS)
DATA_NAME = _of_member("DATA_ENDPOINT_FQDN", "registry_data_$REGISTRY_LOCATION", FQDNS)

REPLICA_LOCATION = "REPLICA_LOCATION=eastus"
REPLICA_ADDRESS = _of_member("GEO_REPLICA_DATA_ENDPOINT_PRIVATE_IP", "registry_data_$REPLICA_LOCATION", PRIVATE)
REPLICA_NAME = _of_member("GEO_REPLICA_DATA_ENDPOINT_FQDN", "registry_data_$REPLICA_LOCATION", FQDNS)
REGIONAL_ADDRESS = _of_member("GEO_REPLICA_REGIONAL_ENDPOINT_PRIVATE_IP", "registry_$REPLICA_LOCATION", PRIVATE)
REGIONAL_NAME = _of_member("GEO_REPLICA_REGIONAL_ENDPOINT_FQDN", "registry_$REPLICA_LOCATION", FQDNS)
SHOW_ENDPOINTS = "az acr show-endpoints --name <registry-name>"
APPROVE = "az acr private-endpoint-connection approve"  # named in a sentence, without its options


def _record(name: str) -> str:
    return f"""az network private-dns record-set a create \\
  --name {name} \\
  --zone-name privatelink.azurecr.io \\
  --resource-group $RESOURCE_GROUP"""


def _add(name: str, address: str) -> str:
    return f"""az network private-dns record-set a add-record \\
  --record-set-name {name} \\
  --zone-name privatelink.azurecr.io \\
  --resource-group $RESOURCE_GROUP \\
  --ipv4-address {address}"""


RECORD = _record("$REGISTRY_NAME")
DATA_RECORD = _record("${REGISTRY_NAME}.${REGISTRY_LOCATION}.data")
ADD = _add("$REGISTRY_NAME", "$REGISTRY_PRIVATE_IP")
DATA_ADD = _add("${REGISTRY_NAME}.${REGISTRY_LOCATION}.data", "$DATA_ENDPOINT_PRIVATE_IP")
REPLICA_RECORD = _record("${REGISTRY_NAME}.${REPLICA_LOCATION}.data")
REPLICA_ADD = _add("${REGISTRY_NAME}.${REPLICA_LOCATION}.data", "$GEO_REPLICA_DATA_ENDPOINT_PRIVATE_IP")

DISABLE = "az acr update --name $REGISTRY_NAME --public-network-enabled false"
BUILD = "az acr build"  # what it says no longer works
RULES, REMOVE_RULE = "az acr network-rule list", "az acr network-rule remove"
DIG = "dig $REGISTRY_NAME.azurecr.io"
LOGIN = "az acr login --name $REGISTRY_NAME"
PULL = "docker pull myregistry.azurecr.io/hello-world:v1"
CONNECTIONS = "az acr private-endpoint-connection list --registry-name $REGISTRY_NAME"
DELETE = "az group delete --name $RESOURCE_GROUP"
CHECK_HEALTH = "az acr check-health"  # named with --vnet, under what is related

COMMANDS = (
    *(CHOOSE, REGISTER, POLICIES, ZONE, LINK, REGISTRY_ID, ENDPOINT, REGIONAL, COUNT, INTERFACE),
    *(ADDRESS, DATA_ADDRESS, NAME, DATA_NAME, REPLICA_ADDRESS, REPLICA_NAME, REGIONAL_ADDRESS, REGIONAL_NAME),
    *(SHOW_ENDPOINTS, APPROVE, RECORD, DATA_RECORD, ADD, DATA_ADD, REPLICA_RECORD, REPLICA_ADD, DISABLE, BUILD),
    *(RULES, REMOVE_RULE, DIG, LOGIN, PULL, CONNECTIONS, DELETE, CHECK_HEALTH),
)
