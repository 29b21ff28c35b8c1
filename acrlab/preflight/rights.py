"""List the actions that each chapter needs, so that a run says before it begins which permissions are missing.

A test runs every chapter and compares what it sends with this list.
"""

from __future__ import annotations

from acrlab.azure.cloud import SCHEDULE
from acrlab.course.lookup import sections_of
from acrlab.course.tasks.table import TASKS
from acrlab.steps.prerequisites import PROVIDERS

COMPUTE, DNS, NETWORK = "Microsoft.Compute", "Microsoft.Network/privateDnsZones", "Microsoft.Network"
REGISTRY = "Microsoft.ContainerRegistry/registries"
CLUSTER = "Microsoft.ContainerService/managedClusters"
ROLES = "Microsoft.Authorization/roleAssignments"
ALONE, SHARED = "08", "08, in a group of others"


def _of(*sections: str) -> tuple[str, ...]:
    """What some sections of the article ask for, each action once."""
    return tuple(dict.fromkeys(action for name in sections for one in sections_of(name) for action in one.rights))


def _with_tasks(chapters: str, *sections: str) -> tuple[str, ...]:
    """What some sections and the tasks of one chapter or of two ask for, each action once."""
    asked = (action for task in TASKS if task.chapter in chapters.split(" and ") for action in task.rights)
    return tuple(dict.fromkeys((*_of(*sections), *asked)))


