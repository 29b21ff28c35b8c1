"""The draft of March 2020, which the course follows, in outline.

Where the course changes one of its commands, and why, says the table of sections (`acrlab/course/sections.py`).
"""

from __future__ import annotations

from acrlab.course.article.outline import Edition, Note, Part, Table

PREVIEW_OVER = "Private Link for registries is generally available; its limits stand in today's introduction."
ON_ANOTHER_PAGE = "Today's article points to another page for it."
NOT_TOLD_TODAY = "Today's article does not say how to go back."
IN_TABS = "Today's article has it in the section of its command."

BASICS = Table(
    ("Setting", "Value"),
    ("Project details", "Subscription", "Resource group", "Instance details", "Name", "Region"),
)
RESOURCE = Table(
    ("Setting", "Value"),
    ("Connection method", "Subscription", "Resource type", "Resource", "Target sub-resource"),
)
CONFIGURATION = Table(
    ("Setting", "Value"),
    (
        "Networking",
        "Virtual network",
        "Subnet",
        "Private DNS Integration",
        "Integrate with private DNS zone",
        "Private DNS Zone",
    ),
)

PARTS = (
    Part(
        title="Set up a private link to an Azure container registry",
        notes=(Note("important", ("preview",)),),
        chapters=("00-start-here",),
    ),
    Part(title="Preview limitations", says=("Premium", "Kubernetes"), chapters=("00-start-here",), reason=PREVIEW_OVER),
    Part(title="Prerequisites", says=("XXXX", "hello-world"), chapters=("00-start-here", "01-registry")),
    Part(
        title="Create a Docker-enabled virtual machine",
        commands="""
            az group create --name --location
            az vm create --resource-group --name --image --admin-username --generate-ssh-keys
        """,
        says=("publicIpAddress",),
        chapters=("01-registry", "02-docker-vm"),
        reason=ON_ANOTHER_PAGE,
    ),
    Part(
        title="Install Docker on the VM",
        commands="""
            ssh
            apt-get update
            apt install -y
            docker run -it
        """,
        chapters=("02-docker-vm",),
        reason=ON_ANOTHER_PAGE,
    ),
    Part(title="Install the Azure CLI", says=("2.0.58",), chapters=("02-docker-vm",), reason=ON_ANOTHER_PAGE),
    Part(title="Set up private link - CLI", chapters=("03-private-link",)),
    Part(
        title="Disable subnet private endpoint policies",
        commands="""
            az network vnet list --resource-group --query
            az network vnet subnet update --name --resource-group --vnet-name \\
              --disable-private-endpoint-network-policies
        """,
        chapters=("03-private-link",),
    ),
    Part(
        title="Configure the private DNS zone",
        commands="az network private-dns zone create --resource-group --name",
        chapters=("03-private-link",),
    ),
    Part(
        title="Create an association link",
        commands="""
            az network private-dns link vnet create --resource-group --zone-name --name --virtual-network \\
              --registration-enabled
        """,
        chapters=("03-private-link",),
    ),
    Part(
        title="Create a private endpoint",
        within="Set up private link - CLI",
        commands="""
            az acr show --name --resource-group --query --output
            az network private-endpoint create --name --resource-group --vnet-name --subnet \\
              --private-connection-resource-id --group-ids --connection-name
            az network private-endpoint show --name --resource-group --query --output
            az resource show --ids --api-version --output --query
        """,
        chapters=("03-private-link",),
    ),
    Part(
        title="Create DNS records in the private zone",
        commands="""
            az network private-dns record-set a create --name --zone-name --resource-group
            az network private-dns record-set a add-record --record-set-name --zone-name --resource-group --ipv4-address
        """,
        says=(".data",),
        chapters=("03-private-link",),
    ),
    Part(
        title="Manually approve private endpoint connection",
        commands="""
            az network private-endpoint create -n -g --vnet-name --subnet --private-connection-resource-id \\
              --group-ids --connection-name --manual-request
            az acr private-endpoint-connection approve -n -o --query -p
        """,
        chapters=("04-manual-approval",),
    ),
    Part(title="Set up private link - portal", chapters=("05-portal",)),
    Part(
        title="Create a private endpoint",
        within="Set up private link - portal",
        tables=(BASICS, RESOURCE, CONFIGURATION),
        says=("Private Link Center",),
        chapters=("05-portal",),
    ),
    Part(title="Verify access to the registry", chapters=("06-verify-access",)),
    Part(
        title="Deny default registry access - CLI",
        commands="az acr update --name --default-action",
        chapters=("06-verify-access",),
    ),
    Part(
        title="Deny default registry access - portal",
        says=("Selected networks",),
        chapters=("06-verify-access",),
        reason=IN_TABS,
    ),
    Part(
        title="Verify access over private link",
        commands="""
            az acr login --name
            docker pull
            docker login
        """,
        says=("403 Forbidden",),
        chapters=("06-verify-access",),
    ),
    Part(title="Restore default registry access", chapters=("07-restore-access",), reason=NOT_TOLD_TODAY),
    Part(
        title="Restore default registry access - CLI",
        commands="az acr update --name --default-action",
        chapters=("07-restore-access",),
        reason=NOT_TOLD_TODAY,
    ),
    Part(
        title="Restore default registry access - portal",
        says=("All networks",),
        chapters=("07-restore-access",),
        reason=NOT_TOLD_TODAY,
    ),
    Part(title="Clean up resources", commands="az group delete --name", chapters=("08-clean-up",)),
    Part(title="Next steps", chapters=("00-start-here", "08-clean-up")),
)

DRAFT = Edition(name="draft", dated="2020-03-02", parts=PARTS)
