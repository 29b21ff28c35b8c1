"""The article that the lab follows: its sections, the commands that it gives, and what the lab makes of each.

The commands are the article's own, with the lab's names in place of its examples. Where one is completed or
corrected, `changed` says what and why.
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.course.extra_commands import BESIDE
from acrlab.settings import Settings

__all__ = ["SECTIONS", "Command", "Section", "az"]


@dataclass(frozen=True)
class Section:
    """One section of the article.

    Attributes:
        anchor: its heading as the article's links spell it.
        title: its heading.
        functions: what the library offers for it, by public name.
        command: the article's commands as a template over the settings' names; empty where it gives none.
        changed: what the lab changes in them, and why; empty where it changes nothing.
    """

    anchor: str
    title: str
    functions: tuple[str, ...] = ()
    command: str = ""
    changed: str = ""


@dataclass(frozen=True)
class Command:
    """Commands to type in a shell; a notebook shows them as code."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```bash\n{self.text}\n```"


def az(settings: Settings, anchor: str) -> Command:
    """Give the article's commands of a section, or the lab's for a step of its own, with the lab's names in them.

    Args:
        anchor: as in `SECTIONS`, e.g. `create-an-association-link`, or as in `BESIDE`, e.g. `enable-again`.

    Raises: KeyError: there is no such section or step, or the article gives no command in it.
    """
    template = (BESIDE | {s.anchor: s.command for s in SECTIONS if s.command})[anchor]
    return Command(template.strip().format(**settings.names()))


SECTIONS = (
    Section("preview-limitations", "Preview limitations"),
    Section(
        "prerequisites",
        "Prerequisites",
        ("ensure_group", "ensure_registry", "import_sample_image"),
        """
az group create --name {resource_group} --location {location}

az acr create --name {registry_name} --resource-group {resource_group} --sku {registry_sku}

az acr import --name {registry_name} --source {image_source} --image {image}
""",
        "The article leaves the registry and its image to other pages, and its CLI version blank. Here both are made, "
        "and `az acr import` copies the image inside Azure, so that no Docker is needed before the machine has one.",
    ),
    Section(
        "create-a-docker-enabled-virtual-machine",
        "Create a Docker-enabled virtual machine",
        ("ensure_machine",),
        """
az vm create \\
    --resource-group {resource_group} \\
    --name {machine_name} \\
    --image {machine_image} \\
    --admin-username {admin_username} \\
    --assign-identity \\
    --generate-ssh-keys
""",
        "The text says westcentralus where its command says westus: the lab has one setting, `location`. `UbuntuLTS` "
        "named an Ubuntu that is out of support and its alias is retired. `--assign-identity` is added, so that the "
        "machine signs in to the registry without a secret.",
    ),
    Section(
        "install-docker-on-the-vm",
        "Install Docker on the VM",
        ("install_docker", "run"),
        """
sudo apt-get update
sudo apt install docker.io -y

sudo docker run hello-world
""",
        "The article opens an SSH connection for these; the lab sends them through Azure's run-command, which works "
        "the same offline and needs no open port. A command that is sent has no terminal, hence no `-it`.",
    ),
    Section(
        "install-the-azure-cli",
        "Install the Azure CLI",
        ("install_azure_cli", "allow_machine_to_pull"),
        """
curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash
""",
        "The article points to another page; this is that page's one-line form.",
    ),
    Section(
        "disable-subnet-private-endpoint-policies",
        "Disable subnet private endpoint policies",
        ("disable_subnet_policies",),
        """
az network vnet list --resource-group {resource_group} --query "[].{{Name: name, Subnet: subnets[0].name}}"

az network vnet subnet update \\
 --name {subnet_name} \\
 --resource-group {resource_group} \\
 --vnet-name {network_name} \\
 --disable-private-endpoint-network-policies
""",
        "Today Azure creates subnets with the policy off; the lab's Azure does as it did in the article's year.",
    ),
    Section(
        "configure-the-private-dns-zone",
        "Configure the private DNS zone",
        ("ensure_zone",),
        """
az network private-dns zone create \\
  --resource-group {resource_group} \\
  --name  "{zone_name}"
""",
    ),
    Section(
        "create-an-association-link",
        "Create an association link",
        ("ensure_link",),
        """
az network private-dns link vnet create --resource-group {resource_group} \\
   --zone-name  "{zone_name}" \\
   --name {link_name} \\
   --virtual-network {network_name} \\
   --registration-enabled false
""",
    ),
    Section(
        "create-a-private-endpoint",
        "Create a private endpoint",
        ("ensure_endpoint", "endpoint_addresses"),
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
    ),
    Section(
        "create-dns-records-in-the-private-zone",
        "Create DNS records in the private zone",
        ("ensure_records",),
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
    ),
    Section(
        "manually-approve-private-endpoint-connection",
        "Manually approve private endpoint connection",
        ("ensure_manual_endpoint", "pending_connections", "ensure_approved", "reject", "remove_manual_endpoint"),
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
    ),
    Section(
        "set-up-private-link---portal",
        "Set up private link - portal",
        ("ensure_portal_endpoint", "remove_portal_endpoint"),
    ),
    Section(
        "deny-default-registry-access---cli",
        "Deny default registry access",
        ("capture_access", "deny_public_access"),
        """
az acr update --name {registry_name} --default-action Deny
""",
    ),
    Section(
        "verify-access-over-private-link",
        "Verify access over private link",
        ("login_and_pull", "pull_from_here"),
        """
az acr login --name {registry_name}

docker pull {login_server}/{image}
""",
        "The machine first signs in with its own identity: `az login --identity`.",
    ),
    Section(
        "restore-default-registry-access---cli",
        "Restore default registry access",
        ("restore_access",),
        """
az acr update --name {registry_name} --default-action Allow
""",
    ),
    Section(
        "clean-up-resources",
        "Clean up resources",
        ("plan_clean_up", "delete_lab", "prove_absence"),
        """
az group delete --name {resource_group}
""",
    ),
    Section("next-steps", "Next steps"),
)
