"""Every command of the article, as written."""

from __future__ import annotations

GROUP = "az group create --name myResourceGroup --location westus"

VM = """az vm create \\
    --resource-group myResourceGroup \\
    --name myDockerVM \\
    --image UbuntuLTS \\
    --admin-username azureuser \\
    --generate-ssh-keys"""

NETWORKS = 'az network vnet list --resource-group myResourceGroup --query "[].{Name: name, Subnet: subnets[0].name}"'

POLICIES = """az network vnet subnet update \\
 --name myDockerVMSubnet \\
 --resource-group myResourceGroup \\
 --vnet-name myDockerVMVNET \\
 --disable-private-endpoint-network-policies"""

ZONE = """az network private-dns zone create \\
  --resource-group myResourceGroup \\
  --name  "privatelink.azurecr.io\""""

LINK = """az network private-dns link vnet create --resource-group myResourceGroup \\
   --zone-name  "privatelink.azurecr.io"\\
   --name MyDNSLink \\
   --virtual-network myDockerVMVNET \\
   --registration-enabled false"""

REGISTRY_ID = 'acrID=$(az acr show --name myregistry --resource-group myResourceGroup --query "id" --output tsv)'

ENDPOINT = """az network private-endpoint create \\
    --name myPrivateEndpoint \\
    --resource-group myResourceGroup \\
    --vnet-name myDockerVMVNET \\
    --subnet myDockerVMSubnet \\
    --private-connection-resource-id $acrID \\
    --group-ids registry \\
    --connection-name myConnection"""

INTERFACE = """networkInterfaceID=$(az network private-endpoint show --name myPrivateEndpoint \
--resource-group myResourceGroup --query 'networkInterfaces[0].id' --output tsv)"""

DATA_ADDRESS_EARLY = """dataEndpointPrivateIP=$(az resource show --ids $NIC_RESOURCE_ID --api-version 2019-04-01 \
-o tsv --query 'properties.ipConfigurations[0].properties.privateIPAddress')"""

ADDRESS = """privateIP=$(az resource show --ids $networkInterfaceID --api-version 2019-04-01 \
--query "properties.ipConfigurations[1].properties.privateIPAddress" --output tsv)"""

DATA_ADDRESS = """dataEndpointPrivateIP=$(az resource show --ids $networkInterfaceID --api-version 2019-04-01 \
-o tsv --query 'properties.ipConfigurations[0].properties.privateIPAddress')"""

RECORD = """az network private-dns record-set a create \\
  --name myregistry \\
  --zone-name privatelink.azurecr.io \\
  --resource-group myResourceGroup"""

DATA_RECORD = """az network private-dns record-set a create \\
  --name myregistry.<region>.data \\
  --zone-name privatelink.azurecr.io \\
  --resource-group myResourceGroup"""

ADD = """az network private-dns record-set a add-record \\
  --record-set-name myregistry \\
  --zone-name privatelink.azurecr.io \\
  --resource-group myResourceGroup --ipv4-address $privateIP"""

DATA_ADD = """az network private-dns record-set a add-record \\
  --record-set-name myregistry.<region>.data \\
  --zone-name privatelink.azurecr.io \\
  --resource-group myResourceGroup --ipv4-address $dataEndpointPrivateIP"""

DENY = "az acr update --name myregistry --default-action Deny"
LOGIN = "az acr login --name myregistry"
PULL = "docker pull myregistry.azurecr.io/hello-world:v1"
ALLOW = "az acr update --name myregistry --default-action Allow"
DELETE = "az group delete --name myResourceGroup"

COMMANDS = (
    GROUP, VM, NETWORKS, POLICIES, ZONE, LINK, REGISTRY_ID, ENDPOINT, INTERFACE, DATA_ADDRESS_EARLY, ADDRESS,
    DATA_ADDRESS, RECORD, DATA_RECORD, ADD, DATA_ADD, DENY, ALLOW, DELETE,
)  # fmt: skip
