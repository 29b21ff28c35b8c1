"""Microsoft.Compute/locations/…/vmSizes: the sizes that VMs can have.

Sources: what Azure answered to azure-cli's own tests,
https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/vm/tests/latest/recordings/test_vm_size_list.yaml,
and the tables of each series, such as https://learn.microsoft.com/azure/virtual-machines/dv5-dsv5-series
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from acrlab.emulator.core.http import JSON, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.location import require_location

OS_DISK_MB = 1047552


class Size(NamedTuple):
    """What a VM of a size has: cores, memory in MB, a disk of its host for what may get lost in MB, data disks."""

    cores: int
    memory: int
    temporary: int
    data_disks: int


SIZES = {
    "Standard_B1s": Size(1, 1024, 4096, 2),
    "Standard_B1ms": Size(1, 2048, 4096, 2),
    "Standard_B2s": Size(2, 4096, 8192, 4),
    "Standard_B2ms": Size(2, 8192, 16384, 4),
    "Standard_D2s_v3": Size(2, 8192, 16384, 4),
    "Standard_D2s_v5": Size(2, 8192, 0, 4),
    "Standard_D4s_v5": Size(4, 16384, 0, 8),
    "Standard_DS1_v2": Size(1, 3584, 7168, 4),
    "Standard_DS2_v2": Size(2, 7168, 14336, 8),
    "Standard_F2s_v2": Size(2, 4096, 16384, 4),
}


# Source: https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
_NAME = re.compile(r"(Basic|Standard)_[A-Z]{1,3}\d+(-\d+)?[a-z]*(_[A-Z]+\d*[a-z]*)*(_v\d+)?(_Promo)?", re.IGNORECASE)


def require_no_other(size: str) -> None:
    """Take what is not in the catalogue and spelt like a size for one that Azure may have.

    Raises: NotEmulated
    """
    if _NAME.fullmatch(size):
        raise NotEmulated(f"VM size {size}", supported=", ".join(SIZES))


def size_of(vm: Resource) -> tuple[str, Size]:
    """Return the size of a VM as the catalogue spells it, and what it is. There is one: the rules saw to that."""
    asked = str(vm.properties["hardwareProfile"]["vmSize"]).lower()
    return next((name, size) for name, size in SIZES.items() if name.lower() == asked)


def sizes(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """What VMs a region offers."""
    require_location(state, request, words)
    return listed()


def listed() -> JSON:
    """All sizes, as a region lists them and a VM that could change to them."""
    shown = [
        {
            "name": name,
            "numberOfCores": size.cores,
            "osDiskSizeInMB": OS_DISK_MB,
            "resourceDiskSizeInMB": size.temporary,
            "memoryInMB": size.memory,
            "maxDataDiskCount": size.data_disks,
        }
        for name, size in SIZES.items()
    ]
    return {"value": shown}


ROUTES = (
    Route(
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/vmSizes",
        sizes,
        "https://learn.microsoft.com/rest/api/compute/virtual-machine-sizes/list",
    ),
)
