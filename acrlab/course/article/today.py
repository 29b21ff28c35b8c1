"""Today's article, of February 2026, in outline, and the chapter that each of its sections has in the course.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints
"""

from __future__ import annotations

from acrlab.course.article.outline import Edition, Note, Part, Table

PORTAL_FORM = Table(
    ("Setting", "Value"),
    (
        "Subscription",
        "Resource group",
        "Name",
        "Registry subresource",
        "Virtual network",
        "Subnet",
        "Integrate with private DNS zone",
        "Private DNS Zone",
    ),
)
ADDRESSES = Table(
    ("Configuration", "IPs consumed per VNet"),
    ("Initial private endpoint", "Each geo-replication region", "Regional endpoints"),
)
NEW_SINCE_THE_DRAFT = "The draft has nothing of it."

PARTS = (
    Part(
        title="Connect privately to an Azure container registry by using Azure Private Link",
        notes=(Note("include", ("container-registry-scanning-limitation",)),),
        says=("Premium", "200", "ExpressRoute", "VPN"),
        chapters=("00-start-here", "14-hub-and-spoke"),
        draft=("Set up a private link to an Azure container registry", "Preview limitations"),
    ),
    Part(
        title="Prerequisites",
        says=("2.6.0", "mcr.microsoft.com/hello-world"),
        chapters=("01-registry", "02-docker-vm"),
        draft=(
            "Prerequisites",
            "Create a Docker-enabled virtual machine",
            "Install Docker on the VM",
            "Install the Azure CLI",
        ),
    ),
    Part(
        title="Register container registry resource provider",
        commands="""
            az account set --subscription
            az provider register --namespace
        """,
        chapters=("12-your-azure",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Set up a private endpoint in the Azure portal",
        chapters=("05-portal",),
        draft=("Set up private link - portal",),
    ),
    Part(
        title="Create a private endpoint in a new registry",
        tables=(PORTAL_FORM,),
        says=("Private access (recommended)", "Premium"),
        chapters=("05-portal",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Create a private endpoint for an existing registry",
        says=("Private access", "Next: Resource", "Next: Virtual Network", "Next: DNS", "Next: Tags"),
        chapters=("05-portal",),
        draft=("Create a private endpoint",),
    ),
    Part(
        title="Confirm endpoint configuration",
        says=("DNS configuration",),
        chapters=("05-portal",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Set up private endpoint by using the Azure CLI",
        chapters=("03-private-link",),
        draft=("Set up private link - CLI",),
    ),
    Part(
        title="Disable network policies in subnet",
        commands="""
            az network vnet subnet update --name --vnet-name --resource-group \\
              --disable-private-endpoint-network-policies
        """,
        chapters=("03-private-link",),
        draft=("Disable subnet private endpoint policies",),
    ),
    Part(
        title="Configure the private DNS zone",
        commands="az network private-dns zone create --resource-group --name",
        says=("privatelink.azurecr.io",),
        chapters=("03-private-link",),
        draft=("Configure the private DNS zone",),
    ),
    Part(
        title="Create an association link",
        commands="""
            az network private-dns link vnet create --resource-group --zone-name --name --virtual-network \\
              --registration-enabled
        """,
        chapters=("03-private-link",),
        draft=("Create an association link",),
    ),
    Part(
        title="Create a private registry endpoint",
        commands="""
            az acr show --name --query --output
            az network private-endpoint create --name --resource-group --vnet-name --subnet \\
              --private-connection-resource-id --group-ids --connection-name
        """,
        chapters=("03-private-link",),
        draft=("Create a private endpoint",),
    ),
    Part(
        title="Get endpoint IP configuration",
        commands="az acr update --regional-endpoints",
        says=("7 private IP addresses", "4 private IP addresses", ".data.azurecr.io", ".geo.azurecr.io"),
        chapters=("03-private-link", "13-replicas-and-regions"),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Plan subnet IP capacity for private endpoints",
        chapters=("13-replicas-and-regions",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="IP address consumption per feature",
        tables=(ADDRESSES,),
        says=("7 private IPs", "4 private IPs"),
        chapters=("13-replicas-and-regions",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Geo-replication and subnet capacity",
        says=("Creating", "rolls back"),
        chapters=("13-replicas-and-regions",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Recommendations",
        commands="az network vnet subnet show --name --vnet-name --resource-group --query --output",
        notes=(Note("tip", ("consumed", "subnet")),),
        says=("/27", "/24"),
        chapters=("13-replicas-and-regions",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Regional endpoints and IP consumption",
        commands="""
            az network private-endpoint show --name --resource-group --query --output
            az network nic show --ids --query --output
        """,
        says=("requiredMemberName=='registry'", "requiredMemberName=='registry_data_", "fqdns"),
        chapters=("13-replicas-and-regions", "03-private-link"),
        draft=("Create a private endpoint",),
    ),
    Part(
        title="Additional endpoints for geo-replicas",
        commands="""
            az network nic show --ids --query --output
            az acr show-endpoints --name
            az acr private-endpoint-connection approve
        """,
        notes=(Note("tip", ("show-endpoints",)),),
        says=("requiredMemberName=='registry_$", "pending"),
        chapters=("13-replicas-and-regions", "04-manual-approval"),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Create DNS records in the private zone",
        commands="""
            az network private-dns record-set a create --name --zone-name --resource-group
            az network private-dns record-set a add-record --record-set-name --zone-name --resource-group --ipv4-address
        """,
        chapters=("03-private-link",),
        draft=("Create DNS records in the private zone",),
    ),
    Part(
        title="Additional records for geo-replicas",
        commands="""
            az network private-dns record-set a create --name --zone-name --resource-group
            az network private-dns record-set a add-record --record-set-name --zone-name --resource-group --ipv4-address
        """,
        chapters=("13-replicas-and-regions",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Disable public access to a registry",
        commands="""
            az acr update --name --public-network-enabled
            az acr build
        """,
        notes=(Note("note", ("az acr build", "no longer")),),
        says=("Disabled",),
        chapters=("07-restore-access", "15-closed-for-good"),
        draft=(
            "Verify access to the registry",
            "Deny default registry access - CLI",
            "Deny default registry access - portal",
        ),
    ),
    Part(
        title="Use `az acr build` with private endpoint and private registry",
        commands="az acr build",
        notes=(Note("note", ("agent pools", "az acr build")),),
        says=("agent pool", "AzureContainerRegistry"),
        chapters=("15-closed-for-good",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Disable access to a container registry by using a service endpoint",
        commands="""
            az acr network-rule list
            az acr network-rule remove
        """,
        notes=(Note("important", ("private link", "service endpoint")),),
        chapters=("06-verify-access",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Validate private link connection",
        commands="dig",
        says=("nslookup",),
        chapters=("03-private-link", "10-real-packets"),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Confirm registry operations over private link",
        commands="""
            az acr login --name
            docker pull
        """,
        chapters=("06-verify-access",),
        draft=("Verify access over private link",),
    ),
    Part(
        title="Manage private endpoint connections",
        commands="""
            az acr private-endpoint-connection
            az acr private-endpoint-connection list --registry-name
        """,
        notes=(Note("important", ("link", "unresolvable host")),),
        says=("approve", "reject"),
        chapters=("04-manual-approval", "08-clean-up"),
        draft=("Manually approve private endpoint connection",),
    ),
    Part(
        title="DNS configuration options",
        notes=(Note("important", ("region", "separate resource group")),),
        says=("168.63.129.16", "forwarder"),
        chapters=("14-hub-and-spoke",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Manually configure DNS records",
        commands="az network nic show",
        notes=(Note("important", ("new replica", "record")),),
        says=(".geo.azurecr.io", "DNS configuration"),
        chapters=("03-private-link", "13-replicas-and-regions"),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Pull from a registry with private link enabled",
        says=("proxy", "noProxy", ".data.azurecr.io", ".geo.azurecr.io"),
        chapters=("09-diagnose",),
        reason=NEW_SINCE_THE_DRAFT,
    ),
    Part(
        title="Clean up resources",
        commands="az group delete --name",
        chapters=("08-clean-up",),
        draft=("Clean up resources",),
    ),
    Part(
        title="Related content",
        commands="az acr check-health",
        says=("--vnet",),
        chapters=("09-diagnose",),
        draft=("Next steps",),
    ),
)

TODAY = Edition(name="today", dated="2026-02-11", parts=PARTS)
