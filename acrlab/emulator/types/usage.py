"""What a subscription uses of its quotas in a region: of the network service, of Compute and of storage.

Source of the limits: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.availability_set import SET_TYPE
from acrlab.emulator.types.disk import DISK_TYPE
from acrlab.emulator.types.location import require_location
from acrlab.emulator.types.network_interface import VM_TYPE
from acrlab.emulator.types.size_catalogue import size_of
from acrlab.emulator.types.storage_names import ACCOUNT_TYPE
from acrlab.emulator.types.subnet import ENDPOINT_TYPE, INTERFACE_TYPE
from acrlab.emulator.types.vm_size import FAMILIES, family_of

ADDRESS_TYPE = "Microsoft.Network/publicIPAddresses"

Count = Callable[[State, str], int]


def _of_type(type: str, fits: Callable[[Resource], bool] = lambda resource: True) -> Count:
    return lambda state, location: sum(fits(r) for r in state.of_type(type) if r.location == location)


def _is_static(address: Resource) -> bool:
    return bool(address.properties["publicIPAllocationMethod"] == "Static")


# Name -> name for people, limit, what is counted.
NETWORK: Mapping[str, tuple[str, int, Count]] = {
    "VirtualNetworks": ("Virtual Networks", 1000, _of_type("Microsoft.Network/virtualNetworks")),
    "StaticPublicIPAddresses": ("Static Public IP Addresses", 1000, _of_type(ADDRESS_TYPE, _is_static)),
    "NetworkSecurityGroups": ("Network Security Groups", 5000, _of_type("Microsoft.Network/networkSecurityGroups")),
    "PublicIPAddresses": ("Public IP Addresses", 1000, _of_type(ADDRESS_TYPE)),
    "NetworkInterfaces": ("Network Interfaces", 65536, _of_type(INTERFACE_TYPE)),
    "PrivateEndpoints": ("Private Endpoints", 65536, _of_type(ENDPOINT_TYPE)),
}


# Name, name for people and limit of what is not emulated, and of which there is none.
NONE_HERE = (
    ("virtualMachineScaleSets", "Virtual Machine Scale Sets", 2500),
    ("dedicatedVCpus", "Dedicated vCPUs", 3000),
    ("cloudServices", "Cloud Services", 2500),
    ("lowPriorityCores", "Total Regional Low-priority vCPUs", 100),
)


def of_network(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    location = require_location(state, request, words)
    root = f"/subscriptions/{words['subscription']}/providers/Microsoft.Network/locations/{location}/usages"
    return {
        "value": [
            {"id": f"{root}/{name}", **_usage(name, shown, limit, count(state, location))}
            for name, (shown, limit, count) in NETWORK.items()
        ]
    }


def of_compute(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Cores count whether their VM runs or not."""
    location = require_location(state, request, words)
    vms = [m for m in state.of_type(VM_TYPE) if m.location == location]
    cores = [(family_of(name), size.cores) for name, size in map(size_of, vms)]
    return {
        "value": [
            _usage("availabilitySets", "Availability Sets", 2500, _of_type(SET_TYPE)(state, location)),
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
    return {"value": [_usage("StorageAccounts", "Storage Accounts", 250, _of_type(ACCOUNT_TYPE)(state, location))]}


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