# What a hub takes, and its spokes, which are deleted one by one.
HUB = tuple(
    dict.fromkeys(
        (
            *(action for action in _with_tasks("14", "vm", "docker") if not action.endswith("/start/action")),
            f"{NETWORK}/virtualNetworks/subnets/write",
            f"{NETWORK}/virtualNetworks/subnets/delete",
            f"{NETWORK}/virtualNetworks/virtualNetworkPeerings/delete",
            *(
                f"{NETWORK}/{kind}/{verb}"
                for verb in ("write", "delete")
                for kind in (
                    "dnsResolvers",
                    "dnsResolvers/inboundEndpoints",
                    "dnsResolvers/outboundEndpoints",
                    "dnsForwardingRulesets",
                )
            ),
            f"{NETWORK}/dnsForwardingRulesets/forwardingRules/write",
            f"{NETWORK}/dnsForwardingRulesets/virtualNetworkLinks/delete",
            f"{NETWORK}/virtualNetworks/delete",
            f"{NETWORK}/networkInterfaces/delete",
            f"{NETWORK}/networkSecurityGroups/delete",
            f"{NETWORK}/publicIPAddresses/delete",
            f"{COMPUTE}/virtualMachines/delete",
            f"{COMPUTE}/disks/delete",
            f"{SCHEDULE}/delete",
            f"{DNS}/virtualNetworkLinks/delete",
            f"{ROLES}/write",
            f"{ROLES}/delete",
        )
    )
)
# What the chapters send, besides reading.
SENT = {
    "01": _with_tasks("01", "group", "registry", "sample-image"),
    "02": _with_tasks("02", "vm", "docker", "azure-cli"),
    "03": (
        *_with_tasks("03", "subnet-policies", "private-dns-zone", "zone-link", "private-endpoint", "dns-records"),
        f"{NETWORK}/privateEndpoints/delete",  # these only where it is run again
        f"{DNS}/delete",
        f"{DNS}/virtualNetworkLinks/delete",
        f"{DNS}/A/delete",
    ),
    "04": _with_tasks("04", "manual-endpoint"),
    "05": _with_tasks("05", "portal-lab"),
    "06 and 07": _with_tasks("06 and 07", "public-access-denied", "verify-access", "access-restored"),
    ALONE: _with_tasks("08", "clean-up"),
    SHARED: (
        f"{REGISTRY}/delete",
        f"{COMPUTE}/virtualMachines/delete",
        f"{COMPUTE}/disks/delete",
        f"{SCHEDULE}/delete",
        f"{NETWORK}/networkInterfaces/delete",
        f"{NETWORK}/networkSecurityGroups/delete",
        f"{NETWORK}/publicIPAddresses/delete",
        f"{NETWORK}/virtualNetworks/delete",
        f"{NETWORK}/privateEndpoints/delete",
        f"{DNS}/delete",
        f"{DNS}/virtualNetworkLinks/delete",
        f"{DNS}/A/delete",
        f"{ROLES}/delete",
    ),
    "09": tuple(
        dict.fromkeys(
            (
                *_with_tasks("09", "zone-link", "azure-cli"),
                f"{DNS}/A/delete",
                f"{DNS}/virtualNetworkLinks/delete",
            )
        )
    ),
    "11": (
        f"{REGISTRY}/write",
        f"{REGISTRY}/privateEndpointConnections/write",
        f"{COMPUTE}/virtualMachines/restart/action",
        f"{COMPUTE}/virtualMachines/runCommand/action",
        f"{NETWORK}/virtualNetworks/write",
        f"{NETWORK}/virtualNetworks/subnets/write",
        f"{NETWORK}/networkSecurityGroups/securityRules/write",
        f"{NETWORK}/networkSecurityGroups/securityRules/delete",
        f"{NETWORK}/routeTables/write",
        f"{NETWORK}/routeTables/delete",
        f"{NETWORK}/routeTables/routes/delete",
        f"{NETWORK}/privateEndpoints/write",
        f"{NETWORK}/privateEndpoints/delete",
        f"{NETWORK}/privateEndpoints/privateDnsZoneGroups/write",
        f"{NETWORK}/privateEndpoints/privateDnsZoneGroups/delete",
        f"{DNS}/write",
        f"{DNS}/delete",
        f"{DNS}/virtualNetworkLinks/write",
        f"{DNS}/virtualNetworkLinks/delete",
        f"{DNS}/A/write",
        f"{DNS}/A/delete",
        f"{ROLES}/write",
        f"{ROLES}/delete",
        "Microsoft.Resources/subscriptions/resourceGroups/write",
        "Microsoft.Resources/subscriptions/resourceGroups/delete",
    ),
    "12": _with_tasks("12", "private-dns-zone"),
    "13": (
        *_with_tasks("13"),
        f"{REGISTRY}/write",
        f"{REGISTRY}/replications/write",
        f"{COMPUTE}/virtualMachines/runCommand/action",
        f"{NETWORK}/virtualNetworks/subnets/write",
        f"{NETWORK}/virtualNetworks/subnets/delete",
        f"{NETWORK}/privateEndpoints/write",
        f"{NETWORK}/privateEndpoints/privateDnsZoneGroups/delete",
    ),
    "14": HUB,
    "15": (
        *_with_tasks("15"),
        f"{REGISTRY}/importImage/action",
        f"{REGISTRY}/listBuildSourceUploadUrl/action",
        f"{REGISTRY}/scheduleRun/action",
        f"{REGISTRY}/runs/listLogSasUrl/action",
        f"{REGISTRY}/tasks/write",
        f"{REGISTRY}/tasks/delete",
        f"{REGISTRY}/agentPools/write",  # these two only where the region has pools
        f"{REGISTRY}/agentPools/delete",
        f"{COMPUTE}/virtualMachines/runCommand/action",
    ),
    "16": (
        *_with_tasks("16"),
        f"{CLUSTER}/write",
        f"{CLUSTER}/delete",
        f"{NETWORK}/virtualNetworks/subnets/write",
        f"{NETWORK}/virtualNetworks/subnets/delete",
        f"{DNS}/virtualNetworkLinks/delete",
        f"{DNS}/A/delete",
        f"{ROLES}/delete",
        "Microsoft.ContainerService/register/action",
    ),
}
# What Azure asks for in addition: where one resource refers to another, and for what a registry holds.
# Source: https://learn.microsoft.com/azure/private-link/rbac-permissions and
# https://learn.microsoft.com/azure/container-registry/container-registry-roles
BESIDES = {
    "01": (f"{REGISTRY}/artifacts/delete",),
    "15": (f"{NETWORK}/virtualNetworks/subnets/join/action",),
    "16": (f"{NETWORK}/virtualNetworks/subnets/join/action", f"{CLUSTER}/commandResults/read"),
    "02": (
        f"{NETWORK}/virtualNetworks/subnets/join/action",
        f"{NETWORK}/networkSecurityGroups/join/action",
        f"{NETWORK}/publicIPAddresses/join/action",
        f"{NETWORK}/networkInterfaces/join/action",
    ),
    "03": (
        f"{NETWORK}/virtualNetworks/join/action",
        f"{NETWORK}/virtualNetworks/subnets/join/action",
        f"{REGISTRY}/privateEndpointConnectionsApproval/action",
    ),
    "04": (f"{NETWORK}/virtualNetworks/subnets/join/action",),
    "05": (
        f"{NETWORK}/virtualNetworks/join/action",
        f"{NETWORK}/virtualNetworks/subnets/join/action",
        f"{DNS}/join/action",
        f"{REGISTRY}/privateEndpointConnectionsApproval/action",
    ),
    "13": (
        f"{NETWORK}/virtualNetworks/subnets/join/action",
        f"{NETWORK}/privateEndpoints/privateLinkServiceProxies/write",
        f"{DNS}/join/action",
        f"{REGISTRY}/privateEndpointConnectionsApproval/action",
    ),
}
# Needed on the subscription, where it may not use a service yet; Contributor on a group does not have it.
REGISTERING = "00, on the subscription"
SENT[REGISTERING] = tuple(f"{namespace}/register/action" for namespace in PROVIDERS)
NEEDED_RIGHTS = {chapters: (*actions, *BESIDES.get(chapters, ())) for chapters, actions in SENT.items()}
