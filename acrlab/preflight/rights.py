"""List the actions that each chapter needs, so that a run says before it begins which permissions are missing.

A test runs every chapter and compares what it sends with this list.
"""

from __future__ import annotations

COMPUTE, DNS, NETWORK = "Microsoft.Compute", "Microsoft.Network/privateDnsZones", "Microsoft.Network"
REGISTRY = "Microsoft.ContainerRegistry/registries"
GROUP = "Microsoft.Resources/subscriptions/resourceGroups"
ROLES = "Microsoft.Authorization/roleAssignments"
ALONE, SHARED = "08", "08, in a group of others"

# What the chapters send, besides reading.
SENT = {
    "01": (f"{GROUP}/write", f"{REGISTRY}/write", f"{REGISTRY}/importImage/action"),
    "02": (
        f"{NETWORK}/virtualNetworks/write",
        f"{NETWORK}/networkSecurityGroups/write",
        f"{NETWORK}/publicIPAddresses/write",
        f"{NETWORK}/networkInterfaces/write",
        f"{COMPUTE}/virtualMachines/write",
        f"{COMPUTE}/virtualMachines/runCommand/action",
        f"{ROLES}/write",
    ),
    "03": (
        f"{NETWORK}/virtualNetworks/subnets/write",
        f"{NETWORK}/privateEndpoints/write",
        f"{NETWORK}/privateEndpoints/delete",  # only where the chapter is run again
        f"{DNS}/write",
        f"{DNS}/delete",
        f"{DNS}/virtualNetworkLinks/write",
        f"{DNS}/virtualNetworkLinks/delete",
        f"{DNS}/A/write",
        f"{DNS}/A/delete",
    ),
    "04": (
        f"{NETWORK}/privateEndpoints/write",
        f"{NETWORK}/privateEndpoints/delete",
        f"{REGISTRY}/privateEndpointConnections/write",
    ),
    "05": (
        f"{GROUP}/write",
        f"{GROUP}/delete",
        f"{NETWORK}/virtualNetworks/write",
        f"{NETWORK}/privateEndpoints/write",
        f"{NETWORK}/privateEndpoints/privateDnsZoneGroups/write",
        f"{DNS}/write",
        f"{DNS}/virtualNetworkLinks/write",
    ),
    "06 and 07": (f"{REGISTRY}/write", f"{COMPUTE}/virtualMachines/runCommand/action"),
    ALONE: (f"{GROUP}/delete",),
    SHARED: (
        f"{REGISTRY}/delete",
        f"{COMPUTE}/virtualMachines/delete",
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
    "11": (
        f"{REGISTRY}/write",
        f"{REGISTRY}/privateEndpointConnections/write",
        f"{COMPUTE}/virtualMachines/restart/action",
        f"{COMPUTE}/virtualMachines/runCommand/action",
        f"{NETWORK}/virtualNetworks/write",
        f"{NETWORK}/networkSecurityGroups/securityRules/write",
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
    ),
}
# What Azure asks for in addition, where one resource refers to another.
# Source: https://learn.microsoft.com/azure/private-link/rbac-permissions
BESIDES = {
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
}
NEEDED_RIGHTS = {chapters: (*actions, *BESIDES.get(chapters, ())) for chapters, actions in SENT.items()}
