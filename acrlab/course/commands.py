"""The `az` commands of the sections, as templates over the settings' names.

The article's own come with the lab's names in place of its examples; where one is completed or corrected, `changed`
says what and why. Commands for what only the lab does are plain texts, below those of the section that they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ArticleCommands:
    """The article's commands of one section.

    Attributes:
        text: a template; empty where the article gives no command.
        changed: what the lab changes in them, and why; empty where it changes nothing.
    """

    text: str = ""
    changed: str = ""


@dataclass(frozen=True)
class Command:
    """Commands to type in a shell; a notebook shows them as code."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```bash\n{self.text}\n```"


GROUP = ArticleCommands(
    """
az group create --name {resource_group} --location {location}
""",
    "The article leaves the registry and its image to other pages, and its CLI version blank. Here both are made, "
    "and `az acr import` copies the image inside Azure, so that no Docker is needed before the VM has one.",
)

REGISTRY = ArticleCommands(
    """
az acr create --name {registry_name} --resource-group {resource_group} --sku {registry_sku}
""",
)

SAMPLE_IMAGE = ArticleCommands(
    """
az acr import --name {registry_name} --source {image_source} --image {image}
""",
)

VM = ArticleCommands(
    """
az vm create \\
    --resource-group {resource_group} \\
    --name {vm_name} \\
    --image {vm_image} \\
    --size {vm_size} \\
    --admin-username {admin_username} \\
    --assign-identity \\
    --nsg-rule NONE \\
    --generate-ssh-keys
""",
    "The text says westcentralus where its command says westus: the lab has one setting, `location`. `UbuntuLTS` "
    "named an Ubuntu that is out of support and its alias is retired. `--assign-identity` is added, so that the "
    "VM signs in to the registry without a secret; `--size`, because without it the command takes whatever size is its "
    "default this year; and `--nsg-rule NONE`, so that port 22 is not open to the whole internet: nothing here "
    "connects by SSH.",
)

DOCKER = ArticleCommands(
    """
sudo apt-get update
sudo apt install docker.io -y

sudo docker run hello-world
""",
    "The article opens an SSH connection for these; the lab sends them through Azure's run-command, which works the "
    "same offline and needs no open port. A command that is sent has no terminal, hence no `-it`.",
)

LOOK_FROM_THE_VM = """
az vm run-command invoke --resource-group {resource_group} --name {vm_name} \\
    --command-id RunShellScript --scripts "getent hosts {login_server}"
"""

AZURE_CLI = ArticleCommands(
    """
curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash
""",
    "The article points to another page; this is that page's one-line form.",
)

LET_THE_VM_PULL = """
principalID=$(az vm show --name {vm_name} --resource-group {resource_group} \\
    --query identity.principalId --output tsv)

acrID=$(az acr show --name {registry_name} --resource-group {resource_group} --query id --output tsv)

az role assignment create --role AcrPull --scope $acrID \\
    --assignee-object-id $principalID --assignee-principal-type ServicePrincipal
"""

SUBNET_POLICIES = ArticleCommands(
    """
az network vnet list --resource-group {resource_group} --query "[].{{Name: name, Subnet: subnets[0].name}}"

az network vnet subnet update \\
 --name {subnet_name} \\
 --resource-group {resource_group} \\
 --vnet-name {network_name} \\
 --disable-private-endpoint-network-policies
""",
    "Today Azure creates subnets with the policy off; the lab's Azure does as it did in the article's year.",
)

ZONE = ArticleCommands(
    """
az network private-dns zone create \\
  --resource-group {resource_group} \\
  --name  "{zone_name}"
""",
)

LINK = ArticleCommands(
    """
az network private-dns link vnet create --resource-group {resource_group} \\
   --zone-name  "{zone_name}" \\
   --name {link_name} \\
   --virtual-network {network_name} \\
   --registration-enabled false
""",
)

ENDPOINT = ArticleCommands(
    """
acrID=$(az acr show --name {registry_name} --resource-group {resource_group} --query "id" --output tsv)

az network private-endpoint create \\
    --name {endpoint_name} \\
    --resource-group {resource_group} \\
    --vnet-name {network_name} \\
    --subnet {subnet_name} \\
    --private-connection-resource-id $acrID \\
    --group-ids registry \\
    --connection-name {connection_name}

networkInterfaceID=$(az network private-endpoint show --name {endpoint_name} --resource-group {resource_group} \\
    --query 'networkInterfaces[0].id' --output tsv)

privateIP=$(az network nic show --ids $networkInterfaceID --output tsv \\
    --query "ipConfigurations[?privateLinkConnectionProperties.requiredMemberName=='registry'].privateIPAddress")

dataEndpointPrivateIP=$(az network nic show --ids $networkInterfaceID --output tsv \\
    --query "ipConfigurations[?privateLinkConnectionProperties.requiredMemberName=='registry_data_{location}']\
.privateIPAddress")
""",
    "The article reads `$NIC_RESOURCE_ID`, which it never sets, and picks addresses by their place in a list. The "
    "place is no promise: each address is found by the member that it belongs to.",
)

