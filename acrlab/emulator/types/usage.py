"""What a subscription uses of its quotas in a region: of the network service, of Compute and of storage.

Source of the limits: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.compute.availability_set import SET_TYPE
from acrlab.emulator.types.compute.disk import DISK_TYPE
from acrlab.emulator.types.compute.size_catalogue import size_of
from acrlab.emulator.types.compute.vm_size import FAMILIES, family_of
from acrlab.emulator.types.location import require_location
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.network.network_quota import QUOTAS
from acrlab.emulator.types.storage.storage_names import ACCOUNT_TYPE

ADJUSTABLE_SINCE = "2022-01-01"

# Name, name for people and limit of what is not emulated, and of which there is none.
NONE_HERE = (
    ("virtualMachineScaleSets", "Virtual Machine Scale Sets", 2500),
    ("dedicatedVCpus", "Dedicated vCPUs", 3000),
    ("cloudServices", "Cloud Services", 2500),
    ("lowPriorityCores", "Total Regional Low-priority vCPUs", 100),
)


def of_network(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Count what the network service holds; since 2022 it says too whether a limit can be raised."""
    location = require_location(state, request, words)
    root = f"/subscriptions/{words['subscription']}/providers/Microsoft.Network/locations/{location}/usages"
    listed = []
    for name, quota in QUOTAS.items():
        used = _usage(name, quota.shown, quota.limit, quota.count(state, location))
        listed.append({"id": f"{root}/{name}", **used, "isAdjustable": quota.adjustable})
    if request.api_version < ADJUSTABLE_SINCE:
        for one in listed:
            del one["isAdjustable"]
    return {"value": listed}


def of_compute(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Cores count whether their VM runs or not."""
    location = require_location(state, request, words)
    vms = [m for m in state.of_type(VM_TYPE) if m.location == location]
    cores = [(family_of(name), size.cores) for name, size in map(size_of, vms)]
    return {
        "value": [
            _usage("availabilitySets", "Availability Sets", 2500, _count(state, SET_TYPE, location)),
            _usage("cores", "Total Regional vCPUs", 100, sum(count for _, count in cores)),
            _usage("virtualMachines", "Virtual Machines", 25000, len(vms)),
            *(_usage(name, shown, limit, 0) for name, shown, limit in NONE_HERE),
            *(
                _usage(family, shown, 100, sum(count for own, count in cores if own == family))
                for family, shown in FAMILIES.items()
            ),
            *_disks(state, location),
        ]
    }


def _disks(state: State, location: str) -> Iterator[JSON]:
    for name, shown, kind in (
        ("StandardDiskCount", "Standard Storage Managed Disks", "Standard_"),
        ("StandardSSDDiskCount", "StandardSSD Storage Managed Disks", "StandardSSD_"),
        ("PremiumDiskCount", "Premium Storage Managed Disks", "Premium_"),
    ):
        disks = state.of_type(DISK_TYPE)
        count = sum(d.location == location and d.body["sku"]["name"].startswith(kind) for d in disks)
        yield _usage(name, shown, 50000, count)


def of_storage(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Source of its shape: recording of azure-cli's `test_show_usage`"""
    location = require_location(state, request, words)
    return {"value": [_usage("StorageAccounts", "Storage Accounts", 250, _count(state, ACCOUNT_TYPE, location))]}


def _count(state: State, type: str, location: str) -> int:
    return sum(one.location == location for one in state.of_type(type))


def _usage(name: str, shown: str, limit: int, current: int) -> JSON:
    names = {"value": name, "localizedValue": shown}
    return {"limit": limit, "unit": "Count", "currentValue": current, "name": names}


_PLACE = "/subscriptions/{subscription}/providers/{namespace}/locations/{location}/usages"
ROUTES = (
    Route(
        "GET",
        _PLACE.replace("{namespace}", "Microsoft.Network"),
        of_network,
        "https://learn.microsoft.com/rest/api/virtualnetwork/usages/list",
    ),
    Route(
        "GET",
        _PLACE.replace("{namespace}", "Microsoft.Compute"),
        of_compute,
        "https://learn.microsoft.com/rest/api/compute/usage/list",
    ),
    Route(
        "GET",
        _PLACE.replace("{namespace}", "Microsoft.Storage"),
        of_storage,
        "https://learn.microsoft.com/rest/api/storagerp/usages/list-by-location",
    ),
)

DEVIATIONS = (
    Deviation(
        of="quotas",
        what="Quotas are shown and counted, and nothing is refused for them.",
        impact="A lab that needs more cores than a real subscription has works here.",
        reason="Each subscription has quotas of its own.",
        workaround="Compare `az vm list-usage` of the subscription with what the lab's VMs need.",
    ),
)
