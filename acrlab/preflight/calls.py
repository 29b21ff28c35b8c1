"""What a run asks of Azure, call by call with their count: the course's steps once, from an empty group.

A test counts them on an emulated Azure, so that the table is what happens. Reads are not in it: there are about a
hundred, and more while Azure is at work, and they change and cost nothing.
"""

from __future__ import annotations

from acrlab.display import Table, table

# action, in the order in which it is first asked for -> how many times, by the steps and by the clean-up
CREATES = {
    "Microsoft.Resources/subscriptions/resourceGroups/write": 1,
    "Microsoft.ContainerRegistry/registries/write": 2,
    "Microsoft.ContainerRegistry/registries/importImage/action": 1,
    "Microsoft.Network/virtualNetworks/write": 1,
    "Microsoft.Network/networkSecurityGroups/write": 1,
    "Microsoft.Network/publicIPAddresses/write": 1,
    "Microsoft.Network/networkInterfaces/write": 1,
    "Microsoft.Compute/virtualMachines/write": 1,
    "Microsoft.DevTestLab/schedules/write": 1,
    "Microsoft.Compute/virtualMachines/runCommand/action": 2,
    "Microsoft.Authorization/roleAssignments/write": 1,
    "Microsoft.Network/virtualNetworks/subnets/write": 1,
    "Microsoft.Network/privateDnsZones/write": 1,
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/write": 1,
    "Microsoft.Network/privateEndpoints/write": 1,
    "Microsoft.Network/privateDnsZones/A/write": 2,
}
DELETES = {"Microsoft.Resources/subscriptions/resourceGroups/delete": 1}


def calls_table() -> Table:
    """Show each call that changes something, and how many times it is sent."""
    rows = [{"call": action, "times": str(times)} for action, times in (CREATES | DELETES).items()]
    total = sum((CREATES | DELETES).values())
    return table(rows, caption=f"{total} calls that change something: the steps once, and the clean-up of their group")
