"""How many fault domains a region has for sets of VMs: racks that share neither power nor network.

Source, of the regions with three:
https://github.com/MicrosoftDocs/azure-docs/blob/main/includes/managed-disks-common-fault-domain-region-list.md
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation

ALIGNED, CLASSIC = "Aligned", "Classic"
_THREE = frozenset(
    {"eastus", "eastus2", "westus", "centralus", "northcentralus", "southcentralus"}
    | {"northeurope", "westeurope", "eastasia"}
)


def most_fault_domains(region: str, kind: str) -> int:
    """The largest number of fault domains that a set of a kind can have: managed disks have fewer in some regions."""
    return 3 if kind == CLASSIC or region in _THREE else 2


DEVIATIONS = (
    Deviation(
        of="Microsoft.Compute/availabilitySets",
        what="Regions have as many fault domains for managed disks as Azure's last list of them says, others two.",
        impact="A set with three may be refused here where Azure takes it by now.",
        reason="The documentation names no numbers any more.",
        workaround="Compare `MaximumPlatformFaultDomainCount` in `az vm list-skus` of the subscription.",
    ),
)