RECORDS = ArticleCommands(
    """
az network private-dns record-set a create \\
  --name {registry_name} \\
  --zone-name {zone_name} \\
  --resource-group {resource_group}

az network private-dns record-set a create \\
  --name {registry_name}.{location}.data \\
  --zone-name {zone_name} \\
  --resource-group {resource_group}

az network private-dns record-set a add-record \\
  --record-set-name {registry_name} \\
  --zone-name {zone_name} \\
  --resource-group {resource_group} --ipv4-address $privateIP

az network private-dns record-set a add-record \\
  --record-set-name {registry_name}.{location}.data \\
  --zone-name {zone_name} \\
  --resource-group {resource_group} --ipv4-address $dataEndpointPrivateIP
""",
)

MANUAL_ENDPOINT = ArticleCommands(
    """
az network private-endpoint create \\
    --name {manual_endpoint_name} \\
    --resource-group {resource_group} \\
    --vnet-name {network_name} \\
    --subnet {subnet_name} \\
    --private-connection-resource-id $acrID \\
    --group-ids registry \\
    --connection-name {manual_connection_name} \\
    --manual-request true

connectionName=$(az acr private-endpoint-connection list --registry-name {registry_name} --output tsv \\
    --query "[?privateLinkServiceConnectionState.status=='Pending'].name")

az acr private-endpoint-connection approve --registry-name {registry_name} --name $connectionName
""",
    "The article's lines use abbreviations from its author's notes (`plvnet`, `$GROUP`) and call `approve` where "
    "`list` is meant; both are written out.",
)

CHANGE_YOUR_MIND = """
connectionName=$(az acr private-endpoint-connection list --registry-name {registry_name} --output tsv \\
    --query "[?ends_with(privateEndpoint.id, '/{manual_endpoint_name}')].name")

az acr private-endpoint-connection reject --registry-name {registry_name} --name $connectionName

az network private-endpoint delete --name {manual_endpoint_name} --resource-group {resource_group}
"""

PORTAL_WAY = """
az network private-dns zone create --resource-group {portal_resource_group} --name {zone_name}

az network private-dns link vnet create --resource-group {portal_resource_group} --zone-name {zone_name} \\
    --name {link_name} --virtual-network {portal_network_name} --registration-enabled false

acrID=$(az acr show --name {registry_name} --resource-group {resource_group} --query id --output tsv)

az network private-endpoint create --resource-group {portal_resource_group} --name {portal_endpoint_name} \\
    --vnet-name {portal_network_name} --subnet {portal_subnet_name} \\
    --private-connection-resource-id $acrID --group-ids registry --connection-name {portal_endpoint_name}

az network private-endpoint dns-zone-group create --resource-group {portal_resource_group} \\
    --endpoint-name {portal_endpoint_name} --name default \\
    --private-dns-zone {zone_name} --zone-name privatelink-azurecr-io
"""

TAKE_PORTAL_AWAY = """
az group delete --name {portal_resource_group} --yes
"""

DENY = ArticleCommands(
    """
az acr update --name {registry_name} --default-action Deny
""",
)

VERIFY_ACCESS = ArticleCommands(
    """
az login --identity

az acr login --name {registry_name}

docker pull {login_server}/{image}
""",
    "The article signs in on the VM as you. `az login --identity` is added: the VM signs in with its own identity.",
)

RESTORE = ArticleCommands(
    """
az acr update --name {registry_name} --default-action Allow
""",
)

WHO_MAY_CONNECT = """
az acr show --name {registry_name} \\
    --query "[publicNetworkAccess, networkRuleSet.defaultAction, networkRuleBypassOptions]"
"""

ENABLE_AGAIN = """
az acr update --name {registry_name} --public-network-enabled false

az acr update --name {registry_name} --public-network-enabled true
"""

CLEAN_UP = ArticleCommands(
    """
az group delete --name {resource_group}
""",
)

TAGS = """
az resource list --tag acrlab={registry_name} --query "[].{{name: name, type: type}}"
"""

ABSENCE = """
az group exists --name {resource_group}

az acr check-name --name {registry_name}
"""
